//! An app's release and its commit, as `--json` prints them.

use serde::Serialize;

use super::pipeline_state::StageApp;
use crate::model::{CommitName, ReleaseVersion};

/// What an app runs, or ran.
#[derive(Debug, Serialize)]
pub struct AppRelease<'a> {
    /// The app's name.
    pub app: &'a str,
    /// The release; none before the first.
    pub version: Option<ReleaseVersion>,
    /// The commit, where it is known.
    pub commit: Option<&'a CommitName>,
}

impl StageApp {
    /// The release that runs.
    pub fn running(&self) -> AppRelease<'_> {
        AppRelease {
            app: self.app.name.as_ref(),
            version: self.release.as_ref().map(|release| release.version),
            commit: self.commit.as_ref(),
        }
    }
}
