//! `staging console`: the framework's console on a one-off dyno.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Result;
use crate::framework::{Place, Task, TaskCommand};
use crate::one_off::{self, SessionOptions};

pub use crate::one_off::TASK_VALUES as VALUES;

/// One line of help.
pub const ABOUT: &str = "Open the framework's console on a one-off dyno";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging console
  staging console --sandbox            the arguments go to the console
  production console --size performance-l
  staging --dry-run console            print the request, with the command

The command is `console` in [commands] of greenroom.toml, else the Procfile's process type console, else that of Rails,
Django, Phoenix, Laravel or Node.";

/// The Heroku CLI runs the same command where greenroom cannot.
pub const HEROKU: &[&str] = &["run"];

/// The dyno, and the console's arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    session: SessionOptions,

    /// The console's own arguments, from the first one that is not an option of this command
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Opens the console, with this terminal.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let root = context.root()?.unwrap_or_default();
    let TaskCommand { words, reason } =
        Task::Console.command(Place::Dyno, context.config()?, &root, &args.arguments)?;
    context.terminal.detail(|| reason);
    one_off::run(context, context.target()?.one_app()?, &args.session.request(words))
}
