//! The state of a pipeline: what each of its apps runs, read in as few requests as possible.

use super::deployed::LOOKED_AT;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::{App, Client, Coupling, Pipeline, Release, Slug};
use crate::model::{AppName, CommitName, Stage};
use crate::parallel::{both, in_parallel};
use crate::pipeline_cache;

/// An app in its stage, and what it runs.
#[derive(Clone, Debug)]
pub struct StageApp {
    /// The app.
    pub app: App,
    /// Its stage; none where it is in no pipeline.
    pub stage: Option<Stage>,
    /// The release its dynos run; none before the first.
    pub release: Option<Release>,
    /// The newest release, in any status.
    pub newest: Option<Release>,
    /// The commit its slug was built from, where that is recorded.
    pub commit: Option<CommitName>,
    /// The commit that its slug names, where `commit` is another one with the same files; see [`TreeMatch`](super::TreeMatch).
    pub built_from: Option<CommitName>,
    /// When its slug was built: RFC 3339 in UTC.
    pub built_at: Option<String>,
}

impl StageApp {
    /// The same app as it is now. One request, unless it got another release.
    pub fn again(&self, client: &Client) -> Result<Self> {
        let newest = self.newest_now(client)?;
        let settled = self.newest.as_ref().is_some_and(|newest| !newest.is_pending());
        if settled && !self.is_older_than(newest.as_ref()) {
            return Ok(self.clone());
        }
        Ok(running_of(self.app.clone(), self.stage.clone(), state(client, newest)?))
    }

    /// Whether the app got another release since this was read.
    pub fn is_overtaken(&self, client: &Client) -> Result<bool> {
        Ok(self.is_older_than(self.newest_now(client)?.as_ref()))
    }

    /// Whether it runs this commit, or one that counts as equal.
    pub fn runs(&self, commit: &CommitName) -> bool {
        [&self.commit, &self.built_from].into_iter().flatten().any(|runs| runs.is(commit))
    }

    /// The word for its stage; empty where it is in no pipeline.
    pub fn stage_name(&self) -> &str {
        self.stage.as_ref().map_or("", Stage::as_str)
    }

    /// The position of its stage, as [`Stage::promotion_order`] counts.
    fn promotion_order(&self) -> Option<usize> {
        self.stage.as_ref()?.promotion_order()
    }

    fn newest_now(&self, client: &Client) -> Result<Option<Release>> {
        Ok(client.releases(&self.app.id, 1)?.pop())
    }

    fn is_older_than(&self, newest: Option<&Release>) -> bool {
        newest.map(|release| &release.id) != self.newest.as_ref().map(|release| &release.id)
    }

    /// Whether it is a Fir app. The list of apps may lack the generation, but a release that is an image shows it.
    pub fn is_fir(&self) -> bool {
        let image = |release: &Release| release.oci_image.is_some() && release.slug.is_none();
        self.app.is_fir() || self.newest.as_ref().is_some_and(image)
    }
}

/// The apps of a pipeline's stages, without review apps.
#[derive(Clone, Debug)]
pub struct PipelineState {
    /// The pipeline's id; empty where there is none.
    pub id: String,
    /// The pipeline's name.
    pub name: String,
    /// The apps, upstream first.
    pub apps: Vec<StageApp>,
}

/// What one round of requests tells of a pipeline.
struct Listed {
    couplings: Vec<Coupling>,
    /// The newest release of each app.
    latest: Vec<Release>,
}

impl Listed {
    fn of(client: &Client, pipeline: &str) -> Result<Self> {
        let (couplings, latest) =
            both(|| client.pipeline_couplings(pipeline), || client.latest_releases(pipeline));
        Ok(Self { couplings: couplings?, latest: latest? })
    }
}

impl PipelineState {
    /// Reads the pipeline that `app` is coupled to.
    pub fn around(client: &Client, app: &AppName) -> Result<Self> {
        let found = pipeline_cache::read_around(client, app, |id| Listed::of(client, id))?;
        let (coupling, listed) = found.ok_or_else(|| {
            Error::failed(format!("{app} is in no pipeline, so nothing can be promoted to it"))
                .hint_about(app, ["pipelines:add", "PIPELINE", "--stage", "STAGE"])
        })?;
        Self::of(client, coupling.pipeline, listed?, |_| {})
    }

    /// Reads only this app and those in the nearest stage before it.
    pub fn nearby(client: &Client, coupling: &Coupling) -> Result<Self> {
        let listed = Listed::of(client, &coupling.pipeline.id)?;
        Self::of(client, coupling.pipeline.clone(), listed, |couplings| {
            let ours = coupling.stage.promotion_order();
            let nearest = couplings
                .iter()
                .map(|other| other.stage.promotion_order())
                .filter(|place| *place < ours)
                .max();
            couplings.retain(|other| {
                other.app.id == coupling.app.id || Some(other.stage.promotion_order()) == nearest
            });
        })
    }

    /// Reads those of the listed apps that `choose` leaves.
    fn of(
        client: &Client,
        pipeline: Pipeline,
        listed: Listed,
        choose: impl FnOnce(&mut Vec<Coupling>),
    ) -> Result<Self> {
        let Listed { mut couplings, latest } = listed;
        couplings.retain(|coupling| coupling.stage.promotion_order().is_some());
        choose(&mut couplings);
        let mut apps = running(client, &couplings, &latest)?;
        apps.sort_unstable_by(|a, b| {
            (a.promotion_order(), &a.app.name).cmp(&(b.promotion_order(), &b.app.name))
        });
        Ok(Self { id: pipeline.id, name: pipeline.name, apps })
    }

    /// The same, or the app alone where it is in no pipeline or a review app.
    pub fn around_or_alone(client: &Client, app: &AppName) -> Result<Self> {
        match pipeline_cache::read_around(client, app, |id| Listed::of(client, id))? {
            Some((coupling, listed)) if coupling.stage.promotion_order().is_some() => {
                Self::of(client, coupling.pipeline, listed?, |_| {})
            }
            found => Self::alone(client, app, found.map(|(coupling, _)| coupling.stage)),
        }
    }

    /// The app as the only one of a pipeline without a name.
    fn alone(client: &Client, app: &AppName, stage: Option<Stage>) -> Result<Self> {
        let (app, newest) = both(|| client.app(app.as_ref()), || client.releases(app.as_ref(), 1));
        let running = running_of(app?, stage, state(client, newest?.pop())?);
        Ok(Self { id: String::new(), name: String::new(), apps: vec![running] })
    }

    /// Completes short commit ids, where this repository has the commits: a slug may record either form.
    pub fn complete_commits(&mut self, repository: &Repository) {
        for commit in self.apps.iter_mut().filter_map(|running| running.commit.as_mut()) {
            *commit = repository.completed(commit);
        }
    }

    /// The app of this name.
    pub fn app(&self, name: &str) -> Option<&StageApp> {
        self.apps.iter().find(|running| running.app.name.as_ref() == name)
    }

    /// The apps in the stages before that of `app`, `development` first.
    pub fn upstream(&self, app: &StageApp) -> Vec<&StageApp> {
        self.apps.iter().filter(|running| running.promotion_order() < app.promotion_order()).collect()
    }

    /// The apps in the nearest stage after that of `app` that has any.
    pub fn after(&self, app: &StageApp) -> Vec<&StageApp> {
        let later = self.apps.iter().filter_map(StageApp::promotion_order);
        let nearest = later.filter(|later| Some(*later) > app.promotion_order()).min();
        self.apps.iter().filter(|running| running.promotion_order() == nearest && nearest.is_some()).collect()
    }

    /// The apps in the nearest stage before that of `app` that has any.
    pub fn before(&self, app: &StageApp) -> Vec<&StageApp> {
        let nearest = self.upstream(app).into_iter().filter_map(StageApp::promotion_order).max();
        self.apps.iter().filter(|running| running.promotion_order() == nearest && nearest.is_some()).collect()
    }
}

/// The coupled apps and what they run. Names, stacks and teams take one request; slugs are read in parallel.
fn running(client: &Client, couplings: &[Coupling], latest: &[Release]) -> Result<Vec<StageApp>> {
    let ids: Vec<&str> = couplings.iter().map(|coupling| coupling.app.id.as_str()).collect();
    let states = || {
        in_parallel(couplings, |coupling| {
            let newest = latest.iter().find(|release| release.app.id == coupling.app.id).cloned();
            state(client, newest)
        })
    };
    let (apps, states) = both(|| client.apps_by_id(&ids), states);
    let mut apps = apps?;
    let mut found = Vec::new();
    for (coupling, state) in couplings.iter().zip(states) {
        // An app without access can be neither source nor target.
        let Some(index) = apps.iter().position(|app| app.id == coupling.app.id) else { continue };
        found.push(running_of(apps.swap_remove(index), Some(coupling.stage.clone()), state?));
    }
    Ok(found)
}

pub(super) fn running_of(app: App, stage: Option<Stage>, seen: State) -> StageApp {
    let State { newest, release, slug } = seen;
    let (commit, built_at) = slug.map(|slug| (slug.commit, Some(slug.created_at))).unwrap_or_default();
    StageApp { app, stage, release, newest, commit, built_from: None, built_at }
}

/// The newest release, the running one, and the running one's slug.
#[derive(Default)]
pub(super) struct State {
    pub(super) newest: Option<Release>,
    pub(super) release: Option<Release>,
    pub(super) slug: Option<Slug>,
}

fn state(client: &Client, newest: Option<Release>) -> Result<State> {
    state_with(client, newest, |release| slug_of(client, release))
}

/// The same, with the slug from where `slug_of` finds it.
pub(super) fn state_with(
    client: &Client,
    newest: Option<Release>,
    slug_of: impl FnOnce(Option<&Release>) -> Result<Option<Slug>>,
) -> Result<State> {
    let Some(newest) = newest else { return Ok(State::default()) };
    let release = if newest.is_running() {
        Some(newest.clone())
    } else {
        // The newest failed or is pending: what runs is an earlier one.
        client.releases(&newest.app.id, LOOKED_AT)?.into_iter().find(Release::is_running)
    };
    let slug = slug_of(release.as_ref())?;
    Ok(State { newest: Some(newest), release, slug })
}

/// The slug, or the image, of a release that has one.
pub(super) fn slug_of(client: &Client, release: Option<&Release>) -> Result<Option<Slug>> {
    release.map_or(Ok(None), |release| client.code_of(release))
}
