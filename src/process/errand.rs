//! Errands: this very program in a process of its own, whatever name it was called by. Here is how it is asked; what it
//! then does is in [`crate::errand`]. Nobody types these words.

use std::env;
use std::ffi::OsString;

use super::{CommandLine, quote};
use crate::error::{Context as _, Result};

/// Answers git as a credential helper.
pub const GIT_CREDENTIAL: &str = "__git-credential";

/// Ends the maintenance mode of an app when stdin is closed without a word.
pub const END_MAINTENANCE: &str = "__end-maintenance";

/// Does in an environment what follows its name.
pub const IN_ENVIRONMENT: &str = "__in";

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

fn myself(shown: &str) -> Result<CommandLine> {
    let file = env::current_exe().context(|| "this program's own file cannot be found")?;
    Ok(CommandLine::at(file, shown))
}
