//! Waiting for a release that somebody else is making.

use std::time::Instant;

use super::outcome::lost;
use super::pipeline_state::StageApp;
use super::polling::Polling;
use crate::error::{Error, Result};
use crate::heroku::{Client, Release};
use crate::terminal::Terminal;

/// The app's newest release, where it is still being made.
pub fn pending_release(running: &StageApp) -> Option<&Release> {
    running.newest.as_ref().filter(|newest| newest.is_pending())
}

/// Waits until none of these apps' newest releases is being made any more; exit 6 when `deadline` comes first.
///
/// Only the releases themselves are asked for, less and less often: a release phase may take long, and the account's
/// requests are counted.
pub fn wait_for_pending_releases(
    client: &Client,
    terminal: &Terminal,
    apps: &[&StageApp],
    deadline: Instant,
) -> Result<()> {
    for (running, newest) in apps.iter().filter_map(|running| Some((running, pending_release(running)?))) {
        let (app, version) = (&running.app.name, newest.version);
        terminal.status(&format!("waiting for {app} v{version}, which is still being released"));
        let mut wait = Polling::begin(terminal, format!("the release of {app} v{version}"))?;
        loop {
            let look = client.release(&running.app.id, &newest.id);
            let seen = wait.seen(look).map_err(|error| lost(error, newest))?;
            if seen.is_some_and(|release| !release.is_pending()) {
                break;
            }
            if Instant::now() >= deadline {
                return Err(Error::timed_out(format!("{app} v{version} is still being released"))
                    .hint_about(app, ["releases:output", &format!("v{version}")]));
            }
            wait.pause(deadline)?;
        }
    }
    Ok(())
}
