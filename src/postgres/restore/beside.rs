//! The names of databases beside a database: the one that is being restored, and those that were replaced.
//!
//! `app_development_restore_20261201040506` is being restored into, `app_development_before_20261201040506` is what a
//! restore has replaced. A name longer than PostgreSQL's 63 bytes would be cut off silently, so a long one is shortened
//! here, with a number that tells it from others that begin alike.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The longest name of a database, in bytes.
const LONGEST: usize = 63;

/// The form of the time in a name.
const TIME: &str = "%Y%m%d%H%M%S";

/// The kinds of databases beside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// It is being restored into.
    Restore,
    /// It is what a restore has replaced.
    Before,
}

impl Beside {
    fn infix(self) -> &'static str {
        match self {
            Beside::Restore => "_restore_",
            Beside::Before => "_before_",
        }
    }

    /// The name for one beside `database`, made at this time.
    pub(super) fn name(self, database: &str, time: Timestamp) -> String {
        let time = time.to_zoned(TimeZone::UTC).strftime(TIME);
        format!("{}{}{time}", stem(database), self.infix())
    }

    /// The prefix of these names.
    pub(super) fn prefix(self, database: &str) -> String {
        format!("{}{}", stem(database), self.infix())
    }

    /// When the database of this name was made beside `database`; none if it is something else.
    pub(super) fn time(self, database: &str, name: &str) -> Option<Timestamp> {
        let time = name.strip_prefix(&self.prefix(database))?;
        let is_time = time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit());
        let time = DateTime::strptime(TIME, is_time.then_some(time)?).ok()?;
        Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }
}

/// The name, or the beginning of it and a number made from all of it.
fn stem(database: &str) -> String {
    let room = LONGEST - "_restore_".len() - 14;
    if database.len() <= room {
        return database.to_owned();
    }
    let mut end = room - 9;
    while !database.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:08x}", &database[..end], crate::text::number_of(database))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time() -> Timestamp {
        "2026-12-01T04:05:06Z".parse().unwrap()
    }

    #[test]
    fn names_say_what_and_when() {
        assert_eq!(Beside::Restore.name("app", time()), "app_restore_20261201040506");
        assert_eq!(Beside::Before.time("app", "app_before_20261201040506"), Some(time()));
        for other in [
            "app_before_2026",
            "app_before_20261301040506",
            "apps_before_20261201040506",
            "app_before_+0261201040506",
        ] {
            assert_eq!(Beside::Before.time("app", other), None, "{other}");
        }
    }

    #[test]
    fn long_names_that_begin_alike_differ() {
        let long = |end: char| format!("{}{end}", "x".repeat(62));
        assert_ne!(Beside::Before.name(&long('a'), time()), Beside::Before.name(&long('b'), time()));
    }

    proptest! {
        #[test]
        fn a_name_fits_and_is_read_back(database in ".{1,63}") {
            for what in [Beside::Restore, Beside::Before] {
                let name = what.name(&database, time());
                prop_assert!(name.len() <= LONGEST);
                prop_assert_eq!(what.time(&database, &name), Some(time()));
            }
        }
    }
}
