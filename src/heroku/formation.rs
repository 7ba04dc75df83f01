//! The formation: how many dynos of each process type an app has.

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

/// A process type, and how many dynos run it.
#[derive(Clone, Debug, Deserialize)]
pub struct Formation {
    /// The process type, such as `web`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many dynos.
    pub quantity: u64,
    /// Their size, such as `Standard-1X`.
    #[serde(default)]
    pub size: String,
}

impl Client {
    /// The app's process types; none before its first slug.
    pub fn formation(&self, app: &AppName) -> Result<Vec<Formation>> {
        self.list(&format!("/apps/{app}/formation"), Accept::V3)
    }
}

/// Lets no dyno run these process types.
pub fn scale_to_zero<'a>(app: &AppName, kinds: impl IntoIterator<Item = &'a str>) -> Change {
    let updates: Vec<Value> = kinds.into_iter().map(|kind| json!({ "type": kind, "quantity": 0 })).collect();
    Change::patch(format!("/apps/{app}/formation"), json!({ "updates": updates }))
}
