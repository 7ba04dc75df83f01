//! Internal commands: what greenroom runs in a process of its own. Their words are in [`crate::process::internal`].
//!
//! git's credential helper, the process that ends maintenance mode after a killed deploy, one environment of `greenroom
//! on`, the refresh of what Tab offers, and a shell without a terminal for `greenroom doctor`.

use std::env;
use std::ffi::OsString;
use std::io::{self, Read};

use crate::cli;
use crate::commands::Tables;
use crate::error::{Error, Result};
use crate::heroku;
use crate::inventory;
use crate::process::CommandLine;
use crate::process::internal::{
    END_MAINTENANCE, GIT_CREDENTIAL, IN_ENVIRONMENT, REFRESH, REFRESH_AFTER, WITHOUT_TERMINAL,
};
use crate::release;
use crate::terminal::Terminal;

/// Runs the internal command that `words` name; none if they are a command line. `tables` has the commands of environments.
pub fn run(words: &[OsString], tables: Tables) -> Option<Result<()>> {
    let word = words.first()?.to_str()?;
    let argument = words.get(1).and_then(|argument| argument.to_str()).unwrap_or_default();
    match word {
        GIT_CREDENTIAL => Some(give_credential(argument)),
        END_MAINTENANCE => Some(release::run_watchdog(argument)),
        REFRESH => Some(inventory::refresh(&words[1..])),
        REFRESH_AFTER => Some(inventory::refresh_after(&words[1..])),
        IN_ENVIRONMENT => {
            Some(cli::environment(argument, &tables(argument), words.get(2..).unwrap_or_default()))
        }
        WITHOUT_TERMINAL => Some(Err(without_terminal(words.get(1..).unwrap_or_default()))),
        _ => None,
    }
}

/// Answers git as a credential helper; only `get` has an answer.
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

/// Becomes the program that `words` name, where no terminal can be found.
fn without_terminal(words: &[OsString]) -> Error {
    let Some((program, arguments)) = words.split_first() else { return Error::silent(2) };
    #[cfg(unix)]
    if let Err(error) = rustix::process::setsid() {
        return Error::from(error).context("cannot leave the terminal");
    }
    CommandLine::at(program, program.to_string_lossy()).args(arguments.iter().cloned()).exec()
}
