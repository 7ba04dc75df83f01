//! One-off dynos: a command that runs on a dyno of its own. A session attaches this terminal to it, and ends with the
//! command's exit status.
//!
//! [`run()`] asks what the app is, makes the dyno ([`create`]), waits until it answers ([`attach`]), and copies both ways until
//! the end ([`session`]). The exit status comes as a marker behind the output ([`marker`]).

#[cfg(unix)]
mod attach;
#[cfg(unix)]
mod attached;
pub mod command;
mod create;
mod detached;
#[cfg(unix)]
mod last_words;
pub mod marker;
#[cfg(unix)]
mod notification;
#[cfg(unix)]
mod output;
mod request;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod session;
mod supported;

pub use detached::{Started, run_detached};
pub use request::{COMMAND_VALUES, DynoOptions, Request, SessionOptions, TASK_VALUES};
#[cfg(unix)]
pub use run::{describe, run};
