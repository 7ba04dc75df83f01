//! Rails' rule: `config/database.yml`, in which `url:` wins, and `DATABASE_URL` or `NAME_DATABASE_URL` over what is left.
//! (activerecord, `database_configurations.rb`; railties, `application/configuration.rb`)

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::erb::{Template, Unread};
use super::files;
use super::variables::{Found, Variables};
use super::yaml::{self, Kind, Map, Merge, Node};
use super::{Entry, number};
use crate::error::{Error, Result};
use crate::heroku::Secret;
use crate::postgres::local::{Settings, Source};
use crate::postgres::url::PARAMETERS;

/// Rails' file.
pub(super) const FILE: &str = "config/database.yml";

/// The environment whose databases are looked for.
const MODE: &str = "development";

/// The adapters for PostgreSQL.
const ADAPTERS: [&str; 3] = ["postgresql", "postgis", "postgres"];

/// The databases of `config/database.yml`; none where there is no such file, or nothing for development in it.
pub(super) fn entries(root: &Path, variables: &Variables<'_>) -> Result<Option<Vec<Entry>>> {
    let Some(source) = files::text(root, FILE)? else { return Ok(None) };
    let lookup = |name: &str| variables.value(name);
    let template = Template::read(&source, &lookup).map_err(unread)?;
    let file = File { path: files::path(FILE), template: &template, variables };
    let root = yaml::parse(&template.text, Merge::InOrder)
        .map_err(|bad| unread(Unread::new(template.line(bad.line), bad.message)))?;
    let Some(root) = root else { return Ok(None) };
    let top = root.map().ok_or_else(|| unread(Unread::new(1, "it is no mapping")))?;
    if let Some(line) = template.unknown_in(&[], &[MODE, "shared"]) {
        return Err(unread(Unread::new(line, UNDECIDED)));
    }
    let (development, shared) = (top.get(MODE), top.get("shared").and_then(|shared| shared.map()));
    let Some(development) = development else { return Ok(None) };
    Ok(Some(file.of_environment(development, shared)?))
}

/// Why what stands under a condition is not read.
const UNDECIDED: &str = "whether these lines count is up to Ruby that is not run to find the database";

fn unread(unread: Unread) -> Error {
    files::unread(Path::new(FILE), unread.line, unread.message)
}

struct File<'a> {
    path: PathBuf,
    template: &'a Template<'a>,
    variables: &'a Variables<'a>,
}

/// Where a database's settings stand: its own mapping, then what is shared.
type Place<'a> = (&'a Node, Vec<&'a Map>);

impl File<'_> {
    fn of_environment(&self, node: &Rc<Node>, shared: Option<&Map>) -> Result<Vec<Entry>> {
        let Some(map) = node.map() else {
            // A URL alone.
            let settings = self.url_alone(node);
            return Ok(vec![Entry::new("primary", settings)]);
        };
        let is_three_tier = |map: &Map| map.pairs.iter().all(|(_, node)| node.map().is_some());
        if let Some(line) = self.template.unknown_in(&map.spans, &[]).filter(|_| is_three_tier(map)) {
            return Err(unread(Unread::new(line, UNDECIDED)));
        }
        if !is_three_tier(map) {
            let place = (node.as_ref(), [Some(map), shared].into_iter().flatten().collect());
            return Ok(vec![Entry::new("primary", self.settings("primary", &place))]);
        }
        let entry = |(name, node): &(String, Rc<Node>)| {
            let own = shared.filter(|shared| !is_three_tier(shared));
            let named = shared.filter(|shared| is_three_tier(shared));
            let named = named.and_then(|shared| shared.get(name)?.map());
            let place = (node.as_ref(), [node.map(), own, named].into_iter().flatten().collect());
            let mut entry = Entry::new(name, self.settings(name, &place));
            entry.is_managed =
                !self.is("replica", "true", &place) && !self.is("database_tasks", "false", &place);
            entry
        };
        let mut entries: Vec<Entry> = map.pairs.iter().map(entry).collect();
        let default = entries.iter().position(|entry| entry.label == "primary").unwrap_or(0);
        entries.iter_mut().enumerate().for_each(|(index, entry)| entry.is_default = index == default);
        Ok(entries)
    }

    fn source(&self, node: &Node) -> Source {
        Source::File { file: self.path.clone(), line: self.template.line(node.line), key: None }
    }

    fn url_alone(&self, node: &Node) -> Result<Settings> {
        let url = self
            .text(node)?
            .ok_or_else(|| unread(Unread::new(self.template.line(node.line), "it is empty")))?;
        Settings::of_url(&url, self.source(node))
    }

    /// What Rails makes of one database's settings.
    fn settings(&self, name: &str, place: &Place<'_>) -> Result<Settings> {
        let spans: Vec<_> = place.1.iter().flat_map(|map| map.spans.iter().copied()).collect();
        if let Some(line) = self.template.unknown_in(&spans, &[]) {
            return Err(unread(Unread::new(line, UNDECIDED)));
        }
        let key = |key: &str| place.1.iter().find_map(|map| map.get(key));
        if let Some(node) = key("url")
            && let Some(url) = self.text(node)?
        {
            return self.under(Settings::of_url(&url, self.source(node))?, place);
        }
        if let Some(Found { value, source }) = self.url_of(name) {
            return self.under(Settings::of_url(&value, source)?, place);
        }
        if let Some(node) = key("adapter")
            && let Some(adapter) = self.text(node)?
            && !ADAPTERS.contains(&adapter.as_str())
        {
            let message = format!("its adapter is {adapter}, and not one for PostgreSQL");
            return Err(unread(Unread::new(self.template.line(node.line), message)));
        }
        self.own(place)
    }

    /// `NAME_DATABASE_URL`, and for `primary` also `DATABASE_URL`.
    fn url_of(&self, name: &str) -> Option<Found> {
        let own = self.variables.filled(&format!("{}_DATABASE_URL", name.to_uppercase()));
        own.or_else(|| self.variables.filled("DATABASE_URL").filter(|_| name == "primary"))
    }

    /// The settings without a URL.
    fn own(&self, place: &Place<'_>) -> Result<Settings> {
        let key = |key: &str| place.1.iter().find_map(|map| map.get(key));
        let text = |name: &str| key(name).map_or(Ok(None), |node| self.text(node));
        let source = self.source(key("database").map_or(place.0, Rc::as_ref));
        let port = match (key("port"), text("port")?) {
            (Some(node), Some(text)) => Some(number(&text).ok_or_else(|| {
                unread(Unread::new(self.template.line(node.line), "its port is no number"))
            })?),
            _ => None,
        };
        let mut parameters = Vec::new();
        for (name, _) in PARAMETERS {
            parameters.extend(text(name)?.map(|value| (name.to_owned(), value)));
        }
        let user = text("username")?;
        Ok(Settings {
            name: text("database")?,
            host: text("host")?,
            port,
            user: if user.is_some() { user } else { text("user")? },
            password: text("password")?.map(Secret::new),
            parameters,
            source,
            server_source: None,
        })
    }

    /// A URL's settings, and under them the others: they are read only where the URL leaves something open.
    fn under(&self, url: Settings, place: &Place<'_>) -> Result<Settings> {
        let is_complete =
            url.name.is_some() && url.host.is_some() && url.port.is_some() && url.user.is_some();
        if is_complete && url.password.is_some() {
            return Ok(url);
        }
        let own = self.own(place)?;
        let mut parameters = url.parameters;
        for (name, value) in own.parameters {
            if !parameters.iter().any(|(there, _)| *there == name) {
                parameters.push((name, value));
            }
        }
        Ok(Settings {
            name: url.name.or(own.name),
            host: url.host.or(own.host),
            port: url.port.or(own.port),
            user: url.user.or(own.user),
            password: url.password.or(own.password),
            parameters,
            source: url.source,
            server_source: None,
        })
    }

    /// Whether a setting is this word; one that cannot be read is not.
    fn is(&self, key: &str, word: &str, place: &Place<'_>) -> bool {
        let node = place.1.iter().find_map(|map| map.get(key));
        node.is_some_and(|node| self.text(node).is_ok_and(|text| text.as_deref() == Some(word)))
    }

    /// A scalar's text as Rails sees it, after ERB and YAML; none where it is empty.
    fn text(&self, node: &Node) -> Result<Option<String>> {
        let Kind::Scalar { text, is_plain } = &node.kind else {
            return Err(unread(Unread::new(self.template.line(node.line), "it is no text")));
        };
        let (filled, is_changed) = self.template.fill(text).map_err(unread)?;
        if !is_changed {
            return Ok(node.text().filter(|text| !text.is_empty()).map(str::to_owned));
        }
        if !is_plain {
            return Ok(Some(filled).filter(|text| !text.is_empty()));
        }
        // What was inserted without quotes is YAML, too.
        let again =
            yaml::parse(&filled, Merge::InOrder).ok().map(|node| node.filter(|node| node.map().is_none()));
        match again {
            Some(None) if filled.trim().is_empty() || filled.trim_start().starts_with('#') => Ok(None),
            Some(Some(node)) if matches!(node.kind, Kind::Scalar { .. }) => {
                Ok(node.text().map(str::to_owned))
            }
            _ => Err(unread(Unread::new(
                self.template.line(node.line),
                "what is inserted here is no plain text",
            ))),
        }
    }
}
