//! `staging migrate`: migrates the database on a one-off dyno, and then restarts the app.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Result;
use crate::framework;
use crate::migration::Migration;
use crate::one_off::SessionOptions;

pub use crate::one_off::TASK_VALUES as VALUES;

/// One line of help.
pub const ABOUT: &str = "Migrate the database on a one-off dyno, then restart the app";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging migrate
  staging migrate --no-restart
  staging migrate VERSION=20261201093000    the arguments go to the migration
  production --dry-run migrate              print both requests, with the command

The command is `migrate` in [commands] of greenroom.toml, else the Procfile's process type migrate, else that of Rails,
Django, Phoenix, Laravel, or Node with Prisma, Knex or Sequelize.

The app is restarted only after a migration that succeeded; the exit code of one that failed is its own.";

/// The Heroku CLI has no such command.
pub const HEROKU: &[&str] = &[];

/// The dyno, the migration's arguments, and whether the app is restarted.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    session: SessionOptions,

    /// Do not restart the app afterwards
    #[arg(long)]
    no_restart: bool,

    /// The migration's own arguments; options among them follow --
    #[arg(value_name = "ARGS", trailing_var_arg = true)]
    arguments: Vec<OsString>,
}

/// Migrates, and restarts the app after success.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let root = context.root()?.unwrap_or_default();
    let request = |words| args.session.request(words);
    let migration = Migration::of(context, &args.arguments, !args.no_restart, request)?;
    let app = context.target()?.one_app()?;
    if let Some(release) = framework::migrating_release(&root) {
        context.terminal.status(&format!(
            "the release phase migrates already ({release}); this applies what is pending all the same, such as after a \
             restore"
        ));
    }
    migration.run(context, app)
}
