//! The database that is restored into, beside the one that it will replace. It is removed unless it takes its place.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::beside::Beside;
use super::facts::{Facts, Locale, MAINTENANCE, drop_database};
use crate::error::Result;
use crate::postgres::client::{Client, identifier, literal};

/// A database that is being restored into. Dropping it removes it from the server.
#[derive(Debug)]
pub(super) struct Fresh<'a> {
    /// Its name.
    pub name: String,
    client: Client<'a>,
    is_kept: bool,
}

/// The start of the comment on each such database. One without it that has tables belongs to somebody else.
const MARK: &str = "greenroom: being restored for ";

impl<'a> Fresh<'a> {
    /// Makes an empty one, with the owner and the locale of the one that it will replace.
    ///
    /// Its encoding is UTF-8, as Heroku's are: another one may lack characters that are in the dump.
    pub(super) fn create(client: &Client<'a>, facts: &Facts) -> Result<Self> {
        let name = Beside::Restore.name(&client.database.name, Timestamp::now());
        // Anything from here on may have to be removed.
        let fresh = Self { name, client: Client { interrupts: None, ..*client }, is_kept: false };
        let quoted = identifier(&fresh.name);
        let owner = facts.database.as_ref().map(|old| format!(" owner {}", identifier(&old.owner)));
        let locale = facts.database.as_ref().map_or(&facts.template, |old| &old.locale);
        let (owner, locale) = (owner.unwrap_or_default(), options(locale));
        client.execute(
            MAINTENANCE,
            &format!("create database {quoted}{owner} template template0 encoding 'UTF8'{locale};"),
        )?;
        let mark = literal(&format!("{MARK}{}", client.database.name));
        client.execute(MAINTENANCE, &format!("comment on database {quoted} is {mark};"))?;
        Ok(fresh)
    }

    /// Leaves it on the server: it has taken the place of the other one.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Fresh<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed now is removed by the next restore.
            _ = drop_database(&self.client, &self.name);
        }
    }
}

/// The options of CREATE DATABASE for a locale, where it can have the encoding UTF-8.
fn options(locale: &Locale) -> String {
    if locale.encoding != "UTF8" {
        return " lc_collate 'C' lc_ctype 'C'".to_owned();
    }
    let mut options = format!(" lc_collate {} lc_ctype {}", literal(&locale.collate), literal(&locale.ctype));
    match (locale.provider.as_deref(), &locale.name) {
        (Some("i"), Some(name)) => {
            _ = write!(options, " locale_provider icu icu_locale {}", literal(name));
        }
        (Some("b"), Some(name)) => {
            _ = write!(options, " locale_provider builtin builtin_locale {}", literal(name));
        }
        _ => {}
    }
    options
}

/// Removes what restores of this database have left that were killed. A database of such a name that is not marked as
/// one, and not empty, is left. Returns the names of those that were removed.
pub(super) fn remove_leftovers(client: &Client<'_>) -> Result<Vec<String>> {
    let database = &client.database.name;
    end_orphans(client)?;
    let named: Vec<(String, Option<String>)> = client.query(
        MAINTENANCE,
        &format!(
            "select coalesce(jsonb_agg(jsonb_build_array(datname, shobj_description(oid, 'pg_database'))), '[]') \
             from pg_database where starts_with(datname::text, {}) and (pg_has_role(datdba, 'member'))",
            literal(&Beside::Restore.prefix(database))
        ),
    )?;
    let mut removed = Vec::new();
    for (name, comment) in named {
        if Beside::Restore.time(database, &name).is_none() {
            continue;
        }
        let is_marked = comment.is_some_and(|comment| comment.starts_with(MARK));
        // Killed before it could be marked, it is empty.
        if is_marked || is_empty(client, &name)? {
            drop_database(client, &name)?;
            removed.push(name);
        }
    }
    Ok(removed)
}

/// Ends what killed restores of this database have left running in the server. Whoever calls this holds the lock, so that
/// nobody else's is among it.
fn end_orphans(client: &Client<'_>) -> Result<()> {
    let database = &client.database.name;
    let [restore, before] = [Beside::Restore, Beside::Before].map(|what| literal(&what.prefix(database)));
    client.execute(
        MAINTENANCE,
        &format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'greenroom' \
             and usename = current_user and pid <> pg_backend_pid() and datname = {} \
             and (strpos(query, {restore}) > 0 or strpos(query, {before}) > 0);",
            literal(MAINTENANCE)
        ),
    )
}

fn is_empty(client: &Client<'_>, name: &str) -> Result<bool> {
    client.query(
        name,
        "select to_json(not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'))",
    )
}
