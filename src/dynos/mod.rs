//! An app's dynos: which ones a command is about, waiting until they run a release, and maintenance mode.

mod maintenance;
mod selected;
mod wait;

pub use maintenance::set_maintenance;
pub use selected::{SELECTED, SelectedDynos};
pub use wait::{Wait, show_up, wait_for_release};
