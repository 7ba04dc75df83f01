//! Phoenix' rule: the settings of the repo in `config/config.exs` and `config/dev.exs`, in which `url:` wins.

use std::collections::BTreeMap;
use std::path::Path;

use regex_lite::Regex;

use super::files;
use super::ruby::{Ruby, Value};
use super::variables::Variables;
use super::{Entry, number};
use crate::error::Result;
use crate::heroku::Secret;
use crate::postgres::local::{Settings, Source};

/// The files, in the order in which Mix reads them; a later one overrides.
const FILES: [&str; 3] = ["config/config.exs", "config/dev.exs", "config/dev.secret.exs"];

/// A setting's code, and where it stands.
#[derive(Clone)]
struct Setting {
    code: String,
    file: &'static str,
    line: usize,
}

/// The settings of a repo, by their keys.
type Repo = BTreeMap<String, Setting>;

/// The databases of the repos; none where there is no `config/dev.exs`, or no repo in it.
pub(super) fn entries(root: &Path, variables: &Variables<'_>) -> Result<Option<Vec<Entry>>> {
    if !files::has(root, FILES[1]) {
        return Ok(None);
    }
    let mut repos: Vec<(String, Repo)> = Vec::new();
    for file in FILES {
        let text = files::text(root, file)?.unwrap_or_default();
        for (name, settings) in repos_of(&text, file) {
            match repos.iter_mut().find(|(there, _)| *there == name) {
                Some((_, there)) => there.extend(settings),
                None => repos.push((name, settings)),
            }
        }
    }
    repos.retain(|(_, repo)| repo.contains_key("database") || repo.contains_key("url"));
    if let Some(line) = outside_production(&files::text(root, "config/runtime.exs")?.unwrap_or_default()) {
        let message = "it may set the database for development too, and is not run to find out";
        return Err(files::unread(Path::new("config/runtime.exs"), line, message));
    }
    let is_alone = repos.len() == 1;
    let entry = |(name, repo): &(String, Repo)| Entry {
        is_default: is_alone,
        ..Entry::new(name, settings(repo, variables))
    };
    Ok(Some(repos.iter().map(entry).collect()).filter(|entries: &Vec<Entry>| !entries.is_empty()))
}

/// The line of `config/runtime.exs` that sets a repo before it asks for production.
fn outside_production(text: &str) -> Option<usize> {
    let text = without_comments(text);
    let production = text.find(":prod").unwrap_or(text.len());
    let repo = heads()?.find(&text)?.start();
    (repo < production).then(|| line_of(&text, repo))
}

/// `config :app, App.Repo,`
fn heads() -> Option<Regex> {
    Regex::new(r"config\s*\(?\s*:[a-z_0-9]+,\s*([A-Z][A-Za-z0-9_.]*Repo[A-Za-z0-9_]*)\s*,").ok()
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The repos that a file sets, with their settings.
fn repos_of(text: &str, file: &'static str) -> Vec<(String, Repo)> {
    let text = without_comments(text);
    let repo = |found: regex_lite::Captures<'_>| {
        let (whole, name) = (found.get(0)?, found.get(1)?);
        let mut repo = Repo::new();
        let mut at = whole.end();
        while let Some((key, code, end)) = pair(&text, at) {
            let line = line_of(&text, at + text[at..].find(|c: char| !c.is_whitespace()).unwrap_or(0));
            repo.insert(key, Setting { code, file, line });
            at = end;
        }
        Some((name.as_str().to_owned(), repo))
    };
    heads().iter().flat_map(|heads| heads.captures_iter(&text)).filter_map(repo).collect()
}

/// The text with blanks for comments.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut is_quoted = false;
        let mut before = ' ';
        let comment = line.char_indices().find_map(|(at, c)| {
            let begins = c == '#' && !is_quoted;
            is_quoted ^= c == '"' && before != '\\';
            before = c;
            begins.then_some(at)
        });
        match comment {
            Some(at) => kept.extend([&line[..at], if line.ends_with('\n') { "\n" } else { "" }]),
            None => kept.push_str(line),
        }
    }
    kept
}

/// The `key: code` at this place, and the place behind its comma; a pair without a comma is the last.
fn pair(text: &str, at: usize) -> Option<(String, String, usize)> {
    let (key, rest) = text.get(at..)?.split_once(':')?;
    let key = key.trim();
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_key || !rest.starts_with([' ', '\n', '\t']) {
        return None;
    }
    let begins = text.len() - rest.len();
    let (mut depth, mut is_quoted, mut before) = (0_usize, false, ' ');
    for (offset, c) in rest.char_indices() {
        match c {
            '"' if before != '\\' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                return Some((key.to_owned(), rest[..offset].to_owned(), text.len()));
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                return Some((key.to_owned(), rest[..offset].to_owned(), begins + offset + 1));
            }
            '\n' if depth == 0 && ends_here(&rest[..offset], &rest[offset..]) => {
                return Some((key.to_owned(), rest[..offset].to_owned(), text.len()));
            }
            _ => {}
        }
        before = c;
    }
    Some((key.to_owned(), rest.to_owned(), text.len()))
}

/// Whether an expression ends with its line.
fn ends_here(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim(), after.trim_start());
    !before.is_empty() && !before.ends_with("||") && !after.starts_with("||") && !after.starts_with("|>")
}

fn settings(repo: &Repo, variables: &Variables<'_>) -> Result<Settings> {
    let lookup = |name: &str| variables.value(name);
    let ruby = Ruby { variable: &lookup, locals: BTreeMap::new() };
    let text = |key: &str| -> Result<Option<String>> {
        let Some(Setting { code, file, line }) = repo.get(key) else { return Ok(None) };
        let value = ruby.evaluate(code).map_err(|failure| files::unread(Path::new(file), *line, failure))?;
        Ok(Some(value)
            .filter(|value| *value != Value::Nil)
            .map(|value| value.to_string())
            .filter(|text| !text.is_empty()))
    };
    let source = |key: &str| {
        repo.get(key).map(|found| Source::File { file: files::path(found.file), line: found.line, key: None })
    };
    let url = match (text("url")?, source("url")) {
        (Some(url), Some(source)) => Some(Settings::of_url(&url, source)?),
        _ => None,
    };
    let port =
        match (text("port")?, repo.get("port")) {
            (Some(port), Some(setting)) => Some(number(&port).ok_or_else(|| {
                files::unread(Path::new(setting.file), setting.line, "its port is no number")
            })?),
            _ => None,
        };
    let socket = text("socket_dir")?;
    let host = if socket.is_some() { socket } else { text("hostname")? };
    let own = |url: Option<String>, key: &str| if url.is_some() { Ok(url) } else { text(key) };
    let Some(source) = url.as_ref().map(|url| url.source.clone()).or_else(|| source("database")) else {
        let Some((_, any)) = repo.first_key_value() else { return Ok(Settings::of_name("", Source::Option)) };
        return Err(files::unread(Path::new(any.file), any.line, "the repo has no database"));
    };
    let url = url.unwrap_or_else(|| Settings::nothing(source.clone()));
    // Postgrex asks libpq's variables, and then takes localhost.
    let localhost = variables.filled("PGHOST").is_none().then(|| "localhost".to_owned());
    Ok(Settings {
        name: own(url.name, "database")?,
        host: url.host.or(host).or(localhost),
        port: url.port.or(port),
        user: own(url.user, "username")?,
        password: match url.password {
            Some(password) => Some(password),
            None => text("password")?.map(Secret::new),
        },
        parameters: url.parameters,
        source,
        server_source: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn settings_end_where_the_list_ends() {
        let text = "config :a, A.Repo,\n  # note: \"x\"\n  database: \"a#b\", # c: 1\n  port: 5432,\n  ssl: [verify: :none]\n\n\
                    config :a, AWeb.Endpoint,\n  http: [port: 1]\n";
        let repos = repos_of(text, FILES[1]);
        let [(name, repo)] = repos.as_slice() else { panic!("one repo") };
        let shown: Vec<_> =
            repo.iter().map(|(key, found)| format!("{key}={}@{}", found.code.trim(), found.line)).collect();
        assert_eq!(name, "A.Repo");
        assert_eq!(shown, ["database=\"a#b\"@3", "port=5432@4", "ssl=[verify: :none]@5"]);
    }

    #[test]
    fn production_may_set_what_it_wants() {
        assert_eq!(
            outside_production("if config_env() == :prod do\n  config :a, A.Repo, url: x\nend\n"),
            None
        );
        assert_eq!(outside_production("\nconfig :a, A.Repo, url: x\n"), Some(2));
        assert_eq!(outside_production("config :a, :key, 1"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(config :a, A.Repo,|[a-z]+: |\"|#|\n|,|\\[|\\)|é| ){0,20}") {
            _ = repos_of(&text, FILES[1]);
        }
    }
}
