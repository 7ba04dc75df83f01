//! Why a roll-out fails.

use crate::error::Error;
use crate::model::{AppName, ReleaseVersion};
use crate::release::promotion::Failure;

/// Why dynos do not come up on a release.
#[derive(Clone, Debug)]
pub(super) enum RollOutFailure {
    /// The release itself failed.
    Release(ReleaseVersion),
    /// Another slug has been released.
    Replaced(ReleaseVersion),
    /// A dyno crashed, or keeps restarting.
    Dyno { name: String, version: ReleaseVersion, what: &'static str },
}

impl RollOutFailure {
    /// The failure as an error of its own.
    pub(super) fn error(&self, app: &AppName) -> Error {
        match self {
            Self::Release(version) => {
                Error::failed(format!("{app} {version} failed: its release phase failed"))
                    .hint_about(app, ["releases:output", &version.to_string()])
            }
            Self::Replaced(version) => {
                Error::failed(format!("{app} runs other code now, {version}")).hint_about(app, ["releases"])
            }
            Self::Dyno { name, version, what } => {
                Error::failed(format!("{name} of {app} {what} on {version}"))
                    .hint_about(app, ["logs", "--dyno-name", name])
            }
        }
    }

    /// The failure as a part of the release's outcome.
    pub(super) fn of_outcome(&self) -> Failure {
        match self {
            Self::Release(_) => Failure::from("its release phase failed".to_owned()),
            Self::Replaced(version) => Failure::from(format!("other code was released meanwhile, {version}")),
            Self::Dyno { name, what, .. } => {
                Failure { why: format!("{name} {what}"), dyno: Some(name.clone()) }
            }
        }
    }
}
