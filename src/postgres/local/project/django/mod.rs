//! Django's rule: the entry `default` of `DATABASES` in the settings, as far as it consists of texts, variables of the
//! environment, and URLs of `dj-database-url` or `django-environ`.

use std::path::Path;

use regex_lite::Regex;

use super::files;
use super::variables::{Environment, Variables};
use super::{Entry, number};
use crate::error::Result;
use crate::heroku::Secret;
use crate::postgres::local::{Settings, Source};
use crate::postgres::url::PARAMETERS;

mod module;
mod python;
mod value;

use module::Module;
use python::{Code, Expression};
use value::{Value, Values};

/// The program that each project has, which names its settings.
const PROGRAM: &str = "manage.py";

/// The databases of the settings; none where this is no Django project. The error for a line that is not read is inside.
pub(super) fn entries(root: &Path, environment: Environment<'_>) -> Result<Option<Result<Vec<Entry>>>> {
    let Some(text) = files::text(root, PROGRAM)?.filter(|text| text.to_lowercase().contains("django")) else {
        return Ok(None);
    };
    let name = environment("DJANGO_SETTINGS_MODULE").or_else(|| named(&text));
    let Some(module) = name.map(|name| Module::find(root, &name)).transpose()?.flatten() else {
        return Ok(Some(Err(files::unread(
            Path::new(PROGRAM),
            1,
            "its settings are in no file that is found",
        ))));
    };
    Ok(Some(of_module(root, &module, environment)))
}

/// The settings that `manage.py` names.
fn named(text: &str) -> Option<String> {
    let module = Regex::new(r#"DJANGO_SETTINGS_MODULE["'],\s*["']([A-Za-z0-9_.]+)["']"#).ok()?;
    Some(module.captures(text)?[1].to_owned())
}

fn of_module(root: &Path, module: &Module, environment: Environment<'_>) -> Result<Vec<Entry>> {
    let module = module.that_has_databases(root)?;
    let assigned = module.databases()?;
    let files: &[&str] = if module.reads_dotenv() { &[".env"] } else { &[] };
    let variables = Variables::with_files(environment, root, files)?;
    let values = Values { module: &module, variables: &variables };
    let Code::Dictionary(pairs) = &assigned.code else {
        return Err(module.unread(assigned.line, NOT_RUN));
    };
    let mut entries = Vec::new();
    for (label, expression) in pairs {
        let Value::Text(label, _) = values.of(label)? else {
            return Err(module.unread(label.line, NOT_RUN));
        };
        let mut entry = Entry::new(&label, settings(&values, expression));
        entry.is_default = label == "default";
        entries.push(entry);
    }
    if entries.is_empty() { Err(module.unread(assigned.line, "it has no databases")) } else { Ok(entries) }
}

/// Why a line is not read.
const NOT_RUN: &str = "it is Python that is not run to find the database";

/// The settings of one database: a dictionary, or a URL.
fn settings(values: &Values<'_>, expression: &Expression) -> Result<Settings> {
    let module = values.module;
    let pairs = match values.of(expression)? {
        Value::Url(url, source) => return Settings::of_url(&url, source),
        Value::Dictionary(pairs) => pairs,
        _ => return Err(module.unread(expression.line, NOT_RUN)),
    };
    let text = |name: &str| -> Result<Option<(String, usize, Source)>> {
        let Some(found) = value_of(&pairs, name) else { return Ok(None) };
        match values.of(found)? {
            Value::Text(text, source) => {
                Ok(Some((text, found.line, source)).filter(|(text, ..)| !text.is_empty()))
            }
            Value::Nothing => Ok(None),
            _ => Err(module.unread(found.line, NOT_RUN)),
        }
    };
    let Some((engine, line, _)) = text("ENGINE")? else {
        return Err(module.unread(expression.line, "it has no ENGINE"));
    };
    if !["postgresql", "postgis", "psqlextra"].iter().any(|known| engine.contains(known)) {
        return Err(module.unread(line, format!("its engine is {engine}, and not one for PostgreSQL")));
    }
    let port = match text("PORT")? {
        Some((port, line, _)) => {
            Some(number(&port).ok_or_else(|| module.unread(line, "its port is no number"))?)
        }
        None => None,
    };
    let name = text("NAME")?;
    let source = name.as_ref().map_or_else(|| module.source(expression.line), |(.., source)| source.clone());
    let only = |name: &str| -> Result<Option<String>> { Ok(text(name)?.map(|(text, ..)| text)) };
    Ok(Settings {
        name: name.map(|(name, ..)| name),
        host: only("HOST")?,
        port,
        user: only("USER")?,
        password: only("PASSWORD")?.map(Secret::new),
        parameters: parameters(values, &pairs)?,
        source,
        server_source: None,
    })
}

/// How the connection is made, from `OPTIONS`. What is not libpq's stays out.
fn parameters(values: &Values<'_>, pairs: &[(Expression, Expression)]) -> Result<Vec<(String, String)>> {
    let Some(options) = value_of(pairs, "OPTIONS") else { return Ok(Vec::new()) };
    let Value::Dictionary(pairs) = values.of(options)? else {
        return Err(values.module.unread(options.line, NOT_RUN));
    };
    let mut found = Vec::new();
    for (name, _) in PARAMETERS {
        let Some(expression) = value_of(&pairs, name) else { continue };
        match values.of(expression)? {
            Value::Text(text, _) => found.push((name.to_owned(), text)),
            _ => return Err(values.module.unread(expression.line, NOT_RUN)),
        }
    }
    Ok(found)
}

/// The value of a key of a dictionary; the last one counts.
fn value_of<'a>(pairs: &'a [(Expression, Expression)], name: &str) -> Option<&'a Expression> {
    pairs.iter().rfind(|(key, _)| key.code == Code::Text(name.to_owned())).map(|(_, value)| value)
}
