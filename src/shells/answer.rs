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

/// The completions of the word at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// In the order in which they are listed.
    pub candidates: Vec<Candidate>,
    /// The kind of paths that are allowed as well.
    pub paths: Option<Paths>,
}

/// Paths at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The number of bytes before the path in the word at the cursor: 7 in `--file=src/`.
    pub after: usize,
    /// Folders only.
    pub folders: bool,
}

impl Answer {
    /// The same without control characters: words that have any are dropped, and help is printed without them.
    #[must_use]
    pub fn printable(mut self) -> Self {
        self.candidates.retain(|candidate| !candidate.word.is_empty() && is_harmless(&candidate.word));
        for candidate in self.candidates.iter_mut().filter(|candidate| !is_harmless(&candidate.help)) {
            candidate.help.retain(|c| !is_control(c));
        }
        self
    }
}

/// Whether the text is one line of visible characters.
fn is_harmless(text: &str) -> bool {
    // The fast path: nearly all words are plain ASCII.
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || (text::is_harmless(text) && !text.contains('\t'))
}
