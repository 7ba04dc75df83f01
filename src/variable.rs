//! Environment variables that hold a time.

use std::ffi::OsStr;
use std::time::Duration;

use crate::duration;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// The variable `name`, which holds seconds such as `2.5`, or a time such as `10m`; `default` where it is not set or empty.
pub fn seconds(name: &str, value: Option<&OsStr>, default: Duration) -> Result<Duration> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(default) };
    match value.to_str().and_then(|value| read(value.trim())) {
        Some(duration) if !duration.is_zero() => Ok(duration),
        _ => Err(Error::usage(format!("{name} is `{}`, not a number of seconds", value.display()))
            .hint(Hint::script("{}={}", [[name], [&default.as_secs_f64().to_string()]]))),
    }
}

fn read(value: &str) -> Option<Duration> {
    let seconds = value.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let Some(seconds) = seconds else { return duration::parse(value).ok() };
    Duration::try_from_secs_f64(seconds.min(duration::LONGEST.as_secs_f64())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        let default = Duration::from_secs(90);
        let read = |value: &str| seconds("GREENROOM_TIMEOUT", Some(OsStr::new(value)), default);
        assert_eq!(read("2.5").unwrap(), Duration::from_millis(2500));
        assert_eq!(read("").unwrap(), default);
        assert_eq!(read(" 1m30s ").unwrap(), default);
        assert_eq!(["1e19", "1e300"].map(|long| read(long).unwrap()), [Duration::from_secs(24 * 3600); 2]);
        assert_eq!(seconds("GREENROOM_TIMEOUT", None, default).unwrap(), default);
        for bad in ["0", "0m", "-1", "soon", "inf", "nan"] {
            let said = read(bad).unwrap_err();
            let said = format!(
                "{said}
hint: {}
",
                said.hints().next().unwrap()
            );
            assert!(said.ends_with("not a number of seconds\nhint: GREENROOM_TIMEOUT=90\n"), "{said}");
        }
    }
}
