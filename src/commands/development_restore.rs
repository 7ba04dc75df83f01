//! `development restore`: replaces the database of this machine by a dump, without a moment in which there is none.

use std::ffi::OsString;

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::postgres::Pattern;
use crate::postgres::dumps;
use crate::postgres::local::{DatabaseOptions, LocalDatabase};
use crate::postgres::restore::{self, Hook, KeptDatabase, Restore, Restored};
use crate::terminal::counted;
use crate::text::size;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Replace the database of this machine by a dump; the old one is kept";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development restore latest.dump
  development restore before-migration             what `development backup before-migration` made
  development restore latest.dump --exclude-table-data 'audit.*'
  development restore --undo                       the replaced database is back

The dump is restored into a fresh database. The old one can be used until both names are exchanged, in one transaction,
and is kept under another name. That is why nothing is asked. `development backups` lists what is kept.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("dump", &[Words::Files]),
    ("exclude_table_data", &[Words::Free]),
    ("jobs", &[Words::Free]),
    ("to", &[Words::Free]),
    ("database", &[Words::Free]),
    ("remote_ok", &[Words::Free]),
];

/// What is restored, and where.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A file, or the name of a backup
    #[arg(value_name = "FILE|NAME", required_unless_present = "undo")]
    dump: Option<OsString>,

    /// Put back the database that the last restore has replaced
    #[arg(long, conflicts_with_all = ["dump", "exclude_table_data", "jobs"])]
    undo: bool,

    /// Leave out the rows of these tables, such as versions or audit.*
    #[arg(long, value_name = "PATTERN", value_parser = |text: &str| text.parse::<Pattern>())]
    exclude_table_data: Vec<Pattern>,

    /// How many jobs work side by side [default: one for each processor, 8 at most]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,

    #[command(flatten)]
    database: DatabaseOptions,
}

/// What was done, as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    database: &'a str,
    /// The file that was restored; null for `--undo`.
    dump: Option<String>,
    /// The name of the database that was replaced; null where there was none.
    kept: Option<&'a str>,
    /// The tables whose rows were left out.
    without_rows: &'a [String],
}

/// Restores, or undoes it.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let database = LocalDatabase::find(context, &args.database)?;
    if args.undo {
        return undo(context, &database);
    }
    let dump = dumps::find(&database, args.dump.as_deref().unwrap_or_default())?;
    let excluded = excluded(context, args)?;
    let hooks = hooks(context)?;
    let job = Restore {
        database: &database,
        dump: &dump,
        expected: None,
        excluded: &excluded,
        jobs: args.jobs.map_or_else(default_jobs, usize::from),
        hooks: &hooks,
    };
    let from = dump.display().to_string();
    if context.options.dry_run {
        let lines = job.describe(&context.terminal)?;
        context.terminal.status(&format!("{from} into {database}"));
        return context.terminal.print_lines(&format!("{}\n", lines.join("\n")));
    }
    context.terminal.status(&format!("restoring {from} into {database}"));
    let restored = job.run(&context.terminal)?;
    report(context, &database, &restored);
    answer(context, &database, Some(from), restored.kept.as_deref(), &restored.without_rows)
}

fn undo(context: &Context, database: &LocalDatabase) -> Result<()> {
    let (back, kept) = restore::undo(database, context.options.dry_run)?;
    let name = &database.name;
    if context.options.dry_run {
        let aside = kept.map(|kept| format!("{name} -> {kept}\n")).unwrap_or_default();
        return context.terminal.print_lines(&format!("{aside}{} -> {name}\n", back.name));
    }
    context.terminal.status(&format!("{name} is the database again that was replaced at {}", back.replaced));
    if let Some(kept) = &kept {
        context
            .terminal
            .status(&format!("the restored one is kept as {kept}; the same command puts it back"));
    }
    answer(context, database, None, kept.as_deref(), &[])
}

/// Says what is there now, what was kept, and how to get it back.
fn report(context: &Context, database: &LocalDatabase, restored: &Restored) {
    let terminal = &context.terminal;
    if let Some(told) = restore::told_without_rows(&restored.without_rows) {
        terminal.status(&told);
    }
    terminal.status(&format!("{} is restored", database.name));
    if let Some(kept) = &restored.kept {
        terminal.status(&format!("the old one is kept as {kept} ({})", size(restored.kept_size)));
        terminal.hint(context.command(["restore", "--undo"]).note("puts it back"));
    }
    if !restored.earlier.is_empty() {
        let bytes: u64 = restored.earlier.iter().map(|kept: &KeptDatabase| kept.size).sum();
        let count = counted(restored.earlier.len(), "database");
        terminal.status(&format!("also kept of earlier restores: {count} ({})", size(bytes)));
        terminal.hint(context.command(["backups", "--prune"]).note("asks, and removes what is kept"));
    }
}

fn answer(
    context: &Context,
    database: &LocalDatabase,
    dump: Option<String>,
    kept: Option<&str>,
    without_rows: &[String],
) -> Result<()> {
    if !context.options.json {
        return Ok(());
    }
    context.terminal.print_json(&Answer { database: &database.name, dump, kept, without_rows })
}

/// The patterns of the command line and of the configuration.
fn excluded(context: &Context, args: &Args) -> Result<Vec<Pattern>> {
    let configured = context.config()?.restore.exclude_table_data.iter().map(|text| {
        text.parse()
            .map_err(|message: String| Error::usage(format!("[restore] exclude_table_data: {message}")))
    });
    args.exclude_table_data.iter().cloned().map(Ok).chain(configured).collect()
}

/// What the project runs after a restore. Exit 5 where it demands that there is something.
fn hooks(context: &Context) -> Result<Vec<Hook>> {
    let config = &context.config()?.restore;
    let names = config.after.as_deref().unwrap_or_default();
    if names.is_empty() && config.require_hook == Some(true) {
        return Err(Error::refused("the configuration demands a hook after each restore, and there is none")
            .hint("[restore] after = [\"script/sanitize.sql\"]   # in greenroom.toml"));
    }
    let Some(root) = context.root()? else { return Ok(Vec::new()) };
    names.iter().map(|name| Hook::read(&root, name)).collect()
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(8)
}
