//! A command that runs detached: what it writes goes to the app's log.

use super::Request;
use super::request::new_dyno;
use super::{command, supported};
use crate::context::Context;
use crate::error::Result;
use crate::model::AppName;

/// A dyno that was started.
#[derive(Clone, Debug)]
pub struct Started {
    /// Its name, such as `run.1234`.
    pub dyno: String,
    /// The command that it runs, as the dyno's shell reads it.
    pub command: String,
}

/// Starts the command on a dyno of `app`, and does not wait for it; nothing but a line on stdout in a dry run.
pub fn run_detached(context: &Context, app: &AppName, request: &Request) -> Result<Option<Started>> {
    let shell = supported::shell_of(context, app, request, false)?;
    let command = command::of_words(&request.words, shell)?;
    let change = new_dyno(app, request, command.clone(), false)?;
    let Some(dyno) = super::create::create_or_describe(context, app, &change)? else { return Ok(None) };
    Ok(Some(Started { dyno: dyno.name, command }))
}
