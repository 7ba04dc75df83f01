//! One adapter for each shell: how it asks, and how it is answered.

use std::ffi::OsString;

use super::answer::Answer;
use super::request::Request;

mod bash;
mod elvish;
mod fish;
mod nushell;
mod paths;
mod powershell;
mod split;
mod zsh;

/// A shell whose Tab key greenroom answers.
pub trait Shell: Sync {
    /// What it is called: `bash`.
    fn name(&self) -> &'static str;

    /// The file for it, as a package installs it: it asks `greenroom __complete NAME …` at each Tab.
    fn stub(&self) -> &'static str;

    /// Reads the words behind `__complete NAME`, in the form that the stub sends; none where they make no sense.
    fn read(&self, words: &[OsString]) -> Option<Request>;

    /// The answer, in the form that the stub reads. `words` are those that [`Shell::read`] was given.
    fn write(&self, answer: &Answer, request: &Request, words: &[OsString]) -> String;
}

/// The shells.
pub const SHELLS: &[&dyn Shell] =
    &[&bash::Bash, &zsh::Zsh, &fish::Fish, &elvish::Elvish, &nushell::Nushell, &powershell::PowerShell];

/// The shell of this name.
pub fn named(name: &str) -> Option<&'static dyn Shell> {
    SHELLS.iter().copied().find(|shell| shell.name() == name)
}

/// The question of a shell that gives the words themselves: the program, what is complete, and the word at the cursor.
fn plain_words(mut words: Vec<OsString>) -> Option<Request> {
    let current = words.pop()?.into_string().ok()?;
    let mut words = words.into_iter();
    Some(Request { program: words.next()?, words: words.collect(), current })
}
