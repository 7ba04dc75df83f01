//! Heroku's things as values that are checked when they are made. No I/O.

mod app_name;
mod commit_id;
mod release_version;
mod stage;
mod status;
mod words;

pub use app_name::{AppName, BadAppName};
pub use commit_id::{CommitId, CommitName, recorded_commit};
pub use release_version::ReleaseVersion;
pub use stage::Stage;
pub use status::{BuildStatus, PromotionStatus, ReleaseStatus, ReviewAppStatus};
