//! Laravel's rule: `DB_CONNECTION=pgsql`, `DB_URL`, and `DB_HOST` and its like, in the environment or in `.env`.

use std::path::Path;

use super::files;
use super::variables::{Found, Variables};
use super::{Entry, number};
use crate::error::{Error, Result};
use crate::heroku::Secret;
use crate::postgres::local::Settings;

/// Laravel's file with the databases, which is code.
const CODE: &str = "config/database.php";

/// The database; none where this is no Laravel project.
pub(super) fn entries(root: &Path, environment: super::Environment<'_>) -> Result<Option<Vec<Entry>>> {
    if !files::has(root, "artisan") {
        return Ok(None);
    }
    // A file of the mode that the environment names takes the place of `.env`.
    let own = environment("APP_ENV").map(|mode| format!(".env.{mode}")).filter(|name| files::has(root, name));
    let file = own.unwrap_or_else(|| ".env".to_owned());
    let variables = Variables::with_files(environment, root, &[&file])?;
    let code = files::text(root, CODE)?.unwrap_or_default();
    Ok(Some(vec![Entry::new("pgsql", settings(&variables, &code, &file))]))
}

fn settings(variables: &Variables<'_>, code: &str, file: &str) -> Result<Settings> {
    let urls: &[&str] = if code.contains("'DATABASE_URL'") { &["DATABASE_URL"] } else { &["DB_URL"] };
    let url = urls.iter().find_map(|name| variables.filled(name));
    let url = url.map(|Found { value, source }| Settings::of_url(&value, source)).transpose()?;
    let connection = variables.filled("DB_CONNECTION");
    let is_postgresql = match &connection {
        Some(Found { value, .. }) => value == "pgsql",
        None => code.contains("env('DB_CONNECTION', 'pgsql')"),
    };
    if url.is_none() && !is_postgresql {
        return Err(match connection {
            Some(Found { source, .. }) => Error::usage(format!("{source} is not pgsql")),
            None => Error::usage(format!("DB_CONNECTION is not set, in the environment or in {file}")),
        })
        .map_err(|error| files::ways_out(error.context("no PostgreSQL database found for Laravel")));
    }
    let name = variables.filled("DB_DATABASE");
    let source = match (&url, &name) {
        (Some(url), _) => url.source.clone(),
        (None, Some(Found { source, .. })) => source.clone(),
        (None, None) => {
            let error = Error::usage(format!("DB_DATABASE is not set, in the environment or in {file}"));
            return Err(files::ways_out(error.context("no database found for Laravel")));
        }
    };
    let url = url.unwrap_or_else(|| Settings::nothing(source.clone()));
    let text = |name: &str| variables.filled(name).map(|found| found.value);
    let port = text("DB_PORT").map(|port| {
        number(&port).ok_or_else(|| files::ways_out(Error::usage(format!("DB_PORT of {file} is no number"))))
    });
    let mode = text("DB_SSLMODE").map(|mode| ("sslmode".to_owned(), mode));
    Ok(Settings {
        name: url.name.or(name.map(|found| found.value)),
        host: url.host.or_else(|| text("DB_HOST")).or_else(|| Some("127.0.0.1".to_owned())),
        port: url.port.or(port.transpose()?),
        user: url.user.or_else(|| text("DB_USERNAME")),
        password: url.password.or_else(|| text("DB_PASSWORD").map(Secret::new)),
        parameters: url.parameters.into_iter().chain(mode).collect(),
        source,
        server_source: None,
    })
}
