//! The rule of everything that reads one URL: Prisma, Knex, and whatever else looks at `DATABASE_URL`.

use std::path::Path;

use regex_lite::Regex;

use super::files;
use super::variables::{Environment, Found, OF_DEVELOPMENT, Variables};
use super::{Entry, several};
use crate::error::{Error, Result};
use crate::postgres::local::Settings;

/// The variable that nearly everything reads.
const DATABASE_URL: &str = "DATABASE_URL";

/// The database in `DATABASE_URL` of the environment or of a file.
///
/// Libraries differ in the files that they read. Where that makes a difference, it is refused: exit 5.
pub(super) fn entries(root: &Path, environment: Environment<'_>) -> Result<Option<Vec<Entry>>> {
    let found = |files: &[&str]| -> Result<Option<Settings>> {
        of(DATABASE_URL, &Variables::with_files(environment, root, files)?)
    };
    let (all, one) = (found(&OF_DEVELOPMENT)?, found(&[".env"])?);
    match (all, one) {
        (Some(all), Some(one)) if !all.is_same(&one) => Err(several(&[all, one])),
        (Some(settings), _) => Ok(Some(vec![Entry::new("primary", Ok(settings))])),
        (None, _) => Ok(None),
    }
}

/// The database in one variable.
fn of(name: &str, variables: &Variables<'_>) -> Result<Option<Settings>> {
    let found = variables.filled(name);
    found.map(|Found { value, source }| Settings::of_url(&value, source)).transpose()
}

/// Where Prisma's schema is.
const SCHEMAS: [&str; 3] = ["prisma/schema.prisma", "schema.prisma", "prisma/schema/schema.prisma"];

/// Where its configuration is, which from Prisma 7 on has the URL.
const CONFIGURATIONS: [&str; 2] = ["prisma.config.ts", "prisma.config.js"];

/// The database of Prisma's schema; none without one.
pub(super) fn prisma(root: &Path, environment: Environment<'_>) -> Result<Option<Vec<Entry>>> {
    let mut schema = None;
    for name in SCHEMAS.into_iter().filter(|name| files::has(root, name)) {
        schema = schema.or(files::text(root, name)?.map(|text| (name, text)));
    }
    let Some((name, text)) = schema else { return Ok(None) };
    let at = text.lines().position(|line| line.trim_start().starts_with("datasource "));
    let source: Vec<&str> =
        text.lines().skip(at.unwrap_or(usize::MAX)).take_while(|line| line.trim() != "}").collect();
    let value = |key: &str| {
        let line = source.iter().position(|line| line.split_whitespace().next() == Some(key))?;
        let (_, value) = source[line].split_once('=')?;
        Some((value.split(" //").next().unwrap_or_default().trim(), at.unwrap_or_default() + line + 1))
    };
    if let Some((provider, line)) = value("provider")
        && !["\"postgresql\"", "\"postgres\"", "\"cockroachdb\""].contains(&provider)
    {
        return Err(files::unread(Path::new(name), line, format!("its provider is {provider}")));
    }
    let settings = match value("url") {
        Some((url, line)) => match (variable_of(url), url.trim_matches('"')) {
            (Some(variable), _) => named(&variable, root, environment),
            (None, text) if text.len() + 2 == url.len() => {
                let source =
                    crate::postgres::local::Source::File { file: files::path(name), line, key: None };
                Settings::of_url(text, source)
            }
            _ => Err(files::unread(Path::new(name), line, "its url is neither a text nor env(\"NAME\")")),
        },
        None => named(&configured(root)?.unwrap_or_else(|| DATABASE_URL.to_owned()), root, environment),
    };
    Ok(Some(vec![Entry::new("primary", settings)]))
}

/// The variable that Prisma's configuration names.
fn configured(root: &Path) -> Result<Option<String>> {
    for name in CONFIGURATIONS {
        if let Some(text) = files::text(root, name)? {
            return Ok(variable_of(&text));
        }
    }
    Ok(None)
}

/// The variable that `env(…)` names, or `process.env.NAME`.
fn variable_of(code: &str) -> Option<String> {
    let named = Regex::new(r#"\benv\(\s*["']([A-Za-z0-9_]+)["']|process\.env\.([A-Za-z0-9_]+)"#).ok()?;
    let found = named.captures(code)?;
    Some(found.get(1).or(found.get(2))?.as_str().to_owned())
}

/// Prisma reads `.env` here and beside its schema, and refuses where they differ.
fn named(variable: &str, root: &Path, environment: Environment<'_>) -> Result<Settings> {
    let found = |file| of(variable, &Variables::with_files(environment, root, &[file])?);
    match (found(".env")?, found("prisma/.env")?) {
        (Some(one), Some(other)) if !one.is_same(&other) => Err(several(&[one, other])),
        (Some(settings), _) | (None, Some(settings)) => Ok(settings),
        (None, None) => Err(files::ways_out(Error::usage(format!(
            "{variable}, which Prisma reads, is set neither in the environment nor in .env"
        )))),
    }
}
