//! `staging restore production`: restores another environment's backup into the database.

use std::ffi::OsString;
use std::time::Duration;

use serde::Serialize;

use crate::context::Context;
use crate::duration;
use crate::error::{Error, Result};
use crate::inventory::Resource;
use crate::migration::Migration;
use crate::model::AppName;
use crate::postgres::remote_restore::{self, Afterwards, RestoreRequest};
use crate::release;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Restore a backup of another environment into the database";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging restore production
  staging restore production --fresh --maintenance --migrate
  staging restore playhouse-staging --backup b042    back to what was there before
  staging --dry-run restore production               what would be replaced, and the requests

The newest complete backup of that environment's database is taken. Heroku restores it; nothing comes to this machine.
What the database has now is backed up first, and the backup is named at the end. Objects that are not in the backup stay
unless --reset is given. For what is replaced in development, see `development restore`.";

/// The Heroku CLI's is `pg:backups:restore`, with other arguments.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("source", &[Words::OtherEnvironments, Words::Live(Resource::Apps)]),
    ("from", &[Words::Live(Resource::Attachments)]),
    ("database", &[Words::Live(Resource::Attachments)]),
    ("backup", &[Words::Live(Resource::Backups)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// What is restored, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Where the backup is from: an environment, or an app
    #[arg(value_name = "ENV|APP")]
    source: String,

    /// The database there
    #[arg(long, value_name = "DATABASE", help = "The database there [default: DATABASE_URL]")]
    from: Option<String>,

    /// The database here
    #[arg(long, value_name = "DATABASE", help = "The database here [default: DATABASE_URL]")]
    database: Option<String>,

    /// Restore this backup, such as b042 [default: the newest]
    #[arg(long, value_name = "BACKUP", conflicts_with = "fresh")]
    backup: Option<String>,

    /// Make a backup there first, and restore that
    #[arg(long)]
    fresh: bool,

    /// Do not back up first what is here
    #[arg(long)]
    no_backup: bool,

    /// Empty the database first
    #[arg(long)]
    reset: bool,

    /// Keep the app in maintenance mode meanwhile
    #[arg(long)]
    maintenance: bool,

    /// Migrate the database afterwards, as `migrate` does, then restart the app
    #[arg(long, conflicts_with = "restart")]
    migrate: bool,

    /// Restart the app afterwards
    #[arg(long)]
    restart: bool,

    /// Do not run the SQL files that greenroom.toml names afterwards
    #[arg(long)]
    no_hook: bool,

    /// Allow a protected environment; its app's name has to be typed
    #[arg(long)]
    into_production: bool,

    /// Wait at most this long for each backup and the restore: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "1h")]
    wait_timeout: Duration,
}

#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    database: &'a str,
    source: &'a AppName,
    backup: String,
    restore: String,
    warnings: u64,
    before: Option<&'a str>,
}

/// Restores, and prints the name of the restore.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.migrate && context.options.json {
        return Err(Error::usage(
            "--json is not for a restore that migrates: the migration has output of its own",
        ));
    }
    let migration = args.migrate.then(|| Migration::step(context)).transpose()?;
    let afterwards = migration.as_ref().map(|migration| migration as &dyn Afterwards);
    let restored = remote_restore::restore(context, &args.request(), afterwards)?;
    let Some(restored) = restored else { return Ok(()) };
    if context.options.json {
        return context.terminal.print_json(&Answer {
            app: &restored.app,
            database: &restored.database,
            source: &restored.source,
            backup: restored.backup.name(),
            restore: restored.restore.name(),
            warnings: restored.restore.warnings.unwrap_or_default(),
            before: restored.before.as_deref(),
        });
    }
    Ok(())
}

impl Afterwards for Migration {
    fn describe(&self, context: &Context, app: &AppName) -> Result<Vec<String>> {
        self.describe(context, app)
    }

    fn run(&self, context: &Context, app: &AppName) -> Result<()> {
        self.run(context, app)
    }
}

impl Args {
    fn request(&self) -> RestoreRequest {
        RestoreRequest {
            source: self.source.clone(),
            from: self.from.clone(),
            database: self.database.clone(),
            backup: self.backup.clone(),
            fresh: self.fresh,
            keep: !self.no_backup,
            reset: self.reset,
            maintenance: self.maintenance,
            restart: self.restart,
            hook: !self.no_hook,
            into_production: self.into_production,
            wait_timeout: self.wait_timeout,
            line: self.line(),
        }
    }

    /// The same command line, to be typed again.
    fn line(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["restore".into(), self.source.clone().into()];
        let given = [("--from", &self.from), ("--database", &self.database), ("--backup", &self.backup)];
        for (flag, value) in given {
            words.extend(value.iter().flat_map(|value| [flag.into(), value.into()]));
        }
        let switches = [
            ("--fresh", self.fresh),
            ("--no-backup", self.no_backup),
            ("--reset", self.reset),
            ("--maintenance", self.maintenance),
            ("--migrate", self.migrate),
            ("--restart", self.restart),
            ("--no-hook", self.no_hook),
        ];
        words.extend(switches.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.into()));
        if self.wait_timeout != Duration::from_secs(3600) {
            words.extend(["--wait-timeout".into(), duration::typed(self.wait_timeout).into()]);
        }
        words
    }
}
