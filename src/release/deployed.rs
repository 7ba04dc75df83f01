//! What one app runs, read in two requests.

use super::pipeline_state::{StageApp, slug_of};
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Client, Release};
use crate::model::{AppName, CommitName, ReleaseVersion};

/// This many releases are searched for the running one; the newer ones may have failed.
pub(super) const LOOKED_AT: usize = 50;

/// What an app runs.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The app.
    pub app: AppName,
    /// The release its dynos run; none before the first one.
    pub release: Option<Release>,
    /// The commit its slug was built from, where that is recorded.
    pub commit: Option<CommitName>,
}

impl Deployed {
    /// Reads the app's releases, and the slug of the running one.
    pub fn of(client: &Client, app: &AppName) -> Result<Self> {
        let release = client.releases(app.as_ref(), LOOKED_AT)?.into_iter().find(Release::is_running);
        let slug = slug_of(client, release.as_ref())?;
        let commit = slug.and_then(|slug| slug.commit);
        Ok(Self { app: app.clone(), release, commit })
    }

    /// The same for one of its releases; none where there is no such release.
    pub fn at(client: &Client, app: &AppName, version: ReleaseVersion) -> Result<Option<Self>> {
        let release = match client.release(app.as_ref(), &version.number().to_string()) {
            Ok(release) => release,
            Err(error) if error.downcast_ref().is_some_and(|refusal: &ApiError| refusal.status == 404) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let commit = slug_of(client, Some(&release))?.and_then(|slug| slug.commit);
        Ok(Some(Self { app: app.clone(), release: Some(release), commit }))
    }

    /// Exit 1: why the commit that the app runs is not known.
    pub fn no_commit(&self) -> Error {
        let app = &self.app;
        let Some(release) = &self.release else {
            return Error::failed(format!("{app} has no release that succeeded"))
                .hint_about(app, ["releases"]);
        };
        let version = release.version;
        let why = match (&release.slug, &release.oci_image) {
            (Some(_), _) | (_, Some(_)) => "was built from no commit that was recorded",
            (None, None) => "has no slug, and so no commit",
        };
        Error::failed(format!("{app} {version} {why}"))
            .hint_about(app, ["releases:info", &format!("{version}")])
    }
}

impl From<&StageApp> for Deployed {
    fn from(running: &StageApp) -> Self {
        Self {
            app: running.app.name.clone(),
            release: running.release.clone(),
            commit: running.commit.clone(),
        }
    }
}
