//! The PostgreSQL servers of a compose file, and how they are reached from this machine.

use std::path::{Path, PathBuf};

use super::variables::Environment;
use super::{Entry, files, several};
use crate::error::{Error, Result};
use crate::heroku::Secret;
use crate::hint::Hint;
use crate::postgres::local::{Settings, Source, is_this_machine};

mod interpolation;
mod project;
mod service;

use project::Project;
use service::Service;

/// The files, by their names without the ending; the first that is there counts, with its override.
const NAMES: [(&str, &str); 4] = [
    ("compose.yaml", "compose.override.yaml"),
    ("compose.yml", "compose.override.yml"),
    ("docker-compose.yaml", "docker-compose.override.yaml"),
    ("docker-compose.yml", "docker-compose.override.yml"),
];

/// PostgreSQL's port in its container.
const INNER: u16 = 5432;

/// A PostgreSQL server of a compose file.
pub(super) struct Server {
    service: String,
    /// The port that it publishes, if it does.
    published: Published,
    user: String,
    password: Option<String>,
    database: String,
    file: PathBuf,
    line: usize,
}

enum Published {
    /// Nothing.
    Nothing,
    /// A port that Docker chooses.
    Any,
    /// This address and port.
    At(String, u16),
}

/// The servers of the project's compose file.
pub(super) fn servers(root: &Path, environment: Environment<'_>) -> Result<Vec<Server>> {
    let Some((name, override_name)) = NAMES.into_iter().find(|(name, _)| files::has(root, name)) else {
        return Ok(Vec::new());
    };
    let services = Project::services(root, environment, &[name, override_name])?;
    Ok(services.into_iter().filter(|service| service.is_postgresql).map(Service::server).collect())
}

impl Server {
    fn source(&self) -> Source {
        Source::File { file: self.file.clone(), line: self.line, key: None }
    }

    /// The address and port on this machine. Exit 2 where there are none, with the line that gets there.
    fn address(&self) -> Result<(String, u16)> {
        let Self { service, file, line, user, database, .. } = self;
        let place = format!("{}:{line}", file.display());
        match &self.published {
            Published::At(host, port) => Ok((host.clone(), *port)),
            Published::Any => {
                let words = ["docker", "compose", "port", service, "5432"];
                let error = Error::usage("its port is one that Docker chooses");
                let error =
                    error.context(format!("the database of service {service} ({place}) cannot be reached"));
                Err(error
                    .hint(Hint::line(words).note("prints the port"))
                    .hint("development which --to postgres://USER:PASSWORD@127.0.0.1:PORT/NAME"))
            }
            Published::Nothing => {
                let words = ["docker", "compose", "exec", service, "psql", "-U", user, database];
                let error = Error::usage("it publishes no port, and is reached in its container only");
                let error =
                    error.context(format!("the database of service {service} ({place}) cannot be reached"));
                Err(error.hint(Hint::line(words).note("a session in the container")).hint(Hint::text(
                    format!("add `ports: [\"127.0.0.1:5432:5432\"]` to {service} in {place}"),
                )))
            }
        }
    }
}

/// The settings, with a host that is a service's name in the place of which stands how it is reached.
pub(super) fn reached(settings: Settings, servers: &[Server]) -> Result<Settings> {
    let host = settings.host.as_deref().filter(|host| !is_this_machine(host));
    let Some(server) = host.and_then(|host| servers.iter().find(|server| server.service == host)) else {
        return Ok(settings);
    };
    if settings.port.is_some_and(|port| port != INNER) {
        return Ok(settings);
    }
    let (host, port) = server.address()?;
    let server_source = Some(server.source());
    Ok(Settings { host: Some(host), port: Some(port), server_source, ..settings })
}

/// The database that a compose file alone names. Exit 5 where there are several.
pub(super) fn entries(servers: &[Server]) -> Result<Option<Vec<Entry>>> {
    let settings = |server: &Server| -> Result<Settings> {
        let (host, port) = server.address()?;
        Ok(Settings {
            name: Some(server.database.clone()),
            host: Some(host),
            port: Some(port),
            user: Some(server.user.clone()),
            password: server.password.clone().map(Secret::new),
            ..Settings::nothing(server.source())
        })
    };
    match servers {
        [] => Ok(None),
        [server] => Ok(Some(vec![Entry::new(&server.service, settings(server))])),
        _ => Err(several(&servers.iter().filter_map(|server| settings(server).ok()).collect::<Vec<_>>())),
    }
}
