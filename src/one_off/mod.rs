//! One-off dynos: a command that runs on a dyno of its own, and its exit status.

pub mod command;
pub mod marker;
