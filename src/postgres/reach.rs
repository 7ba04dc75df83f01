//! Whether programs of this machine can connect to an app's database, and where it is.

use super::{PostgresUrl, attachment};
use crate::error::{Error, Result};
use crate::heroku::{Client, DatabaseAttachment};

/// How a database is reached.
#[derive(Clone, Debug)]
pub enum Reach {
    /// By its URL.
    Url(PostgresUrl),
    /// By the Heroku CLI alone, through its tunnel or from a dyno; the reason.
    OnlyByHeroku(&'static str),
}

impl Reach {
    /// How a database is reached. Exit 1 where the app has no URL of it that can be used.
    pub fn of(client: &Client, database: &DatabaseAttachment) -> Result<Self> {
        if ["private", "shield"].iter().any(|word| database.plan().contains(word)) {
            return Ok(Self::OnlyByHeroku("the database is in a private space"));
        }
        let vars = client.config_vars(database.app.name.as_ref())?;
        let tunnel =
            |name: &str| vars.contains_key(&format!("{}_BASTION_KEY", name.trim_end_matches("_URL")));
        if database.url_var().is_some_and(tunnel) {
            return Ok(Self::OnlyByHeroku("the database is reached through a bastion"));
        }
        let url = attachment::url(database, &vars).ok_or_else(|| {
            Error::failed(format!("{database} has no config var with its URL"))
                .hint_about(&database.app.name, ["pg:info"])
        })?;
        let url = url
            .reveal()
            .parse()
            .map_err(|bad| Error::failed(bad).context(format!("the URL of {database} cannot be used")))?;
        Ok(Self::Url(url))
    }
}
