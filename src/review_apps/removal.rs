//! Destroying review apps, and waiting until they are gone.

use std::time::Instant;

use serde::de::IgnoredAny;

use crate::error::{Error, Result};
use crate::heroku::{Client, ReviewApp, delete_review_app};
use crate::hint::Hint;
use crate::model::ReviewAppStatus;
use crate::release::Polling;
use crate::terminal::Terminal;

/// Destroys a review app, and waits until Heroku has it no more. One that is gone already is no failure.
///
/// Exit 1 where Heroku could not delete it, 6 when `deadline` comes first.
pub fn destroy(client: &Client, terminal: &Terminal, review: &ReviewApp, deadline: Instant) -> Result<()> {
    let what = review.described();
    let mut polling = Polling::begin(terminal, format!("the deletion of {what}"))?;
    if !review.is_going() {
        let deleted = client.change::<IgnoredAny>(&delete_review_app(&review.id));
        if let Err(error) = deleted
            && client.review_app(&review.id)?.is_some_and(|seen| !seen.is_going())
        {
            return Err(error.context(format!("{what} was not deleted")));
        }
    }
    let look = || {
        let seen = client.review_app(&review.id)?;
        Ok(match seen.as_ref().map(|seen| &seen.status) {
            None | Some(ReviewAppStatus::Deleted) => Some(Ok(())),
            Some(ReviewAppStatus::Deleting) => None,
            Some(status) => Some(Err(not_deleted(&what, status, seen.as_ref()))),
        })
    };
    let lost =
        |error: Error| error.context(format!("{what} is being deleted, but its status cannot be read"));
    let all = || Hint::line(["review", "list", "--all"]);
    polling.until(deadline, look, lost)?.unwrap_or_else(|| {
        Err(Error::timed_out(format!("{what} is still being deleted, and that goes on at Heroku"))
            .hint(all()))
    })
}

fn not_deleted(what: &str, status: &ReviewAppStatus, seen: Option<&ReviewApp>) -> Error {
    let why = seen.map_or("no reason given", ReviewApp::failure);
    Error::failed(format!("{what} is {status}: {why}")).hint(Hint::line(["review", "list", "--all"]))
}
