//! Making a backup of a database at Heroku.

use std::time::{Duration, Instant};

use super::transfer::Running;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{self, ApiError, Client, DatabaseAttachment, DatabaseInfo, Transfer};
use crate::hint::Hint;
use crate::terminal::Terminal;
use crate::{duration, text};

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The backup.
    pub backup: Transfer,
    /// How long it took.
    pub took: Duration,
}

/// The data API's information about a database; exit 1, with what to do, where it is not provisioned yet. `data` is a client
/// [`Client::for_data`].
pub fn info(data: &Client, database: &DatabaseAttachment) -> Result<DatabaseInfo> {
    data.database(&database.addon).map_err(|error| {
        if error.downcast_ref::<ApiError>().is_none_or(|refusal| refusal.status != 404) {
            return error;
        }
        Error::failed(format!("{} is not provisioned yet", database.addon.name))
            .hint_about(&database.addon.app.name, ["addons:wait"])
    })
}

/// Makes a backup, waits for its end and says how large it is. Exit 1 where it failed, 6 after `timeout`.
pub fn capture(
    data: &Client,
    context: &Context,
    database: &DatabaseAttachment,
    timeout: Duration,
) -> Result<Captured> {
    let (begun, terminal) = (Instant::now(), &context.terminal);
    let asked: Transfer = data.change(&heroku::capture(&database.addon)).map_err(|error| {
        if error.may_have_been_done() {
            return error
                .context("the backup may have been begun all the same")
                .hint_about(&database.addon.app.name, ["pg:backups"]);
        }
        error
    })?;
    let running = Running { app: database.addon.app.name.clone(), transfer: asked };
    terminal.status(&format!("backing up {database} to {}", running.transfer.name()));
    let backup = running.wait(data, context, timeout)?;
    let took = begun.elapsed();
    let size = text::size(backup.processed_bytes.unwrap_or_default());
    terminal.status(&format!("{}: {size} in {}", backup.name(), duration::elapsed(took)));
    if let Some(warnings @ 1..) = backup.warnings {
        terminal.warn(&format!("{} has {warnings} warnings", backup.name()));
        context.hint(Hint::about(&running.app, ["pg:backups:info".to_owned(), backup.name()]));
    }
    Ok(Captured { backup, took })
}

/// Warns where backups like this one are likely to fail: Heroku backs this database up itself.
pub fn warn_if_protected(terminal: &Terminal, info: &DatabaseInfo) {
    if info.value("Continuous Protection").is_some_and(|value| value.contains("On")) {
        terminal.detail(|| {
            "continuous protection is on for this database; a backup of a large one is likely to fail"
                .to_owned()
        });
    }
}
