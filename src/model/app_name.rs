//! App names, checked against Heroku's own rule before they are used anywhere.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a Heroku app: 3 to 30 lower-case letters, digits and dashes, beginning with a letter and not ending
/// with a dash (the `pattern` of `app.name` in the Platform API's schema).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppName(String);

/// A text that is no app name.
#[derive(Debug)]
pub struct BadAppName(String);

impl Display for BadAppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(60).collect();
        write!(
            f,
            "{shown:?} is not a valid app name (3 to 30 of a-z, 0-9 and -, starting with a letter, ending with a letter or digit)"
        )
    }
}

impl std::error::Error for BadAppName {}

impl FromStr for AppName {
    type Err = BadAppName;

    fn from_str(text: &str) -> Result<Self, BadAppName> {
        let bytes = text.as_bytes();
        let fits = (3..=30).contains(&bytes.len())
            && bytes[0].is_ascii_lowercase()
            && !text.ends_with('-')
            && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(BadAppName(text.to_owned())) }
    }
}

impl TryFrom<String> for AppName {
    type Error = BadAppName;

    fn try_from(text: String) -> Result<Self, BadAppName> {
        text.parse()
    }
}

impl From<AppName> for String {
    fn from(name: AppName) -> Self {
        name.0
    }
}

impl AsRef<str> for AppName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_herokus() {
        for good in ["abc", "playhouse-staging", "a--b", &"a".repeat(30)] {
            assert!(good.parse::<AppName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            "1abc",
            "-abc",
            "abc-",
            "Abc",
            "a_b",
            "a.b",
            "a/b",
            "../x",
            "a\nb",
            "--app",
            &"a".repeat(31),
        ] {
            assert!(bad.parse::<AppName>().is_err(), "{bad}");
        }
    }
}
