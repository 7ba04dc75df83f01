//! Destroying review apps, and waiting until they are gone.

use std::time::Instant;

use serde::de::IgnoredAny;

use crate::error::{Error, Result};
use crate::heroku::{Change, Client, ReviewApp, delete_app, delete_review_app};
use crate::hint::Hint;
use crate::model::ReviewAppStatus;
use crate::release::Polling;
use crate::terminal::Terminal;

/// The request that destroys a review app: of one that Heroku knows nothing of, it deletes the app.
pub fn removal(review: &ReviewApp) -> Change {
    if review.is_local { delete_app(&review.id) } else { delete_review_app(&review.id) }
}

/// The review app as Heroku has it now; `None` once it is gone.
fn seen(client: &Client, review: &ReviewApp) -> Result<Option<ReviewApp>> {
    if !review.is_local {
        return client.review_app(&review.id);
    }
    Ok(client.find_app(&review.id)?.map(|_| review.clone()))
}

/// Asks Heroku to destroy a review app. One that is going or gone already is no failure.
pub fn destroy(client: &Client, review: &ReviewApp) -> Result<()> {
    let Err(error) = client.change::<IgnoredAny>(&removal(review)) else { return Ok(()) };
    // The answer may have been lost, or somebody else was faster.
    if seen(client, review)?.is_some_and(|seen| !seen.is_going()) {
        return Err(error.context(format!("{} was not deleted", review.described())));
    }
    Ok(())
}

/// Waits until Heroku no longer has a review app that is being destroyed.
///
/// Exit 1 where Heroku could not delete it, 6 when `deadline` comes first.
pub fn wait_until_gone(
    client: &Client,
    terminal: &Terminal,
    review: &ReviewApp,
    deadline: Instant,
) -> Result<()> {
    let what = review.described();
    let mut polling = Polling::begin(terminal, format!("the deletion of {what}"))?;
    let look = || {
        let Some(seen) = seen(client, review)? else { return Ok(Some(Ok(()))) };
        Ok(match seen.status {
            ReviewAppStatus::Deleted => Some(Ok(())),
            ReviewAppStatus::Deleting => None,
            _ => Some(Err(not_deleted(&seen))),
        })
    };
    let lost =
        |error: Error| error.context(format!("{what} is being deleted, but its status cannot be read"));
    polling.until(deadline, look, lost)?.unwrap_or_else(|| {
        Err(Error::timed_out(format!("{what} is still being deleted, and that goes on at Heroku"))
            .hint(all()))
    })
}

fn not_deleted(seen: &ReviewApp) -> Error {
    let (what, status) = (seen.described(), &seen.status);
    Error::failed(format!("{what} was not deleted: it is {status}, {}", seen.failure())).hint(all())
}

/// The line that shows how far each is.
fn all() -> Hint {
    Hint::line(["review", "list", "--all"])
}
