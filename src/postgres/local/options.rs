//! The options that say which database of this machine is meant.

use std::convert::Infallible;
use std::str::FromStr;

use crate::heroku::Secret;
use crate::postgres::url::is_url;
use crate::values::{Values, Words};

/// What Tab offers for them.
pub const DATABASE_VALUES: Values =
    &[("to", &[Words::Free]), ("database", &[Words::Free]), ("remote_ok", &[Words::Free])];

/// Which database of this machine is meant.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct DatabaseOptions {
    /// Work on this database instead of the project's
    #[arg(long, value_name = "NAME|URL")]
    pub to: Option<Named>,

    /// Work on this one of the project's databases, such as `cache`
    #[arg(long, value_name = "NAME", conflicts_with = "to")]
    pub database: Option<String>,

    /// Accept a server on this host, which is not this machine
    #[arg(long, value_name = "HOST")]
    pub remote_ok: Vec<String>,
}

impl DatabaseOptions {
    /// The words that say the same again. A URL that may have a password stands as `URL`.
    pub fn words(&self) -> Vec<String> {
        let to = self.to.as_ref().map(|to| match to.reveal() {
            url if is_url(url) && (url.contains('@') || url.contains("password")) => "URL".to_owned(),
            name => name.to_owned(),
        });
        let named = [("--to", to), ("--database", self.database.clone())].into_iter();
        let named = named.filter_map(|(option, value)| Some((option, value?)));
        let hosts = self.remote_ok.iter().map(|host| ("--remote-ok", host.clone()));
        named.chain(hosts).flat_map(|(option, value)| [option.to_owned(), value]).collect()
    }
}

/// A database's name, or its URL, which may have a password.
#[derive(Clone, Debug)]
pub struct Named(Secret);

impl Named {
    /// What was typed.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl FromStr for Named {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(Secret::new(text)))
    }
}
