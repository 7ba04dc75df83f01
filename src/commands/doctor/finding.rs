//! A finding of `greenroom doctor`.

use std::fmt::{self, Display};

use serde::Serialize;

use crate::error::Error;
use crate::hint::Hint;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// No problem.
    Ok,
    /// Something optional is missing.
    Warning,
    /// It does not work.
    Problem,
}

impl Level {
    /// The level in one word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        }
    }
}

/// A result, with a hint that fixes it.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) text: String,
    pub(super) hint: Option<Hint>,
}

impl Finding {
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self { level: Level::Ok, text: text.into(), hint: None }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, text: text.into(), hint: None }
    }

    pub(super) fn problem(text: impl Into<String>) -> Self {
        Self { level: Level::Problem, text: text.into(), hint: None }
    }

    /// The finding for a failed check.
    pub(super) fn of(level: Level, error: &Error) -> Self {
        Self { level, text: error.to_string(), hint: error.hints().next().cloned() }
    }

    /// A line that can be pasted, or a short sentence.
    pub(super) fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Line breaks in the text would begin a new finding.
        writeln!(f, "{:<8} {}", self.level.word(), self.text.replace('\n', " "))?;
        match &self.hint {
            Some(hint) => writeln!(f, "         hint: {}", hint.to_string().replace('\n', " ")),
            None => Ok(()),
        }
    }
}
