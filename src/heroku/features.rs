//! Labs features of an app.

use serde::Deserialize;
use serde_json::json;

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// A feature of an app.
#[derive(Clone, Debug, Deserialize)]
pub struct Feature {
    /// Its name, such as `preboot`.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// Whether it is on.
    pub enabled: bool,
}

impl Client {
    /// The features that the app may have.
    pub fn features(&self, app: &AppName) -> Result<Vec<Feature>> {
        self.list(&format!("/apps/{app}/features"), Accept::V3)
    }

    /// Whether this feature of the app is on.
    pub fn has_feature(&self, app: &AppName, name: &str) -> Result<bool> {
        let feature: Feature = self.get(&path(app, name), Accept::V3)?;
        Ok(feature.enabled)
    }
}

/// Turns a feature of the app on.
pub fn enable_feature(app: &AppName, name: &str) -> Change {
    Change::patch(path(app, name), json!({ "enabled": true })).outdates([app], Resource::FEATURED)
}

fn path(app: &AppName, name: &str) -> String {
    format!("/apps/{app}/features/{name}")
}
