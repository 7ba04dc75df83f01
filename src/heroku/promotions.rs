//! Promotions: a slug goes from one app of a pipeline to others.

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::{Accept, App, Client, Id};
use crate::error::Result;
use crate::model::{PromotionStatus, Resource};

/// A promotion that was started.
#[derive(Clone, Debug, Deserialize)]
pub struct Promotion {
    /// Its id.
    pub id: String,
}

/// How a promotion goes for one of its targets.
#[derive(Clone, Debug, Deserialize)]
pub struct PromotionTarget {
    /// The app, by id only.
    pub app: Id,
    /// The release it made there, once it exists.
    pub release: Option<Id>,
    /// How far it is.
    pub status: PromotionStatus,
    /// Why it failed.
    pub error_message: Option<String>,
}

/// Where promotions are started.
const PROMOTIONS: &str = "/pipeline-promotions";

/// Starts a promotion of exactly this release of `source` to the targets; the answer is a [`Promotion`].
pub fn start_promotion(pipeline: &str, source: &App, release: &str, targets: &[&App]) -> Change {
    let bodies: Vec<Value> = targets.iter().map(|app| json!({ "app": { "id": app.id } })).collect();
    let body = json!({
        "pipeline": { "id": pipeline },
        "source": { "app": { "id": source.id }, "release": { "id": release } },
        "targets": bodies,
    });
    Change::post(PROMOTIONS, body).outdates(targets.iter().map(|app| &app.name), Resource::RELEASED)
}

impl Client {
    /// How a promotion goes.
    pub fn promotion_targets(&self, promotion: &str) -> Result<Vec<PromotionTarget>> {
        self.list(&format!("{PROMOTIONS}/{promotion}/promotion-targets"), Accept::V3)
    }
}
