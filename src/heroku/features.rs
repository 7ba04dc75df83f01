//! Labs features of an app.

use serde::Deserialize;
use serde_json::json;

use super::change::Change;
use super::{Accept, AppName, Client};
use crate::error::Result;

#[derive(Deserialize)]
struct Feature {
    enabled: bool,
}

impl Client {
    /// Whether this feature of the app is on.
    pub fn has_feature(&self, app: &AppName, name: &str) -> Result<bool> {
        let feature: Feature = self.get(&path(app, name), Accept::V3)?;
        Ok(feature.enabled)
    }
}

/// Turns a feature of the app on.
pub fn enable_feature(app: &AppName, name: &str) -> Change {
    Change::patch(path(app, name), json!({ "enabled": true }))
}

fn path(app: &AppName, name: &str) -> String {
    format!("/apps/{app}/features/{name}")
}
