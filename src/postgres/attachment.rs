//! Which database at Heroku is meant, as the Heroku CLI decides it: `DATABASE_URL` unless something else is named.

use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client, ConfigVars, DatabaseAttachment, Secret};
use crate::hint::Hint;
use crate::model::AppName;
use crate::parallel::both;

/// The attachment that is meant where none is named.
pub const DEFAULT: &str = "DATABASE_URL";

/// The database that `word` means in an app: an attachment, a config var, an add-on's name, or `APP::` and one of these.
/// Exit 1 where there is none, or more than one.
///
/// The database may belong to another app than the one it is attached to ([`DatabaseAttachment::is_foreign`]).
pub fn resolve(client: &Client, app: &AppName, word: Option<&str>) -> Result<DatabaseAttachment> {
    let word = word.unwrap_or(DEFAULT);
    let (app, word) = match word.split_once("::") {
        Some((other, word)) if !other.is_empty() && !word.is_empty() => {
            (other.parse().map_err(|error| Error::new(Kind::Usage, error))?, word)
        }
        _ => (app.clone(), word),
    };
    let found = match client.resolve_attachment(&app, word) {
        Ok(found) => found,
        Err(error) if is_missing(&error) => return by_value(client, &app, word),
        Err(error) => return Err(error),
    };
    let mut databases: Vec<_> = found.into_iter().filter(DatabaseAttachment::is_database).collect();
    if databases.len() > 1 {
        databases.retain(|database| database.namespace.is_none());
    }
    if databases.len() > 1 && !are_one(client, &app, &databases)? {
        let names: Vec<&str> = databases.iter().map(|database| &*database.name).collect();
        return Err(Error::failed(format!("{word} of {app} may be any of {}", names.join(", ")))
            .hint("name one of them"));
    }
    let found = databases.into_iter().next();
    found.ok_or_else(|| {
        Error::failed(format!("{word} of {app} is not a Heroku Postgres database"))
            .hint_about(&app, ["addons"])
    })
}

/// The database whose config var has the same value as the one that is named `word`: copies of a URL are no attachments.
fn by_value(client: &Client, app: &AppName, word: &str) -> Result<DatabaseAttachment> {
    let (attachments, vars) = both(|| client.database_attachments(app), || client.config_vars(app.as_ref()));
    let (attachments, vars) = (attachments?, vars?);
    if attachments.is_empty() {
        return Err(
            Error::failed(format!("{app} has no Heroku Postgres database")).hint_about(app, ["addons"])
        );
    }
    let wanted = vars.get(word).or_else(|| vars.get(&format!("{word}_URL")));
    let names: Vec<String> = attachments.iter().map(|attachment| attachment.name.clone()).collect();
    let found =
        attachments.into_iter().find(|attachment| wanted.is_some() && url(attachment, &vars) == wanted);
    found.ok_or_else(|| {
        Error::failed(format!("no database {word} found in {app}"))
            .hint(Hint::text(format!("its databases are {}", names.join(", "))))
    })
}

/// Whether attachments are one database under several names, with one URL.
fn are_one(client: &Client, app: &AppName, databases: &[DatabaseAttachment]) -> Result<bool> {
    let of = |database: &DatabaseAttachment| (database.addon.id.clone(), database.app.id.clone());
    if databases.iter().any(|database| of(database) != of(&databases[0])) {
        return Ok(false);
    }
    let vars = client.config_vars(app.as_ref())?;
    let first = url(&databases[0], &vars);
    Ok(first.is_some() && databases.iter().all(|database| url(database, &vars) == first))
}

/// The URL of an attachment among the config vars of its app.
pub fn url<'a>(database: &DatabaseAttachment, vars: &'a ConfigVars) -> Option<&'a Secret> {
    vars.get(database.url_var()?)
}

fn is_missing(error: &Error) -> bool {
    error
        .downcast_ref::<ApiError>()
        .is_some_and(|refusal| refusal.status == 404 && refusal.resource.as_deref() != Some("app"))
}
