//! `development migrate`: migrates this machine's database.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Result;
use crate::framework::Task;
use crate::local_command;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Migrate the database on this machine";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development migrate
  development migrate VERSION=20261201093000    the arguments go to the migration
  development --dry-run migrate                 print the command

The command is `migrate` in [commands] of greenroom.toml, else the Procfile's process type migrate, else that of Rails,
Django, Phoenix, Laravel, or Node with Prisma, Knex or Sequelize.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// Nothing is known of the migration's arguments.
pub const VALUES: Values = &[("arguments", &[Words::Free])];

/// The migration's arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The migration's own arguments; options among them follow --
    #[arg(value_name = "ARGS", trailing_var_arg = true)]
    arguments: Vec<OsString>,
}

/// Becomes the migration.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    local_command::exec_task(context, Task::Migrate, &args.arguments)
}
