//! A command on a review app that is still being created: the app is waited for, or the error says how.

use std::ffi::OsString;
use std::time::Instant;

use super::parser::{options, parse_flags};
use super::review_line::{ReviewLine, WAIT};
use crate::context::Context;
use crate::environment::NotCreated;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::release;
use crate::review_apps;

/// Runs the command; where its review app is still being created, again once that is done: with `--wait`, or where a person
/// wants it.
pub(super) fn run_once_created(line: &ReviewLine<'_>, run: impl Fn() -> Result<()>) -> Result<()> {
    let error = match run() {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let Some(review) = error.downcast_ref().map(|cause: &NotCreated| cause.review.clone()) else {
        return Err(error);
    };
    let context = Context::new("review", options(&parse_flags("review", &line.flags)?), None);
    let deadline = Instant::now() + release::DEFAULT_WAIT_TIMEOUT;
    let log = asks_for_log(line).filter(|_| !line.waits && !context.options.dry_run);
    if log == Some(Log::SoFar) && !review.is_going() {
        return review_apps::print_setup(context.heroku()?, &context.terminal, *review, deadline);
    }
    if !review.is_coming() {
        return Err(error);
    }
    if !line.waits && log.is_none() {
        if !context.terminal.can_ask() {
            return Err(error.hint(waiting(line)));
        }
        context.terminal.status(&error.to_string());
        if !context.terminal.confirm("Wait until it is created?")? {
            return Err(Error::silent(error.kind().exit_code()));
        }
    }
    let client = context.heroku()?;
    let limit = client.within(deadline);
    review_apps::wait_until_created(client, &context.terminal, *review, deadline)?;
    drop(limit);
    run()
}

/// How much of the log a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// The lines so far: of an app that is not created, the output of its setup.
    SoFar,
    /// That, and then what follows.
    Followed,
}

/// Whether the line asks for the log in the form of text.
fn asks_for_log(line: &ReviewLine<'_>) -> Option<Log> {
    let (command, arguments) = line.rest.split_first()?;
    let has = |flags: &[&str]| arguments.iter().any(|word| flags.iter().any(|flag| word == flag));
    let json = line.flags.iter().any(|flag| flag == "--json") || has(&["--json"]);
    match command.to_str()? {
        _ if json => None,
        "tail" => Some(Log::Followed),
        "logs" if has(&["--tail", "-t"]) => Some(Log::Followed),
        "logs" => Some(Log::SoFar),
        _ => None,
    }
}

/// The line with `--wait`.
fn waiting(line: &ReviewLine<'_>) -> Hint {
    let begin = ["review".to_owned(), format!("--{}", WAIT.0)].into_iter().chain(line.selector.words());
    let words = begin.map(OsString::from).chain(line.flags.iter().cloned()).chain(line.rest.iter().cloned());
    Hint::line(words)
}
