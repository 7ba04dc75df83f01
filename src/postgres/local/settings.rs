//! What a place says of a database. The rest is libpq's default, and what its variables say.

use super::{LocalDatabase, PORT, Source};
use crate::error::{Error, Result};
use crate::heroku::Secret;
use crate::hint::Hint;
use crate::postgres::url::PostgresUrl;

/// The settings of a database in one source. Any of them may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database's name.
    pub name: Option<String>,
    /// The server's host, or the folder of its socket.
    pub host: Option<String>,
    /// The server's port.
    pub port: Option<u16>,
    /// The role.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// How the connection is made, as [`PostgresUrl::parameters`] has it.
    pub parameters: Vec<(String, String)>,
    /// The place.
    pub source: Source,
    /// The place of the server, where it is another one.
    pub server_source: Option<Source>,
}

impl Settings {
    /// A name alone.
    pub fn of_name(name: &str, source: Source) -> Self {
        Self { name: Some(name.to_owned()), ..Self::nothing(source) }
    }

    /// Nothing but the place.
    pub fn nothing(source: Source) -> Self {
        Self {
            name: None,
            host: None,
            port: None,
            user: None,
            password: None,
            parameters: Vec::new(),
            source,
            server_source: None,
        }
    }

    /// A URL. Exit 2 for what is none, without its text.
    pub fn of_url(url: &str, source: Source) -> Result<Self> {
        let url: PostgresUrl = url.parse().map_err(|bad| {
            Error::usage(bad).context(format!("the database's URL from {source} cannot be used"))
        })?;
        let PostgresUrl { host, port, user, password, name, parameters } = url;
        Ok(Self { name, host, port, user, password, parameters, source, server_source: None })
    }

    /// Whether both mean the same database.
    pub fn is_same(&self, other: &Self) -> bool {
        let server = |settings: &Self| (settings.host.clone(), settings.port.unwrap_or(PORT));
        self.name == other.name && server(self) == server(other)
    }

    /// One line, for a choice between several.
    pub fn summary(&self) -> String {
        let name = self.name.as_deref().unwrap_or("a database without a name");
        let host = self.host.as_deref().unwrap_or("the local socket");
        let from = self.server_source.as_ref().unwrap_or(&self.source);
        format!("{name} on {host}:{} (from {from})", self.port.unwrap_or(PORT))
    }

    /// The database, with what libpq's variables say of what is open. Exit 2 where nothing says its name.
    pub fn completed(self, variable: &dyn Fn(&str) -> Option<String>) -> Result<LocalDatabase> {
        let port = match (self.port, variable("PGPORT")) {
            (Some(port), _) => port,
            (None, Some(text)) => text.parse().map_err(|_| {
                Error::usage("PGPORT in the environment is no port").hint(Hint::line(["unset", "PGPORT"]))
            })?,
            (None, None) => PORT,
        };
        let Some(name) = self.name.or_else(|| variable("PGDATABASE")) else {
            return Err(Error::usage(format!("no database is named by {}, only a server", self.source))
                .hint(Hint::line(["development", "which", "--to", "NAME"])));
        };
        let libpqs = variable("PGHOST").filter(|_| self.host.is_none());
        let from_libpq = libpqs.as_ref().map(|_| Source::Variable("PGHOST".to_owned()));
        Ok(LocalDatabase {
            label: String::new(),
            is_default: true,
            name,
            host: self.host.or(libpqs),
            port,
            user: self.user.or_else(|| variable("PGUSER")),
            password: self.password.or_else(|| variable("PGPASSWORD").map(Secret::new)),
            parameters: self.parameters,
            source: self.source,
            server_source: from_libpq.or(self.server_source),
        })
    }
}
