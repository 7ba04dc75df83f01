//! Tab completion: from a shell's question to the words that may stand at the cursor.
//!
//! An adapter in [`crate::shells`] reads the question. [`line`](mod@line) reads the command line the same way as
//! [`crate::cli`], [`cursor`] finds which argument or flag the cursor is in, according to a command's [`syntax`], and
//! [`offer`] collects that argument's values: from the repository ([`local`]) or from the names known at Heroku
//! ([`crate::inventory`]). [`theirs`] says where the values of the Heroku CLI's own commands come from.
//!
//! Completion must never disturb the prompt: it prints nothing but the answer, and offers nothing if something fails.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::time::Duration;

use crate::error::Result;
use crate::parallel::within;
use crate::shells;

mod cursor;
mod heads;
mod line;
mod local;
mod offer;
mod syntax;
mod theirs;

/// The word with which a shell asks. The shell's name and its question follow, in the shell's own form.
const COMPLETE: &str = "__complete";

/// The most time that an answer may take. Reading may block: a repository may hold a named pipe or be on a slow network
/// drive.
const LIMIT: Duration = Duration::from_secs(3);

/// Answers a shell's completion request; `None` if `words` are not one.
pub fn run(words: &[OsString]) -> Option<Result<()>> {
    let (first, words) = words.split_first()?;
    (first == COMPLETE).then(|| {
        let words = words.to_owned();
        let answer = within(LIMIT, move || Ok(answered(&words).unwrap_or_default()));
        // Written without `Terminal`: a shell reads it. Errors are dropped, as they would end up in the prompt.
        _ = io::stdout().write_all(answer.unwrap_or_default().as_bytes());
        Ok(())
    })
}

/// The answer in the form of the shell that `words` begin with; `None` if the question cannot be read.
fn answered(words: &[OsString]) -> Option<String> {
    let (shell, words) = words.split_first()?;
    let shell = shell.to_str().and_then(shells::named)?;
    let request = shell.read(words)?;
    Some(shell.write(&line::answer(&request).printable(), &request, words))
}
