//! What the commands about config vars share: how values are printed and quoted, and how a change is asked for and made.

mod change;
mod print;
mod shell_quote;

pub use change::{Changed, ConfigChange};
pub use print::{listed, valued};
pub use shell_quote::shell_quote;
