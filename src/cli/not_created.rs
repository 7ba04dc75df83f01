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
    if !review.is_coming() {
        return Err(error);
    }
    let context = Context::new("review", options(&parse_flags("review", &line.flags)?), None);
    if !line.waits {
        if !context.terminal.can_ask() {
            return Err(error.hint(waiting(line)));
        }
        context.terminal.status(&error.to_string());
        if !context.terminal.confirm("Wait until it is created?")? {
            return Err(Error::silent(error.kind().exit_code()));
        }
    }
    let deadline = Instant::now() + release::DEFAULT_WAIT_TIMEOUT;
    let client = context.heroku()?;
    let limit = client.within(deadline);
    review_apps::wait_until_created(client, &context.terminal, *review, deadline)?;
    drop(limit);
    run()
}

/// The line with `--wait`.
fn waiting(line: &ReviewLine<'_>) -> Hint {
    let begin = ["review".to_owned(), format!("--{}", WAIT.0)].into_iter().chain(line.selector.words());
    let words = begin.map(OsString::from).chain(line.flags.iter().cloned()).chain(line.rest.iter().cloned());
    Hint::line(words)
}
