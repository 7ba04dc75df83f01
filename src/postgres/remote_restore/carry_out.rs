//! Carrying a restore out: backups first, then the restore, and what follows it.

use serde_json::Value;

use super::plan::{Plan, described};
use super::{After, Clients, RestoreRequest};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{self, DatabaseAttachment, Transfer};
use crate::hint::Hint;
use crate::interrupts::Interrupts;
use crate::model::{AppName, DynoSelection};
use crate::postgres::capture;
use crate::postgres::transfer::Running;
use crate::release::Maintenance;

/// A restore that succeeded.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The app whose database was restored into.
    pub app: AppName,
    /// The attachment of the database.
    pub database: String,
    /// The app that the backup is from.
    pub source: AppName,
    /// The backup.
    pub backup: Transfer,
    /// The restore.
    pub restore: Transfer,
    /// The backup of what was there before, if there is one.
    pub before: Option<String>,
}

/// Does what the plan says, step by step. Maintenance mode ends with it, however it ends.
pub(super) fn carry_out(
    context: &Context,
    clients: &Clients<'_>,
    plan: Plan,
    request: &RestoreRequest,
    after: &After<'_>,
) -> Result<Restored> {
    let (client, data) = (clients.platform, clients.data);
    let (from, to) = (&plan.from.attachment, &plan.to.attachment);
    let timeout = request.wait_timeout;
    let backup = match plan.backup {
        Some(backup) => backup,
        None => capture::capture(data, context, from, timeout)?.backup,
    };
    let app = to.app.name.clone();
    let maintained: &[&AppName] = if request.maintenance { &[&app] } else { &[] };
    let maintenance = Maintenance::begin(client, &context.terminal, maintained)?;
    let before =
        if request.keep { Some(capture::capture(data, context, to, timeout)?.backup.name()) } else { None };
    // An interrupt between these two requests would leave an empty database. Once the restore is under way, it ends the
    // waiting only.
    let interrupts = Interrupts::listen()?;
    if let Some(code) = interrupts.code() {
        return Err(Error::silent(code));
    }
    if request.reset {
        data.change::<Value>(&heroku::reset_database(&to.addon)).map_err(|error| {
            way_back(context, &app, request.database.as_deref(), before.as_deref(), error)
        })?;
        context.terminal.status(&format!("{to} was emptied"));
    }
    context.terminal.status(&format!("restoring {} into {to}", described(&backup)));
    let asked =
        data.change::<Transfer>(&heroku::restore_backup(&to.addon, Some(&backup))).map_err(|error| {
            let error = if error.may_have_been_done() {
                error.context("the restore may have been begun all the same").hint_about(&app, ["pg:backups"])
            } else {
                error
            };
            way_back(context, &app, request.database.as_deref(), before.as_deref(), error)
        })?;
    let running = Running { app: to.addon.app.name.clone(), transfer: asked };
    let restore = running
        .wait(data, context, timeout)
        .map_err(|error| way_back(context, &app, request.database.as_deref(), before.as_deref(), error))?;
    drop(interrupts);
    if let Some(warnings @ 1..) = restore.warnings {
        context
            .terminal
            .warn(&format!("{} has {warnings} warnings: something may be missing", restore.name()));
        context.hint(Hint::about(&running.app, ["pg:backups"]));
    }
    follow(context, to, &backup, after).map_err(|error| {
        if matches!(error.kind(), Kind::Silent(_))
            && let Some(before) = &before
        {
            // Nothing is printed of an interrupt itself.
            context.hint(undo(context, &app, request.database.as_deref(), before));
        }
        way_back(context, &app, request.database.as_deref(), before.as_deref(), error)
    })?;
    if request.restart {
        client.change::<Value>(&heroku::restart_dynos(&app, &DynoSelection::All)).map_err(|error| {
            error
                .context(format!("the restore succeeded, but {app} was not restarted"))
                .hint(context.command(["ps:restart"]))
        })?;
        context.terminal.status(&format!("restarting all dynos on {app}"));
    }
    maintenance.end()?;
    context.terminal.status(&format!("{to} has the data of {}", described(&backup)));
    if let Some(before) = &before {
        context.hint(
            undo(context, &app, request.database.as_deref(), before)
                .note("brings the data back that was there before"),
        );
    }
    Ok(Restored {
        database: to.name.clone(),
        source: from.addon.app.name.clone(),
        app,
        backup,
        restore,
        before,
    })
}

/// Runs what follows: the hooks, then the migration.
fn follow(context: &Context, to: &DatabaseAttachment, backup: &Transfer, after: &After<'_>) -> Result<()> {
    let hooks = after.hooks.as_ref().map_or(Ok(()), |hooks| hooks.run(context, to));
    let done = hooks
        .and_then(|()| after.afterwards.map_or(Ok(()), |afterwards| afterwards.run(context, &to.app.name)));
    done.map_err(|error| {
        let told = format!("{to} has the data of {}, and what follows was not done", backup.name());
        match error.kind() {
            Kind::Silent(129 | 130 | 143) => {
                context.terminal.status(&format!("interrupted: {told}"));
                error
            }
            // What it said was shown as it came.
            Kind::Silent(code) => {
                Error::failed(format!("the migration ended with exit code {code}")).context(told)
            }
            _ => error.context(told),
        }
    })
}

/// The error, with the way back to what was there before.
fn way_back(
    context: &Context,
    app: &AppName,
    database: Option<&str>,
    before: Option<&str>,
    error: Error,
) -> Error {
    match before {
        Some(before) => error
            .hint(undo(context, app, database, before).note("brings the data back that was there before")),
        None => error,
    }
}

/// The line that restores the target from its backup.
fn undo(context: &Context, app: &AppName, database: Option<&str>, backup: &str) -> Hint {
    let database = database.into_iter().flat_map(|database| ["--database", database]);
    context.command(["restore", app.as_ref(), "--backup", backup].into_iter().chain(database))
}
