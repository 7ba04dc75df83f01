//! The life of a review app: creating it, waiting until it is there, choosing which ones to destroy, waiting until they are
//! gone.

mod check;
mod created;
mod creation;
mod listing;
mod obsolete;
mod removal;
mod settings;

pub use check::{StageConfig, files as check_files, first_review_app as check_first_review_app};
pub use created::Created;
pub use creation::{print_setup, wait_until_created};
pub use listing::{Distance, Listed, Listing};
pub use obsolete::{Obsolete, merged, stale};
pub use removal::{destroy, removal, wait_until_gone};
pub use settings::{SETTING_VALUES, SettingOptions, connected_repository, read_changed, read_settings};
