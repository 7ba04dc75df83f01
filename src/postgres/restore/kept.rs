//! The databases that restores have replaced: they stay on the server until somebody removes them.

use jiff::Timestamp;
use serde::Deserialize;

use super::beside::Beside;
use super::facts::{Facts, MAINTENANCE, drop_database};
use super::preflight;
use super::swap::{Attributes, Rename, exchange};
use crate::error::{Error, Result};
use crate::postgres::client::{Client, literal};
use crate::postgres::local::LocalDatabase;
use crate::postgres::lock::Lock;
use crate::postgres::tools;

/// A database that a restore has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDatabase {
    /// Its name.
    pub name: String,
    /// When it was replaced.
    pub replaced: Timestamp,
    /// Its size in bytes.
    pub size: u64,
    comment: Option<String>,
}

/// The first line of the comment on each kept database. The comment that it had follows.
const MARK: &str = "greenroom: replaced by a restore";

#[derive(Deserialize)]
struct Row {
    name: String,
    size: u64,
    comment: Option<String>,
}

/// The comment of a database that is being replaced.
pub(super) fn marked(comment: Option<&str>) -> String {
    comment.map_or_else(|| MARK.to_owned(), |comment| format!("{MARK}\n{comment}"))
}

impl KeptDatabase {
    /// Those that were kept of the client's database, the newest first.
    pub fn all(client: &Client<'_>) -> Result<Vec<Self>> {
        let database = &client.database.name;
        let rows: Vec<Row> = client.query(
            MAINTENANCE,
            &format!(
                "select coalesce(jsonb_agg(jsonb_build_object('name', datname, 'size', pg_database_size(oid), \
                 'comment', shobj_description(oid, 'pg_database'))), '[]') \
                 from pg_database where starts_with(datname::text, {}) and pg_has_role(datdba, 'member')",
                literal(&Beside::Before.prefix(database))
            ),
        )?;
        let kept = rows.into_iter().filter_map(|Row { name, size, comment }| {
            let replaced = Beside::Before.time(database, &name)?;
            let is_ours = comment.as_deref().is_some_and(|comment| comment.starts_with(MARK));
            is_ours.then_some(Self { name, replaced, size, comment })
        });
        let mut kept: Vec<Self> = kept.collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.replaced));
        Ok(kept)
    }

    /// Removes it from the server for good.
    pub fn remove(&self, client: &Client<'_>) -> Result<()> {
        drop_database(client, &self.name)
    }

    /// The comment that it had.
    fn own_comment(&self) -> Option<String> {
        self.comment.as_deref()?.strip_prefix(MARK)?.strip_prefix('\n').map(str::to_owned)
    }
}

/// A time for the name of a kept database, which none of these has.
pub(super) fn free_time(kept: &[KeptDatabase]) -> Timestamp {
    let now = Timestamp::now();
    let newest = kept.iter().map(|kept| kept.replaced.as_second()).max().unwrap_or(0);
    let second = now.as_second().max(newest + 1);
    Timestamp::from_second(second).unwrap_or(now)
}

/// The databases that restores of this one have replaced, the newest first.
pub fn kept_databases(database: &LocalDatabase) -> Result<Vec<KeptDatabase>> {
    let installed = tools::installed();
    KeptDatabase::all(&Client { database, tools: tools::any(&installed)?, interrupts: None })
}

/// Removes databases that restores have replaced, for good.
pub fn remove(database: &LocalDatabase, kept: &[KeptDatabase]) -> Result<()> {
    let installed = tools::installed();
    let client = Client { database, tools: tools::any(&installed)?, interrupts: None };
    kept.iter().try_for_each(|kept| kept.remove(&client))
}

/// Puts the database back that the last restore has replaced, and keeps the present one in its stead. Returns the one
/// that is back, and the name that the present one has now.
pub fn undo(database: &LocalDatabase, dry_run: bool) -> Result<(KeptDatabase, Option<String>)> {
    let installed = tools::installed();
    let client = Client { database, tools: tools::any(&installed)?, interrupts: None };
    let facts = Facts::ask(&client)?;
    preflight::check_server(&facts, database)?;
    let _lock = Lock::take(database)?;
    let present = facts.database.is_some();
    let comment =
        if present { Attributes::of(&client, &database.name)?.comment().map(str::to_owned) } else { None };
    put_back(&client, comment.as_deref(), present, dry_run)
}

/// Puts the newest kept database back in its place, and keeps the present one in the same way. Returns both names: of the
/// one that is back, and of the one that is kept now.
///
/// With `dry_run` nothing is done.
fn put_back(
    client: &Client<'_>,
    comment: Option<&str>,
    is_there: bool,
    dry_run: bool,
) -> Result<(KeptDatabase, Option<String>)> {
    let database = &client.database.name;
    let kept = KeptDatabase::all(client)?;
    let time = free_time(&kept);
    let Some(newest) = kept.into_iter().next() else {
        return Err(Error::failed(format!(
            "no restore of {database} can be undone: no earlier database is kept"
        )));
    };
    let aside = is_there.then(|| Beside::Before.name(database, time));
    let mut renames: Vec<Rename<'_>> = Vec::new();
    let mut comments: Vec<(&str, Option<String>)> = Vec::new();
    if let Some(aside) = &aside {
        renames.push(Rename { from: database, to: aside });
        comments.push((aside, Some(marked(comment))));
    }
    renames.push(Rename { from: &newest.name, to: database });
    comments.push((database, newest.own_comment()));
    if !dry_run {
        exchange(client, &renames, None, &comments)?;
    }
    Ok((newest, aside))
}
