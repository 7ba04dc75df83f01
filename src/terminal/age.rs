//! Ages, in one unit: `3 h`, `2 days`.

use jiff::Timestamp;

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

#[cfg(test)]
mod tests {
    use super::*;

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
