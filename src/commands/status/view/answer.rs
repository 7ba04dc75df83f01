//! A pipeline's status as `--json` prints it.

use serde::Serialize;

use super::dynos::TypeAnswer;
use super::{Step, View, errors};
use crate::model::{CommitName, ReleaseStatus, ReleaseVersion, Stage};
use crate::release::AppStatus;

/// The whole answer.
#[derive(Serialize)]
pub(in super::super) struct Answer<'a> {
    environment: &'a str,
    pipeline: Option<&'a str>,
    apps: Vec<AppAnswer<'a>>,
    steps: Vec<StepAnswer<'a>>,
}

/// An app; what could not be read is null, and `errors` says why.
#[derive(Serialize)]
struct AppAnswer<'a> {
    app: &'a str,
    stage: Option<&'a Stage>,
    /// The release that runs, its commit, and the commit's subject.
    version: Option<ReleaseVersion>,
    commit: Option<&'a CommitName>,
    subject: Option<&'a str>,
    released_at: Option<&'a str>,
    released_by: Option<&'a str>,
    maintenance: Option<bool>,
    newest: Option<NewestAnswer<'a>>,
    dynos: Option<Vec<TypeAnswer<'a>>>,
    build: Option<BuildAnswer<'a>>,
    errors: Vec<String>,
}

/// The newest release, in any status.
#[derive(Serialize)]
struct NewestAnswer<'a> {
    version: ReleaseVersion,
    status: &'a ReleaseStatus,
}

/// The build that is running.
#[derive(Serialize)]
struct BuildAnswer<'a> {
    commit: Option<&'a CommitName>,
    started_at: &'a str,
}

/// Two apps in adjacent stages; the numbers of commits are null if unknown.
#[derive(Serialize)]
struct StepAnswer<'a> {
    from: &'a str,
    to: &'a str,
    ahead: Option<usize>,
    behind: Option<usize>,
}

impl View {
    /// The status for `--json`.
    pub(in super::super) fn answer<'a>(&'a self, environment: &'a str) -> Answer<'a> {
        Answer {
            environment,
            pipeline: self.survey.pipeline.as_deref(),
            apps: self.survey.apps.iter().map(|app| self.app_answer(app)).collect(),
            steps: self.steps.iter().map(StepAnswer::of).collect(),
        }
    }

    fn app_answer<'a>(&'a self, app: &'a AppStatus) -> AppAnswer<'a> {
        let running = app.running.as_ref().ok();
        let release = running.and_then(|running| running.release.as_ref());
        let commit = running.and_then(|running| running.commit.as_ref());
        let newest = running.and_then(|running| running.newest.as_ref());
        let build = app.build.as_ref().ok().and_then(Option::as_ref);
        AppAnswer {
            app: app.name.as_ref(),
            stage: app.stage.as_ref(),
            version: release.map(|release| release.version),
            commit,
            subject: commit.and_then(|commit| self.subjects.get(commit)).map(String::as_str),
            released_at: release.map(|release| release.created_at.as_str()),
            released_by: release.and_then(|release| Some(release.user.as_ref()?.email.as_str())),
            maintenance: running.map(|running| running.app.maintenance),
            newest: newest.map(|newest| NewestAnswer { version: newest.version, status: &newest.status }),
            dynos: app.dynos.as_ref().ok().map(|dynos| TypeAnswer::all(dynos)),
            build: build.map(|build| BuildAnswer {
                commit: build.source_blob.version.as_ref(),
                started_at: &build.created_at,
            }),
            errors: errors(app).map(|(_, error)| error.to_string()).collect(),
        }
    }
}

impl<'a> StepAnswer<'a> {
    fn of(step: &'a Step) -> Self {
        let (ahead, behind) = step.ahead_behind.unzip();
        Self { from: &step.from, to: &step.to, ahead, behind }
    }
}
