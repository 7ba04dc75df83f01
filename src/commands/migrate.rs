//! `staging migrate`: migrates the database on a one-off dyno, and then restarts the app.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::fallback::Fallback;
use crate::forward;
use crate::framework::{self, Place, Task, TaskCommand};
use crate::heroku::{self, ApiError};
use crate::model::{AppName, DynoSelection};
use crate::one_off::{self, SessionOptions};

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
    let TaskCommand { words, reason } =
        Task::Migrate.command(Place::Dyno, context.config()?, &root, &args.arguments)?;
    let app = context.target()?.one_app()?;
    context.terminal.detail(|| reason);
    if let Some(release) = framework::migrating_release(&root) {
        context.terminal.status(&format!(
            "the release phase migrates already ({release}); this applies what is pending all the same, such as after a \
             restore"
        ));
    }
    let migrated = one_off::run(context, app, &args.session.request(words));
    if let Err(error) = migrated {
        return match error.downcast_ref::<Fallback>().and_then(|fallback| fallback.arguments.as_deref()) {
            Some(arguments) => by_heroku_cli(context, app, arguments, args, &error),
            None => Err(failed(context, app, args, error)),
        };
    }
    if args.no_restart { Ok(()) } else { restart(context, app) }
}

/// Says of a migration that failed that the app was not restarted.
fn failed(context: &Context, app: &AppName, args: &Args, error: Error) -> Error {
    let outcome = match error.kind() {
        // Nobody reads its output any more, so nobody knows how it ended.
        Kind::Silent(0) => return Error::failed("stdout was closed before the migration had ended"),
        Kind::Silent(code) => format!("the migration ended with exit code {code}"),
        // Heroku refused to make the dyno.
        _ if error.downcast_ref::<ApiError>().is_some() || args.no_restart => return error,
        Kind::Failed | Kind::TimedOut => {
            return error.hint(context.command(["ps:restart"]).note("once the migration has succeeded"));
        }
        _ => return error,
    };
    let kept = if args.no_restart { String::new() } else { format!("; {app} was not restarted") };
    context.terminal.status(&(outcome + &kept));
    error
}

/// Restarts the app's dynos, or prints the request in a dry run.
fn restart(context: &Context, app: &AppName) -> Result<()> {
    let client = context.heroku()?;
    let change = heroku::restart_dynos(app, &DynoSelection::All);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&change)));
    }
    let restarted = {
        let _progress = context.terminal.progress(format!("the restart of {app}"));
        client.change::<serde_json::Value>(&change)
    };
    restarted.map_err(|error| {
        let error = error.context(format!("the migration succeeded, but {app} was not restarted"));
        error.hint(context.command(["ps:restart"]))
    })?;
    context.terminal.status(&format!("restarting all dynos on {app}"));
    Ok(())
}

/// The same by the Heroku CLI, where its dynos can only be reached with that.
fn by_heroku_cli(
    context: &Context,
    app: &AppName,
    arguments: &[OsString],
    args: &Args,
    reason: &Error,
) -> Result<()> {
    context.terminal.detail(|| reason.to_string());
    let migrated = forward::run_and_wait(context, "run", arguments);
    migrated.map_err(|error| failed(context, app, args, error))?;
    if args.no_restart { Ok(()) } else { forward::run(context, "ps:restart".as_ref(), &[], &[]) }
}
