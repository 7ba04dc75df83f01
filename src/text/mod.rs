//! Text without any I/O: which characters are dangerous to show, and how words are quoted for a shell.

mod hostile;
mod quote;

pub use hostile::{is_control, is_harmless, is_hostile, is_part_of_emoji};
pub use quote::{join, quote, with_operands};
