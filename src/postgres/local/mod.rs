//! The database of this machine that `development` works on: which one it is, and from where that was read.
//!
//! [`LocalDatabase::find`] takes the first that answers: the option `--to`, `[development] database` of the configuration,
//! the rule of the project's framework, its compose file ([`project`]). What it leaves open ([`settings`]) is libpq's default, with the variables that
//! libpq reads. Some databases are refused ([`guard`]).

use std::fmt::{self, Display};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{ConfigVars, Secret};
use crate::hint::Hint;
use crate::postgres::url::{PostgresUrl, is_url};
use crate::postgres::variables;
use crate::process::CommandLine;

mod guard;
mod options;
mod project;
mod settings;
mod source;

pub use guard::{is_this_machine, refuse_production};
pub use options::{DATABASE_VALUES, DatabaseOptions};
use project::{Entry, ways_out};
pub use settings::Settings;
pub use source::Source;

/// libpq's port.
const PORT: u16 = 5432;

/// A database that a command of `development` may work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDatabase {
    /// The project's name for it: `primary`, unless there are several.
    pub label: String,
    /// Whether it is the one that is meant where none is named.
    pub is_default: bool,
    /// Its name.
    pub name: String,
    /// The server's host, or the folder of its socket, which begins with `/`. None is libpq's own socket.
    pub host: Option<String>,
    /// The server's port.
    pub port: u16,
    /// The role. None is libpq's default, the one called like this machine's user.
    pub user: Option<String>,
    /// The role's password. None leaves it to libpq, which looks into `~/.pgpass`.
    pub password: Option<Secret>,
    /// How the connection is made, as [`PostgresUrl::parameters`] has it.
    pub parameters: Vec<(String, String)>,
    /// From where the name was read.
    pub source: Source,
    /// From where the server was read, where that is not the source of the name.
    pub server_source: Option<Source>,
}

impl LocalDatabase {
    /// The database that `options`, the configuration or the project name.
    ///
    /// Exit 2 where none is named, or in a way that cannot be read; exit 5 for one that is refused.
    pub fn find(context: &Context, options: &DatabaseOptions) -> Result<Self> {
        refuse_production()?;
        Self::of(chosen(found(context, options)?, options)?, options)
    }

    /// All databases that the project makes and migrates, or the one that `options` name.
    pub fn find_all(context: &Context, options: &DatabaseOptions) -> Result<Vec<Self>> {
        refuse_production()?;
        let entries = found(context, options)?;
        if options.database.is_some() {
            return Ok(vec![Self::of(chosen(entries, options)?, options)?]);
        }
        entries.into_iter().filter(|entry| entry.is_managed).map(|entry| Self::of(entry, options)).collect()
    }

    fn of(entry: Entry, options: &DatabaseOptions) -> Result<Self> {
        let (label, is_default) = (entry.label, entry.is_default);
        let database = Self { label, is_default, ..entry.settings?.completed(&environment_variable)? };
        guard::refuse(&database, options)?;
        Ok(database)
    }

    /// `line`, a program of PostgreSQL's, connecting to this database by [`variables`].
    pub fn connecting(&self, line: CommandLine) -> CommandLine {
        variables::connecting(&self.into(), line)
    }

    /// The same to another database of its server, such as `postgres`.
    pub fn connecting_to(&self, name: &str, line: CommandLine) -> CommandLine {
        variables::connecting(&PostgresUrl { name: Some(name.to_owned()), ..self.into() }, line)
    }

    /// Refuses a server that runs at a cloud provider: a port of this machine may be a tunnel to production. Exit 5; exit 1
    /// where the server cannot be asked.
    pub fn refuse_managed(&self) -> Result<()> {
        guard::refuse_managed(self)
    }

    /// Refuses the database where one of an app's config vars leads to it. Exit 5.
    pub fn refuse_app(&self, app: &str, vars: &ConfigVars) -> Result<()> {
        guard::refuse_app(self, app, vars)
    }

    /// The options that name it among the project's databases.
    pub fn label_words(&self) -> Vec<String> {
        vec!["--database".to_owned(), self.label.clone()]
    }

    /// `HOST:PORT`, or the socket.
    pub fn server(&self) -> String {
        match &self.host {
            Some(host) if host.contains(':') => format!("[{host}]:{}", self.port),
            Some(host) => format!("{host}:{}", self.port),
            None => format!("the local socket:{}", self.port),
        }
    }

    /// Whether its host is this machine without a doubt: a socket, `localhost`, or a loopback address.
    pub fn is_on_this_machine(&self) -> bool {
        self.host.as_deref().is_none_or(guard::is_this_machine)
    }

    /// Whether the server is reached through a socket of this machine.
    pub fn is_socket(&self) -> bool {
        self.host.as_deref().is_none_or(is_socket)
    }
}

/// Whether a host is the folder of a socket, or one in Linux' abstract namespace.
fn is_socket(host: &str) -> bool {
    host.starts_with(['/', '@'])
}

/// `NAME on HOST:PORT as USER (from config/database.yml:12)`.
impl Display for LocalDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.name, self.server())?;
        if let Some(user) = &self.user {
            write!(f, " as {user}")?;
        }
        match &self.server_source {
            Some(server) => write!(f, " (from {}; its server from {server})", self.source),
            None => write!(f, " (from {})", self.source),
        }
    }
}

/// A variable of the environment, unless it is empty.
fn environment_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The settings of the databases from the first source that has any, each with the project's name for it.
fn found(context: &Context, options: &DatabaseOptions) -> Result<Vec<Entry>> {
    let root = context.root()?.unwrap_or_default();
    let project = || project::entries(&root, &environment_variable);
    let alone = |settings: Result<Settings>| Ok(vec![Entry::new("primary", settings)]);
    if let Some(to) = &options.to {
        return alone(named(context, to.reveal(), Source::Option, project));
    }
    if let Some(database) = &context.config()?.development.database
        && options.database.is_none()
    {
        let source = Source::File { file: database.file.clone(), line: database.line, key: None };
        return alone(named(context, &database.text, source, project));
    }
    let entries = project()?;
    if entries.is_empty() {
        let looked = "looked at: DATABASE_URL, .env, config/database.yml, config/dev.exs, prisma/schema.prisma, config/config.json, compose files";
        return Err(ways_out(Error::usage(looked).context("no database of this machine found")));
    }
    Ok(entries)
}

/// The one of a project's databases that is meant. Exit 2 where that must be said.
fn chosen(entries: Vec<Entry>, options: &DatabaseOptions) -> Result<Entry> {
    let labels: Vec<String> = entries.iter().map(|entry| entry.label.clone()).collect();
    let is_meant = |entry: &Entry| match &options.database {
        Some(name) => entry.label == *name,
        None => entry.is_default,
    };
    entries.into_iter().find(is_meant).ok_or_else(|| {
        let error = match &options.database {
            Some(name) => {
                Error::usage(format!("{name:?} is none of the project's databases ({})", labels.join(", ")))
            }
            None => Error::usage(format!("the project has several databases: {}", labels.join(", "))),
        };
        labels
            .iter()
            .fold(error, |error, label| error.hint(Hint::line(["development", "which", "--database", label])))
    })
}

/// A name that stands for a database of the project's server, or a whole URL.
fn named(
    context: &Context,
    text: &str,
    source: Source,
    project: impl FnOnce() -> Result<Vec<Entry>>,
) -> Result<Settings> {
    if is_url(text) {
        return Settings::of_url(text, source);
    }
    let entries = project().and_then(|entries| {
        let default = entries.into_iter().find(|entry| entry.is_default);
        default.map(|entry| entry.settings).transpose()
    });
    match entries {
        Ok(Some(server)) => {
            let server_source = server.server_source.clone().unwrap_or_else(|| server.source.clone());
            let server_source = Some(server_source);
            Ok(Settings { name: Some(text.to_owned()), server_source, source, ..server })
        }
        Ok(None) => Ok(Settings::of_name(text, source)),
        Err(error) => {
            context
                .terminal
                .status(&format!("the project's server is not known, libpq's own is taken: {error}"));
            Ok(Settings::of_name(text, source))
        }
    }
}

impl From<&LocalDatabase> for PostgresUrl {
    fn from(database: &LocalDatabase) -> Self {
        Self {
            host: database.host.clone(),
            port: Some(database.port),
            user: database.user.clone(),
            password: database.password.clone(),
            name: Some(database.name.clone()),
            parameters: database.parameters.clone(),
        }
    }
}
