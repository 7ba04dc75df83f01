//! `--wait-timeout`: how long a command waits for a build, a promotion or a release phase.

use std::ffi::OsString;
use std::time::Duration;

/// The timeout where none is given.
pub(super) const DEFAULT_WAIT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Usual timeouts, as they are typed.
pub const WAIT_TIMEOUTS: &[&str] = &["5m", "10m", "30m", "1h"];

/// Reads `90`, `90s`, `10m` or `1h`.
pub fn parse_wait_timeout(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, text.chars().last()),
        None => (text, None),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is not a time such as 90s, 10m or 1h"))?;
    let seconds = number.saturating_mul(match unit {
        Some('m') => 60,
        Some('h') => 3600,
        _ => 1,
    });
    // A day is longer than Heroku lets a release phase run, and keeps the sum within the clock's range.
    Ok(Duration::from_secs(seconds.min(24 * 3600)))
}

/// The option as it is typed again; nothing for the default.
pub fn wait_option(time: Duration) -> Vec<OsString> {
    let (number, unit) = match time.as_secs() {
        _ if time == DEFAULT_WAIT_TIMEOUT => return Vec::new(),
        seconds if seconds > 0 && seconds % 3600 == 0 => (seconds / 3600, 'h'),
        seconds if seconds > 0 && seconds % 60 == 0 => (seconds / 60, 'm'),
        seconds => (seconds, 's'),
    };
    vec!["--wait-timeout".into(), format!("{number}{unit}").into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(parse_wait_timeout("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_wait_timeout("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_wait_timeout("1h"), Ok(Duration::from_secs(3600)));
        assert!(
            parse_wait_timeout("soon").is_err()
                && parse_wait_timeout("").is_err()
                && parse_wait_timeout("-1s").is_err()
        );
    }

    #[test]
    fn times_are_told_as_they_are_read() {
        let told = |text| wait_option(parse_wait_timeout(text).unwrap());
        assert_eq!(["30m", "1800"].map(told), [[""; 0]; 2]);
        let times = ["90s", "10m", "2h", "0s"];
        assert_eq!(times.map(told), times.map(|time| ["--wait-timeout", time]));
    }
}
