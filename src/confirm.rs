//! Confirmation: nothing protected changes until the question is answered with yes, or `--yes` is given.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// Asks `question` if something is `protected` and `--yes` was not given; true where the question was asked and answered
/// with yes. Exit 5 after any other answer, and where nobody can be asked. `command` is the line to type again.
pub fn ask(context: &Context, protected: Option<&str>, question: &str, command: &[OsString]) -> Result<bool> {
    let Some(protected) = protected else { return Ok(false) };
    agree(context, &format!("{protected} is protected"), question, &[command, &["--yes".into()]].concat())
}

/// Asks `question` unless `--yes` was given, as [`ask`] does. `why` is the reason for asking, `agreed` the line to type
/// that includes `--yes`.
pub fn agree(context: &Context, why: &str, question: &str, agreed: &[OsString]) -> Result<bool> {
    if context.options.yes {
        return Ok(false);
    }
    if !context.terminal.can_ask() {
        return Err(Error::refused(format!("{why}, and confirmation requires a terminal"))
            .hint(context.command(agreed)));
    }
    if context.terminal.confirm(question)? {
        return Ok(true);
    }
    // Answering no is a decision, not a failure to explain.
    context.terminal.status("nothing was changed");
    Err(Error::silent(Kind::Refused.exit_code()))
}
