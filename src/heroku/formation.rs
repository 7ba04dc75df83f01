//! The formation: how many dynos of each process type an app has.

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, Quantity, Resource, Scaling};

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
        self.list(&path(app), Accept::V3)
    }
}

/// Lets no dyno run these process types.
pub fn scale_to_zero<'a>(app: &AppName, kinds: impl IntoIterator<Item = &'a str>) -> Change {
    let none = |kind: &str| Scaling { process_type: kind.to_owned(), quantity: Quantity::To(0), size: None };
    scale(app, &kinds.into_iter().map(none).collect::<Vec<_>>())
}

/// Changes how many dynos run process types, all of them or none; the answer is their [`Formation`].
///
/// A quantity that is relative to the present one is sent as a text with its sign, which only the Heroku CLI documents
/// (`docs/heroku.md#dynos-and-config-vars`), and never repeated.
pub fn scale(app: &AppName, changes: &[Scaling]) -> Change {
    let update = |change: &Scaling| {
        let quantity = match change.quantity {
            Quantity::To(number) => json!(number),
            Quantity::By(number) => json!(format!("{number:+}")),
        };
        let mut update = json!({ "type": change.process_type, "quantity": quantity });
        if let Some(size) = &change.size {
            update["dyno_size"] = json!({ "name": size.replace("Shield-", "Private-") });
        }
        update
    };
    let updates: Vec<Value> = changes.iter().map(update).collect();
    let request = Change::patch(path(app), json!({ "updates": updates }));
    let is_relative = changes.iter().any(|change| matches!(change.quantity, Quantity::By(_)));
    let request = if is_relative { request.once() } else { request };
    request.outdates([app], Resource::SCALED)
}

fn path(app: &AppName) -> String {
    format!("/apps/{app}/formation")
}
