//! A finding of `greenroom doctor` or `review check`: what is wrong, why it matters, and how to fix it.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};

use serde::Serialize;

use crate::error::Error;
use crate::hint::Hint;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
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
    pub fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Unknown => "unknown",
            Level::Warning => "warning",
            Level::Problem => "problem",
        }
    }
}

/// A result: what was found, why it matters, and the line that fixes it.
///
/// As JSON the fix is left out.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How serious it is.
    pub level: Level,
    /// What was found, in one line.
    pub text: String,
    /// What it leads to; none where the text says it.
    pub why: Option<&'static str>,
    /// The line that fixes it, or a short sentence.
    pub hint: Option<Hint>,
    /// The command that fixes it without asking for anything, and without taking anything away; `--fix` runs it.
    #[serde(skip)]
    pub fix: Option<Vec<OsString>>,
}

impl Finding {
    fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), why: None, hint: None, fix: None }
    }

    /// It was looked at, and is in order.
    #[must_use]
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(Level::Ok, text)
    }

    /// It could not be looked at.
    #[must_use]
    pub fn unknown(text: impl Into<String>) -> Self {
        Self::new(Level::Unknown, text)
    }

    /// Something optional is missing, or likely to cause trouble.
    #[must_use]
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, text)
    }

    /// It does not work.
    #[must_use]
    pub fn problem(text: impl Into<String>) -> Self {
        Self::new(Level::Problem, text)
    }

    /// The finding for a failed check.
    pub fn of(level: Level, error: &Error) -> Self {
        Self { hint: error.hints().next().cloned(), ..Self::new(level, error.to_string()) }
    }

    /// What it leads to.
    #[must_use]
    pub fn because(self, why: &'static str) -> Self {
        Self { why: Some(why), ..self }
    }

    /// A line that can be pasted, or a short sentence.
    #[must_use]
    pub fn hint(self, hint: impl Into<Hint>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The command that fixes it, and that `--fix` may run.
    #[must_use]
    pub fn fixed_by<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Self {
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
