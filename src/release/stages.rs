//! What each app of a pipeline runs, in as few requests as possible.

use std::thread;

use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::{App, AppName, Client, Coupling, Release, Slug, in_parallel};

/// An app in its stage, and what it runs.
#[derive(Clone, Debug)]
pub struct Running {
    /// The app.
    pub app: App,
    /// Its stage.
    pub stage: String,
    /// The release its dynos run; none before the first.
    pub release: Option<Release>,
    /// The newest release, whatever became of it.
    pub newest: Option<Release>,
    /// The commit its slug was built from, where that was recorded.
    pub commit: Option<String>,
    /// When its slug was built: RFC 3339 in UTC.
    pub built_at: Option<String>,
}

impl Running {
    /// Whether it is a Fir app. The list of apps need not tell the generation; a release that is an image does.
    pub fn is_fir(&self) -> bool {
        let image = |release: &Release| release.oci_image.is_some() && release.slug.is_none();
        self.app.is_fir() || self.newest.as_ref().is_some_and(image)
    }
}

/// The apps of a pipeline's stages; review apps are not among them.
#[derive(Clone, Debug)]
pub struct Stages {
    /// The pipeline's id.
    pub pipeline: String,
    /// The pipeline's name.
    pub name: String,
    /// The apps, upstream first.
    pub apps: Vec<Running>,
}

/// Where code comes along: each stage's place.
fn place(stage: &str) -> Option<usize> {
    ["development", "staging", "production"].iter().position(|known| *known == stage)
}

impl Stages {
    /// Reads the pipeline that `app` is coupled to.
    pub fn around(client: &Client, app: &AppName) -> Result<Self> {
        let coupling = client.coupling_of(app)?.ok_or_else(|| {
            Error::failed(format!("{app} is in no pipeline, so nothing can be promoted to it"))
                .hint(format!("heroku pipelines:add PIPELINE --stage STAGE --app {app}"))
        })?;
        let pipeline = coupling.pipeline;
        let (couplings, latest) = thread::scope(|scope| {
            let latest = scope.spawn(|| client.latest_releases(&pipeline.id));
            (client.pipeline_couplings(&pipeline.id), joined(latest))
        });
        let couplings: Vec<Coupling> =
            couplings?.into_iter().filter(|coupling| place(&coupling.stage).is_some()).collect();
        let mut apps = running(client, &couplings, &latest?)?;
        apps.sort_by(|a, b| (place(&a.stage), &a.app.name).cmp(&(place(&b.stage), &b.app.name)));
        Ok(Self { pipeline: pipeline.id, name: pipeline.name, apps })
    }

    /// Makes shortened commits whole, where this repository knows them: a builder may have passed any of both.
    pub fn complete_commits(&mut self, repository: &Repository) {
        for commit in self.apps.iter_mut().filter_map(|running| running.commit.as_mut()) {
            *commit = repository.full_id(commit);
        }
    }

    /// The app of this name.
    pub fn app(&self, name: &str) -> Option<&Running> {
        self.apps.iter().find(|running| running.app.name.as_ref() == name)
    }

    /// The apps in the stages before `stage`: `development` first, then from the nearest to the farthest.
    pub fn upstream(&self, stage: &str) -> Vec<&Running> {
        let mut upstream: Vec<&Running> =
            self.apps.iter().filter(|running| place(&running.stage) < place(stage)).collect();
        upstream.sort_by_key(|running| std::cmp::Reverse(place(&running.stage)));
        let (prepared, others): (Vec<_>, Vec<_>) =
            upstream.into_iter().partition(|running| running.stage == "development");
        [prepared, others].concat()
    }

    /// The apps in the nearest stage before `stage` that has any.
    pub fn before(&self, stage: &str) -> Vec<&Running> {
        let nearest = self.upstream(stage).iter().filter_map(|running| place(&running.stage)).max();
        self.apps.iter().filter(|running| place(&running.stage) == nearest && nearest.is_some()).collect()
    }
}

/// What the coupled apps run. Their names, stacks and teams come in one request, their slugs in parallel.
fn running(client: &Client, couplings: &[Coupling], latest: &[Release]) -> Result<Vec<Running>> {
    let ids: Vec<&str> = couplings.iter().map(|coupling| coupling.app.id.as_str()).collect();
    let (apps, states) = thread::scope(|scope| {
        let apps = scope.spawn(|| client.apps_by_id(&ids));
        let states = in_parallel(couplings, |coupling| {
            let newest = latest.iter().find(|release| release.app.id == coupling.app.id).cloned();
            state(client, newest)
        });
        (joined(apps), states)
    });
    let mut apps = apps?;
    let mut found = Vec::new();
    for (coupling, state) in couplings.iter().zip(states) {
        // An app that cannot be seen cannot be promoted from or to either.
        let Some(index) = apps.iter().position(|app| app.id == coupling.app.id) else { continue };
        let State { newest, release, slug } = state?;
        let (commit, built_at) = slug.map(|slug| (slug.commit, Some(slug.created_at))).unwrap_or_default();
        let (app, stage) = (apps.swap_remove(index), coupling.stage.clone());
        found.push(Running { app, stage, release, newest, commit, built_at });
    }
    Ok(found)
}

/// The newest release, the running one, and the running one's slug.
#[derive(Default)]
struct State {
    newest: Option<Release>,
    release: Option<Release>,
    slug: Option<Slug>,
}

fn state(client: &Client, newest: Option<Release>) -> Result<State> {
    let Some(newest) = newest else { return Ok(State::default()) };
    let app = newest.app.id.clone();
    let release = if newest.is_running() {
        Some(newest.clone())
    } else {
        // The newest failed or is pending: what runs is an earlier one.
        client.releases(&app, 50)?.into_iter().find(Release::is_running)
    };
    let slug = release.as_ref().and_then(|release| release.slug.as_ref());
    let slug = slug.map(|slug| client.slug(&app, &slug.id)).transpose()?;
    Ok(State { newest: Some(newest), release, slug })
}

/// A thread's result; a panic in it is this thread's too.
fn joined<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
