//! All that a list of the pipeline's review apps is made of, read in two rounds of requests.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::heroku::{ApiError, App, AppBuild, Client, Coupling, ReviewApp};
use crate::model::Stage;
use crate::parallel::both;

use super::pipeline::{self, Contents};
use super::{Place, Project, local_review, review};

/// A pipeline's review apps, with their apps and what those were built from.
pub struct ReviewListing {
    /// The review apps: deleted ones, and those that Heroku knows nothing of, are included.
    pub reviews: Vec<ReviewApp>,
    /// The newest build of each app of the pipeline; none where the account may not see builds.
    pub builds: Vec<AppBuild>,
    /// The pipeline's apps, as far as the account may see them.
    pub apps: Vec<App>,
    couplings: Vec<Coupling>,
}

/// Reads the project's pipeline.
pub(super) fn read(client: &Client, project: &Project<'_>) -> Result<(Place, ReviewListing)> {
    pipeline::find_by_contents(client, review::configured(project), project, |id| of(client, id))
}

fn of(client: &Client, pipeline: &str) -> Result<ReviewListing> {
    let builds = || match client.latest_builds(pipeline) {
        Err(error) if ApiError::is_refusal(&error) => Ok(Vec::new()),
        builds => builds,
    };
    let heroku_knows = || both(|| client.review_apps(pipeline), builds);
    let ((reviews, builds), couplings) = both(heroku_knows, || client.pipeline_couplings(pipeline));
    let (mut reviews, builds, couplings) = (reviews?, builds?, couplings?);
    let candidates = local_review::candidates(&couplings, &reviews);
    let other_stages = couplings.iter().filter(|coupling| coupling.stage != Stage::Review);
    let ids: BTreeSet<&str> = reviews
        .iter()
        .filter_map(|review| review.app.as_ref())
        .chain(candidates.iter().chain(other_stages).map(|coupling| &coupling.app))
        .map(|app| app.id.as_str())
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let apps = || if ids.is_empty() { Ok(Vec::new()) } else { client.apps_by_id(&ids) };
    let (apps, local) = both(apps, || local_review::among(client, &candidates));
    let apps = apps?;
    reviews.extend(local?);
    Ok(ReviewListing { reviews, builds, apps, couplings })
}

impl Contents for ReviewListing {
    fn couplings(&self) -> &[Coupling] {
        &self.couplings
    }

    fn apps(&self) -> &[App] {
        &self.apps
    }
}
