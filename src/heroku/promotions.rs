//! Promotions: a slug goes from one app of a pipeline to others.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Accept, Client, Id};
use crate::error::Result;
use crate::model::PromotionStatus;

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
pub const PROMOTIONS: &str = "/pipeline-promotions";

/// The body that starts a promotion: exactly this release of `source`, to the apps of these ids.
pub fn promotion_body(pipeline: &str, source: &str, release: &str, targets: &[&str]) -> Value {
    let targets: Vec<Value> = targets.iter().map(|id| json!({ "app": { "id": id } })).collect();
    json!({
        "pipeline": { "id": pipeline },
        "source": { "app": { "id": source }, "release": { "id": release } },
        "targets": targets,
    })
}

impl Client {
    /// Starts a promotion; see [`promotion_body`].
    pub fn start_promotion(&self, body: &Value) -> Result<Promotion> {
        self.post(PROMOTIONS, Accept::V3, body)
    }

    /// How a promotion goes.
    pub fn promotion_targets(&self, promotion: &str) -> Result<Vec<PromotionTarget>> {
        self.list(&format!("{PROMOTIONS}/{promotion}/promotion-targets"), Accept::V3)
    }
}
