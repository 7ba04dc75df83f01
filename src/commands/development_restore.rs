//! `development restore`: replaces the database of this machine by a dump, without a moment in which there is none.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::inventory::Resource;
use crate::model::AppName;
use crate::names;
use crate::postgres::Pattern;
use crate::postgres::dumps;
use crate::postgres::from_heroku::{self, Wanted};
use crate::postgres::local::{DatabaseOptions, LocalDatabase};
use crate::postgres::restore::{self, Hook, KeptDatabase, Restore, Restored};
use crate::release;
use crate::terminal::counted;
use crate::text::size;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Replace the database of this machine by a dump; the old one is kept";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development restore production                   the newest backup of its database
  development restore production --fresh           makes a backup first
  development restore production --backup b042
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

/// What was done, as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    database: &'a str,
    /// The file that was restored; null for `--undo`.
    dump: Option<String>,
    /// The app whose backup it is; null for another file.
    app: Option<&'a str>,
    /// The name of that backup.
    backup: Option<&'a str>,
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
    let excluded = excluded(context, args)?;
    let hooks = hooks(context)?;
    let word = args.dump.as_deref().unwrap_or_default();
    let found = dumps::find(&database, word)?;
    if found.is_some() && (args.backup.is_some() || args.fresh || args.no_cache) {
        return Err(Error::usage(
            "--backup, --fresh and --no-cache are for backups of an app, and this is a file",
        ));
    }
    let (app, attachment) = if found.is_some() { (None, None) } else { source(context, word)? };
    if let Some(app) = &app {
        refuse_app(context, &database, app)?;
    }
    let wanted = app.as_ref().map(|app| Wanted {
        app,
        attachment: attachment.as_deref(),
        backup: args.backup.as_deref(),
        fresh: args.fresh,
        without_cache: args.no_cache,
        timeout: args.wait_timeout,
    });
    if context.options.dry_run
        && let Some(wanted) = &wanted
    {
        let lines = [wanted.describe(context)?, vec![format!("restore it into {database}")]].concat();
        return context.terminal.print_lines(&format!("{}\n", lines.join("\n")));
    }
    let fetched = wanted.map(|wanted| wanted.fetch(context)).transpose()?;
    let dump: PathBuf = found.or_else(|| Some(fetched.as_ref()?.file.clone())).unwrap_or_default();
    let job = Restore {
        database: &database,
        dump: &dump,
        expected: fetched.as_ref().and_then(|fetched| fetched.expected),
        excluded: &excluded,
        jobs: args.jobs.map_or_else(default_jobs, usize::from),
        hooks: &hooks,
    };
    let from = fetched.as_ref().map_or_else(
        || dump.display().to_string(),
        |fetched| format!("{} of {}", fetched.backup, fetched.app),
    );
    if context.options.dry_run {
        let lines = job.describe(&context.terminal)?;
        context.terminal.status(&format!("{from} into {database}"));
        return context.terminal.print_lines(&format!("{}\n", lines.join("\n")));
    }
    context.terminal.status(&format!("restoring {from} into {database}"));
    let restored = job.run(&context.terminal)?;
    report(context, &database, &restored);
    if fetched.is_some() {
        let gigabytes = context.config()?.restore.keep_gigabytes.unwrap_or(KEPT_GIGABYTES);
        from_heroku::bound(context, gigabytes.saturating_mul(1 << 30), &dump)?;
    }
    answer(
        context,
        &Answer {
            database: &database.name,
            dump: Some(dump.display().to_string()),
            app: fetched.as_ref().map(|fetched| fetched.app.as_ref()),
            backup: fetched.as_ref().map(|fetched| &*fetched.backup),
            kept: restored.kept.as_deref(),
            without_rows: &restored.without_rows,
        },
    )
}

/// How much downloaded dumps may take before it is asked whether the oldest are removed.
const KEPT_GIGABYTES: u64 = 20;

/// The app that a word means, by its environment or its name, and the database of it that is named behind `::`.
fn source(context: &Context, word: &OsStr) -> Result<(Option<AppName>, Option<String>)> {
    let word = word.to_str().ok_or_else(|| Error::usage("an app's name is plain text"))?;
    let (name, attachment) =
        word.split_once("::").map_or((word, None), |(name, rest)| (name, Some(rest.to_owned())));
    if names::check_name(name).is_ok()
        && let Ok(target) = context.with_project(|project| environment::resolve(name, project))
    {
        return Ok((Some(target.one_app()?.clone()), attachment));
    }
    let app = name.parse().map_err(|error| {
        Error::usage(error)
            .context(format!("{word} is neither a file, nor the name of a backup, an environment or an app"))
            .hint(context.command(["backups"]).note("lists what is kept"))
    })?;
    Ok((Some(app), attachment))
}

/// Refuses a database that is the app's own. Without an answer of Heroku's it cannot be told, and nothing but a kept dump is
/// restored.
fn refuse_app(context: &Context, database: &LocalDatabase, app: &AppName) -> Result<()> {
    if database.is_socket() {
        return Ok(());
    }
    match context.heroku().and_then(|client| client.config_vars(app.as_ref())) {
        Ok(vars) => database.refuse_app(app.as_ref(), &vars),
        Err(_) => Ok(()),
    }
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

fn answer(context: &Context, answer: &Answer<'_>) -> Result<()> {
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
