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
use crate::postgres::find_backup::{self, Backups};
use crate::postgres::{attachment, capture};
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

  production backup info b042
  production backup schedule --at '02:00 America/New_York'

`info`, `cancel`, `delete`, `schedule`, `schedules` and `unschedule`, as words or as flags (`--info`), are the Heroku
CLI's pg:backups:info and so on. `backups` lists the backups.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["pg:backups:capture"];

/// What the Heroku CLI does with backups, and we do not: the words behind `backup` and `backups`, and its commands.
const PARTS: [(&str, &str); 6] = [
    ("cancel", "pg:backups:cancel"),
    ("delete", "pg:backups:delete"),
    ("info", "pg:backups:info"),
    ("schedule", "pg:backups:schedule"),
    ("schedules", "pg:backups:schedules"),
    ("unschedule", "pg:backups:unschedule"),
];

/// The words of [`PARTS`], for Tab.
const PART_WORDS: &[&str] = &["cancel", "delete", "info", "schedule", "schedules", "unschedule"];

/// The newest backup there is.
const LATEST: &str = "latest";

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("backup", &[Words::These(&[LATEST]), Words::Live(Resource::Backups)]),
    ("database", &[Words::Live(Resource::Attachments), Words::These(PART_WORDS)]),
    ("named", &[Words::Live(Resource::Attachments)]),
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

    /// The same, as `restore` takes it
    #[arg(long = "database", value_name = "DATABASE", conflicts_with = "database", help_heading = OURS)]
    named: Option<String>,

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

/// The Heroku CLI's command that the words behind `backup` or `backups` mean, and its arguments: `info b042` and
/// `--info b042` are `pg:backups:info b042`.
pub fn left_to_heroku(words: &[OsString]) -> Option<(&'static str, Vec<OsString>)> {
    let part = |at: usize| {
        let text = words.get(at)?.to_str()?;
        let word = text.strip_prefix("--").or_else(|| (at == 0).then_some(text))?;
        PARTS.iter().find(|(part, _)| *part == word).map(|(_, id)| (at, *id))
    };
    let (at, id) = (0..words.len()).find_map(part)?;
    Some((id, [&words[..at], &words[at + 1..]].concat()))
}

impl Args {
    /// The database that was named.
    fn database(&self) -> Option<&str> {
        self.database.as_deref().or(self.named.as_deref())
    }

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
    let database = attachment::resolve(client, app, args.database())?;
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
        return Backups::of(client, data, database)?.newest();
    }
    find_backup::named(data.transfers(owner)?, owner, name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_backups_are_known_as_words_and_as_flags() {
        let left = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            left_to_heroku(&words)
                .map(|(id, words)| [vec![OsString::from(id)], words].concat().join(" ".as_ref()))
        };
        for (line, expected) in [
            ("info", "pg:backups:info"),
            ("info b042", "pg:backups:info b042"),
            ("--info b042", "pg:backups:info b042"),
            ("b042 --delete --confirm playhouse", "pg:backups:delete b042 --confirm playhouse"),
            ("PINK --schedule --at 02:00", "pg:backups:schedule PINK --at 02:00"),
        ] {
            assert_eq!(left(line), Some(expected.into()), "{line}");
        }
        // A name that only looks alike, or that is a value.
        for line in ["INFO", "--download info", "--information", "-info"] {
            assert_eq!(left(line), None, "{line}");
        }
        assert!(PARTS.iter().map(|(word, _)| word).eq(PART_WORDS));
    }
}
