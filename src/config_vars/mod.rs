//! What the commands about config vars share: how values are printed, quoted and edited, how a change is told, asked for and
//! made, and files that hold config vars.

mod change;
mod difference;
pub mod editable;
mod editor;
mod env_file;
mod print;
mod shell_quote;

pub use change::{Changed, ConfigChange};
pub use difference::{Difference, changes_between, named};
pub use editor::edit;
pub use env_file::EnvFile;
pub use print::{listed, valued};
pub use shell_quote::shell_quote;
