//! The project's migration on a one-off dyno of an app, and the restart that follows it.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::fallback::Fallback;
use crate::forward;
use crate::framework::{Place, Task, TaskCommand};
use crate::heroku::{self, ApiError};
use crate::model::{AppName, DynoSelection};
use crate::one_off::{self, Request};

/// A migration that is known, and was not begun.
#[derive(Clone, Debug)]
pub struct Migration {
    request: Request,
    restart: bool,
}

impl Migration {
    /// The migration of the project, with these arguments after it; exit 2 where nothing names one. `request` makes of its
    /// words what is run, `restart` says whether the app is restarted after it.
    pub fn of(
        context: &Context,
        arguments: &[OsString],
        restart: bool,
        request: impl FnOnce(Vec<OsString>) -> Request,
    ) -> Result<Self> {
        let root = context.root()?.unwrap_or_default();
        let TaskCommand { words, reason } =
            Task::Migrate.command(Place::Dyno, context.config()?, &root, arguments)?;
        context.terminal.detail(|| reason);
        Ok(Self { request: request(words), restart })
    }

    /// The same as a step of something else: it gets no input, and what it writes goes to stderr.
    pub fn step(context: &Context) -> Result<Self> {
        let step =
            |words| Request { words, no_tty: true, no_notify: true, is_script: true, ..Request::default() };
        Self::of(context, &[], true, step)
    }

    /// Migrates, and restarts the app after success. In a dry run it prints the requests.
    pub fn run(&self, context: &Context, app: &AppName) -> Result<()> {
        if let Err(error) = one_off::run(context, app, &self.request) {
            let fallback = error.downcast_ref::<Fallback>();
            return match fallback.and_then(|fallback| fallback.arguments.as_deref()) {
                Some(arguments) => self.by_heroku_cli(context, app, arguments, &error),
                None => Err(self.failed(context, app, error)),
            };
        }
        if self.restart { restart(context, app) } else { Ok(()) }
    }

    /// The requests, as lines that can be pasted.
    pub fn describe(&self, context: &Context, app: &AppName) -> Result<Vec<String>> {
        let restart = || context.heroku().map(|client| client.describe_change(&restarting(app)));
        let lines =
            [Some(one_off::describe(context, app, &self.request)?), self.restart.then(restart).transpose()?];
        Ok(lines.into_iter().flatten().collect())
    }

    /// Says of a migration that failed that the app was not restarted.
    fn failed(&self, context: &Context, app: &AppName, error: Error) -> Error {
        let outcome = match error.kind() {
            // Nobody reads its output any more, so nobody knows how it ended.
            Kind::Silent(0) => return Error::failed("stdout was closed before the migration had ended"),
            Kind::Silent(code) => format!("the migration ended with exit code {code}"),
            // Heroku refused to make the dyno.
            _ if error.downcast_ref::<ApiError>().is_some() || !self.restart => return error,
            Kind::Failed | Kind::TimedOut => {
                return error.hint(context.command(["ps:restart"]).note("once the migration has succeeded"));
            }
            _ => return error,
        };
        let kept = if self.restart { format!("; {app} was not restarted") } else { String::new() };
        context.terminal.status(&(outcome + &kept));
        error
    }

    /// The same by the Heroku CLI, where its dynos can only be reached with that.
    fn by_heroku_cli(
        &self,
        context: &Context,
        app: &AppName,
        arguments: &[OsString],
        reason: &Error,
    ) -> Result<()> {
        context.terminal.detail(|| reason.to_string());
        let migrated = forward::run_and_wait(context, "run", arguments);
        migrated.map_err(|error| self.failed(context, app, error))?;
        match (self.restart, self.request.is_script) {
            (false, _) => Ok(()),
            // The CLI would take the place of this process.
            (true, true) => restart(context, app),
            (true, false) => forward::run(context, "ps:restart".as_ref(), &[], &[]),
        }
    }
}

fn restarting(app: &AppName) -> heroku::Change {
    heroku::restart_dynos(app, &DynoSelection::All)
}

/// Restarts the app's dynos, or prints the request in a dry run.
fn restart(context: &Context, app: &AppName) -> Result<()> {
    let client = context.heroku()?;
    let change = restarting(app);
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
