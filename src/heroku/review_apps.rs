//! Review apps and the setups of their apps (`docs/heroku.md#review-apps`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::config_vars::HIDDEN;
use super::pipelines::encoded;
use super::{Accept, ApiError, Client, Id, Pipeline};
use crate::error::Result;
use crate::model::{BuildStatus, Resource, ReviewAppStatus};

/// A review app.
#[derive(Clone, Debug, Deserialize)]
pub struct ReviewApp {
    /// Its id, which is not the app's.
    pub id: String,
    /// The app, once it exists; by id only.
    pub app: Option<Id>,
    /// The setup of the app, once it has begun.
    #[serde(default)]
    pub app_setup: Option<Id>,
    /// The branch it runs.
    pub branch: String,
    /// Its pull request, where it was made for one.
    pub pr_number: Option<u64>,
    /// How far it is.
    pub status: ReviewAppStatus,
    /// Why it is so.
    pub message: Option<String>,
    /// What went wrong.
    pub error_status: Option<String>,
    /// Where the branch is a fork's.
    pub fork_repo: Option<Fork>,
    /// RFC 3339.
    pub created_at: String,
    /// Whether it is one that Heroku knows nothing of, made by `review create --local`: its id is the app's.
    #[serde(skip)]
    pub is_local: bool,
}

/// The repository of a fork.
#[derive(Clone, Debug, Deserialize)]
pub struct Fork {
    /// Its id; none where the branch is the repository's own.
    #[serde(default)]
    pub id: Option<Value>,
}

impl ReviewApp {
    /// Whether it is there or on its way.
    pub fn is_alive(&self) -> bool {
        self.is_coming() || self.status == ReviewAppStatus::Created
    }

    /// Whether it is still being created.
    pub fn is_coming(&self) -> bool {
        matches!(self.status, ReviewAppStatus::Pending | ReviewAppStatus::Creating)
    }

    /// Whether it is gone or going.
    pub fn is_going(&self) -> bool {
        matches!(self.status, ReviewAppStatus::Deleting | ReviewAppStatus::Deleted)
    }

    /// Whether its branch is a fork's: a branch of the same name here is another one.
    pub fn is_of_fork(&self) -> bool {
        self.fork_repo.as_ref().is_some_and(|fork| fork.id.is_some())
    }

    /// Why it could not be created.
    pub fn failure(&self) -> &str {
        self.message.as_deref().or(self.error_status.as_deref()).unwrap_or("no reason given")
    }

    /// What a message calls it: `the review app of pull request 42 (branch curtain-call)`.
    pub fn described(&self) -> String {
        match self.pr_number {
            Some(number) => format!("the review app of pull request {number} (branch {})", self.branch),
            None => format!("the review app of branch {}", self.branch),
        }
    }
}

/// The setup of a review app's app.
#[derive(Clone, Debug, Deserialize)]
pub struct AppSetup {
    /// Its build, once it has begun.
    pub build: Option<SetupBuild>,
    /// What failed.
    pub failure_message: Option<String>,
    /// What is wrong with `app.json`.
    #[serde(default)]
    pub manifest_errors: Vec<String>,
    /// The `postdeploy` script, once it has ended.
    pub postdeploy: Option<Postdeploy>,
}

/// The build of a setup.
#[derive(Clone, Debug, Deserialize)]
pub struct SetupBuild {
    /// How far it is.
    pub status: Option<BuildStatus>,
    /// The URL of its output, which works without a token.
    pub output_stream_url: Option<String>,
}

/// What became of a `postdeploy` script.
#[derive(Clone, Debug, Deserialize)]
pub struct Postdeploy {
    /// What it printed.
    pub output: Option<String>,
    /// 0 if it succeeded.
    pub exit_code: Option<i64>,
}

/// A review app to create. Its config vars may be secrets, so it cannot be printed.
#[derive(Clone)]
pub struct NewReviewApp<'a> {
    /// The pipeline's id.
    pub pipeline: &'a str,
    /// A branch of the connected repository.
    pub branch: &'a str,
    /// The pull request that it is shown with.
    pub pr_number: Option<u64>,
    /// Config vars for this app alone.
    pub environment: BTreeMap<String, String>,
}

impl Client {
    /// The pipeline's review apps, the oldest first.
    pub fn review_apps(&self, pipeline: &str) -> Result<Vec<ReviewApp>> {
        let mut all: Vec<ReviewApp> =
            self.long_list(&format!("/pipelines/{pipeline}/review-apps"), Accept::ReviewApps)?;
        all.sort_by(|one, other| (&one.created_at, one.pr_number).cmp(&(&other.created_at, other.pr_number)));
        Ok(all)
    }

    /// A review app by its id; `None` once it is gone.
    pub fn review_app(&self, id: &str) -> Result<Option<ReviewApp>> {
        found(self.get(&format!("/review-apps/{id}"), Accept::ReviewApps))
    }

    /// A setup; `None` where there is none of this id.
    pub fn app_setup(&self, id: &str) -> Result<Option<AppSetup>> {
        found(self.get(&format!("/app-setups/{id}"), Accept::V3))
    }

    /// The repository that the pipeline is connected to, as `owner/name`; `None` where it is not.
    pub fn connected_repository(&self, pipeline: &Pipeline) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Connected {
            full_name: String,
        }
        let path = format!("/pipelines/{}/repo", pipeline.id);
        Ok(found(self.get::<Connected>(&path, Accept::Repositories))?.map(|connected| connected.full_name))
    }

    /// Whether the connected repository has this branch; false too where the pipeline is not connected.
    pub fn is_connected_branch(&self, pipeline: &Pipeline, branch: &str) -> Result<bool> {
        let path = format!("/pipelines/{}/repo/branches/{}", pipeline.id, encoded(branch));
        Ok(found(self.get::<Value>(&path, Accept::Repositories))?.is_some())
    }
}

/// The answer; `None` for a 404.
pub(super) fn found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.downcast_ref::<ApiError>().is_some_and(|refusal| refusal.status == 404) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Creates a review app from the repository that the pipeline is connected to.
pub fn create_review_app(new: &NewReviewApp<'_>) -> Change {
    let body = |environment: &BTreeMap<String, String>| {
        let mut body = json!({
            "branch": new.branch,
            "pipeline": new.pipeline,
            "source_blob": { "url": "resolve", "version": null },
        });
        if let Some(number) = new.pr_number {
            body["pr_number"] = number.into();
        }
        if !environment.is_empty() {
            body["environment"] = json!(environment);
        }
        body
    };
    let hidden = new.environment.keys().map(|name| (name.clone(), HIDDEN.to_owned())).collect();
    Change::post("/review-apps", body(&new.environment))
        .accept(Accept::ReviewApps)
        .shown_as(body(&hidden))
        .outdates([], &[Resource::ReviewApps, Resource::Apps])
}

/// Deletes a review app and its app.
pub fn delete_review_app(id: &str) -> Change {
    Change::delete(format!("/review-apps/{id}"))
        .accept(Accept::ReviewApps)
        .outdates([], &[Resource::ReviewApps, Resource::Apps])
}
