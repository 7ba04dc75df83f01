//! `staging run:detached`: a command on a one-off dyno that nobody waits for.

use std::ffi::OsString;

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::one_off::{self, DynoOptions, Request};

pub use crate::one_off::COMMAND_VALUES as VALUES;

/// One line of help.
pub const ABOUT: &str = "Start a command on a one-off dyno, with its output in the app's log";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging run:detached rake reports:send
  staging run:detached --json --time-to-live 1h rake reindex";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["run:detached"];

/// The command, and the dyno that it runs on.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    dyno: DynoOptions,

    /// The command and its arguments, or a line of shell
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

#[derive(Serialize)]
struct View<'a> {
    app: &'a str,
    dyno: &'a str,
    command: &'a str,
}

/// Starts the command.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let app = context.target()?.one_app()?;
    let request = Request { words: args.command.clone(), dyno: args.dyno.clone(), ..Request::default() };
    let Some(started) = one_off::run_detached(context, app, &request)? else { return Ok(()) };
    let (dyno, command) = (started.dyno.as_str(), started.command.as_str());
    if context.options.json {
        return context.terminal.print_json(&View { app: app.as_ref(), dyno, command });
    }
    context.terminal.status(&format!("Running {command} on {app}... done, {dyno}"));
    // As the official CLI has it, with its blank line.
    context
        .terminal
        .print_lines(&format!("Run heroku logs --app {app} --dyno {dyno} to view the output.\n\n"))
}
