//! The map of greenroom: how a command line becomes an effect.
//!
//! bin → `cli` (parse, or `forward`) → `environment` (name → app) → `commands` → `heroku`, `git`,
//! `process` → `terminal` → exit code. Data goes this way only: what stands further right knows nothing of
//! what stands left of it.

pub mod config;
pub mod context;
pub mod environment;
pub mod error;
pub mod git;
pub mod heroku;
pub mod process;
pub mod terminal;

use std::process::ExitCode;

/// Does what the command line says in environment `name`.
pub fn environment(name: &str) -> ExitCode {
    drop(name.to_owned());
    ExitCode::SUCCESS
}

/// Does what the command line says as `greenroom`; called under another name, as the environment of that name.
pub fn suite() -> ExitCode {
    ExitCode::SUCCESS
}
