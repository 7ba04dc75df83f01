//! Heroku's things as values that are checked when they are made. No I/O.

mod apex;
mod app_name;
mod commit_id;
mod dyno_selection;
mod page_url;
mod release_version;
mod resource;
mod scaling;
mod stage;
mod status;
mod words;

pub use apex::is_apex;
pub use app_name::{AppName, BadAppName};
pub use commit_id::{CommitId, CommitName, recorded_commit};
pub use dyno_selection::DynoSelection;
pub use page_url::page_url;
pub use release_version::ReleaseVersion;
pub use resource::Resource;
pub use scaling::{Quantity, Scaling};
pub use stage::Stage;
pub use status::{BuildStatus, PromotionStatus, ReleaseStatus, ReviewAppStatus};
