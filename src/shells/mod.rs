//! The shells that greenroom completes for: one adapter each, and where their completions are [`install`]ed.
//!
//! An adapter reads a shell's [`Request`] and writes the [`Answer`] in the form that the shell reads, with its quoting.

use std::ffi::OsString;

mod answer;
mod bash;
mod choose;
mod elvish;
mod fish;
pub mod install;
mod nushell;
mod paths;
mod powershell;
mod request;
mod split;
mod zsh;

pub use answer::{Answer, Candidate, Paths};
pub use choose::{chosen, named, of_program, value_parser};
pub use request::Request;

/// A shell whose Tab key greenroom answers.
pub trait Shell: Sync {
    /// Its name: `bash`, `nushell`.
    fn name(&self) -> &'static str;

    /// Its executable: `nu` for nushell.
    fn program(&self) -> &'static str {
        self.name()
    }

    /// The completion file for it, as a package installs it. It runs `greenroom __complete NAME …` at each Tab.
    fn stub(&self) -> &'static str;

    /// Reads the words after `__complete NAME`, as the stub sends them; `None` if they are malformed.
    fn read(&self, words: &[OsString]) -> Option<Request>;

    /// The answer in the form that the stub reads. `words` are those that [`Shell::read`] was given.
    fn write(&self, answer: &Answer, request: &Request, words: &[OsString]) -> String;
}

/// All shells that are supported.
pub const SHELLS: &[&dyn Shell] =
    &[&bash::Bash, &zsh::Zsh, &fish::Fish, &elvish::Elvish, &nushell::Nushell, &powershell::PowerShell];

/// Reads the request of a shell that splits the line itself: the program, the complete words, and the word at the cursor.
fn plain_words(mut words: Vec<OsString>) -> Option<Request> {
    let current = words.pop()?.into_string().ok()?;
    let mut words = words.into_iter();
    Some(Request { program: words.next()?, words: words.collect(), current })
}
