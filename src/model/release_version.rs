//! The number of a release.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The `version` of a release: a number that grows by one with each release of an app. It is shown and typed as `v19`, and
/// is a plain number in JSON (Platform API reference, "Release").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct ReleaseVersion(u64);

impl ReleaseVersion {
    /// Before every release of an app.
    pub const NONE: Self = Self(0);

    /// After every release of an app.
    pub const LAST: Self = Self(u64::MAX);

    /// The number, as it stands in a path of the Platform API.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl FromStr for ReleaseVersion {
    type Err = String;

    /// Reads `v19`, `V19` or `19`.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let number = plain.then(|| digits.parse().ok()).flatten();
        number.map(Self).ok_or_else(|| format!("{text:?} is not a release such as v16"))
    }
}

#[cfg(test)]
mod tests {
    use super::ReleaseVersion;

    #[test]
    fn versions_are_read_with_and_without_their_letter() {
        for text in ["v16", "V16", "16"] {
            assert_eq!(text.parse::<ReleaseVersion>().unwrap().to_string(), "v16");
        }
        for text in ["latest", "v", "", "-1", "+1", "v1.2", "99999999999999999999"] {
            assert!(text.parse::<ReleaseVersion>().is_err(), "{text}");
        }
    }
}
