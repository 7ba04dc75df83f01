//! greenroom: one short command for each environment of a Heroku app. This page is the map.
//!
//! A command line goes down through these layers and comes back as an exit code. A module imports only from the lines
//! below its own; modules on one line do not import each other. `tests/suite/layers.rs` holds every import to it.
//!
//! ```text
//! completion                           # Tab: where the cursor stands in a line, and what may stand there
//! internal                             # commands that greenroom starts itself as, such as git's credential helper
//! cli                                  # dispatch: one of our commands, a command of the Heroku CLI, or a fallback to it
//! alias                                # what the words of `[aliases]` in greenroom.toml stand for
//! commands                             # one file per command: its arguments, one call, printing
//! local_review                         # review apps that are made without Heroku's own: creation, new builds, scripts
//! migration                            # the project's migration on a one-off dyno, and the restart after it
//! forward  logs  one_off  setup        # the Heroku CLI's commands; an app's log; one-off dynos; what a project lacks
//! local_command                        # the project's commands on this machine
//! postgres                             # databases: where the local one is, how PostgreSQL's programs are told of it
//! builder  config_vars  dynos          # the app that builds slugs ahead; config vars; which dynos are meant
//! review_apps  steps                   # the life of a review app; a setup's plan, and carrying it out
//! watch                                # what is read and drawn again and again
//! release  values                      # how code moves: plan, deploy, promotion, rollback; an argument's values for Tab
//! browser  confirm                     # a page in the browser; the question before something protected changes
//! inventory                            # the names that an app has: cache, refresh, invalidation
//! context  shells                      # what a command may use, made on first use; one adapter per shell, installation
//! environment  maintenance_note        # which app is meant; apps left in maintenance mode
//! framework                            # what `console` and `migrate` run on a dyno
//! config  usage  fallback              # greenroom.toml; global flags; what is left to the Heroku CLI
//! pipeline_cache                       # the pipeline that each app was last seen in
//! heroku_cli                           # the installed official CLI: where it is, what it accepts
//! heroku  git                          # the Platform API; the repository
//! parallel  process  interrupts        # requests side by side; other programs; Ctrl-C
//! terminal  temporary  variable        # what is printed; temporary folders; times in environment variables
//! trust                                # what of a repository a person has let greenroom run
//! private_file  names  procfile        # files that only their owner may read; the commands' names; process types
//! app_manifest  dotenv  finding        # app.json; `.env` files; what a check found, why it matters, how to fix it
//! error  file                          # failures, their hints and exit codes; reading files with limits
//! hint                                 # the line that a person pastes after a failure
//! duration  model  text                # lengths of time; Heroku's things as checked values; quoting, characters that deceive
//! ```

pub mod alias;
pub mod app_manifest;
pub mod browser;
pub mod builder;
pub mod cli;
pub mod commands;
pub mod completion;
pub mod config;
pub mod config_vars;
pub mod confirm;
pub mod context;
pub mod dotenv;
pub mod duration;
pub mod dynos;
pub mod environment;
pub mod error;
pub mod fallback;
pub mod file;
pub mod finding;
pub mod forward;
pub mod framework;
pub mod git;
pub mod heroku;
pub mod heroku_cli;
pub mod hint;
pub mod internal;
pub mod interrupts;
pub mod inventory;
pub mod local_command;
pub mod local_review;
pub mod logs;
pub mod maintenance_note;
pub mod migration;
pub mod model;
pub mod names;
pub mod one_off;
pub mod parallel;
pub mod pipeline_cache;
pub mod postgres;
pub mod private_file;
pub mod process;
pub mod procfile;
pub mod release;
pub mod review_apps;
pub mod setup;
pub mod shells;
pub mod steps;
pub mod temporary;
pub mod terminal;
pub mod text;
pub mod trust;
pub mod usage;
pub mod values;
pub mod variable;
pub mod watch;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use commands::Tables;
use error::{Error, Kind, Result};
use terminal::Terminal;

/// Does what the command line says in environment `name`, whose commands `tables` has.
pub fn environment(name: &str, tables: Tables) -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let asked = || cli::environment(name, &tables(name), &words);
    finish(internal::run(&words, tables).unwrap_or_else(asked), name, &words)
}

/// Does what the command line says as `greenroom`; called under another name, as the environment of that name.
pub fn suite() -> ExitCode {
    let called = names::called(&env::args_os().next().unwrap_or_default());
    let name = names::environment(&called);
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let asked = || if names::is_suite(name) { cli::suite(&words) } else { as_environment(name, &words) };
    let answered = completion::run(&words).or_else(|| internal::run(&words, commands::of));
    finish(answered.unwrap_or_else(asked), name, &words)
}

fn as_environment(name: &str, words: &[OsString]) -> Result<()> {
    names::check_name(name).map_err(|message| Error::usage(message).hint("greenroom link qa"))?;
    cli::environment(name, &commands::of(name), words)
}

/// Reports a failure, and turns the result into the exit code.
fn finish(result: Result<()>, name: &str, words: &[OsString]) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    if !matches!(error.kind(), Kind::Silent(_)) {
        let asked = |flag: &str| words.iter().take_while(|word| *word != "--").any(|word| word == flag);
        let mut to = Terminal::new(asked("--no-color"), false).stderr();
        if usage::wants_json(name, words) {
            terminal::report_json(&error, &mut to);
        } else {
            terminal::report(&error, &mut to);
        }
    }
    ExitCode::from(error.kind().exit_code())
}
