//! The database of this machine that `development` works on: which one it is, and from where that was read.
//!
//! [`LocalDatabase::find`] takes the first that answers: the option `--to`, `[development] database` of the configuration,
//! `DATABASE_URL` in the environment. What it leaves open ([`settings`]) is libpq's default, with the variables that
//! libpq reads. Some databases are refused ([`guard`]).

use std::fmt::{self, Display};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::Secret;
use crate::hint::Hint;
use crate::postgres::url::{PostgresUrl, is_url};
use crate::postgres::variables;
use crate::process::CommandLine;

mod guard;
mod options;
mod settings;
mod source;

pub use guard::refuse_production;
pub use options::{DATABASE_VALUES, DatabaseOptions};
pub use settings::Settings;
pub use source::Source;

/// libpq's port.
const PORT: u16 = 5432;

/// A database that a command of `development` may work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDatabase {
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
        let database = found(context, options, &variable)?.completed(&variable)?;
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

    /// `HOST:PORT`, or the socket.
    pub fn server(&self) -> String {
        match &self.host {
            Some(host) if host.contains(':') => format!("[{host}]:{}", self.port),
            Some(host) => format!("{host}:{}", self.port),
            None => format!("the local socket:{}", self.port),
        }
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
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What is said of the database, by the first that says something.
fn found(
    context: &Context,
    options: &DatabaseOptions,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings> {
    if let Some(to) = &options.to {
        return named(to.reveal(), Source::Option, || project(variable));
    }
    if let Some(database) = &context.config()?.development.database {
        let source = Source::File { file: database.file.clone(), line: database.line, key: None };
        return named(&database.text, source, || project(variable));
    }
    project(variable)?.ok_or_else(|| {
        Error::usage(
            "no local database is named: neither by DATABASE_URL nor by [development] in greenroom.toml",
        )
        .hint(Hint::line(["development", "which", "--to", "NAME"]).note("a name, or a postgres:// URL"))
        .hint(
            Hint::setting("development.database", "NAME")
                .note("in greenroom.toml, above its first [section]"),
        )
    })
}

/// A name that stands for a database of the project's server, or a whole URL.
fn named(text: &str, source: Source, project: impl FnOnce() -> Result<Option<Settings>>) -> Result<Settings> {
    if is_url(text) {
        return Settings::of_url(text, source);
    }
    let Some(server) = project()? else { return Ok(Settings::of_name(text, source)) };
    Ok(Settings { name: Some(text.to_owned()), server_source: Some(server.source), source, ..server })
}

/// What the project itself says.
fn project(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Settings>> {
    let name = "DATABASE_URL";
    variable(name).map(|url| Settings::of_url(&url, Source::Variable(name.to_owned()))).transpose()
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
