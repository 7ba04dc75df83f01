//! Builds: what makes a slug of a commit, by a push or from an archive.

use std::fs::File;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Accept, Client, Id};
use crate::error::Result;
use crate::model::BuildStatus;

/// A build.
#[derive(Clone, Debug, Deserialize)]
pub struct Build {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub status: BuildStatus,
    /// Where it writes; no credentials are wanted there.
    pub output_stream_url: Option<String>,
    /// What it builds.
    pub source_blob: SourceBlob,
    /// The release it made, once it exists.
    pub release: Option<Id>,
    /// Who began it.
    pub user: Option<super::User>,
    /// When it was begun: RFC 3339 in UTC.
    #[serde(default)]
    pub created_at: String,
}

/// What is built.
#[derive(Clone, Debug, Deserialize)]
pub struct SourceBlob {
    /// The commit, as whoever began the build told.
    #[serde(default)]
    pub version: Option<String>,
}

/// A place for an archive.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    source_blob: SourceUrls,
}

#[derive(Clone, Debug, Deserialize)]
struct SourceUrls {
    get_url: String,
    put_url: String,
}

impl Build {
    /// Whether it is still under way.
    pub fn is_pending(&self) -> bool {
        self.status == BuildStatus::Pending
    }
}

/// Where places for archives are asked for.
const SOURCES: &str = "/sources";

/// Where an app's builds are begun.
fn builds_path(app: &str) -> String {
    format!("/apps/{app}/builds")
}

/// The body that begins a build of the archive at `url`; the commit becomes the slug's.
fn build_body(url: &str, commit: &str) -> Value {
    json!({ "source_blob": { "url": url, "version": commit } })
}

impl Client {
    /// The app's newest builds, newest first, at most `most`.
    pub fn builds(&self, app: &str, most: usize) -> Result<Vec<Build>> {
        self.page(&builds_path(app), Accept::V3, &format!("started_at ..; order=desc,max={most}"))
    }

    /// One build.
    pub fn build(&self, app: &str, id: &str) -> Result<Build> {
        self.get(&format!("{}/{id}", builds_path(app)), Accept::V3)
    }

    /// A place for an archive, for about an hour.
    pub fn new_source(&self) -> Result<Source> {
        self.post_repeatable(SOURCES, Accept::V3, &())
    }

    /// Puts a gzipped tar archive there.
    pub fn put_source(&self, source: &Source, archive: &File) -> Result<()> {
        self.upload(&source.source_blob.put_url, archive)
    }

    /// The requests of a build from an archive as lines that can be pasted; the URLs in them are handed out when they are
    /// made.
    pub fn describe_build(&self, app: &str, commit: &str) -> String {
        let source = self.describe::<()>("POST", SOURCES, Accept::V3, None);
        let build =
            self.describe("POST", &builds_path(app), Accept::V3, Some(&build_body("GET_URL", commit)));
        let archive = "source.tar.gz";
        format!("{source}\ngit archive -o {archive} {commit}\ncurl -T {archive} PUT_URL\n{build}")
    }

    /// Begins a build of what was put there. 409 while another build of the app is under way.
    pub fn start_build(&self, app: &str, source: &Source, commit: &str) -> Result<Build> {
        self.post(&builds_path(app), Accept::V3, &build_body(&source.source_blob.get_url, commit))
    }
}
