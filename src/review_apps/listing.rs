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
                Listed { review, app, build, current, distance: Distance::NoBranch }
            };
            let mut reviews: Vec<Listed> = reviews.into_iter().map(listed).collect();
            if let Some(repository) = project.repository {
                measure(repository, &mut reviews)?;
            }
            Ok(Self { pipeline: place.pipeline.name, reviews })
        })
    }
}

impl Listed {
    /// The commit of its newest build.
    pub fn commit(&self) -> Option<&CommitName> {
        self.build.as_ref()?.source_blob.version.as_ref()
    }
}

/// Finds out how far each is from its branch: the current one from what is checked out, others from what was fetched last.
fn measure(repository: &Repository, reviews: &mut [Listed]) -> Result<()> {
    let pair = |listed: &Listed| {
        // A branch of the same name here is not the fork's.
        let own = || (!listed.review.is_of_fork()).then(|| tip(repository, &listed.review.branch)).flatten();
        let tip = if listed.current { repository.head() } else { own() };
        Some((listed.commit()?.clone(), tip?))
    };
    let pairs: Vec<Option<_>> = reviews.iter().map(pair).collect();
    let counted = repository.distances(&pairs.iter().flatten().cloned().collect::<Vec<_>>())?;
    let known = reviews.iter_mut().zip(pairs).filter(|(_, pair)| pair.is_some());
    for ((listed, _), counts) in known.zip(counted) {
        listed.distance = match counts {
            Some((ahead, behind)) => Distance::Of { ahead, behind },
            None => Distance::NotHere,
        };
    }
    Ok(())
}

fn tip(repository: &Repository, branch: &str) -> Option<CommitId> {
    repository.tracked("origin", branch).or_else(|| repository.branch_tip(branch))
}
