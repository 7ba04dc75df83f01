//! Errands: this very program in a process of its own, whatever name it was called by. Here is how it is asked; what it
//! then does is in [`crate::internal`]. Nobody types these words.

use std::env;
use std::ffi::OsString;

use super::CommandLine;
use crate::error::{Context as _, Result};
use crate::text::quote;

/// Answers git as a credential helper.
pub const GIT_CREDENTIAL: &str = "__git-credential";

/// Ends the maintenance mode of an app when stdin is closed without a word.
pub const END_MAINTENANCE: &str = "__end-maintenance";

/// Does in an environment what follows its name.
pub const IN_ENVIRONMENT: &str = "__in";

/// Reads anew what Tab offers; what it is follows.
pub const REFRESH: &str = "__refresh";

/// Does so when stdin is closed, as what follows was changed by then.
pub const REFRESH_AFTER: &str = "__refresh-after";

/// Set where nobody is there to answer: no question is asked, not by other programs either.
pub const UNATTENDED: &str = "GREENROOM_UNATTENDED";

/// Becomes the program that follows, in a session of its own: there is no terminal in it.
pub const WITHOUT_TERMINAL: &str = "__without-terminal";

/// The line for git's `credential.helper` that asks this program.
pub fn git_helper() -> Result<String> {
    Ok(format!("!{} {GIT_CREDENTIAL}", quote(myself("greenroom")?.program().as_os_str())))
}

/// The line that does in an environment what `words` say.
pub fn in_environment<W: Into<OsString>>(
    name: &str,
    words: impl IntoIterator<Item = W>,
) -> Result<CommandLine> {
    Ok(myself(name)?.args([IN_ENVIRONMENT, name]).args(words))
}

/// The line that waits until its stdin is closed, and then ends the maintenance mode of `app`.
pub fn end_maintenance(app: &str) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args([END_MAINTENANCE, app]))
}

/// The line that reads anew what Tab offers.
pub fn refresh(words: &[String]) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args([REFRESH]).args(words).env(UNATTENDED, "1"))
}

/// The line that waits until its stdin is closed, and then reads anew what was changed.
pub fn refresh_after(words: &[String]) -> Result<CommandLine> {
    Ok(myself("greenroom")?.args([REFRESH_AFTER]).args(words).env(UNATTENDED, "1"))
}

/// The line that starts `line` where there is no terminal.
pub fn without_terminal(line: &CommandLine) -> Result<CommandLine> {
    let words = [WITHOUT_TERMINAL.into(), line.program.clone().into_os_string()];
    let mut errand = myself("greenroom")?.args(words).args(line.arguments.iter().cloned());
    errand.variables.clone_from(&line.variables);
    errand.folder.clone_from(&line.folder);
    Ok(errand)
}

fn myself(shown: &str) -> Result<CommandLine> {
    let file = env::current_exe().context(|| "cannot find greenroom's own executable")?;
    Ok(CommandLine::at(file, shown))
}
