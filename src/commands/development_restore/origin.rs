//! Which dump gets into which database of this machine.

use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use super::Args;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::AppName;
use crate::names;
use crate::postgres::dumps;
use crate::postgres::from_heroku::{Fetched, Wanted};
use crate::postgres::local::LocalDatabase;

/// Where a dump comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// A file, or a kept backup.
    File(PathBuf),
    /// A backup of an app's database; none is `DATABASE_URL`.
    Backup(AppName, Option<String>),
}

/// A dump that is on this machine.
#[derive(Debug)]
pub(super) enum Dump {
    /// A file, or a kept backup.
    File(PathBuf),
    /// A downloaded backup.
    Backup(Fetched),
}

impl Dump {
    /// The file.
    pub(super) fn file(&self) -> &Path {
        match self {
            Dump::File(file) => file,
            Dump::Backup(fetched) => &fetched.file,
        }
    }

    /// The backup that it is.
    pub(super) fn fetched(&self) -> Option<&Fetched> {
        match self {
            Dump::File(_) => None,
            Dump::Backup(fetched) => Some(fetched),
        }
    }
}

/// `b042 of playhouse-production`, or the file.
impl Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dump::File(file) => write!(f, "{}", file.display()),
            Dump::Backup(Fetched { backup, app, .. }) => write!(f, "{backup} of {app}"),
        }
    }
}

/// A database of this machine, and what is restored into it.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) database: LocalDatabase,
    pub(super) origin: Origin,
}

impl Task {
    /// The one that the arguments name.
    pub(super) fn one(context: &Context, args: &Args) -> Result<Self> {
        let database = LocalDatabase::find(context, &args.database)?;
        let word = args.dump.as_deref().unwrap_or_default();
        if let Some(file) = dumps::find(&database, word)? {
            if args.backup.is_some() || args.fresh || args.no_cache {
                return Err(Error::usage(
                    "--backup, --fresh and --no-cache are for backups of an app, and this is a file",
                ));
            }
            return Ok(Self { database, origin: Origin::File(file) });
        }
        let (app, mut attachment) = source(context, word)?;
        let is_told = attachment.is_some() || args.backup.is_some();
        if args.database.database.is_some() && !database.is_default && !is_told {
            let (found, names) = counterpart(context, &app, &database)?;
            attachment = Some(found.ok_or_else(|| missing(&app, &database, word, &names))?);
        }
        Ok(Self { database, origin: Origin::Backup(app, attachment) })
    }

    /// One for each of the project's databases that the app has, too. The others are told of, and left.
    pub(super) fn all(context: &Context, args: &Args) -> Result<Vec<Self>> {
        let word = args.dump.as_deref().unwrap_or_default();
        let databases = LocalDatabase::find_all(context, &args.database)?;
        if let Some(first) = databases.first()
            && dumps::find(first, word)?.is_some()
        {
            return Err(Error::usage("--all takes an environment or an app: a file is one database's dump"));
        }
        let (app, attachment) = source(context, word)?;
        if attachment.is_some() {
            return Err(Error::usage("--all takes all databases of an app, and APP::NAME is one"));
        }
        let mut tasks = Vec::new();
        for database in databases {
            let (found, names) = counterpart(context, &app, &database)?;
            if found.is_none() && !database.is_default {
                let (label, name) = (&database.label, &database.name);
                let of_app = names.join(", ");
                context.terminal.warn(&format!(
                    "{name} is left as it is: {app} has no database called {label} (it has {of_app})"
                ));
                continue;
            }
            tasks.push(Self { database, origin: Origin::Backup(app.clone(), found) });
        }
        Ok(tasks)
    }

    /// The backup that is wanted; none for a file.
    pub(super) fn wanted<'a>(&'a self, args: &'a Args) -> Option<Wanted<'a>> {
        let Origin::Backup(app, attachment) = &self.origin else { return None };
        Some(Wanted {
            app,
            attachment: attachment.as_deref(),
            backup: args.backup.as_deref(),
            fresh: args.fresh,
            without_cache: args.no_cache,
            timeout: args.wait_timeout,
        })
    }

    /// The dump, after a download where that is needed.
    pub(super) fn fetch(&self, context: &Context, args: &Args) -> Result<Dump> {
        match (&self.origin, self.wanted(args)) {
            (_, Some(wanted)) => Ok(Dump::Backup(wanted.fetch(context)?)),
            (Origin::File(file), None) => Ok(Dump::File(file.clone())),
            (Origin::Backup(..), None) => Err(Error::failed("no backup is wanted")),
        }
    }

    /// Refuses a database that is the app's own. Without an answer of Heroku's it cannot be told, and nothing but a kept
    /// dump is restored.
    pub(super) fn refuse_app(&self, context: &Context) -> Result<()> {
        let Origin::Backup(app, _) = &self.origin else { return Ok(()) };
        if self.database.is_socket() {
            return Ok(());
        }
        match context.heroku().and_then(|client| client.config_vars(app.as_ref())) {
            Ok(vars) => self.database.refuse_app(app.as_ref(), &vars),
            Err(_) => Ok(()),
        }
    }
}

/// The app's attachment for one of the project's databases, and the names of all. Rails reads the URL of `cache` from
/// `CACHE_DATABASE_URL`, which is what the attachment `CACHE_DATABASE` sets; `CACHE` is the short name for it.
fn counterpart(
    context: &Context,
    app: &AppName,
    database: &LocalDatabase,
) -> Result<(Option<String>, Vec<String>)> {
    let attachments = context.heroku()?.database_attachments(app)?;
    let names: Vec<String> = attachments.into_iter().map(|attachment| attachment.name).collect();
    let upper = database.label.to_uppercase();
    let wanted = [format!("{upper}_DATABASE"), upper];
    Ok((wanted.into_iter().find(|name| names.contains(name)), names))
}

fn missing(app: &AppName, database: &LocalDatabase, word: &OsStr, names: &[String]) -> Error {
    let LocalDatabase { label, name, .. } = database;
    let error =
        Error::usage(format!("{app} has no database called {label}, which {name} could be filled from"));
    names.iter().fold(error, |error, other| {
        let word = format!("{}::{other}", word.to_string_lossy());
        error.hint(Hint::line(["development", "restore", &word, "--database", label]))
    })
}

/// The app that a word means, by its environment or its name, and the database of it that is named behind `::`.
fn source(context: &Context, word: &OsStr) -> Result<(AppName, Option<String>)> {
    let word = word.to_str().ok_or_else(|| Error::usage("an app's name is plain text"))?;
    let (name, attachment) =
        word.split_once("::").map_or((word, None), |(name, rest)| (name, Some(rest.to_owned())));
    if names::check_name(name).is_ok()
        && let Ok(target) = context.with_project(|project| environment::resolve(name, project))
    {
        return Ok((target.one_app()?.clone(), attachment));
    }
    let app = name.parse().map_err(|error| {
        Error::usage(error)
            .context(format!("{word} is neither a file, nor the name of a backup, an environment or an app"))
            .hint(context.command(["backups"]).note("lists what is kept"))
    })?;
    Ok((app, attachment))
}
