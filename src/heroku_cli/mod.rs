//! The official Heroku CLI of this machine: where it is, and what it accepts by its own manifests, without starting Node.
//!
//! The manifests are 600 kB of JSON. Two digests of them are kept in the cache: [`Commands`], the least that forwarding
//! needs, and [`Catalog`], what a shell completes from.

use std::sync::OnceLock;

use crate::process::CommandLine;

mod catalog;
mod digest;
mod location;
mod manifests;
mod plain_text;
mod syntax;

pub use catalog::{Argument, Catalog, Flag, Usage};
pub use syntax::{Commands, Syntax};

/// The CLI's executable on PATH, found once.
pub fn program() -> Option<&'static CommandLine> {
    static PROGRAM: OnceLock<Option<CommandLine>> = OnceLock::new();
    PROGRAM.get_or_init(|| CommandLine::find("heroku")).as_ref()
}
