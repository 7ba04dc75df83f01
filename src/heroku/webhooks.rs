//! Webhooks.

use serde::Deserialize;

use super::{Accept, Client, drains};
use crate::error::Result;
use crate::model::AppName;

/// A webhook of an app. Its URL may hold a secret, so that only its host can be told.
#[derive(Clone, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// The events it receives, such as `api:release`.
    #[serde(default)]
    pub include: Vec<String>,
    url: String,
}

impl Webhook {
    /// The host that is shown.
    pub fn host(&self) -> String {
        drains::host(&self.url)
    }
}

impl Client {
    /// The app's webhooks.
    pub fn webhooks(&self, app: &AppName) -> Result<Vec<Webhook>> {
        self.list(&format!("/apps/{app}/webhooks"), Accept::Webhooks)
    }
}
