//! `development backups`: what is kept: backups, downloaded dumps, and databases that restores have replaced.

use std::ffi::OsString;
use std::fs;

use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::duration;
use crate::error::{Context as _, Error, Result};
use crate::hint::Hint;
use crate::postgres::dumps::KeptDump;
use crate::postgres::local::{DatabaseOptions, LocalDatabase};
use crate::postgres::restore::{self, KeptDatabase};
use crate::terminal::{aligned, counted};
use crate::text::size;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "List kept dumps and replaced databases, or remove them";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development backups
  development backups --prune            asks, and removes downloads and replaced databases
  development backups --prune before-migration

A backup that `development backup` made is removed by its name only.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("names", &[Words::Free]),
    ("to", &[Words::Free]),
    ("database", &[Words::Free]),
    ("remote_ok", &[Words::Free]),
];

/// What is removed, and of which database.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Remove what is named, or all but backups
    #[arg(long)]
    prune: bool,

    /// What --prune removes: names, as they are listed
    #[arg(requires = "prune", value_name = "NAME")]
    names: Vec<String>,

    #[command(flatten)]
    database: DatabaseOptions,
}

/// Something that is kept, as `--json` prints it.
#[derive(Clone, Serialize)]
struct Kept {
    name: String,
    /// `backup`, `download`, or `database`.
    kind: &'static str,
    /// The app that a download is from.
    app: Option<String>,
    /// The file; null for a database.
    file: Option<String>,
    /// In bytes.
    size: u64,
    /// RFC 3339.
    made_at: String,
}

/// Lists what is kept, or removes it.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let database = LocalDatabase::find(context, &args.database)?;
    // Files are there without a server, too.
    let databases = restore::kept_databases(&database).or_else(|error| {
        if args.prune {
            return Err(error);
        }
        context.terminal.warn(&format!("replaced databases are not listed: {error}"));
        Ok(Vec::new())
    })?;
    let mut kept: Vec<Kept> = databases.iter().map(of_database).collect();
    kept.extend(KeptDump::backups_of(&database).iter().chain(&KeptDump::downloads()).map(of_dump));
    kept.sort_by(|a, b| b.made_at.cmp(&a.made_at));
    if args.prune {
        return prune(context, &database, &chosen(kept, &args.names)?, &databases, &args.names);
    }
    if context.options.json {
        return context.terminal.print_json(&kept);
    }
    if kept.is_empty() {
        context.terminal.status(&format!("nothing is kept of {}", database.name));
        return Ok(());
    }
    context.terminal.print_lines(&table(&kept))
}

fn of_database(kept: &KeptDatabase) -> Kept {
    Kept {
        name: kept.name.clone(),
        kind: "database",
        app: None,
        file: None,
        size: kept.size,
        made_at: kept.replaced.to_string(),
    }
}

fn of_dump(dump: &KeptDump) -> Kept {
    Kept {
        name: dump.name.clone(),
        kind: if dump.app.is_some() { "download" } else { "backup" },
        app: dump.app.clone(),
        file: Some(dump.file.display().to_string()),
        size: dump.size,
        made_at: dump.made.to_string(),
    }
}

/// What is to be removed: what has these names, or all that was not made by a person.
fn chosen(kept: Vec<Kept>, names: &[String]) -> Result<Vec<Kept>> {
    if names.is_empty() {
        return Ok(kept.into_iter().filter(|kept| kept.kind != "backup").collect());
    }
    if let Some(unknown) = names.iter().find(|name| !kept.iter().any(|kept| kept.name == **name)) {
        return Err(Error::usage(format!("nothing is kept as {unknown}"))
            .hint(Hint::line(["development", "backups"]).note("lists what is kept")));
    }
    Ok(kept.into_iter().filter(|kept| names.contains(&kept.name)).collect())
}

fn prune(
    context: &Context,
    database: &LocalDatabase,
    chosen: &[Kept],
    databases: &[KeptDatabase],
    names: &[String],
) -> Result<()> {
    let terminal = &context.terminal;
    if chosen.is_empty() {
        terminal.status("there is nothing to remove");
        return if context.options.json { terminal.print_json(&chosen) } else { Ok(()) };
    }
    let bytes: u64 = chosen.iter().map(|kept| kept.size).sum();
    if context.options.dry_run {
        return terminal.print_lines(&table(chosen));
    }
    terminal.status(table(chosen).trim_end());
    let line: Vec<OsString> = ["backups", "--prune"]
        .into_iter()
        .map(OsString::from)
        .chain(names.iter().map(OsString::from))
        .collect();
    let question = format!("Remove {} ({}) for good?", counted(chosen.len(), "item"), size(bytes));
    crate::confirm::agree(context, "what is removed cannot be restored", &question, &line)?;
    let gone: Vec<KeptDatabase> = databases
        .iter()
        .filter(|kept| chosen.iter().any(|chosen| chosen.kind == "database" && chosen.name == kept.name))
        .cloned()
        .collect();
    restore::remove(database, &gone)?;
    for file in chosen.iter().filter_map(|kept| kept.file.as_deref()) {
        fs::remove_file(file).context(|| format!("cannot remove {file}"))?;
    }
    terminal.status(&format!("removed {} ({})", counted(chosen.len(), "item"), size(bytes)));
    if context.options.json { terminal.print_json(&chosen) } else { Ok(()) }
}

fn table(kept: &[Kept]) -> String {
    let now = Timestamp::now();
    let head = ["NAME", "KIND", "SIZE", "AGE"].map(str::to_owned).to_vec();
    let row = |kept: &Kept| {
        let kind = match (kept.kind, &kept.app) {
            ("database", _) => "replaced database".to_owned(),
            (_, Some(app)) => format!("download from {app}"),
            (kind, None) => kind.to_owned(),
        };
        let made = kept.made_at.parse::<Timestamp>().unwrap_or(now);
        vec![kept.name.clone(), kind, size(kept.size), duration::rough(now.duration_since(made).as_secs())]
    };
    let rows: Vec<Vec<String>> = [head].into_iter().chain(kept.iter().map(row)).collect();
    aligned(&rows, 2)
}
