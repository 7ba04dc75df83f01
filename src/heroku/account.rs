//! Whoever is logged in.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;

use super::{Accept, Client};
use crate::error::Result;

/// The account that the token belongs to.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// Its e-mail address.
    pub email: String,
    /// Whether a login takes a second factor.
    #[serde(default)]
    pub two_factor_authentication: bool,
    /// Whether an identity provider logs it in, whose second factor Heroku does not know.
    #[serde(default)]
    pub federated: bool,
    /// When Heroku suspended it, in RFC 3339; null where it is not.
    #[serde(default)]
    pub suspended_at: Option<String>,
    /// Since when it owes, in RFC 3339; null where it does not.
    #[serde(default)]
    pub delinquent_at: Option<String>,
}

/// What is known of the token that requests are sent with.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Seconds until it expires; none where it does not.
    pub expires_in: Option<i64>,
    /// What it may do, such as `global` or `read`.
    pub scope: Vec<String>,
}

impl Client {
    /// The account, and Heroku's clock at the answer where it was told.
    pub fn account(&self) -> Result<(Account, Option<Timestamp>)> {
        let (account, date) = self.get_dated("/account", Accept::V3)?;
        Ok((account, date.and_then(|date| rfc2822::parse(&date).ok()).map(|date| date.timestamp())))
    }

    /// What is known of the client's own token; `None` where the account's list does not have it.
    ///
    /// The list holds tokens: none leaves this function.
    pub fn authorization(&self) -> Result<Option<Authorization>> {
        #[derive(Deserialize)]
        struct Listed {
            access_token: Option<AccessToken>,
            #[serde(default)]
            scope: Vec<String>,
        }
        #[derive(Deserialize)]
        struct AccessToken {
            token: String,
            expires_in: Option<i64>,
        }
        let all: Vec<Listed> = self.list("/oauth/authorizations", Accept::V3)?;
        let own = |listed: Listed| {
            let token = listed.access_token.filter(|token| self.is_own_token(&token.token))?;
            Some(Authorization { expires_in: token.expires_in, scope: listed.scope })
        };
        Ok(all.into_iter().find_map(own))
    }
}
