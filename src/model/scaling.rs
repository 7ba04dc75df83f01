//! A change of how many dynos run a process type.

use std::fmt::{self, Display};
use std::str::FromStr;

use super::DynoSelection;

/// A process type and how many dynos are to run it, as the Heroku CLI's `ps:scale` takes it: `web=2`, `worker+1`,
/// `web=1:standard-2x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The process type, such as `web`.
    pub process_type: String,
    /// How many dynos.
    pub quantity: Quantity,
    /// Their new size, such as `standard-2x`; none leaves it as it is.
    pub size: Option<String>,
}

/// How many dynos are to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// This many.
    To(u64),
    /// This many more than now, or fewer.
    By(i64),
}

impl Scaling {
    /// Whether no dyno may be left after it.
    pub fn may_leave_none(&self) -> bool {
        matches!(self.quantity, Quantity::To(0) | Quantity::By(..0))
    }
}

impl Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quantity {
            Quantity::To(number) => write!(f, "{}={number}", self.process_type)?,
            Quantity::By(number) => write!(f, "{}{number:+}", self.process_type)?,
        }
        self.size.as_ref().map_or(Ok(()), |size| write!(f, ":{size}"))
    }
}

impl FromStr for Scaling {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text)
            .ok_or_else(|| format!("{text:?} is not a change such as web=2, worker+1 or web=1:standard-2x"))
    }
}

fn parse(text: &str) -> Option<Scaling> {
    let (change, size) = match text.split_once(':') {
        Some((change, size)) => (change, Some(size)),
        None => (text, None),
    };
    let (head, number) = change.split_at(change.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let (process_type, quantity) = if let Some(process_type) = head.strip_suffix('=') {
        (process_type, Quantity::To(number.parse().ok()?))
    } else if let Some(process_type) = head.strip_suffix('+') {
        (process_type, Quantity::By(number.parse().ok()?))
    } else {
        (head.strip_suffix('-')?, Quantity::By(-number.parse().ok()?))
    };
    let sound =
        DynoSelection::is_process_type(process_type) && size.is_none_or(DynoSelection::is_process_type);
    sound.then(|| Scaling { process_type: process_type.to_owned(), quantity, size: size.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_as_they_are_written() {
        for text in
            ["web=2", "web=0", "worker+1", "web-2", "my-worker-1", "web=1:standard-2x", "web+3:Private-M"]
        {
            assert_eq!(text.parse::<Scaling>().unwrap().to_string(), text);
        }
        let read: Scaling = "my-worker-1:basic".parse().unwrap();
        assert_eq!((&*read.process_type, read.quantity), ("my-worker", Quantity::By(-1)));
        assert_eq!("web=007".parse::<Scaling>().unwrap().quantity, Quantity::To(7));
    }

    #[test]
    fn typos_are_refused() {
        for text in [
            "",
            "web",
            "web2",
            "web=",
            "web=two",
            "=2",
            "-1",
            "web:2",
            "web=2:",
            "web=2:a b",
            "web =2",
            "web=-1",
            "wéb=1",
            "web=1,worker=1",
            "web=99999999999999999999",
            "é2",
        ] {
            assert!(text.parse::<Scaling>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_may_leave_no_dyno_is_known() {
        let down = |text: &str| text.parse::<Scaling>().unwrap().may_leave_none();
        assert!(["web=0", "web=00:basic", "web-1"].into_iter().all(down));
        assert!(!["web=1", "web+1", "web+0", "web=10:standard-1x"].into_iter().any(down));
    }
}
