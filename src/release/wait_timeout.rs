//! `--wait-timeout`: how long a command waits for a build, a promotion or a release phase.

use std::ffi::OsString;
use std::time::Duration;

use crate::duration;
pub use crate::duration::parse as parse_wait_timeout;

/// The timeout where none is given.
pub const DEFAULT_WAIT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Usual timeouts, as they are typed.
pub const WAIT_TIMEOUTS: &[&str] = &["5m", "10m", "30m", "1h"];

/// The option as it is typed again; nothing for the default.
pub fn wait_option(time: Duration) -> Vec<OsString> {
    if time == DEFAULT_WAIT_TIMEOUT {
        return Vec::new();
    }
    vec!["--wait-timeout".into(), duration::typed(time).into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_repeated_unless_it_is_the_default() {
        let repeated = |text| wait_option(parse_wait_timeout(text).unwrap());
        assert_eq!(["30m", "1800"].map(repeated), [[""; 0]; 2]);
        let times = ["90s", "10m", "2h", "0s"];
        assert_eq!(times.map(repeated), times.map(|time| ["--wait-timeout", time]));
    }
}
