//! Builds, which turn a commit into a slug, started by a push or from an archive.

use std::fs::File;

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::{Accept, Client, Id};
use crate::error::Result;
use crate::model::{AppName, BuildStatus, CommitId, CommitName, Resource, recorded_commit};

/// A build (Platform API reference, "Build").
#[derive(Clone, Debug, Deserialize)]
pub struct Build {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub status: BuildStatus,
    /// The URL of its output; takes no credentials.
    pub output_stream_url: Option<String>,
    /// The source that it builds.
    pub source_blob: SourceBlob,
    /// The release it made, once it exists.
    pub release: Option<Id>,
    /// Who started it.
    pub user: Option<super::User>,
    /// When it was created: RFC 3339 in UTC.
    #[serde(default)]
    pub created_at: String,
}

/// The source of a build.
#[derive(Clone, Debug, Deserialize)]
pub struct SourceBlob {
    /// The commit, as given when the build was started.
    #[serde(default, deserialize_with = "recorded_commit")]
    pub version: Option<CommitName>,
}

/// The newest build of an app in a pipeline (Platform API reference, "Pipeline Build").
#[derive(Clone, Debug, Deserialize)]
pub struct AppBuild {
    /// The app, by its id.
    pub app: Id,
    /// The build.
    #[serde(flatten)]
    pub build: Build,
}

/// Where to upload an archive, and where a build downloads it (Platform API reference, "Source").
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    source_blob: SourceUrls,
}

#[derive(Clone, Debug, Deserialize)]
struct SourceUrls {
    get_url: String,
    put_url: String,
}

impl Source {
    /// Where a build downloads the archive.
    pub fn url(&self) -> &str {
        &self.source_blob.get_url
    }
}

impl Build {
    /// Whether it is still running.
    pub fn is_pending(&self) -> bool {
        self.status == BuildStatus::Pending
    }
}

/// The path that creates a [`Source`].
const SOURCES: &str = "/sources";

/// The path that starts an app's builds.
fn builds_path(app: &str) -> String {
    format!("/apps/{app}/builds")
}

/// Creates a [`Source`]: upload and download URLs, valid for about an hour.
pub fn create_source() -> Change {
    Change::post(SOURCES, Value::Null).repeatable().outdates_nothing()
}

/// Starts a build of the archive at `url`, of which `commit` is recorded with the slug; the answer is the [`Build`]. HTTP
/// 409 while another build of the app is running.
pub fn start_build(app: &AppName, url: &str, commit: &CommitId) -> Change {
    let body = json!({ "source_blob": { "url": url, "version": commit } });
    Change::post(builds_path(app.as_ref()), body).outdates([app], Resource::RELEASED)
}

impl Client {
    /// The app's newest builds, newest first, at most `most`.
    pub fn builds(&self, app: &str, most: usize) -> Result<Vec<Build>> {
        self.page(&builds_path(app), Accept::V3, &format!("started_at ..; order=desc,max={most}"))
    }

    /// The newest build of each app in the pipeline, review apps too, in one request.
    pub fn latest_builds(&self, pipeline: &str) -> Result<Vec<AppBuild>> {
        self.long_list(&format!("/pipelines/{pipeline}/latest-builds"), Accept::V3)
    }

    /// One build.
    pub fn build(&self, app: &str, id: &str) -> Result<Build> {
        self.get(&format!("{}/{id}", builds_path(app)), Accept::V3)
    }

    /// Uploads a gzipped tar archive to the source.
    pub fn put_source(&self, source: &Source, archive: &File) -> Result<()> {
        self.upload(&source.source_blob.put_url, archive)
    }

    /// The requests of a build from an archive as lines that can be pasted. The API creates the URLs only when asked, so
    /// `PUT_URL` and `GET_URL` stand in for them.
    pub fn describe_build(&self, app: &AppName, commit: &CommitId) -> String {
        let source = self.describe_change(&create_source());
        let build = self.describe_change(&start_build(app, "GET_URL", commit));
        let archive = "source.tar.gz";
        format!("{source}\ngit archive -o {archive} {commit}\ncurl -T {archive} PUT_URL\n{build}")
    }
}
