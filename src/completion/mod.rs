//! What Tab offers: a shell's question, the place in the line, the words that fit there, and the answer in the shell's own
//! form.
//!
//! [`request`] → [`line`](mod@line) (the same way as [`crate::cli`]) → [`place`] in a [`syntax`] → [`offer`] from the
//! [`words`] that the argument names: [`local`], or [`live`] from afar by way of a cache → [`answer`] → [`shell`].
//!
//! Nothing here may disturb the prompt: what cannot be known is not offered, and nothing is printed but the answer.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::time::Duration;

use crate::error::Result;

mod answer;
mod cache;
mod changes;
mod heads;
pub mod install;
mod line;
mod live;
mod local;
mod offer;
mod place;
mod refresh;
mod request;
pub mod shell;
mod syntax;
mod theirs;
mod within;
mod words;

pub use answer::{Answer, Candidate, Paths};
pub use cache::{failures, folder as cache_folder, lists as cached_lists};
pub use changes::{RELEASED, ROLLED_BACK, SET_UP, Watch, changed, refresh_after};
pub use live::Resource;
pub use refresh::run as refresh;
pub use request::Request;
pub use words::{Values, Words};

/// With this word a shell asks; its name and its question follow, in the shell's own form.
const COMPLETE: &str = "__complete";

/// After this Tab offers nothing, whatever it met: a repository may hold a file that is a pipe, and a disk may be far away.
const LIMIT: Duration = Duration::from_secs(3);

/// Answers a shell's Tab key; none where `words` are no such question.
pub fn run(words: &[OsString]) -> Option<Result<()>> {
    let (first, words) = words.split_first()?;
    (first == COMPLETE).then(|| {
        let words = words.to_owned();
        let answer = within::within(LIMIT, move || Ok(answered(&words).unwrap_or_default()));
        // As it is, for a shell reads it; and what goes wrong here is nothing to tell a person who types.
        _ = io::stdout().write_all(answer.unwrap_or_default().as_bytes());
        Ok(())
    })
}

/// What the shell that `words` begin with is told; none where the rest is no question of its.
fn answered(words: &[OsString]) -> Option<String> {
    let (shell, words) = words.split_first()?;
    let shell = shell.to_str().and_then(shell::named)?;
    let request = shell.read(words)?;
    Some(shell.write(&line::answer(&request).printable(), &request, words))
}
