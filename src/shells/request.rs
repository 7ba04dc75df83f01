//! A shell's completion request.

use std::ffi::OsString;

/// A command line that is being typed, as far as the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The word in command position: `staging`, or a path that ends so.
    pub program: OsString,
    /// The words behind it, up to the one at the cursor, as the program would be given them: without quotes.
    pub words: Vec<OsString>,
    /// The part of the word at the cursor that stands before it; empty where a new word begins.
    pub current: String,
}
