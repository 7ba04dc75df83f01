//! Pipelines, the apps coupled to them, and promotions.

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::Answer;
use crate::state::release::ConfigVars;
use crate::state::review_app::{Connected, ReviewConfig};
use crate::state::{State, owner};

/// A pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) id: String,
    pub(crate) name: String,
    /// A user or a team, as `{id, type}`.
    pub(crate) owner: Value,
    pub(crate) created_at: String,
    /// The connected repository, if there is one.
    pub(crate) connected: Option<Connected>,
    /// The review-app settings, while review apps are enabled.
    pub(crate) review_config: Option<ReviewConfig>,
    /// The config vars that new review apps get.
    pub(crate) review_vars: ConfigVars,
    /// A deleted one keeps its index, but cannot be found.
    pub(crate) deleted: bool,
}

/// An app's place in a pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Coupling {
    pub(crate) id: String,
    /// The app's id.
    pub(crate) app: String,
    pub(crate) pipeline: usize,
    pub(crate) stage: String,
    pub(crate) created_at: String,
}

/// A promotion, pending or completed.
#[derive(Clone, Debug)]
pub(crate) struct Promotion {
    pub(crate) id: String,
    pub(crate) pipeline: usize,
    pub(crate) source: usize,
    /// The source's release: id, `vN`, and its slug.
    pub(crate) release: String,
    pub(crate) targets: Vec<Target>,
    pub(crate) created_at: String,
    pub(crate) updated_at: Option<String>,
}

/// The result of a promotion in one app.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) app: usize,
    pub(crate) release: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) error: Option<String>,
}

impl Pipeline {
    /// A pipeline of the user's.
    pub(crate) fn new(id: String, name: String, created_at: String) -> Self {
        Self {
            id,
            name,
            owner: json!({ "id": owner()["id"], "type": "user" }),
            created_at,
            connected: None,
            review_config: None,
            review_vars: ConfigVars::new(),
            deleted: false,
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "owner": self.owner,
            "generation": { "id": "0d0d0d0d-57a6-4e00-8000-0000000000ce", "name": "cedar" },
            "created_at": self.created_at,
            "updated_at": self.created_at,
        })
    }
}

impl Promotion {
    pub(crate) fn json(&self, state: &State) -> Value {
        let done = self.targets.iter().all(|target| target.status != "pending");
        json!({
            "id": self.id,
            "pipeline": { "id": state.pipelines[self.pipeline].id },
            "source": { "app": { "id": state.apps[self.source].id() }, "release": { "id": self.release } },
            "status": if done { "completed" } else { "pending" },
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    pub(crate) fn targets_json(&self, state: &State) -> Value {
        let target = |target: &Target| {
            json!({
                "id": target.id,
                "app": { "id": state.apps[target.app].id() },
                "pipeline_promotion": { "id": self.id },
                "release": target.release.as_ref().map(|id| json!({ "id": id })),
                "status": target.status,
                "error_message": target.error,
            })
        };
        self.targets.iter().map(target).collect()
    }
}

impl State {
    /// The index of the pipeline with this name or UUID.
    pub(crate) fn pipeline(&self, word: &str) -> Result<usize, Answer> {
        let is_meant =
            |pipeline: &Pipeline| !pipeline.deleted && (pipeline.name == word || pipeline.id == word);
        let found = self.pipelines.iter().position(is_meant);
        found.ok_or_else(|| Answer::missing("pipeline"))
    }

    /// The coupling of an app.
    pub(crate) fn coupling_of(&self, app: usize) -> Option<&Coupling> {
        self.couplings.iter().find(|coupling| coupling.app == self.apps[app].id())
    }

    /// A coupling as the API shows it. It has the pipeline's name, although the schema does not list it.
    pub(crate) fn coupling_json(&self, coupling: &Coupling) -> Value {
        let pipeline = &self.pipelines[coupling.pipeline];
        json!({
            "id": coupling.id,
            "app": { "id": coupling.app },
            "pipeline": { "id": pipeline.id, "name": pipeline.name },
            "stage": coupling.stage,
            "created_at": coupling.created_at,
            "updated_at": coupling.created_at,
        })
    }

    /// Puts an app in a stage.
    pub(crate) fn couple(
        &mut self,
        app: usize,
        pipeline: usize,
        stage: &str,
        created_at: String,
    ) -> Coupling {
        let coupling = Coupling {
            id: self.mint.uuid(),
            app: self.apps[app].id().to_owned(),
            pipeline,
            stage: stage.to_owned(),
            created_at,
        };
        self.couplings.push(coupling.clone());
        coupling
    }

    /// Ends the promotion that made this release, where there is one: its release phase has ended.
    pub(crate) fn settle_promotion(&mut self, release: &str, succeeded: bool) {
        let found = self.promotions.iter().enumerate().find_map(|(promotion, entry)| {
            let mut targets = entry.targets.iter();
            let target = targets.position(|target| target.release.as_deref() == Some(release));
            target.map(|target| (promotion, target))
        });
        if let Some((promotion, target)) = found {
            self.end_target(promotion, target, (!succeeded).then(|| "Release command failed".to_owned()));
        }
    }

    /// Ends one target of a promotion: with an error, or with success.
    pub(crate) fn end_target(&mut self, promotion: usize, target: usize, error: Option<String>) {
        let promotion = &mut self.promotions[promotion];
        promotion.updated_at = Some(clock::now());
        let target = &mut promotion.targets[target];
        target.status = if error.is_some() { "failed" } else { "succeeded" };
        target.error = error;
    }
}
