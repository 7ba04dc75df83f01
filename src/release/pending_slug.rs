//! A pending slug: its build on `prepare`, or the release of it, is under way. It is waited for, not built twice.

use std::sync::Arc;
use std::time::Instant;

use super::build::{failed_build, wait_for_build};
use super::outcome;
use super::pipeline_state::{PipelineState, StageApp};
use super::slug_search::SlugSearch;
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Build, Client};
use crate::model::{BuildStatus, CommitName, ReleaseStatus, Stage};
use crate::terminal::Terminal;

/// This many of an app's newest builds are searched.
const LOOKED_THROUGH: usize = 5;

/// A slug of the requested commit that is being made.
#[derive(Debug)]
pub struct PendingSlug<'a> {
    /// The app that will have it.
    pub running: &'a StageApp,
    build: Build,
}

impl SlugSearch<'_> {
    /// The pending slug of the commit on an app in stage `development`, if that is upstream of `target`.
    pub fn pending_slug<'s>(
        &self,
        stages: &'s PipelineState,
        target: &StageApp,
    ) -> Result<Option<PendingSlug<'s>>> {
        let upstream = stages.upstream(target).into_iter();
        for running in upstream.filter(|running| running.stage == Some(Stage::Development)) {
            if let Some(build) = self.newest_build(running)?
                && self.is_pending_slug(running, &build)?
            {
                return Ok(Some(PendingSlug { running, build }));
            }
        }
        Ok(None)
    }

    /// The app's newest build of the commit.
    fn newest_build(&self, running: &StageApp) -> Result<Option<Build>> {
        let builds = match self.client.builds(&running.app.id, LOOKED_THROUGH) {
            // An account without access to the builds can deploy all the same.
            Err(error) if ApiError::is_refusal(&error) => return Ok(None),
            builds => builds?,
        };
        for build in builds {
            let Some(version) = &build.source_blob.version else { continue };
            if self.matched_by(&self.repository.completed(version))?.is_some() {
                return Ok(Some(build));
            }
        }
        Ok(None)
    }

    /// Whether the build or its release is under way, or has ended since the slug was searched for.
    fn is_pending_slug(&self, running: &StageApp, build: &Build) -> Result<bool> {
        if build.is_pending() {
            return Ok(true);
        }
        let Some(made) = &build.release else { return Ok(false) };
        let release = self.client.release(&running.app.id, &made.id)?;
        Ok(release.is_pending()
            || (release.status == ReleaseStatus::Succeeded && self.released(running)?.is_some()))
    }
}

impl PendingSlug<'_> {
    /// Waits until the slug exists, showing the output of its release phase; exit 1 where the build or the release phase
    /// failed, 6 when `deadline` comes first.
    pub fn wait(self, client: &Arc<Client>, terminal: &Terminal, deadline: Instant) -> Result<()> {
        let app = &self.running.app.name;
        let mut build = self.build;
        if build.is_pending() {
            build = wait_for_build(client, terminal, app.as_ref(), build, deadline)?;
        }
        let (true, Some(made)) = (build.status == BuildStatus::Succeeded, &build.release) else {
            return Err(failed_build(app.as_ref(), &build));
        };
        let mut release = client.release(app.as_ref(), &made.id)?;
        let version = release.version;
        if release.is_pending() {
            terminal.status(&format!("waiting for {app} {version}, which is still being released"));
            release = outcome::ended(client, terminal, release, deadline)?;
        }
        if release.status == ReleaseStatus::Succeeded {
            return Ok(());
        }
        Err(Error::failed(format!("{app} {version} failed: its release phase failed"))
            .hint_about(app, ["releases:output", &format!("{version}")]))
    }

    /// The build, for a sentence: `the build of 1a2b3c4 on playhouse-prepare`.
    pub fn describe(&self) -> String {
        let commit = self.build.source_blob.version.as_ref().map_or("the commit", CommitName::short);
        format!("the build of {commit} on {}", self.running.app.name)
    }
}
