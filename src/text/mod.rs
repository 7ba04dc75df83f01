//! Text without any I/O: which characters are dangerous to show, how words are quoted for a shell, "did you mean".

mod hostile;
mod nearest;
mod number;
mod quote;
mod size;

pub use hostile::{is_control, is_harmless, is_hostile, is_part_of_emoji};
pub use nearest::{distance, nearest, nearest_first};
pub use number::number_of;
pub use quote::{join, quote, with_operands};
pub use size::size;
