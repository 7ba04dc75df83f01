//! `development restore`: replaces the database of this machine by a dump, without a moment in which there is none.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::inventory::Resource;
use crate::postgres::Pattern;
use crate::postgres::from_heroku;
use crate::postgres::local::{DatabaseOptions, LocalDatabase};
use crate::postgres::restore::{self, Hook, Restore, Restored, configured_hooks};
use crate::release;
use crate::values::{Values, Words};

mod answer;
mod origin;

use answer::{Answer, report};
use origin::{Dump, Task};

/// One line of help.
pub const ABOUT: &str = "Replace the database of this machine by a dump; the old one is kept";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development restore production                   the newest backup of its database
  development restore production --fresh           makes a backup first
  development restore production --backup b042
  development restore production --all             the cache and the queue, too
  development restore production --database cache  CACHE_DATABASE of the app into the project's `cache`
  development restore latest.dump
  development restore before-migration             what `development backup before-migration` made
  development restore latest.dump --exclude-table-data 'audit.*'
  development restore --undo                       the replaced database is back

The dump is restored into a fresh database. The old one can be used until both names are exchanged, in one transaction,
and is kept under another name. That is why nothing is asked. `development backups` lists what is kept.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("dump", &[Words::Files, Words::Environments]),
    ("backup", &[Words::Live(Resource::Backups)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
    ("exclude_table_data", &[Words::Free]),
    ("jobs", &[Words::Free]),
    ("to", &[Words::Free]),
    ("database", &[Words::Free]),
    ("remote_ok", &[Words::Free]),
];

/// What is restored, and where.
#[derive(clap::Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Args {
    /// Where the dump comes from.
    #[arg(
        value_name = "FILE|NAME|ENVIRONMENT|APP",
        help = "A file, the name of a backup, an environment, or an app; APP::NAME is another of its databases",
        required_unless_present = "undo"
    )]
    dump: Option<OsString>,

    /// Take this backup of the app instead of the newest one: b042
    #[arg(long, value_name = "BACKUP", conflicts_with = "fresh")]
    backup: Option<String>,

    /// Make a new backup of the app's database first
    #[arg(long)]
    fresh: bool,

    /// Download the backup again, even if it is on this machine
    #[arg(long)]
    no_cache: bool,

    /// Restore all of the project's databases, each from the app's database of its name
    #[arg(long, conflicts_with_all = ["backup", "undo", "to"])]
    all: bool,

    /// Wait at most this long for a new backup: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "1h")]
    wait_timeout: Duration,

    /// Put back the database that the last restore has replaced
    #[arg(long, conflicts_with_all = ["dump", "backup", "fresh", "no_cache", "exclude_table_data", "jobs"])]
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

/// Restores, or undoes it.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.undo {
        return undo(context, &LocalDatabase::find(context, &args.database)?);
    }
    let settings = Settings { excluded: excluded(context, args)?, hooks: configured_hooks(context)? };
    let tasks = if args.all { Task::all(context, args)? } else { vec![Task::one(context, args)?] };
    for task in &tasks {
        task.refuse_app(context)?;
    }
    if context.options.dry_run {
        return tasks.iter().try_for_each(|task| describe(context, args, &settings, task));
    }
    // All dumps are here before the first database is replaced.
    let dumps: Vec<Dump> = tasks.iter().map(|task| task.fetch(context, args)).collect::<Result<_>>()?;
    let mut done = Vec::new();
    for (task, dump) in tasks.iter().zip(&dumps) {
        let restored = restore(context, args, &settings, &task.database, dump);
        let restored = restored.map_err(|error| among(error, &tasks, done.len()))?;
        report(context, args, &task.database, &restored);
        done.push(restored);
    }
    let used: Vec<&Path> = dumps.iter().filter(|dump| dump.fetched().is_some()).map(Dump::file).collect();
    if !used.is_empty() {
        let gigabytes = context.config()?.restore.keep_gigabytes.unwrap_or(KEPT_GIGABYTES);
        from_heroku::bound(context, gigabytes.saturating_mul(1 << 30), &used)?;
    }
    let answers: Vec<Answer<'_>> = tasks
        .iter()
        .zip(&dumps)
        .zip(&done)
        .map(|((task, dump), restored)| Answer::of(&task.database, dump, restored))
        .collect();
    match &answers[..] {
        [one] if !args.all => answer(context, one),
        all => answer(context, &all),
    }
}

/// What is the same for all databases.
struct Settings {
    excluded: Vec<Pattern>,
    hooks: Vec<Hook>,
}

/// Restores one dump into one database.
fn restore(
    context: &Context,
    args: &Args,
    settings: &Settings,
    database: &LocalDatabase,
    dump: &Dump,
) -> Result<Restored> {
    context.terminal.status(&format!("restoring {dump} into {database}"));
    job(args, settings, database, dump).run(&context.terminal)
}

fn job<'a>(args: &Args, settings: &'a Settings, database: &'a LocalDatabase, dump: &'a Dump) -> Restore<'a> {
    Restore {
        database,
        dump: dump.file(),
        expected: dump.fetched().and_then(|fetched| fetched.expected),
        excluded: &settings.excluded,
        jobs: args.jobs.map_or_else(default_jobs, usize::from),
        hooks: &settings.hooks,
    }
}

/// Prints what would be done.
fn describe(context: &Context, args: &Args, settings: &Settings, task: &Task) -> Result<()> {
    let database = &task.database;
    let lines = if let Some(wanted) = task.wanted(args) {
        [wanted.describe(context)?, vec![format!("restore it into {database}")]].concat()
    } else {
        let dump = task.fetch(context, args)?;
        context.terminal.status(&format!("{dump} into {database}"));
        job(args, settings, database, &dump).describe(&context.terminal)?
    };
    context.terminal.print_lines(&format!("{}\n", lines.join("\n")))
}

/// Says which of several databases are restored, and which are as they were.
fn among(error: Error, tasks: &[Task], done: usize) -> Error {
    if tasks.len() == 1 || matches!(error.kind(), Kind::Silent(_)) {
        return error;
    }
    let names = |tasks: &[Task]| -> String {
        let names: Vec<&str> = tasks.iter().map(|task| &*task.database.name).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    error.context(format!("restored: {}; as before: {}", names(&tasks[..done]), names(&tasks[done..])))
}

/// How much downloaded dumps may take before it is asked whether the oldest are removed.
const KEPT_GIGABYTES: u64 = 20;

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
    answer(
        context,
        &Answer {
            database: name,
            dump: None,
            app: None,
            backup: None,
            kept: kept.as_deref(),
            without_rows: &[],
        },
    )
}

fn answer(context: &Context, answer: &impl Serialize) -> Result<()> {
    if context.options.json { context.terminal.print_json(answer) } else { Ok(()) }
}

/// The patterns of the command line and of the configuration.
fn excluded(context: &Context, args: &Args) -> Result<Vec<Pattern>> {
    let configured = context.config()?.restore.exclude_table_data.iter().map(|text| {
        text.parse()
            .map_err(|message: String| Error::usage(format!("[restore] exclude_table_data: {message}")))
    });
    args.exclude_table_data.iter().cloned().map(Ok).chain(configured).collect()
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(8)
}
