//! Which of an app's dynos a command is about.

use std::fmt::{self, Display};

/// Some of an app's dynos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DynoSelection {
    /// All of them.
    All,
    /// Those of a process type, such as `web`.
    Type(String),
    /// The one with this name, such as `web.1`.
    Named(String),
}

impl DynoSelection {
    /// Whether `text` may be a process type: letters, digits, `-` and `_`.
    pub fn is_process_type(text: &str) -> bool {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    /// Reads a process type.
    pub fn process_type(text: &str) -> Result<String, String> {
        let named = Self::is_process_type(text).then(|| text.to_owned());
        named.ok_or_else(|| format!("{text:?} is not a process type such as web"))
    }

    /// Reads a process type whose dynos are meant.
    pub fn parse_type(text: &str) -> Result<Self, String> {
        Self::process_type(text).map(Self::Type)
    }

    /// Reads a dyno's name or id.
    pub fn parse_dyno(text: &str) -> Result<Self, String> {
        let named = text.split('.').all(Self::is_process_type).then(|| Self::Named(text.to_owned()));
        named.ok_or_else(|| format!("{text:?} is not a dyno such as web.1"))
    }
}

impl Display for DynoSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all dynos"),
            Self::Type(name) => write!(f, "all {name} dynos"),
            Self::Named(name) => write!(f, "dyno {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_another_path_are_refused() {
        for name in ["web.1", "run.1234", "web-6f7d-abcde", "01234567-89ab-cdef-0123-456789abcdef"] {
            assert_eq!(DynoSelection::parse_dyno(name), Ok(DynoSelection::Named(name.to_owned())));
        }
        for name in ["", ".", "..", "web.1/actions", "web.1?x", "web 1", "wéb.1", "%2e"] {
            assert!(DynoSelection::parse_dyno(name).is_err(), "{name}");
        }
        assert!(DynoSelection::parse_type("web.1").is_err() && DynoSelection::parse_type("web_2-x").is_ok());
    }
}
