//! Releases and slugs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::{Accept, ApiError, Client, Id};
use crate::error::Result;
use crate::model::{AppName, CommitName, ReleaseStatus, ReleaseVersion, Resource, recorded_commit};

/// A release of an app (Platform API reference, "Release").
#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    /// Its id.
    pub id: String,
    /// Its number, counted per app from 1; 12 is shown as `v12`.
    pub version: ReleaseVersion,
    /// How far it is.
    pub status: ReleaseStatus,
    /// Whether the dynos run it.
    #[serde(default)]
    pub current: bool,
    /// What made it, in Heroku's words, such as `Deploy 3a22c9f0` or `Rollback to v7`.
    #[serde(default)]
    pub description: String,
    /// Its slug; none before the first build, and for apps that run images.
    pub slug: Option<Id>,
    /// The image it runs in place of a slug, on Fir.
    pub oci_image: Option<Id>,
    /// Its app.
    pub app: ReleasedApp,
    /// Who made it.
    pub user: Option<User>,
    /// When it was created: RFC 3339 in UTC, to the second.
    #[serde(default)]
    pub created_at: String,
    /// Whether Heroku accepts it as the target of a rollback.
    #[serde(default)]
    pub eligible_for_rollback: bool,
    /// The URL of its release phase's output: takes no credentials, and answers 404 until the phase starts.
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

/// Somebody with an account.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Their address.
    #[serde(default)]
    pub email: String,
}

/// The result of a build (Platform API reference, "Slug" and "OCI Image"): a slug, or on Fir an image.
#[derive(Clone, Debug, Deserialize)]
pub struct Slug {
    /// The commit it was built from, as the builder reported it: may be missing, or not a full id.
    #[serde(default, deserialize_with = "recorded_commit")]
    pub commit: Option<CommitName>,
    /// When it was built: RFC 3339 in UTC, to the second, so that texts sort as times do.
    pub created_at: String,
}

impl Release {
    /// Whether its release phase still runs.
    pub fn is_pending(&self) -> bool {
        self.status == ReleaseStatus::Pending
    }

    /// The id of its slug, or of its image on Fir.
    pub fn code_id(&self) -> Option<&str> {
        self.slug.as_ref().or(self.oci_image.as_ref()).map(|code| code.id.as_str())
    }

    /// Whether both run the same slug, or the same image.
    pub fn runs_same_code(&self, other: &Self) -> bool {
        self.code_id().is_some() && self.code_id() == other.code_id()
    }

    /// Whether it succeeded and the dynos run it.
    pub fn is_running(&self) -> bool {
        self.current && self.status == ReleaseStatus::Succeeded
    }

    /// The version that it rolled back to; none if it is no rollback. Only the description says so.
    pub fn rolls_back_to(&self) -> Option<ReleaseVersion> {
        self.description.strip_prefix("Rollback to ")?.parse().ok()
    }

    /// Why a rollback to it is not possible; none if it is.
    pub fn obstacle(&self) -> Option<&'static str> {
        match self.status {
            _ if self.is_running() => Some("it is already running"),
            ReleaseStatus::Pending => Some("it is still being released"),
            ReleaseStatus::Failed => Some("its release phase failed"),
            ReleaseStatus::Expired => Some("it has expired, and its slug is gone"),
            _ if self.code_id().is_none() => Some("nothing was deployed then"),
            _ if !self.eligible_for_rollback => Some("Heroku says that it is not eligible"),
            _ => None,
        }
    }
}

fn path(app: &str) -> String {
    format!("/apps/{app}/releases")
}

/// The `Range` header for the newest `most` releases (Platform API reference, "Ranges").
fn newest_first(most: usize) -> String {
    format!("version ..; order=desc,max={most}")
}

/// Rolls the app back: the slug and config vars of an earlier release become a new release, which is the answer.
pub fn roll_back(app: &AppName, release: &str) -> Change {
    let change = Change::post(path(app.as_ref()), json!({ "release": release }));
    change.accept(Accept::Sdk).outdates([app], Resource::ROLLED_BACK)
}

/// Releases the code of an earlier release of the app again, in front of whatever it runs: its release phase runs, its
/// config vars stay. The answer is the release.
pub fn release_again(app: &AppName, release: &Release, description: &str) -> Change {
    let kind = if release.slug.is_some() { "slug" } else { "oci_image" };
    let code = release.code_id().unwrap_or_default();
    let change = Change::post(path(app.as_ref()), json!({ kind: code, "description": description }));
    change.accept(Accept::Sdk).outdates([app], Resource::RELEASED)
}

impl Client {
    /// The newest release of each app in the pipeline, whatever its status, in one request.
    pub fn latest_releases(&self, pipeline: &str) -> Result<Vec<Release>> {
        self.list(&format!("/pipelines/{pipeline}/latest-releases"), Accept::Sdk)
    }

    /// The app's releases, newest first, at most `most`.
    pub fn releases(&self, app: &str, most: usize) -> Result<Vec<Release>> {
        self.page(&path(app), Accept::Sdk, &newest_first(most))
    }

    /// Like [`Client::releases`], page by page: one answer of the API holds at most 1000.
    pub fn many_releases(&self, app: &str, most: usize) -> Result<Vec<Release>> {
        self.pages(&path(app), Accept::Sdk, &newest_first(most.min(1000)), most)
    }

    /// Like [`Client::releases`], as the JSON that the API sent.
    pub fn releases_as_told(&self, app: &str, most: usize) -> Result<Vec<Value>> {
        self.page(&path(app), Accept::Sdk, &newest_first(most))
    }

    /// One release, by id or version.
    pub fn release(&self, app: &str, id: &str) -> Result<Release> {
        self.get(&format!("/apps/{app}/releases/{id}"), Accept::Sdk)
    }

    /// Like [`Client::release`], as the JSON that the API sent.
    pub fn release_as_told(&self, app: &str, id: &str) -> Result<Value> {
        self.get(&format!("/apps/{app}/releases/{id}"), Accept::Sdk)
    }

    /// The commit that the app's own config vars tell, where a labs feature keeps them there: the variable's name and its
    /// value.
    pub fn commit_in_config(&self, app: &str) -> Result<Option<(&'static str, CommitName)>> {
        // Nothing else of the config is kept.
        #[derive(Deserialize)]
        struct Metadata {
            #[serde(rename = "HEROKU_SLUG_COMMIT")]
            slug: Option<String>,
            #[serde(rename = "HEROKU_BUILD_COMMIT")]
            build: Option<String>,
        }
        let found: Metadata = self.get(&format!("/apps/{app}/config-vars"), Accept::V3)?;
        let named = |name, commit: Option<String>| Some((name, CommitName::of_id(&commit?)?));
        Ok(named("HEROKU_BUILD_COMMIT", found.build).or_else(|| named("HEROKU_SLUG_COMMIT", found.slug)))
    }

    /// The slug of a release, or its image; none where it has neither, or its image is not told.
    pub fn code_of(&self, release: &Release) -> Result<Option<Slug>> {
        let app = &release.app.id;
        match (&release.slug, &release.oci_image) {
            (Some(slug), _) => self.get(&format!("/apps/{app}/slugs/{}", slug.id), Accept::Sdk).map(Some),
            (None, Some(image)) => self.image(app, &image.id),
            (None, None) => Ok(None),
        }
    }

    /// One image. Heroku answers with a list: an image for each architecture, all of one commit.
    fn image(&self, app: &str, id: &str) -> Result<Option<Slug>> {
        match self.get::<Vec<Slug>>(&format!("/apps/{app}/oci-images/{id}"), Accept::Sdk) {
            Ok(images) => Ok(images.into_iter().next()),
            Err(error) if error.downcast_ref().is_some_and(|refusal: &ApiError| refusal.status == 404) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
