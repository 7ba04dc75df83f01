//! Environment variables that hold a time.

use std::ffi::OsStr;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::hint::Hint;

/// The longest time that a variable sets, in seconds: a day. More would leave the clock.
const LONGEST: f64 = 24.0 * 3600.0;

/// The variable `name`, which holds seconds such as `2.5`; `default` where it is not set or empty.
pub fn seconds(name: &str, value: Option<&OsStr>, default: Duration) -> Result<Duration> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(default) };
    let seconds = value.to_str().and_then(|value| value.trim().parse::<f64>().ok());
    let seconds = seconds.filter(|seconds| seconds.is_finite()).map(|seconds| seconds.min(LONGEST));
    match seconds.map(Duration::try_from_secs_f64) {
        Some(Ok(duration)) if !duration.is_zero() => Ok(duration),
        _ => Err(Error::usage(format!("{name} is `{}`, not a number of seconds", value.display()))
            .hint(Hint::script("{}={}", [[name], [&default.as_secs_f64().to_string()]]))),
    }
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
        assert_eq!(["1e19", "1e300"].map(|long| read(long).unwrap()), [Duration::from_secs(24 * 3600); 2]);
        assert_eq!(seconds("GREENROOM_TIMEOUT", None, default).unwrap(), default);
        for bad in ["0", "-1", "soon", "inf", "nan"] {
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
