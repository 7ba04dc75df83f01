//! The map of greenroom: how a command line becomes an effect.
//!
//! bin → [`cli`] (parse, or [`forward`]) → [`environment`](mod@environment) (name → app) → [`commands`] → [`heroku`],
//! [`heroku_cli`], [`git`], [`process`] → [`terminal`] → exit code. Data goes this way only: what stands further right
//! knows nothing of what stands left of it. A process that greenroom or git started for an [`internal`] command takes a shorter
//! way; so does a shell's Tab key, which [`completion`] answers from the same tables.

pub mod cli;
pub mod commands;
pub mod completion;
pub mod config;
pub mod confirm;
pub mod context;
pub mod environment;
pub mod error;
pub mod file;
pub mod forward;
pub mod git;
pub mod heroku;
pub mod heroku_cli;
pub mod hint;
pub mod internal;
pub mod interrupts;
pub mod model;
pub mod names;
pub mod parallel;
pub mod prepare;
pub mod private_file;
pub mod process;
pub mod release;
pub mod temporary;
pub mod terminal;
pub mod text;
pub mod usage;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use error::{Error, Kind, Result};
use terminal::Terminal;

/// Does what the command line says in environment `name`.
pub fn environment(name: &str) -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    finish(internal::run(&words).unwrap_or_else(|| cli::environment(name, &words)), &words)
}

/// Does what the command line says as `greenroom`; called under another name, as the environment of that name.
pub fn suite() -> ExitCode {
    let name = names::called(&env::args_os().next().unwrap_or_default());
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let asked = || if names::is_suite(&name) { cli::suite(&words) } else { as_environment(&name, &words) };
    let answered = completion::run(&words).or_else(|| internal::run(&words));
    finish(answered.unwrap_or_else(asked), &words)
}

fn as_environment(name: &str, words: &[OsString]) -> Result<()> {
    names::check_name(name).map_err(|message| Error::usage(message).hint("greenroom link qa"))?;
    cli::environment(name, words)
}

/// Reports a failure, and turns the result into the exit code.
fn finish(result: Result<()>, words: &[OsString]) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    if !matches!(error.kind(), Kind::Silent(_)) {
        let asked = |flag: &str| words.iter().take_while(|word| *word != "--").any(|word| word == flag);
        let mut to = Terminal::new(asked("--no-color"), false).stderr();
        if usage::wants_json(words) {
            error.report_json(&mut to);
        } else {
            error.report(&mut to);
        }
    }
    ExitCode::from(error.kind().exit_code())
}
