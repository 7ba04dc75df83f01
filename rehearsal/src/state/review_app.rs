//! Review apps, the setups of their apps, and the settings that a pipeline has for them.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::Answer;
use crate::state::{State, owner};

/// A review app; its app appears while it is being created.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReviewApp {
    pub(crate) id: String,
    /// The app's id.
    pub(crate) app: Option<String>,
    /// The id of the app's setup.
    pub(crate) setup: Option<String>,
    pub(crate) pipeline: usize,
    pub(crate) branch: String,
    pub(crate) number: Option<u64>,
    /// The id of the fork that has the branch.
    pub(crate) fork: Option<u64>,
    pub(crate) status: String,
    pub(crate) message: Option<String>,
    pub(crate) error_status: Option<String>,
    /// The config vars of the request that made it.
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// The setup of a review app's app: its build, and then its `postdeploy` script.
#[derive(Clone, Debug)]
pub(crate) struct AppSetup {
    pub(crate) id: String,
    pub(crate) app: usize,
    pub(crate) build: Option<String>,
    /// `pending`, `succeeded` or `failed`.
    pub(crate) status: &'static str,
    pub(crate) failure: Option<String>,
    /// The output and the exit status of the script.
    pub(crate) postdeploy: Option<(String, i32)>,
    pub(crate) created_at: String,
}

/// The repository that a pipeline is connected to.
#[derive(Clone, Debug)]
pub(crate) struct Connected {
    /// `owner/name`.
    pub(crate) full_name: String,
    /// A bare repository with its branches; none is the playhouse's history.
    pub(crate) path: Option<PathBuf>,
}

/// The settings of a pipeline with review apps.
#[derive(Clone, Debug)]
pub(crate) struct ReviewConfig {
    pub(crate) automatic: bool,
    pub(crate) destroy_stale: bool,
    pub(crate) stale_days: u64,
    pub(crate) wait_for_ci: bool,
    pub(crate) base_name: Option<String>,
    pub(crate) deploy_target: Value,
}

impl ReviewConfig {
    /// What is set when review apps are enabled.
    pub(crate) fn new() -> Self {
        Self {
            automatic: false,
            destroy_stale: false,
            stale_days: 5,
            wait_for_ci: false,
            base_name: None,
            deploy_target: json!({ "id": "us", "type": "region" }),
        }
    }

    /// Sets what the body of a request names.
    pub(crate) fn merge(&mut self, body: &Value) {
        for (key, field) in [
            ("automatic_review_apps", &mut self.automatic),
            ("destroy_stale_apps", &mut self.destroy_stale),
            ("wait_for_ci", &mut self.wait_for_ci),
        ] {
            *field = body[key].as_bool().unwrap_or(*field);
        }
        self.stale_days = body["stale_days"].as_u64().unwrap_or(self.stale_days);
        if let Some(name) = body["base_name"].as_str() {
            self.base_name = Some(name.to_owned());
        }
        if body["deploy_target"].is_object() {
            self.deploy_target = body["deploy_target"].clone();
        }
    }

    pub(crate) fn json(&self, pipeline: &str) -> Value {
        json!({
            "pipeline_id": pipeline,
            // The schema shows the repository by its number, whatever it is enabled with.
            "repo": { "id": 123_456 },
            "automatic_review_apps": self.automatic,
            "destroy_stale_apps": self.destroy_stale,
            "stale_days": self.stale_days,
            "wait_for_ci": self.wait_for_ci,
            "base_name": self.base_name,
            "deploy_target": self.deploy_target,
        })
    }
}

impl AppSetup {
    pub(crate) fn json(&self, state: &State) -> Value {
        let build = self.build.as_ref().and_then(|id| state.build(id)).map(|build| {
            let url = format!("{}/streams/{}", state.url, build.secret);
            json!({ "id": build.id, "status": build.status.word(), "output_stream_url": url })
        });
        let postdeploy =
            self.postdeploy.as_ref().map(|(output, code)| json!({ "output": output, "exit_code": code }));
        json!({
            "id": self.id,
            "app": { "id": state.apps[self.app].id(), "name": state.apps[self.app].name() },
            "build": build,
            "status": self.status,
            "failure_message": self.failure,
            "manifest_errors": [],
            "postdeploy": postdeploy,
            "resolved_success_url": null,
            "created_at": self.created_at,
            "updated_at": self.created_at,
        })
    }
}

impl State {
    /// A review app as the API shows it: its app by id only.
    pub(crate) fn review_app_json(&self, review: &ReviewApp) -> Value {
        let pipeline = &self.pipelines[review.pipeline];
        // An app that the panel named has no setup of its own; the API always has one.
        let setup = review.setup.as_ref().or(review.app.as_ref());
        json!({
            "id": review.id,
            "app": review.app.as_ref().map(|id| json!({ "id": id })),
            "app_setup": setup.map(|id| json!({ "id": id })),
            "pipeline": { "id": pipeline.id },
            "branch": review.branch,
            "pr_number": review.number,
            "status": review.status,
            "message": review.message,
            "error_status": review.error_status,
            "creator": owner(),
            "fork_repo": review.fork.map(|id| json!({ "id": id })),
            "wait_for_ci": pipeline.review_config.as_ref().is_some_and(|config| config.wait_for_ci),
            "created_at": review.created_at,
            "updated_at": review.updated_at,
        })
    }

    /// The review app with this id.
    pub(crate) fn review_app(&mut self, id: &str) -> Result<&mut ReviewApp, Answer> {
        let found = self.review_apps.iter_mut().find(|review| review.id == id);
        found.ok_or_else(|| Answer::missing("review app"))
    }

    /// Sets the status of a review app, if there still is one with this id.
    pub(crate) fn set_review_status(&mut self, id: &str, status: &str, message: Option<&str>) {
        if let Ok(review) = self.review_app(id) {
            status.clone_into(&mut review.status);
            review.message = message.map(str::to_owned);
            review.updated_at = clock::now();
        }
    }

    /// The setup with this id.
    pub(crate) fn setup(&mut self, id: &str) -> Result<&mut AppSetup, Answer> {
        let found = self.setups.iter_mut().find(|setup| setup.id == id);
        found.ok_or_else(|| Answer::missing("app setup"))
    }
}
