//! What the project itself says of its database: the rule of its framework, then its compose file. Files are data here; none
//! of the project's code is run.

use std::path::Path;

use super::{Settings, is_this_machine};
use crate::error::{Error, Result};

mod compose;
mod django;
mod erb;
mod files;
mod laravel;
mod phoenix;
mod rails;
mod ruby;
mod sequelize;
mod urls;
mod variables;
mod yaml;

pub(super) use files::ways_out;
use variables::{Environment, OF_DEVELOPMENT, Variables};

/// One of a project's databases.
pub(super) struct Entry {
    /// The project's name for the database, such as `primary`.
    pub label: String,
    /// Its settings, or why they cannot be read.
    pub settings: Result<Settings>,
    /// Whether it is the one that is meant where none is named.
    pub is_default: bool,
    /// Whether the project makes and migrates it: it is no replica of another.
    pub is_managed: bool,
}

impl Entry {
    pub(super) fn new(label: &str, settings: Result<Settings>) -> Self {
        Self { label: label.to_owned(), settings, is_default: true, is_managed: true }
    }
}

/// The project's databases; none where nothing names one. Exit 2 for what cannot be read, 5 where several are meant.
pub(super) fn entries(root: &Path, environment: Environment<'_>) -> Result<Vec<Entry>> {
    let servers = compose::servers(root, environment);
    let Some(entries) = of_framework(root, environment)? else {
        return Ok(compose::entries(&servers?)?.unwrap_or_default());
    };
    let reached = |entry: Entry| {
        let settings = entry.settings.and_then(|settings| {
            // A compose file that cannot be read matters only where a host may be one of its services.
            let is_here = settings.host.as_deref().is_none_or(is_this_machine);
            match &servers {
                Ok(servers) => compose::reached(settings, servers),
                Err(_) if is_here => Ok(settings),
                Err(error) => Err(files::ways_out(Error::usage(error.to_string()))),
            }
        });
        Entry { settings, ..entry }
    };
    Ok(entries.into_iter().map(reached).collect())
}

/// The databases by the framework's own rule.
fn of_framework(root: &Path, environment: Environment<'_>) -> Result<Option<Vec<Entry>>> {
    if let Some(entries) = of_rails(root, environment)? {
        return Ok(Some(entries));
    }
    if let Some(entries) = phoenix::entries(root, &Variables::of_environment(environment))? {
        return Ok(Some(entries));
    }
    if let Some(entries) = laravel::entries(root, environment)? {
        return Ok(Some(entries));
    }
    if let Some(entries) = urls::prisma(root, environment)? {
        return Ok(Some(entries));
    }
    if let Some(entries) = sequelize::entries(root, environment)? {
        return Ok(Some(entries));
    }
    let of_django = django::entries(root, environment)?;
    if let Some(Ok(entries)) = of_django {
        return Ok(Some(entries));
    }
    // Settings that are not read nearly always take their database from it.
    if let Some(entries) = urls::entries(root, environment)? {
        return Ok(Some(entries));
    }
    of_django.transpose()
}

/// Rails' rule. Only with the gem dotenv does it read `.env` files; where that cannot be told, they must make no difference.
fn of_rails(root: &Path, environment: Environment<'_>) -> Result<Option<Vec<Entry>>> {
    let lock = files::text(root, "Gemfile.lock")?;
    let has_dotenv = lock.as_deref().map(|lock| lock.contains("    dotenv"));
    let with = Variables::with_files(environment, root, &OF_DEVELOPMENT);
    let with = match (with, has_dotenv) {
        (Ok(with), _) => with,
        (Err(_), Some(false)) => Variables::of_environment(environment),
        (Err(error), _) => return Err(error),
    };
    let Some(entries) = rails::entries(root, &with)? else { return Ok(None) };
    if has_dotenv == Some(true) || !with.used_files() {
        return Ok(Some(entries));
    }
    let without = Variables::of_environment(environment);
    let plain = rails::entries(root, &without)?.unwrap_or_default();
    let same = |(entry, plain): (&Entry, &Entry)| match (&entry.settings, &plain.settings) {
        (Ok(one), Ok(other)) => one.is_same(other),
        _ => false,
    };
    if entries.iter().zip(&plain).all(same) {
        return Ok(Some(entries));
    }
    let of_primary = |entries: Vec<Entry>| entries.into_iter().next().and_then(|entry| entry.settings.ok());
    let candidates: Vec<_> = [entries, plain].into_iter().filter_map(of_primary).collect();
    Err(several(&candidates)
        .hint("Rails reads .env only with the gem dotenv-rails, which Gemfile.lock does not have"))
}

/// The error where several databases could be meant. Exit 5.
fn several(candidates: &[Settings]) -> Error {
    let shown: Vec<String> = candidates.iter().map(Settings::summary).collect();
    let error = Error::refused(format!("it could be {}", shown.join(", or ")));
    ways_out(error.context("several databases could be meant, and none is chosen"))
}

/// A port's number.
fn number(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|port| *port > 0)
}
