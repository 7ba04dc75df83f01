//! The settings of a pipeline's review apps (`docs/heroku.md#review-apps`).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::change::{Change, Draft};
use super::review_apps::found;
use super::{Accept, Client};
use crate::error::Result;

/// The settings of a pipeline with review apps.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ReviewAppSettings {
    /// Whether each pull request gets a review app.
    pub automatic_review_apps: bool,
    /// Whether an app without a deploy for a while is destroyed.
    pub destroy_stale_apps: bool,
    /// After how many days.
    pub stale_days: u64,
    /// Whether a review app waits for the commit's checks to pass.
    pub wait_for_ci: bool,
    /// What the names of the apps begin with; none lets Heroku choose.
    pub base_name: Option<String>,
}

/// Which settings to change; what is none stays.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SettingsChange {
    /// Whether each pull request gets a review app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_review_apps: Option<bool>,
    /// Whether an app without a deploy for a while is destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destroy_stale_apps: Option<bool>,
    /// After how many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_days: Option<u64>,
    /// Whether a review app waits for the commit's checks to pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for_ci: Option<bool>,
    /// What the names of the apps begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_name: Option<String>,
}

impl SettingsChange {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        json!(self) == json!({})
    }

    /// Whether `settings` are what this change asks for.
    pub fn holds_in(&self, settings: &ReviewAppSettings) -> bool {
        let (wanted, seen) = (json!(self), json!(settings));
        wanted.as_object().into_iter().flatten().all(|(key, value)| seen[key] == *value)
    }
}

impl Client {
    /// The settings of the pipeline's review apps; `None` where they are not enabled.
    pub fn review_app_settings(&self, pipeline: &str) -> Result<Option<ReviewAppSettings>> {
        found(self.get(&path(pipeline), Accept::ReviewApps))
    }
}

/// Enables review apps for a pipeline that is connected to `repo`.
pub fn enable_review_apps(pipeline: &str, repo: &str, settings: &SettingsChange) -> Change {
    let mut body = json!(settings);
    body["repo"] = repo.into();
    finished(Change::post(path(pipeline), body))
}

/// Changes the settings of a pipeline's review apps.
pub fn change_review_app_settings(pipeline: &str, settings: &SettingsChange) -> Change {
    finished(Change::patch(path(pipeline), json!(settings)))
}

/// Disables review apps for a pipeline. Those that exist stay.
pub fn disable_review_apps(pipeline: &str) -> Change {
    finished(Change::delete(path(pipeline)))
}

fn finished(draft: Draft) -> Change {
    draft.accept(Accept::ReviewApps).outdates_nothing()
}

fn path(pipeline: &str) -> String {
    format!("/pipelines/{pipeline}/review-app-config")
}
