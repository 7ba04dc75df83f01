//! A finding of `greenroom doctor`.

use std::ffi::{OsStr, OsString};
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
    /// It could not be looked at.
    Unknown,
    /// Something optional is missing, or likely to cause trouble.
    Warning,
    /// It does not work.
    Problem,
}

impl Level {
    /// The level in one word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Unknown => "unknown",
            Level::Warning => "warning",
            Level::Problem => "problem",
        }
    }
}

/// A result: what was found, why it matters, and the line that fixes it.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) text: String,
    pub(super) why: Option<&'static str>,
    pub(super) hint: Option<Hint>,
    /// The command that fixes it without asking for anything, and without taking anything away; `--fix` runs it.
    pub(super) fix: Option<Vec<OsString>>,
}

impl Finding {
    fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), why: None, hint: None, fix: None }
    }

    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self::new(Level::Ok, text)
    }

    pub(super) fn unknown(text: impl Into<String>) -> Self {
        Self::new(Level::Unknown, text)
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, text)
    }

    pub(super) fn problem(text: impl Into<String>) -> Self {
        Self::new(Level::Problem, text)
    }

    /// The finding for a failed check.
    pub(super) fn of(level: Level, error: &Error) -> Self {
        Self { hint: error.hints().next().cloned(), ..Self::new(level, error.to_string()) }
    }

    /// What it leads to.
    pub(super) fn because(self, why: &'static str) -> Self {
        Self { why: Some(why), ..self }
    }

    /// A line that can be pasted, or a short sentence.
    pub(super) fn hint(self, hint: impl Into<Hint>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The command that fixes it, and that `--fix` may run.
    pub(super) fn fixed_by<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Self {
        let words: Vec<OsString> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        Self { hint: Some(Hint::line(&words)), fix: Some(words), ..self }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Line breaks in the text would begin a new finding.
        writeln!(f, "{:<8} {}", self.level.word(), self.text.replace('\n', " "))?;
        if let Some(why) = self.why {
            writeln!(f, "         {why}")?;
        }
        match &self.hint {
            Some(hint) => writeln!(f, "         hint: {}", hint.to_string().replace('\n', " ")),
            None => Ok(()),
        }
    }
}
