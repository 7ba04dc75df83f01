//! Starts this program again for an internal command, in a process of its own. [`crate::internal`] has the commands;
//! people do not type them.

use std::env;
use std::ffi::OsString;

use super::CommandLine;
use crate::error::{Context as _, Result};
use crate::text::quote;

/// Answers git as a credential helper.
pub const GIT_CREDENTIAL: &str = "__git-credential";

/// Ends the maintenance mode of an app if stdin is closed without a message.
pub const END_MAINTENANCE: &str = "__end-maintenance";

/// Runs the command that follows in an environment.
pub const IN_ENVIRONMENT: &str = "__in";

/// Refreshes a list that Tab offers; its name follows.
pub const REFRESH: &str = "__refresh";

/// Marks lists as outdated and refreshes them when stdin is closed; their names follow.
pub const REFRESH_AFTER: &str = "__refresh-after";

/// The variable that forbids questions, also of other programs, where nobody can answer.
pub const UNATTENDED: &str = "GREENROOM_UNATTENDED";

/// Runs the program that follows in a session of its own, without a terminal.
pub const WITHOUT_TERMINAL: &str = "__without-terminal";

/// The line for git's `credential.helper` that asks this program.
pub fn git_helper() -> Result<String> {
    Ok(format!("!{} {GIT_CREDENTIAL}", quote(myself("greenroom")?.program().as_os_str())))
}

/// The command line that runs `words` in an environment.
pub fn in_environment<W: Into<OsString>>(
    name: &str,
    words: impl IntoIterator<Item = W>,
) -> Result<CommandLine> {
    Ok(myself(name)?.args([IN_ENVIRONMENT, name]).args(words))
}

/// The command line of the suite's own command with these words.
pub fn suite<W: Into<OsString>>(words: impl IntoIterator<Item = W>) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args(words))
}

/// The command line that waits until its stdin is closed, and then ends the maintenance mode of `app`.
pub fn end_maintenance(app: &str) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args([END_MAINTENANCE, app]))
}

/// The command line that refreshes a list that Tab offers.
pub fn refresh(words: &[String]) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args([REFRESH]).args(words).env(UNATTENDED, "1"))
}

/// The command line that waits until its stdin is closed, and then refreshes the changed lists.
pub fn refresh_after(words: &[String]) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args([REFRESH_AFTER]).args(words).env(UNATTENDED, "1"))
}

/// The command line that starts `line` without a terminal.
pub fn without_terminal(line: &CommandLine) -> Result<CommandLine> {
    let words = [WITHOUT_TERMINAL.into(), line.program.clone().into_os_string()];
    let mut command = myself("greenroom")?.args(words).args(line.arguments.iter().cloned());
    command.variables.clone_from(&line.variables);
    command.folder.clone_from(&line.folder);
    Ok(command)
}

fn myself(shown: &str) -> Result<CommandLine> {
    let file = env::current_exe().context(|| "cannot find greenroom's own executable")?;
    Ok(CommandLine::at(file, shown))
}
