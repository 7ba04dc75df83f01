//! `staging run`: a command on a one-off dyno, with this terminal.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Result;
use crate::one_off::{self, SessionOptions};

pub use crate::one_off::COMMAND_VALUES as VALUES;

/// One line of help.
pub const ABOUT: &str = "Run a command on a one-off dyno and exit with its status";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging run rails console
  staging run rails runner 'puts User.count'    the arguments arrive as they were typed
  staging run 'rake stats | sort > /tmp/stats'  a single argument is a line of shell
  staging run bash < script.sh
  production run --size performance-l --env 'A=1;B=2' rake reindex

Ctrl-C goes to the command; four times within a second leaves the session.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["run"];

/// The command, and the dyno that it runs on.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    session: SessionOptions,

    /// The command and its arguments, or a line of shell
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

/// Runs the command.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let request = args.session.request(args.command.clone());
    one_off::run(context, context.target()?.one_app()?, &request)
}
