//! `staging backups`: lists the backups of the app's databases, and what was restored and copied.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::heroku::{Client, Transfer, TransferKind};
use crate::inventory::Resource;
use crate::model::AppName;
use crate::parallel::in_parallel;
use crate::postgres::attachment;
use crate::postgres::find_backup::Backups;
use crate::postgres::transfer::age;
use crate::terminal::{Cell, Table, counted};
use crate::text;
use crate::usage::OURS;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "List the backups of the app's databases, newest first";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production backups
  production backups --json | jq -r '.[0].backup'
  production backups --database PINK
  production backups info b042       one of them, with its log

Restores and copies are listed by `pg:backups`.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["pg:backups"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("database", &[Words::Live(Resource::Attachments)])];

/// Which database.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// List the backups of this database alone
    #[arg(long, value_name = "DATABASE", help_heading = OURS)]
    database: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    app: AppName,
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
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let apps = &context.target()?.apps;
    let client = context.heroku()?;
    let data = client.for_data()?;
    let read = |app| Listed::read(client, &data, app, args.database.as_deref());
    let lists: Vec<Listed> = in_parallel(apps, read).into_iter().collect::<Result<_>>()?;
    for Listed { what, untold, .. } in lists.iter().filter(|list| list.untold > 0) {
        let backups = counted(*untold, "backup");
        context.terminal.warn(&format!("{backups} not listed: whether of {what} cannot be told"));
    }
    if context.options.json {
        let entries: Vec<Entry> = lists.into_iter().flat_map(|list| list.entries).collect();
        return context.terminal.print_json(&entries);
    }
    for Listed { what, entries, .. } in &lists {
        if entries.is_empty() {
            context.terminal.status(&format!("{what} has no backups"));
            let database = args.database.iter().flat_map(|name| ["--database", name]);
            context.terminal.hint(context.command(["backup"].into_iter().chain(database)));
            continue;
        }
        let label = if apps.len() > 1 { format!("{what}\n") } else { String::new() };
        context.terminal.print(&(label + &table(entries)))?;
    }
    Ok(())
}

/// The backups of an app or of one of its databases, newest first.
struct Listed {
    /// The app's name, or the database's.
    what: String,
    entries: Vec<Entry>,
    /// How many are left out that may be of the database.
    untold: usize,
}

impl Listed {
    fn read(client: &Client, data: &Client, app: &AppName, database: Option<&str>) -> Result<Self> {
        let (what, app, mut list, untold) = match database {
            None => (app.to_string(), app.clone(), data.transfers(app)?, 0),
            Some(word) => {
                let database = attachment::resolve(client, app, Some(word))?;
                let (list, untold) = Backups::of(client, data, &database)?.all();
                (database.to_string(), database.addon.app.name, list, untold)
            }
        };
        list.retain(|transfer| transfer.kind() == TransferKind::Backup);
        list.sort_by(|one, other| other.created_at.cmp(&one.created_at));
        let entries = list.into_iter().map(|backup| entry(&app, backup)).collect();
        Ok(Self { what, entries, untold })
    }
}

fn entry(app: &AppName, backup: Transfer) -> Entry {
    Entry {
        app: app.clone(),
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

fn table(entries: &[Entry]) -> String {
    let now = jiff::Timestamp::now();
    let row = |entry: &Entry| {
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
