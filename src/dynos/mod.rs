//! An app's dynos: which ones a command is about, and maintenance mode.

mod maintenance;
mod selected;

pub use maintenance::set_maintenance;
pub use selected::{SELECTED, SelectedDynos};
