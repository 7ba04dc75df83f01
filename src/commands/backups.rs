//! `staging backups`: lists the backups of the app's databases, and what was restored and copied.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::heroku::{Transfer, TransferKind};
use crate::model::AppName;
use crate::parallel::in_parallel;
use crate::postgres::transfer::age;
use crate::terminal::{Cell, Table};
use crate::text;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "List the backups of the app's databases, newest first";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production backups
  production backups --json | jq -r '.[0].backup'
  production pg:backups:info b042    one of them, with its log

Restores and copies are listed by `pg:backups`.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["pg:backups"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `backups` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Entry<'a> {
    app: &'a AppName,
    backup: String,
    uuid: String,
    database: Option<String>,
    status: &'static str,
    scheduled: bool,
    created_at: String,
    finished_at: Option<String>,
    bytes: Option<u64>,
    database_bytes: Option<u64>,
    warnings: u64,
}

/// Prints the backups of the environment's apps.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let apps = &context.target()?.apps;
    let data = context.heroku()?.for_data()?;
    let lists: Vec<Vec<Transfer>> =
        in_parallel(apps, |app| data.transfers(app)).into_iter().collect::<Result<_>>()?;
    let mut entries = Vec::new();
    for (app, mut list) in apps.iter().zip(lists) {
        list.retain(|transfer| transfer.kind() == TransferKind::Backup);
        list.sort_by(|one, other| other.created_at.cmp(&one.created_at));
        entries.extend(list.into_iter().map(|backup| entry(app, backup)));
    }
    if context.options.json {
        return context.terminal.print_json(&entries);
    }
    for app in apps {
        let own: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.app == app).collect();
        if own.is_empty() {
            context.terminal.status(&format!("{app} has no backups"));
            context.terminal.hint(context.command(["backup"]));
            continue;
        }
        let label = if apps.len() > 1 { format!("{app}\n") } else { String::new() };
        context.terminal.print(&(label + &table(&own)))?;
    }
    Ok(())
}

fn entry(app: &AppName, backup: Transfer) -> Entry<'_> {
    Entry {
        app,
        backup: backup.name(),
        status: status(&backup),
        scheduled: backup.is_scheduled(),
        uuid: backup.uuid,
        database: backup.from_name,
        created_at: backup.created_at,
        finished_at: backup.finished_at,
        bytes: backup.processed_bytes,
        database_bytes: backup.source_bytes,
        warnings: backup.warnings.unwrap_or_default(),
    }
}

/// What became of a backup.
fn status(backup: &Transfer) -> &'static str {
    match backup.succeeded {
        Some(true) if backup.warnings > Some(0) => "completed with warnings",
        Some(true) => "completed",
        _ if backup.canceled_at.is_some() => "canceled",
        _ if backup.finished_at.is_some() => "failed",
        _ if backup.started_at.is_some() => "running",
        _ => "pending",
    }
}

fn table(entries: &[&Entry<'_>]) -> String {
    let now = jiff::Timestamp::now();
    let row = |entry: &&Entry<'_>| {
        let ago = age(&entry.created_at, now);
        let ago = ago.map_or_else(|| entry.created_at.clone(), |ago| format!("{ago} ago"));
        let how = if entry.scheduled { "scheduled" } else { "manual" };
        vec![
            Cell::new(&entry.backup),
            Cell::new(&ago),
            Cell::new(entry.status),
            Cell::new(&text::size(entry.bytes.unwrap_or_default())),
            Cell::new(entry.database.as_deref().unwrap_or("unknown")),
            Cell::new(how),
        ]
    };
    Table::new(2, entries.iter().map(row).collect()).text()
}
