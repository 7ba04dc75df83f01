//! A shell's completion request.

use std::ffi::OsString;

/// The command line that is being typed, up to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The word in command position: `staging`, or a path to it.
    pub program: OsString,
    /// The words after it, up to the one at the cursor, without quotes.
    pub words: Vec<OsString>,
    /// The word at the cursor, up to the cursor; empty if a new word begins.
    pub current: String,
}
