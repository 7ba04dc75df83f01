//! `development run`: a command on this machine.

use std::env;
use std::ffi::OsString;

use crate::context::Context;
use crate::error::{Context as _, Result};
use crate::local_command;
use crate::process::CommandLine;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Run a command on this machine";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  development run bin/rails runner 'puts User.count'    the arguments arrive as they were typed
  development run RAILS_ENV=test bin/rails db:prepare
  development run 'rake stats | sort'                   a single argument is a line of shell

It runs where you are, with the environment that you have. `heroku local:run` adds the variables of .env.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// What Tab offers: programs, then files.
pub const VALUES: Values = &[("command", &[Words::LocalCommand])];

/// The command.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The command and its arguments, or a line of shell
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

/// Becomes the command.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if let [line] = args.command.as_slice()
        && local_command::is_shell(&args.command)
        && let Some(line) = line.to_str()
    {
        if context.options.dry_run {
            return context.terminal.print_lines(&format!("{line}\n"));
        }
        return Err(CommandLine::in_shell(line)?.exec());
    }
    let folder = env::current_dir().context(|| "cannot tell the current folder")?;
    local_command::exec(context, &args.command, &folder)
}
