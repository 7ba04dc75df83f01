//! `development console`: the framework's console on this machine.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Result;
use crate::framework::Task;
use crate::local_command;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Open the framework's console on this machine";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development console
  development console --sandbox      the arguments go to the console
  development --dry-run console      print the command

The command is `console` in [commands] of greenroom.toml, else the Procfile's process type console, else that of Rails,
Django, Phoenix, Laravel or Node.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// Nothing is known of the console's arguments.
pub const VALUES: Values = &[("arguments", &[Words::Free])];

/// The console's arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The console's own arguments, from the first one that is not an option of this command
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Becomes the console.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    local_command::exec_task(context, Task::Console, &args.arguments)
}
