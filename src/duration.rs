//! Lengths of time, as they are typed and as they are shown.
//!
//! jiff's friendly format accepts fractions, signs and ISO 8601 as well, which the help would have to explain.

use std::time::Duration;

/// The longest time that can be typed: longer than Heroku lets a release phase run, and within the clock's range.
pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Units in the order in which they are typed, in seconds.
const UNITS: [(char, u64); 3] = [('h', 3600), ('m', 60), ('s', 1)];

/// Reads `90s`, `10m`, `1h` or `1h30m`; a number alone is seconds. More than a day is a day.
pub fn parse(text: &str) -> Result<Duration, String> {
    let seconds = seconds(text).ok_or_else(|| format!("{text:?} is not a time such as 90s, 10m or 1h"))?;
    Ok(Duration::from_secs(seconds).min(LONGEST))
}

fn seconds(text: &str) -> Option<u64> {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // A number too large to hold is more than a day as well.
    let number = |digits: &str| is_number(digits).then(|| digits.parse().unwrap_or(u64::MAX));
    if is_number(text) {
        return number(text);
    }
    let (mut sum, mut rest) = (0_u64, text);
    for (unit, length) in UNITS {
        if let Some((digits, behind)) = rest.split_once(unit) {
            sum = sum.saturating_add(number(digits)?.saturating_mul(length));
            rest = behind;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(sum)
}

/// The time in its largest whole unit, as [`parse`] reads it: `90s`, `10m`, `1h`. Fractions of a second are left out.
pub fn typed(time: Duration) -> String {
    let seconds = time.as_secs();
    let is_whole = |length: u64| seconds > 0 && seconds.is_multiple_of(length);
    let (unit, length) = UNITS.into_iter().find(|(_, length)| is_whole(*length)).unwrap_or(('s', 1));
    format!("{}{unit}", seconds / length)
}

/// A time that is still running: `24s`, `1m 24s`, `2h 3m`.
pub fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        _ => format!("{}h {}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A measured time, for a column: `3.5s`, `11m02s`, `1h05m`.
pub fn measured(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    let seconds = (tenths + 5) / 10;
    match seconds {
        0..60 => format!("{}.{}s", tenths / 10, tenths % 10),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// An age in one unit, from its seconds: `3 h`, `2 days`. A time that is still to come is `0 s`.
pub fn rough(seconds: i64) -> String {
    match seconds {
        ..0 => rough(0),
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The same as the Heroku CLI puts it, `~ 3h ago`; it says nothing of what is older than 24 hours.
pub fn ago(seconds: i64) -> Option<String> {
    Some(match seconds {
        ..60 => format!("~ {seconds}s ago"),
        60..3600 => format!("~ {}m ago", seconds / 60),
        3600..90_000 => format!("~ {}h ago", seconds / 3600),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [
            ("90", 90),
            ("90s", 90),
            ("10m", 600),
            ("1h", 3600),
            ("1h30m", 5400),
            ("1h5s", 3605),
            ("1m30s", 90),
            ("0s", 0),
            ("48h", 24 * 3600),
            ("99999999999999999999h", 24 * 3600),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "soon", "-1s", "+1s", "1.5h", "h", "1m1h", "1h 30m", "1hm", "90s1", "1h30"] {
            assert_eq!(parse(text), Err(format!("{text:?} is not a time such as 90s, 10m or 1h")));
        }
    }

    #[test]
    fn a_typed_time_is_read_again() {
        for text in ["0s", "90s", "10m", "2h", "90m"] {
            assert_eq!(typed(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn elapsed_time_has_two_units_at_most() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (84, "1m 24s"), (3600, "1h 0m"), (7380, "2h 3m")] {
            assert_eq!(elapsed(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn measured_times_are_short() {
        let measured = |millis| measured(Duration::from_millis(millis));
        assert_eq!([0, 40, 3549, 59_400].map(measured), ["0.0s", "0.0s", "3.5s", "59.4s"]);
        assert_eq!([59_949, 59_951, 662_000].map(measured), ["1m00s", "1m00s", "11m02s"]);
        assert_eq!(measured(3_900_000), "1h05m");
    }
}
