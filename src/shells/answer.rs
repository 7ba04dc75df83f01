//! The answer to a shell.

use crate::text::{self, is_control};

/// A word that may stand where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word, unquoted: `--dyno=web.1`, not `web.1` alone.
    pub word: String,
    /// One line that says what it is; may be empty.
    pub help: String,
    /// Whether more is typed right behind it (`KEY=`, `pg:`), so that no space follows.
    pub goes_on: bool,
}

impl Candidate {
    /// A word that is complete.
    pub fn new(word: &str, help: &str) -> Self {
        Self { word: word.to_owned(), help: help.to_owned(), goes_on: false }
    }
}

/// All that may stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// In the order in which they are to be shown.
    pub candidates: Vec<Candidate>,
    /// Whether paths may stand there too, and which.
    pub paths: Option<Paths>,
}

/// Paths that may stand at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Bytes of the word at the cursor that come before the path: 7 in `--file=src/`.
    pub after: usize,
    /// Folders only.
    pub folders: bool,
}

impl Answer {
    /// The same without anything that a terminal could obey: words with control characters are no words, and in help they
    /// are left out.
    #[must_use]
    pub fn printable(mut self) -> Self {
        self.candidates.retain(|candidate| !candidate.word.is_empty() && is_harmless(&candidate.word));
        for candidate in self.candidates.iter_mut().filter(|candidate| !is_harmless(&candidate.help)) {
            candidate.help.retain(|c| !is_control(c));
        }
        self
    }
}

/// Whether it is one line that a terminal could not obey and a reader sees all of.
fn is_harmless(text: &str) -> bool {
    // The fast path: nearly all words are plain ASCII.
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || (text::is_harmless(text) && !text.contains('\t'))
}
