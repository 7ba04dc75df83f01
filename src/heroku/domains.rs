//! Domains.

use serde::Deserialize;
use serde_json::Value;

use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

/// A domain of an app.
#[derive(Clone, Debug, Deserialize)]
pub struct Domain {
    /// Its name, such as `www.playhouse.example`.
    pub hostname: String,
    /// `heroku` for the one that every app has, else `custom`.
    pub kind: String,
    /// The target of its DNS record.
    pub cname: Option<String>,
}

impl Client {
    /// The app's domains.
    pub fn domains(&self, app: &AppName) -> Result<Vec<Domain>> {
        self.list(&format!("/apps/{app}/domains"), Accept::V3)
    }
    /// The same as the JSON that the API sent, by id as the Heroku CLI lists them.
    pub fn domains_as_told(&self, app: &AppName) -> Result<Vec<Value>> {
        self.pages(&format!("/apps/{app}/domains"), Accept::V3, "id ..; max=1000", usize::MAX)
    }
}
