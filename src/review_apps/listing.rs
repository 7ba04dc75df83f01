//! The pipeline's review apps, with what each one runs and how far that is from its branch.

use std::collections::{HashMap, HashSet};

use crate::context::Context;
use crate::environment::{self, ReviewListing};
use crate::error::Result;
use crate::git::Repository;
use crate::heroku::{App, Build, ReviewApp};
use crate::model::{CommitId, CommitName};

/// The review apps of a pipeline at one moment.
#[derive(Debug)]
pub struct Listing {
    /// The pipeline's name.
    pub pipeline: String,
    /// The review apps, newest first.
    pub reviews: Vec<Listed>,
}

/// A review app.
#[derive(Debug)]
pub struct Listed {
    /// The review app.
    pub review: ReviewApp,
    /// Its app; none until it exists, and without access to it.
    pub app: Option<App>,
    /// The app's newest build.
    pub build: Option<Build>,
    /// Whether it is the one that a line without a selector means.
    pub current: bool,
    /// How far the commit of its build is from its branch here.
    pub distance: Distance,
}

/// How far a commit is from the tip of a branch, as far as this repository knows both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// How many commits only the app has, and only the branch.
    Of {
        /// Those of the app.
        ahead: usize,
        /// Those of the branch.
        behind: usize,
    },
    /// The commit is not here.
    NotHere,
    /// The branch is not here, or there is no commit.
    NoBranch,
}

impl Listing {
    /// Reads them, `all` with those that are deleted or being deleted: two rounds of requests.
    pub fn read(context: &Context, all: bool) -> Result<Self> {
        context.with_project(|project| {
            let (place, ReviewListing { mut reviews, builds, apps, .. }) =
                environment::review_listing(project)?;
            let mut builds: HashMap<String, Build> =
                builds.into_iter().map(|of| (of.app.id, of.build)).collect();
            let mut apps: HashMap<String, App> = apps.into_iter().map(|app| (app.id.clone(), app)).collect();
            let current = environment::current_review_apps(project, &reviews);
            let current: HashSet<String> = current.into_iter().map(|review| review.id.clone()).collect();
            reviews.retain(|review| all || !review.is_going());
            reviews.sort_by(|one, other| other.created_at.cmp(&one.created_at));
            let listed = |review: ReviewApp| {
                let id = review.app.as_ref().map(|app| app.id.as_str()).unwrap_or_default();
                let (app, build) = (apps.remove(id), builds.remove(id));
                let current = current.contains(&review.id);
                let distance = match (project.repository, commit(build.as_ref())) {
                    (Some(repository), Some(commit)) => distance(repository, &review, current, commit)?,
                    _ => Distance::NoBranch,
                };
                Ok(Listed { review, app, build, current, distance })
            };
            let reviews = reviews.into_iter().map(listed).collect::<Result<_>>()?;
            Ok(Self { pipeline: place.pipeline.name, reviews })
        })
    }
}

impl Listed {
    /// The commit of its newest build.
    pub fn commit(&self) -> Option<&CommitName> {
        commit(self.build.as_ref())
    }
}

fn commit(build: Option<&Build>) -> Option<&CommitName> {
    build?.source_blob.version.as_ref()
}

/// How far `commit` is from the branch: of the current one as it is checked out, of others as they were fetched last.
fn distance(
    repository: &Repository,
    review: &ReviewApp,
    current: bool,
    commit: &CommitName,
) -> Result<Distance> {
    // A branch of the same name here is not the fork's.
    let own = || (!review.is_of_fork()).then(|| tip(repository, &review.branch)).flatten();
    let tip = if current { repository.head() } else { own() };
    let Some(tip) = tip else { return Ok(Distance::NoBranch) };
    let Some(commit) = repository.completed(commit).full() else { return Ok(Distance::NotHere) };
    if commit == tip {
        return Ok(Distance::Of { ahead: 0, behind: 0 });
    }
    let counts = repository.count_between(&commit, &tip)?;
    Ok(counts.map_or(Distance::NotHere, |(ahead, behind)| Distance::Of { ahead, behind }))
}

fn tip(repository: &Repository, branch: &str) -> Option<CommitId> {
    repository.tracked("origin", branch).or_else(|| repository.branch_tip(branch))
}
