//! How many dynos of each process type are where.

use std::fmt::{self, Display};

use crate::heroku::{Dyno, Formation};
use crate::model::ReleaseVersion;

/// The dynos of each process type that should run, as a line for a person: `web 2/4 up on v19, 1 starting; worker 1/1 up`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    version: Option<ReleaseVersion>,
    kinds: Vec<Count>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Count {
    kind: String,
    /// How many should run.
    wanted: u64,
    /// How many there are, on whatever release.
    there: u64,
    /// How many are on the release and up, or asleep.
    up: u64,
    starting: u64,
    crashed: u64,
}

impl Counts {
    /// Counts `dynos`, which `is_on` tells to be on the release.
    pub(super) fn of<'f>(
        version: ReleaseVersion,
        kinds: impl Iterator<Item = &'f Formation>,
        dynos: &[&Dyno],
        is_on: impl Fn(&Dyno) -> bool,
    ) -> Self {
        let count = |formation: &Formation| {
            let mut count =
                Count { kind: formation.kind.clone(), wanted: formation.quantity, ..Count::default() };
            for dyno in dynos.iter().filter(|dyno| dyno.process_type == formation.kind) {
                count.there += 1;
                match dyno.state.as_str() {
                    "idle" => count.up += 1,
                    _ if !is_on(dyno) => {}
                    "up" => count.up += 1,
                    "crashed" => count.crashed += 1,
                    "starting" => count.starting += 1,
                    _ => {}
                }
            }
            count
        };
        Self { version: Some(version), kinds: kinds.filter(|kind| kind.quantity > 0).map(count).collect() }
    }

    /// Whether as many dynos of each process type are up as should run.
    pub(super) fn are_all_up(&self) -> bool {
        self.kinds.iter().all(|count| count.up >= count.wanted)
    }

    /// What is not there at all, for each process type.
    pub(super) fn missing(&self) -> impl Iterator<Item = String> {
        let lacking =
            |count: &Count| (count.wanted.saturating_sub(count.there), count.wanted, count.kind.clone());
        let lacking = self.kinds.iter().map(lacking).filter(|(lacking, ..)| *lacking > 0);
        lacking.map(|(lacking, wanted, kind)| format!("{lacking} of {wanted} {kind} dynos are not there"))
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut version = self.version.map(|version| format!(" on {version}"));
        for (place, count) in self.kinds.iter().enumerate() {
            let separator = if place > 0 { "; " } else { "" };
            write!(f, "{separator}{} {}/{} up", count.kind, count.up, count.wanted)?;
            f.write_str(&version.take().unwrap_or_default())?;
            for (number, state) in [(count.starting, "starting"), (count.crashed, "crashed")] {
                if number > 0 {
                    write!(f, ", {number} {state}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_type_that_should_run_is_counted() {
        let kind = |kind: &str, quantity| Formation { kind: kind.to_owned(), quantity, size: String::new() };
        let dyno = |kind: &str, state: &str, id: &str| Dyno {
            id: id.to_owned(),
            process_type: kind.to_owned(),
            state: state.to_owned(),
            ..Dyno::default()
        };
        let dynos = [
            dyno("web", "up", "new"),
            dyno("web", "up", "old"),
            dyno("web", "starting", "new"),
            dyno("web", "crashed", "new"),
            dyno("worker", "idle", "old"),
        ];
        let formation = [kind("web", 4), kind("worker", 1), kind("clock", 0), kind("mailer", 2)];
        let dynos: Vec<&Dyno> = dynos.iter().collect();
        let version = "19".parse().unwrap();
        let counts = Counts::of(version, formation.iter(), &dynos, |dyno| dyno.id == "new");
        assert_eq!(
            counts.to_string(),
            "web 1/4 up on v19, 1 starting, 1 crashed; worker 1/1 up; mailer 0/2 up"
        );
        assert_eq!(counts.missing().collect::<Vec<_>>(), ["2 of 2 mailer dynos are not there"]);
        assert_eq!(Counts::default().to_string(), "");
    }
}
