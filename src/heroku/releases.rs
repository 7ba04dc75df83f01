//! Releases and slugs.

use serde::Deserialize;

use super::{Accept, AppName, Client, Id};
use crate::error::Result;

/// A release of an app.
#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    /// Its id.
    pub id: String,
    /// Its number: 12 is `v12`.
    pub version: u64,
    /// `pending`, `succeeded`, `failed` or `expired`.
    pub status: String,
    /// Whether the dynos run it.
    #[serde(default)]
    pub current: bool,
    /// What made it.
    #[serde(default)]
    pub description: String,
    /// Its slug; none before the first build, and for apps that run images.
    pub slug: Option<Id>,
    /// The image it runs in place of a slug, on Fir.
    pub oci_image: Option<Id>,
    /// The app it is of.
    pub app: ReleasedApp,
    /// Where its release phase writes; no credentials are wanted there, and it is 404 until it starts.
    pub output_stream_url: Option<String>,
}

/// The app of a release.
#[derive(Clone, Debug, Deserialize)]
pub struct ReleasedApp {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: AppName,
}

/// What a build made.
#[derive(Clone, Debug, Deserialize)]
pub struct Slug {
    /// The commit it was built from, as the builder told; not always a full id, and not always there.
    pub commit: Option<String>,
    /// When it was built: RFC 3339 in UTC, to the second, so that texts sort as times do.
    pub created_at: String,
}

impl Release {
    /// Whether it is still being made: its release phase runs.
    pub fn is_pending(&self) -> bool {
        self.status == "pending"
    }

    /// Whether it is what runs, and was a success.
    pub fn is_running(&self) -> bool {
        self.current && self.status == "succeeded"
    }
}

impl Client {
    /// The newest release of each app in the pipeline, whatever became of it, in one request.
    pub fn latest_releases(&self, pipeline: &str) -> Result<Vec<Release>> {
        self.list(&format!("/pipelines/{pipeline}/latest-releases"), Accept::Sdk)
    }

    /// The app's releases, newest first, at most `most`.
    pub fn releases(&self, app: &str, most: usize) -> Result<Vec<Release>> {
        self.page(
            &format!("/apps/{app}/releases"),
            Accept::Sdk,
            &format!("version ..; order=desc,max={most}"),
        )
    }

    /// One release, by id or version.
    pub fn release(&self, app: &str, id: &str) -> Result<Release> {
        self.get(&format!("/apps/{app}/releases/{id}"), Accept::Sdk)
    }

    /// One slug.
    pub fn slug(&self, app: &str, id: &str) -> Result<Slug> {
        self.get(&format!("/apps/{app}/slugs/{id}"), Accept::Sdk)
    }
}
