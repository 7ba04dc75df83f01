//! What an environment resolves to: its apps, and how they were found.

use std::ffi::OsString;
use std::fmt::{self, Display};

use super::remote_url;
use crate::error::{Error, Result};
use crate::git::Remote;
use crate::hint::Hint;
use crate::model::{AppName, Stage};
use crate::names;

/// The environment's apps, and why they were chosen.
#[derive(Clone, Debug)]
pub struct Target {
    /// The name that was typed: `staging`, or `review 42`.
    pub environment: String,
    /// Its apps, at least one.
    pub apps: Vec<AppName>,
    /// Why they were chosen.
    pub reason: Reason,
}

impl Target {
    /// The environment's only app, for a command that works on one; exit 3 if there are several.
    pub fn one_app(&self) -> Result<&AppName> {
        match self.apps.as_slice() {
            [app] => Ok(app),
            apps => {
                let error = Error::unresolved(format!(
                    "{} has {} apps ({}), and this command works on one",
                    self.environment,
                    apps.len(),
                    self.names()
                ));
                let line = |app: &AppName| {
                    let words = ["--only", app.as_ref(), "COMMAND"].map(OsString::from);
                    names::typed(&self.environment).into_iter().chain(words)
                };
                Err(apps.iter().fold(error, |error, app| error.hint(Hint::line(line(app)))))
            }
        }
    }

    /// Narrows the environment to one of its apps; exit 3 if it is not one of them.
    pub fn only(mut self, app: &AppName) -> Result<Self> {
        if self.apps.contains(app) {
            self.apps = vec![app.clone()];
            return Ok(self);
        }
        Err(Error::unresolved(format!("{app} is not an app of {} ({})", self.environment, self.names()))
            .hint(Hint::line(names::typed(&self.environment).into_iter().chain(["which".into()]))))
    }

    fn names(&self) -> String {
        self.apps.iter().map(AppName::as_ref).collect::<Vec<_>>().join(", ")
    }
}

/// How the apps were found.
#[derive(Clone, Debug)]
pub enum Reason {
    /// `app` or `apps` of `[environments.NAME]`, in this file.
    Configuration {
        /// The file.
        file: String,
    },
    /// A git remote.
    Remote(Remote),
    /// A stage of a pipeline.
    Stage {
        /// The pipeline's name.
        pipeline: String,
        /// The stage.
        stage: Stage,
        /// What named the pipeline.
        because: String,
    },
    /// A review app of a pipeline.
    ReviewApp {
        /// The pipeline's name.
        pipeline: String,
        /// The branch it runs.
        branch: String,
        /// Its pull request, where it has one.
        number: Option<u64>,
    },
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Configuration { file } => write!(f, "configured in {file}"),
            Reason::Remote(remote) => {
                write!(f, "git remote {} is {}", remote.name, remote_url::shown(&remote.url))
            }
            Reason::Stage { pipeline, stage, because } => {
                write!(f, "in stage {stage} of pipeline {pipeline}, {because}")
            }
            Reason::ReviewApp { pipeline, branch, number: Some(number) } => {
                write!(f, "review app of pull request {number} (branch {branch}) in pipeline {pipeline}")
            }
            Reason::ReviewApp { pipeline, branch, number: None } => {
                write!(f, "review app of branch {branch} in pipeline {pipeline}")
            }
        }
    }
}

impl Reason {
    /// One word for `--json`: `configuration`, `remote`, `pipeline` or `review-app`.
    pub fn word(&self) -> &'static str {
        match self {
            Reason::Configuration { .. } => "configuration",
            Reason::Remote(_) => "remote",
            Reason::Stage { .. } => "pipeline",
            Reason::ReviewApp { .. } => "review-app",
        }
    }
}
