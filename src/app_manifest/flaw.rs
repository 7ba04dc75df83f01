//! An error in an `app.json`.

use std::fmt::{self, Display};

use super::NAME;

/// Something that Heroku would refuse or ignore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1; none where it cannot be told.
    pub line: Option<usize>,
    /// The keys that lead to it.
    pub path: Vec<String>,
    /// The error in words, without the file and the line.
    pub text: String,
    /// Whether Heroku refuses the file; else it ignores the entry.
    pub is_fatal: bool,
}

impl Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{NAME}:{line}: {}", self.text),
            None => write!(f, "{NAME}: {}", self.text),
        }
    }
}

impl Flaw {
    /// One that makes Heroku refuse the file.
    pub(super) fn fatal(line: Option<usize>, text: impl Into<String>) -> Self {
        Self { line, path: Vec::new(), text: text.into(), is_fatal: true }
    }

    /// The text is no JSON.
    pub(super) fn of_syntax(error: &serde_json::Error) -> Self {
        Self::fatal(Some(error.line()), format!("it is not valid JSON: {error}"))
    }
}
