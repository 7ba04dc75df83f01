//! What the commands about config vars share: how values are printed and quoted, how a change is told, asked for and made,
//! and files that hold config vars.

mod change;
mod difference;
mod env_file;
mod print;
mod shell_quote;

pub use change::{Changed, ConfigChange};
pub use difference::{Difference, named};
pub use env_file::EnvFile;
pub use print::{listed, valued};
pub use shell_quote::shell_quote;
