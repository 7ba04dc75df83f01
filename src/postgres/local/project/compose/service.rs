//! A service of a compose file: whether it is a PostgreSQL server, its ports, and its variables.

use std::path::{Path, PathBuf};

use super::super::files;
use super::super::number;
use super::super::variables::Variables;
use super::super::yaml::{Kind, Map, Node};
use super::interpolation::interpolated;
use super::project::beside;
use super::{INNER, Published, Server};
use crate::dotenv;
use crate::error::Result;

/// The images that are PostgreSQL's, without registry, owner and tag.
const IMAGES: [&str; 9] = [
    "postgres",
    "postgis",
    "pgvector",
    "timescaledb",
    "timescaledb-ha",
    "postgresql",
    "citus",
    "alloydbomni",
    "supabase-postgres",
];

/// A service, as its file and the override say together.
pub(super) struct Service {
    pub(super) name: String,
    file: PathBuf,
    line: usize,
    /// Whether its image is PostgreSQL's.
    pub(super) is_postgresql: bool,
    ports: Vec<(Option<String>, Option<u16>, u16)>,
    environment: Vec<(String, String)>,
    /// What its `env_file`s set, which counts less.
    of_files: Vec<(String, String)>,
}

impl Service {
    pub(super) fn new(name: &str, file: &str, line: usize) -> Self {
        Self {
            name: name.to_owned(),
            file: files::path(file),
            line,
            is_postgresql: false,
            ports: Vec::new(),
            environment: Vec::new(),
            of_files: Vec::new(),
        }
    }

    /// Takes what a mapping says of it, whose paths begin at this folder.
    pub(super) fn take(
        &mut self,
        root: &Path,
        folder: &str,
        map: &Map,
        variables: &Variables<'_>,
    ) -> Result<()> {
        let text = |node: &Node| node.text().map(|text| interpolated(text, variables));
        if let Some(image) = map.get("image").and_then(|image| text(image)) {
            self.is_postgresql = is_postgresql(&image);
        }
        for file in map.get("env_file").map(|node| texts(node)).unwrap_or_default() {
            self.take_file(root, &beside(folder, &interpolated(&file, variables)))?;
        }
        let environment = map.get("environment");
        for item in environment.map(|node| node.list()).unwrap_or_default() {
            if let Some((name, value)) = text(item).as_deref().and_then(|text| text.split_once('=')) {
                set(&mut self.environment, name, value.to_owned());
            }
        }
        for (name, node) in environment.and_then(|node| node.map()).into_iter().flat_map(|map| &map.pairs) {
            let value = text(node).or_else(|| variables.value(name));
            if let Some(value) = value {
                set(&mut self.environment, name, value);
            }
        }
        for port in map.get("ports").map(|node| node.list()).unwrap_or_default() {
            self.take_port(port, &text);
        }
        Ok(())
    }

    /// The variables of an `env_file`, under those that are set in the compose file itself.
    fn take_file(&mut self, root: &Path, name: &str) -> Result<()> {
        let Some(text) = files::text(root, name)? else { return Ok(()) };
        let read = dotenv::parse(&text).map_err(|error| files::ways_out(error.in_file(Path::new(name))))?;
        for assignment in read {
            set(&mut self.of_files, &assignment.name, assignment.value);
        }
        Ok(())
    }

    fn take_port(&mut self, node: &Node, text: &dyn Fn(&Node) -> Option<String>) {
        if let Some(map) = node.map() {
            let part = |key: &str| map.get(key).and_then(|node| text(node));
            if let Some(target) = part("target").and_then(|target| number(&target)) {
                self.ports.push((part("host_ip"), part("published").and_then(|port| number(&port)), target));
            }
            return;
        }
        let Some(text) = text(node) else { return };
        let text = text.split_once('/').map_or(text.as_str(), |(ports, _)| ports);
        let (before, target) =
            text.rsplit_once(':').map_or((None, text), |(before, target)| (Some(before), target));
        let Some(target) = number(target) else { return };
        let (host, published) = match before {
            Some(before) => before.rsplit_once(':').map_or((None, before), |(host, port)| (Some(host), port)),
            None => (None, ""),
        };
        let host = host.map(|host| host.trim_matches(['[', ']']).to_owned());
        self.ports.push((host, number(published), target));
    }

    pub(super) fn server(self) -> Server {
        let setting = |name: &str| {
            let found = self.environment.iter().chain(&self.of_files).find(|(there, _)| there == name);
            found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        let port = self.ports.iter().rev().find(|(.., target)| *target == INNER);
        let published = match port {
            None => Published::Nothing,
            Some((_, None, _)) => Published::Any,
            Some((host, Some(port), _)) => {
                let any = |host: &String| ["0.0.0.0", "::"].contains(&host.as_str());
                Published::At(
                    host.clone().filter(|host| !any(host)).unwrap_or_else(|| "127.0.0.1".to_owned()),
                    *port,
                )
            }
        };
        let user = setting("POSTGRES_USER").unwrap_or_else(|| "postgres".to_owned());
        let database = setting("POSTGRES_DB").unwrap_or_else(|| user.clone());
        let password = setting("POSTGRES_PASSWORD");
        Server { service: self.name, published, user, password, database, file: self.file, line: self.line }
    }
}

fn set(variables: &mut Vec<(String, String)>, name: &str, value: String) {
    variables.retain(|(there, _)| there != name);
    variables.push((name.to_owned(), value));
}

/// The texts of a list, or the one text. An `env_file` may also be a mapping with a path.
pub(super) fn texts(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::List(list) => list.iter().flat_map(|node| texts(node)).collect(),
        Kind::Map(map) => map.get("path").map(|node| texts(node)).unwrap_or_default(),
        Kind::Scalar { .. } => node.text().map(str::to_owned).into_iter().collect(),
    }
}

/// Whether an image is PostgreSQL's.
fn is_postgresql(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    IMAGES.contains(&name) || name.starts_with("postgres") || name.starts_with("pgvector")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_postgresql() {
        for image in [
            "postgres",
            "postgres:16-alpine",
            "docker.io/postgis/postgis:15-3.4",
            "pgvector/pgvector:pg16",
            "timescale/timescaledb-ha:pg16",
            "ghcr.io/cloudnative-pg/postgresql:16",
            "postgres@sha256:0",
        ] {
            assert!(is_postgresql(image), "{image}");
        }
        for image in ["redis", "myorg/pgbouncer", "dpage/pgadmin4", "mysql:8"] {
            assert!(!is_postgresql(image), "{image}");
        }
    }
}
