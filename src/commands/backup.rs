//! `staging backup`: makes a backup of a database at Heroku, and waits for its end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{self, Client, DatabaseAttachment, Transfer};
use crate::inventory::Resource;
use crate::model::AppName;
use crate::postgres::download::{self, Download};
use crate::postgres::{attachment, capture, transfer};
use crate::release;
use crate::usage::OURS;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Make a backup of the database, and wait for its end";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production backup                       prints its name, such as b042
  production backup --download            keeps it on this machine and prints the file
  production backup --download live.dump
  production backup --backup latest --download live.dump
  curl \"$(production backup --url)\"       whoever has the URL has the data, for an hour

Other commands about backups: `backups` lists them; pg:backups:schedule, pg:backups:info, pg:backups:cancel and
pg:backups:delete are the Heroku CLI's.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["pg:backups:capture"];

/// The newest backup there is.
const LATEST: &str = "latest";

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("backup", &[Words::These(&[LATEST]), Words::Live(Resource::Backups)]),
    ("database", &[Words::Live(Resource::Attachments)]),
    ("download", &[Words::Files]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// Which database, and what becomes of the backup.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The database: an attachment, a config var or an add-on
    #[arg(
        value_name = "DATABASE",
        help = "The database: an attachment, a config var or an add-on [default: DATABASE_URL]"
    )]
    database: Option<String>,

    /// Take this backup instead of a new one: b042, or latest
    #[arg(long, value_name = "BACKUP", help_heading = OURS)]
    backup: Option<String>,

    /// Print a URL that anybody can download the backup from
    #[arg(long, help_heading = OURS)]
    url: bool,

    /// Download the backup to FILE [default: a private file of its own]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "", help_heading = OURS)]
    download: Option<OsString>,

    /// Wait at most this long for the backup: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "1h", help_heading = OURS)]
    wait_timeout: Duration,
}

impl Args {
    /// The file that was named for the download; none is one of its own.
    fn file(&self) -> Option<&Path> {
        self.download.as_deref().filter(|file| !file.is_empty()).map(Path::new)
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    database: &'a str,
    addon: &'a str,
    backup: String,
    uuid: &'a str,
    bytes: Option<u64>,
    warnings: u64,
    seconds: Option<u64>,
    url: Option<&'a str>,
    file: Option<&'a Path>,
}

/// Makes the backup, then prints or downloads what was asked for.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let app = context.target()?.one_app()?;
    if let Some(file) = args.file().filter(|file| file.exists()) {
        return Err(Error::refused(format!("{} is there already", file.display()))
            .hint("move it away, or name another file"));
    }
    let client = context.heroku()?;
    let data = client.for_data()?;
    let database = attachment::resolve(client, app, args.database.as_deref())?;
    if context.options.dry_run && args.backup.is_none() {
        let line = data.describe_change(&heroku::capture(&database.addon));
        return context.terminal.print_lines(&format!("{line}\n"));
    }
    let owner = &database.addon.app.name;
    let (backup, took) = if let Some(name) = &args.backup {
        (existing(client, &data, &database, name)?, None)
    } else {
        capture::warn_if_protected(&context.terminal, &capture::info(&data, &database)?);
        let made = capture::capture(&data, context, &database, args.wait_timeout)?;
        (made.backup, Some(made.took))
    };
    if context.options.dry_run {
        return context.terminal.print(&format!("{} of {owner}\n", backup.name()));
    }
    let file = match &args.download {
        Some(_) => Some(download(context, &data, owner, &backup, args.file())?),
        None => None,
    };
    let url = if args.url { Some(data.signed_url(owner, &backup)?.url.reveal().to_owned()) } else { None };
    print(context, &database, &Taken { backup, took, url, file })
}

/// The backup that is called `name`, or the newest one of the database.
fn existing(client: &Client, data: &Client, database: &DatabaseAttachment, name: &str) -> Result<Transfer> {
    let owner = &database.addon.app.name;
    if name == LATEST {
        return transfer::newest(data.transfers(owner)?, database, &attachment::names(client, database)?);
    }
    transfer::named(data.transfers(owner)?, owner, name)
}

/// Downloads the backup; gives the file.
fn download(
    context: &Context,
    data: &Client,
    owner: &AppName,
    backup: &Transfer,
    file: Option<&Path>,
) -> Result<PathBuf> {
    let name = backup.name();
    let into = file.map_or_else(|| download::kept(owner, &name, &backup.uuid), |file| Ok(file.to_owned()))?;
    let what = format!("{name} of {owner}");
    let download = Download { client: data, terminal: &context.terminal, what: &what };
    download.to_file(&into, || data.signed_url(owner, backup)).map_err(|error| {
        let mut again: Vec<OsString> =
            ["backup", "--backup", &name, "--download"].map(OsString::from).to_vec();
        again.extend(file.map(|file| file.as_os_str().to_owned()));
        error.hint(context.command(again).note("goes on where it broke off"))
    })?;
    Ok(into)
}

/// A backup, and what was asked for with it.
struct Taken {
    backup: Transfer,
    took: Option<Duration>,
    url: Option<String>,
    file: Option<PathBuf>,
}

fn print(context: &Context, database: &DatabaseAttachment, taken: &Taken) -> Result<()> {
    let Taken { backup, took, url, file } = taken;
    if context.options.json {
        return context.terminal.print_json(&Answer {
            app: &database.addon.app.name,
            database: &database.name,
            addon: &database.addon.name,
            backup: backup.name(),
            uuid: &backup.uuid,
            bytes: backup.processed_bytes,
            warnings: backup.warnings.unwrap_or_default(),
            seconds: took.map(|took| took.as_secs()),
            url: url.as_deref(),
            file: file.as_deref(),
        });
    }
    let file = file.as_ref().map(|file| file.display().to_string());
    let name = (url.is_none() && file.is_none()).then(|| backup.name());
    let lines = [url.clone(), file, name].into_iter().flatten().map(|line| format!("{line}\n"));
    context.terminal.print_lines(&lines.collect::<String>())
}
