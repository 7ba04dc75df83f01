//! Ages, in one unit: `3 h`, `2 days`. Times with their ages, as the Heroku CLI prints them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::counted;

/// `3 h` for a time in RFC 3339; `None` if it cannot be parsed.
pub fn age(since: &str, now: Timestamp) -> Option<String> {
    Some(span(now.duration_since(since.parse::<Timestamp>().ok()?).as_secs()))
}

/// The same for a number of seconds.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..0 => span(0),
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => counted(usize::try_from(seconds / 86_400).unwrap_or(usize::MAX), "day"),
    }
}

/// `2026/03/14 19:30:00 +0000 (~ 3h ago)` in the zone of this machine, for a time in RFC 3339; the text as it is if it
/// cannot be parsed.
pub fn time_and_age(text: &str, now: Timestamp) -> String {
    let Ok(time) = text.parse::<Timestamp>() else { return text.to_owned() };
    let shown = time.to_zoned(TimeZone::system()).strftime("%Y/%m/%d %H:%M:%S %z").to_string();
    let ago = match now.duration_since(time).as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3600 => format!("{}m", seconds / 60),
        seconds @ ..90_000 => format!("{}h", seconds / 3600),
        _ => return shown,
    };
    format!("{shown} (~ {ago} ago)")
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
