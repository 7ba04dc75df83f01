//! Errands: what greenroom does in a process of its own for another one, in place of a command line.
//!
//! A push asks for its password here, and a deploy in maintenance mode leaves somebody behind who ends that mode if it
//! cannot do so itself; a ship sails in several environments at once. Nobody types these words.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read};
use std::process::{Child, ChildStdin};

use crate::cli;
use crate::error::{Context as _, Error, Result};
use crate::heroku::{self, AppName, Client};
use crate::process::{CommandLine, quote};
use crate::terminal::Terminal;

const GIT_CREDENTIAL: &str = "__git-credential";
const END_MAINTENANCE: &str = "__end-maintenance";
const ENVIRONMENT: &str = "__in";

/// The errand that `words` ask for, done; none where they are a command line.
pub fn run(words: &[OsString]) -> Option<Result<()>> {
    let word = words.first()?.to_str()?;
    let argument = words.get(1).and_then(|argument| argument.to_str()).unwrap_or_default();
    match word {
        GIT_CREDENTIAL => Some(give_credential(argument)),
        END_MAINTENANCE => Some(end_maintenance(argument)),
        ENVIRONMENT => Some(cli::environment(argument, words.get(2..).unwrap_or_default())),
        _ => None,
    }
}

/// The line for git's `credential.helper` that asks this program.
pub fn git_helper() -> Result<String> {
    let myself = env::current_exe().context(|| "this program's own file cannot be found")?;
    Ok(format!("!{} {GIT_CREDENTIAL}", quote(myself.as_os_str())))
}

/// The line that does in another environment what `words` say, in a process of its own, whatever name this one was
/// called by.
pub fn in_environment(name: &str, words: &[&str]) -> Result<CommandLine> {
    let myself = env::current_exe().context(|| "this program's own file cannot be found")?;
    Ok(CommandLine::at(myself, name).args([ENVIRONMENT, name]).args(words.iter().copied()))
}

/// Answers git as a credential helper; only `get` wants an answer.
fn give_credential(operation: &str) -> Result<()> {
    let terminal = Terminal::new(true, false);
    if terminal.stdout_is_terminal() {
        return Err(Error::refused("this is for git, and would show the token"));
    }
    let mut asked = String::new();
    io::stdin().read_to_string(&mut asked)?;
    if operation != "get" {
        return Ok(());
    }
    match heroku::git_credential(&asked, &|name| env::var_os(name))? {
        Some(credential) => terminal.print(&credential),
        None => Ok(()),
    }
}

/// Somebody who ends an app's maintenance mode when we do not: however this process ends, its end is noticed.
pub struct Caretaker {
    child: Child,
    /// Closed by the system when this process ends.
    line: Option<ChildStdin>,
}

impl Caretaker {
    /// Leaves somebody behind for this app.
    pub fn hire(app: &AppName) -> Result<Self> {
        let myself = env::current_exe().context(|| "this program's own file cannot be found")?;
        let mut child =
            CommandLine::at(myself, "greenroom").args([END_MAINTENANCE, app.as_ref()]).spawn_apart()?;
        let line = child.stdin.take();
        Ok(Self { child, line })
    }

    /// Lets them go: there is nothing left to end.
    pub fn dismiss(mut self) -> Result<()> {
        use io::Write as _;
        if let Some(mut line) = self.line.take() {
            line.write_all(b"done")?;
        }
        self.child.wait()?;
        Ok(())
    }
}

/// Waits for the end of who hired us; ends the maintenance mode if there came no word before.
fn end_maintenance(app: &str) -> Result<()> {
    if io::stdin().is_terminal() {
        return Err(Error::usage("this waits for another process").hint("heroku maintenance:off --app APP"));
    }
    let app: AppName = app.parse().map_err(Error::usage)?;
    let mut word = String::new();
    // A broken pipe is an end without a word as well.
    _ = io::stdin().read_to_string(&mut word);
    if word == "done" {
        return Ok(());
    }
    let terminal = Terminal::new(false, false);
    let client = Client::new(&terminal)?;
    client.set_maintenance(app.as_ref(), false)?;
    terminal.warn(&format!("{app}: maintenance mode is off again"));
    Ok(())
}
