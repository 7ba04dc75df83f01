//! The status of all apps of a pipeline. An app that cannot be read does not hide the others.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::pipeline_state::{StageApp, running_of, slug_of, state_with};
use crate::error::{Error, Result};
use crate::heroku::{ApiError, App, Build, Client, Coupling, Dyno, Pipeline, Release, Slug};
use crate::model::{AppName, Stage};
use crate::parallel::{both, in_parallel};

/// The status of all apps at one moment.
#[derive(Debug)]
pub struct PipelineStatus {
    /// The pipeline; none where the apps are in none.
    pub pipeline: Option<String>,
    /// The apps, upstream first.
    pub apps: Vec<AppStatus>,
}

/// The status of one app.
#[derive(Debug)]
pub struct AppStatus {
    /// Its name, or its id where the name cannot be read.
    pub name: String,
    /// Its stage, `review` for a review app; none outside the pipeline.
    pub stage: Option<Stage>,
    /// What it runs.
    pub running: Result<StageApp>,
    /// Its dynos.
    pub dynos: Result<Vec<Dyno>>,
    /// The build that is under way.
    pub build: Result<Option<Build>>,
}

impl AppStatus {
    /// The position of its stage, as [`Stage::promotion_order`] counts.
    pub fn promotion_order(&self) -> Option<usize> {
        self.stage.as_ref()?.promotion_order()
    }
}

/// Reads the status repeatedly; values that never change are read once.
pub struct StatusReader<'a> {
    client: &'a Client,
    apps: &'a [AppName],
    pipeline: OnceLock<Option<Pipeline>>,
    /// How many apps were in the pipeline's stages.
    staged: AtomicUsize,
    slugs: Mutex<HashMap<String, Slug>>,
}

impl<'a> StatusReader<'a> {
    /// For the pipeline that the first of these apps is in, and for those of them that are not in its stages.
    pub fn new(client: &'a Client, apps: &'a [AppName]) -> Self {
        Self {
            client,
            apps,
            pipeline: OnceLock::new(),
            staged: AtomicUsize::new(0),
            slugs: Mutex::new(HashMap::new()),
        }
    }

    /// Reads the status of all apps.
    pub fn look(&self) -> Result<PipelineStatus> {
        let pipeline = self.pipeline()?;
        let (mut apps, unstaged) =
            pipeline.map_or_else(|| Ok((Vec::new(), Vec::new())), |pipeline| self.staged(pipeline))?;
        let others = self.apps.iter().filter(|app| apps.iter().all(|known| known.name != app.as_ref()));
        let others: Vec<_> =
            in_parallel(others, |app| Ok(self.alone(app, &unstaged))).into_iter().collect::<Result<_>>()?;
        apps.extend(others);
        apps.sort_unstable_by(|a, b| (position_of(a), &a.name).cmp(&(position_of(b), &b.name)));
        Ok(PipelineStatus { pipeline: pipeline.map(|pipeline| pipeline.name.clone()), apps })
    }

    /// How many requests the next look takes.
    pub fn requests(&self) -> usize {
        match self.pipeline.get() {
            Some(Some(_)) => 3 + 2 * self.staged.load(Ordering::Relaxed),
            _ => 4 * self.apps.len(),
        }
    }

    /// The pipeline, read once: an app seldom leaves it.
    fn pipeline(&self) -> Result<Option<&Pipeline>> {
        if self.pipeline.get().is_none() {
            let coupling = self.client.coupling_of(&self.apps[0])?;
            // Only this method sets it.
            _ = self.pipeline.set(coupling.map(|coupling| coupling.pipeline));
        }
        Ok(self.pipeline.get().and_then(Option::as_ref))
    }

    /// The apps in the stages from development to production, and the couplings of the others.
    fn staged(&self, pipeline: &Pipeline) -> Result<(Vec<AppStatus>, Vec<Coupling>)> {
        let couplings = || self.client.pipeline_couplings(&pipeline.id);
        let (couplings, latest) = both(couplings, || self.client.latest_releases(&pipeline.id));
        let is_staged = |coupling: &Coupling| coupling.stage.promotion_order().is_some();
        let (couplings, others): (Vec<_>, _) = couplings?.into_iter().partition(is_staged);
        self.staged.store(couplings.len(), Ordering::Relaxed);
        Ok((self.coupled(&couplings, &latest?)?, others))
    }

    /// The apps in a pipeline's stages.
    fn coupled(&self, couplings: &[Coupling], latest: &[Release]) -> Result<Vec<AppStatus>> {
        let ids: Vec<&str> = couplings.iter().map(|coupling| coupling.app.id.as_str()).collect();
        let looks = || {
            in_parallel(couplings, |coupling| {
                let newest = latest.iter().find(|release| release.app.id == coupling.app.id).cloned();
                let state = || state_with(self.client, newest, |release| self.slug_of(release));
                Ok(both(state, || self.health(&coupling.app.id)))
            })
        };
        let (apps, looks) = both(|| self.client.apps_by_id(&ids), looks);
        let apps = apps?;
        let surveyed = |(coupling, look): (&Coupling, Result<_>)| {
            let (seen, (dynos, build)) = look?;
            let (app, stage) = (&coupling.app, Some(coupling.stage.clone()));
            let found = apps.iter().find(|found| found.id == app.id);
            let unseen = || Error::denied("there is no access to this app").hint_about(&app.id, ["access"]);
            let running =
                found.ok_or_else(unseen).and_then(|app| Ok(running_of(app.clone(), stage.clone(), seen?)));
            let name = found.map_or_else(|| app.id.clone(), |app| app.name.to_string());
            Ok(AppStatus { name, stage, running, dynos, build })
        };
        couplings.iter().zip(looks).map(surveyed).collect()
    }

    /// An app outside these stages; a review app's coupling is among `couplings`.
    fn alone(&self, name: &AppName, couplings: &[Coupling]) -> AppStatus {
        let client = self.client;
        let facts = || both(|| client.app(name.as_ref()), || client.releases(name.as_ref(), 1));
        let ((app, newest), (dynos, build)) = both(facts, || self.health(name.as_ref()));
        let coupling = |app: &App| couplings.iter().find(|coupling| coupling.app.id == app.id);
        let stage = app.as_ref().ok().and_then(coupling).map(|coupling| coupling.stage.clone());
        let running = |app: App, mut newest: Vec<Release>| {
            let seen = state_with(client, newest.pop(), |release| self.slug_of(release))?;
            Ok(running_of(app, stage.clone(), seen))
        };
        let running = app.and_then(|app| running(app, newest?));
        AppStatus { name: name.to_string(), stage, running, dynos, build }
    }

    /// An app's dynos, and the build that is under way. No build for an account without access to builds.
    fn health(&self, app: &str) -> (Result<Vec<Dyno>>, Result<Option<Build>>) {
        let newest = || match self.client.builds(app, 1) {
            Err(error) if ApiError::is_refusal(&error) => Ok(None),
            builds => Ok(builds?.pop().filter(Build::is_pending)),
        };
        both(|| self.client.dynos(app), newest)
    }

    /// The slug of a release, which never changes.
    fn slug_of(&self, release: Option<&Release>) -> Result<Option<Slug>> {
        let slugs = || self.slugs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = release.and_then(Release::code_id) else { return Ok(None) };
        if let Some(slug) = slugs().get(id) {
            return Ok(Some(slug.clone()));
        }
        let slug = slug_of(self.client, release)?;
        slugs().extend(slug.clone().map(|slug| (id.to_owned(), slug)));
        Ok(slug)
    }
}

/// The position of an app among the others: those in no stage come last.
fn position_of(app: &AppStatus) -> usize {
    app.promotion_order().unwrap_or(usize::MAX)
}
