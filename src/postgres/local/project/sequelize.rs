//! Sequelize's rule: the entry `development` of `config/config.json`, or of the JSON file that `.sequelizerc` names.

use std::path::Path;

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::files;
use super::variables::{Environment, Variables};
use super::{Entry, number};
use crate::error::{Error, Result};
use crate::heroku::Secret;
use crate::postgres::local::{Settings, Source};

/// Sequelize's own file.
const FILE: &str = "config/config.json";

/// The file that may name another one.
const RC: &str = ".sequelizerc";

/// The database; none where there is no such file, or another program's.
pub(super) fn entries(root: &Path, environment: Environment<'_>) -> Result<Option<Vec<Entry>>> {
    let file = files::text(root, RC)?.and_then(|text| named(&text)).unwrap_or_else(|| FILE.to_owned());
    if Path::new(&file).extension().is_none_or(|end| end != "json") {
        return Ok(None);
    }
    let Some(text) = files::text(root, &file)? else { return Ok(None) };
    let Ok(Value::Object(all)) = serde_json::from_str(&text) else { return Ok(None) };
    // Many programs have a file of this name.
    let Some(own) = all.get("development").and_then(Value::as_object).filter(|own| is_sequelizes(own)) else {
        return Ok(None);
    };
    Ok(Some(vec![Entry::new("primary", settings(root, &file, &text, own, environment))]))
}

fn is_sequelizes(own: &Map<String, Value>) -> bool {
    own.contains_key("dialect") || own.contains_key("use_env_variable")
}

/// The file in `'config': path.resolve('config', 'database.json')`.
fn named(text: &str) -> Option<String> {
    let call = Regex::new(r#"["']?config["']?\s*:\s*path\.(?:resolve|join)\(([^)]*)\)"#).ok()?;
    let found = call.captures(text)?;
    let parts = found[1].split(',').filter_map(|part| {
        let part = part.trim();
        part.strip_prefix(['\'', '"']).and_then(|part| part.strip_suffix(['\'', '"'])).map(str::to_owned)
    });
    Some(parts.collect::<Vec<_>>().join("/")).filter(|name| !name.is_empty() && !name.contains(".."))
}

fn settings(
    root: &Path,
    file: &str,
    text: &str,
    own: &Map<String, Value>,
    environment: Environment<'_>,
) -> Result<Settings> {
    let line = |key: &str| {
        let of = |from: usize, word: &str| {
            text.lines().skip(from).position(|line| line.contains(&format!("\"{word}\""))).map(|at| from + at)
        };
        of(0, "development").and_then(|begin| of(begin, key)).map_or(1, |line| line + 1)
    };
    let unread = |key: &str, message: String| files::unread(Path::new(file), line(key), message);
    if let Some(variable) = own.get("use_env_variable").and_then(Value::as_str) {
        let variables = Variables::with_files(environment, root, &[".env"])?;
        let found = variables.filled(variable).ok_or_else(|| {
            files::ways_out(Error::usage(format!(
                "{variable}, which {file} names, is set neither in the environment nor in .env"
            )))
        })?;
        return Settings::of_url(&found.value, found.source);
    }
    let value = |key: &str| match own.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match value("dialect") {
        Some(dialect) if dialect != "postgres" => {
            return Err(unread("dialect", format!("its dialect is {dialect}, and not postgres")));
        }
        _ => {}
    }
    let port = value("port")
        .map(|port| number(&port).ok_or_else(|| unread("port", "its port is no number".to_owned())));
    Ok(Settings {
        name: value("database"),
        host: value("host").or_else(|| Some("localhost".to_owned())),
        port: port.transpose()?,
        user: value("username"),
        password: value("password").map(Secret::new),
        ..Settings::nothing(Source::File { file: files::path(file), line: line("database"), key: None })
    })
}
