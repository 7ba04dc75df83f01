//! The dump that a restore on this machine takes from Heroku: the newest backup of a database, a named one, or a new one.
//! A download is kept, so that it is not made twice, and can be used without a network.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::download::{self, Download};
use super::dumps::KeptDump;
use super::find_backup::{self, Backups};
use super::{attachment, capture, transfer};
use crate::context::Context;
use crate::duration;
use crate::error::{Error, Kind, Result};
use crate::heroku::{self, ApiError, Client, DatabaseAttachment, Transfer};
use crate::hint::Hint;
use crate::model::AppName;
use crate::text::size;

/// Which backup is wanted.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The app.
    pub app: &'a AppName,
    /// Its database; none is `DATABASE_URL`.
    pub attachment: Option<&'a str>,
    /// The backup's name, such as `b042`; none is the newest one.
    pub backup: Option<&'a str>,
    /// Whether a new one is made first.
    pub fresh: bool,
    /// Whether it is downloaded again.
    pub without_cache: bool,
    /// How long a new one is waited for.
    pub timeout: Duration,
}

/// A backup that is on this machine.
#[derive(Debug)]
pub struct Fetched {
    /// The file.
    pub file: PathBuf,
    /// Its name.
    pub backup: String,
    /// The app that it belongs to.
    pub app: AppName,
    /// The size of the database that was dumped, in bytes.
    pub expected: Option<u64>,
}

impl Wanted<'_> {
    /// Finds the backup and downloads it, unless it is here already. Exit 1 where there is none.
    ///
    /// Where Heroku does not answer, a kept dump of that name is taken, with a warning; otherwise the error names the
    /// newest one that is kept.
    pub fn fetch(&self, context: &Context) -> Result<Fetched> {
        self.ask_heroku(context).or_else(|error| self.without_heroku(context, error))
    }

    /// The lines that tell what [`fetch`](Self::fetch) would do.
    pub fn describe(&self, context: &Context) -> Result<Vec<String>> {
        let client = context.heroku()?;
        let data = client.for_data()?;
        let database = attachment::resolve(client, self.app, self.attachment)?;
        if self.fresh {
            return Ok(vec![data.describe_change(&heroku::capture(&database.addon))]);
        }
        let backup = self.find(client, &data, &database)?;
        let owner = &database.addon.app.name;
        let file = download::kept(owner, &backup.name(), &backup.uuid)?;
        let what = described(&database, &backup);
        let verb = if file.is_file() && !self.without_cache { "take" } else { "download" };
        Ok(vec![format!("{verb} {what} as {}", file.display())])
    }

    fn ask_heroku(&self, context: &Context) -> Result<Fetched> {
        let client = context.heroku()?;
        let data = client.for_data()?;
        let database = attachment::resolve(client, self.app, self.attachment)?;
        let owner = &database.addon.app.name;
        let backup = if self.fresh {
            capture::warn_if_protected(&context.terminal, &capture::info(&data, &database)?);
            capture::capture(&data, context, &database, self.timeout)?.backup
        } else {
            self.find(client, &data, &database)?
        };
        context.terminal.status(&described(&database, &backup));
        let name = backup.name();
        let file = download::kept(owner, &name, &backup.uuid)?;
        if file.is_file() && !self.without_cache {
            context.terminal.status(&format!("{name} is on this machine already"));
        } else {
            let what = format!("{name} of {owner}");
            let download = Download { client: &data, terminal: &context.terminal, what: &what };
            download.to_file(&file, || data.signed_url(owner, &backup))?;
        }
        Ok(Fetched { file, backup: name, app: owner.clone(), expected: backup.source_bytes })
    }

    fn find(&self, client: &Client, data: &Client, database: &DatabaseAttachment) -> Result<Transfer> {
        let owner = &database.addon.app.name;
        match self.backup {
            Some(name) => find_backup::named(data.transfers(owner)?, owner, name),
            None => Backups::of(client, data, database)?.newest(),
        }
    }

    /// The dump that is kept, where Heroku gave no answer at all.
    fn without_heroku(&self, context: &Context, error: Error) -> Result<Fetched> {
        let has_answered = error.downcast_ref::<ApiError>().is_some();
        let is_over = matches!(error.kind(), Kind::Silent(_) | Kind::Usage | Kind::Refused);
        let kept: Vec<KeptDump> = KeptDump::downloads()
            .into_iter()
            .filter(|dump| dump.app.as_deref() == Some(self.app.as_ref()))
            .collect();
        if has_answered || is_over || self.fresh || kept.is_empty() {
            return Err(error);
        }
        let named = |dump: &&KeptDump| {
            self.backup.is_some_and(|name| dump.name.split('-').next() == Some(&*name.to_ascii_lowercase()))
        };
        let ago = |dump: &KeptDump| duration::rough(Timestamp::now().duration_since(dump.made).as_secs());
        if let Some(dump) = kept.iter().find(named).filter(|_| !self.without_cache) {
            context.terminal.warn(&format!("{error}; taking the dump that was downloaded {} ago", ago(dump)));
            let backup = dump.name.split('-').next().unwrap_or_default().to_owned();
            return Ok(Fetched { file: dump.file.clone(), backup, app: self.app.clone(), expected: None });
        }
        let Some(newest) = kept.first() else { return Err(error) };
        let line: Vec<&std::ffi::OsStr> =
            vec!["development".as_ref(), "restore".as_ref(), newest.file.as_os_str()];
        Err(error.hint(Hint::line(line).note(format!("what was downloaded {} ago", ago(newest)))))
    }
}

/// `b042: DATABASE of playhouse-production, 46.00MB, made 3 h ago`.
fn described(database: &DatabaseAttachment, backup: &Transfer) -> String {
    let bytes = backup.processed_bytes.map(|bytes| format!(", {}", size(bytes))).unwrap_or_default();
    let finished = backup.finished_at.as_deref().unwrap_or(&backup.created_at);
    let made =
        transfer::age(finished, Timestamp::now()).map(|age| format!(", made {age} ago")).unwrap_or_default();
    format!("{}: {database}{bytes}{made}", backup.name())
}

/// Asks whether the oldest downloads are removed where all of them take more than this many bytes; off a terminal it says
/// how. The files that were just used stay.
pub fn bound(context: &Context, limit: u64, used: &[&std::path::Path]) -> Result<()> {
    let all = KeptDump::downloads();
    let mut total: u64 = all.iter().map(|dump| dump.size).sum();
    let taken = total;
    let mut old = Vec::new();
    for dump in all.iter().rev().filter(|dump| !used.contains(&&*dump.file)) {
        if total <= limit {
            break;
        }
        total -= dump.size;
        old.push(dump);
    }
    if old.is_empty() {
        return Ok(());
    }
    let (terminal, count) = (&context.terminal, crate::terminal::counted(old.len(), "dump"));
    terminal.status(&format!("downloaded dumps take {}, more than {}", size(taken), size(limit)));
    if !terminal.can_ask() {
        terminal.hint(
            context
                .command(["backups", "--prune"])
                .note("removes them, with the databases that were replaced"),
        );
        return Ok(());
    }
    if terminal.confirm(&format!("Remove the oldest {count}, {}?", size(taken - total)))? {
        for dump in old {
            fs::remove_file(&dump.file)?;
        }
        terminal.status(&format!("removed {count}"));
    }
    Ok(())
}
