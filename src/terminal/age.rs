//! How old something is, from the time that Heroku gives for it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::duration;

/// `3 h` for a time in RFC 3339; `None` if it cannot be parsed.
pub fn age(since: &str, now: Timestamp) -> Option<String> {
    Some(duration::rough(now.duration_since(since.parse::<Timestamp>().ok()?).as_secs()))
}

/// `2026/03/14 19:30:00 +0000 (~ 3h ago)` in the zone of this machine, for a time in RFC 3339; the text as it is if it
/// cannot be parsed.
pub fn time_and_age(text: &str, now: Timestamp) -> String {
    let Ok(time) = text.parse::<Timestamp>() else { return text.to_owned() };
    let shown = time.to_zoned(TimeZone::system()).strftime("%Y/%m/%d %H:%M:%S %z").to_string();
    match duration::ago(now.duration_since(time).as_secs()) {
        Some(ago) => format!("{shown} ({ago})"),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_the_cli_tells_them() {
        let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
        for (text, ago) in [
            ("2026-03-14T11:59:58Z", " (~ 2s ago)"),
            ("2026-03-14T11:30:59Z", " (~ 29m ago)"),
            ("2026-03-13T11:00:01Z", " (~ 24h ago)"),
        ] {
            let shown = time_and_age(text, now);
            assert!(shown.ends_with(ago), "{shown}");
        }
        assert!(!time_and_age("2026-03-13T11:00:00Z", now).contains("ago"));
        assert_eq!(time_and_age("soon", now), "soon");
    }

    #[test]
    fn one_unit_says_enough() {
        let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
        for (since, shown) in [
            ("2026-03-14T12:00:05Z", "0 s"),
            ("2026-03-14T11:59:01Z", "59 s"),
            ("2026-03-14T11:59:00Z", "1 min"),
            ("2026-03-14T09:59:59+01:00", "3 h"),
            ("2026-03-13T12:00:00Z", "1 day"),
            ("2025-03-14T12:00:00Z", "365 days"),
        ] {
            assert_eq!(age(since, now).as_deref(), Some(shown), "{since}");
        }
        assert_eq!(age("yesterday", now), None);
    }
}
