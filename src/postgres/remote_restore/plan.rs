//! What a restore would do, as it is shown before anything is done.

use std::fmt;

use jiff::Timestamp;

use super::RestoreRequest;
use crate::context::Context;
use crate::heroku::{self, Client, DatabaseAttachment, DatabaseInfo, Transfer};
use crate::model::DynoSelection;
use crate::postgres::transfer;
use crate::{confirm, text};

/// A database at one end.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) attachment: DatabaseAttachment,
    pub(super) info: DatabaseInfo,
}

/// A restore that was not begun.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) from: End,
    pub(super) to: End,
    /// The backup; none is one that is yet to be made.
    pub(super) backup: Option<Transfer>,
    /// Whether the target is backed up first.
    pub(super) keep: bool,
    /// Whether the target is emptied first.
    pub(super) reset: bool,
}

impl End {
    /// `DATABASE, postgresql-curved-12346 (essential-0, PostgreSQL 15.18)`.
    fn told(&self) -> String {
        let DatabaseAttachment { name, addon, .. } = &self.attachment;
        let version = self.info.value("PG Version").map(|version| format!(", PostgreSQL {version}"));
        format!("{name}, {} ({}{})", addon.name, self.attachment.plan(), version.unwrap_or_default())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (&self.from.attachment.app.name, &self.to.attachment.app.name);
        let width = from.as_ref().len().max(to.as_ref().len());
        writeln!(f, "from {:width$}  {}", from.as_ref(), self.from.told())?;
        match &self.backup {
            Some(backup) => writeln!(f, "     {}", described(backup))?,
            None => writeln!(f, "     a backup that is made first")?,
        }
        writeln!(f, "to   {:width$}  {}", to.as_ref(), self.to.told())?;
        let size = self.to.info.value("Data Size").unwrap_or("of unknown size");
        let replaced = if self.reset { "is removed" } else { "is replaced where the backup has it too" };
        let kept = if self.keep { "backed up first" } else { "NOT backed up" };
        write!(f, "     its data ({size}) {replaced}; {kept}")
    }
}

/// `b001, 4 days old, 46.00MB of a database of 92.00MB`.
pub(super) fn described(backup: &Transfer) -> String {
    let made = backup.finished_at.as_deref().unwrap_or(&backup.created_at);
    let age = transfer::age(made, Timestamp::now());
    let age = age.map_or_else(|| made.to_owned(), |age| format!("{age} old"));
    let size = text::size(backup.processed_bytes.unwrap_or_default());
    let whole = backup.source_bytes.filter(|bytes| *bytes > 0);
    let whole = whole.map(|bytes| format!(" of a database of {}", text::size(bytes))).unwrap_or_default();
    format!("{}, {age}, {size}{whole}", backup.name())
}

impl Plan {
    /// Warns of what the data brings with it.
    pub(super) fn warn(&self, context: &Context) {
        let (from, to) = (&self.from.attachment.app.name, &self.to.attachment.app.name);
        if from != to && confirm::is_protected(context, from) {
            context.terminal.warn(&format!(
                "the data of {from} may be that of real people: what {to} sends from now on may reach them"
            ));
        }
    }

    /// The requests in their order, as lines that can be pasted: of the Platform API, and of the data API.
    /// `after` are the lines of what follows it.
    pub(super) fn requests(
        &self,
        client: &Client,
        data: &Client,
        request: &RestoreRequest,
        after: Vec<String>,
    ) -> Vec<String> {
        let (from, to, app) =
            (&self.from.attachment.addon, &self.to.attachment.addon, &self.to.attachment.app.name);
        let maintenance = |on| client.describe_change(&heroku::set_maintenance(app.as_ref(), on));
        let before = [
            self.backup.is_none().then(|| data.describe_change(&heroku::capture(from))),
            request.maintenance.then(|| maintenance(true)),
            request.keep.then(|| data.describe_change(&heroku::capture(to))),
            request.reset.then(|| data.describe_change(&heroku::reset_database(to))),
            Some(data.describe_change(&heroku::restore_backup(to, self.backup.as_ref()))),
        ];
        let last = [
            request.restart.then(|| client.describe_change(&heroku::restart_dynos(app, &DynoSelection::All))),
            request.maintenance.then(|| maintenance(false)),
        ];
        before.into_iter().flatten().chain(after).chain(last.into_iter().flatten()).collect()
    }
}
