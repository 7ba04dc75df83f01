//! Waiting for a release that somebody else is making.

use std::time::Instant;

use super::outcome::lost;
use super::pipeline_state::StageApp;
use super::polling::Polling;
use crate::error::{Error, Result};
use crate::heroku::{Client, Release};
use crate::terminal::Terminal;

/// The app's newest release, where it is pending.
pub fn pending_release(app: &StageApp) -> Option<&Release> {
    app.newest.as_ref().filter(|newest| newest.is_pending())
}

/// Waits until the newest release of none of these apps is pending; exit 6 when `deadline` comes first.
///
/// Only the releases themselves are read, less and less often: a release phase may take long, and the account's requests
/// are counted.
pub fn wait_for_pending_releases(
    client: &Client,
    terminal: &Terminal,
    apps: &[&StageApp],
    deadline: Instant,
) -> Result<()> {
    for (target, newest) in apps.iter().filter_map(|target| Some((target, pending_release(target)?))) {
        let (app, version) = (&target.app.name, newest.version);
        let mut polling = Polling::begin(terminal, format!("the release of {app} {version}"))?;
        terminal.status(&format!("waiting for {app} {version}, which is still being released"));
        let look = || {
            let release = client.release(&target.app.id, &newest.id)?;
            Ok((!release.is_pending()).then_some(()))
        };
        if polling.until(deadline, look, |error| lost(error, newest))?.is_none() {
            return Err(Error::timed_out(format!("{app} {version} is still being released"))
                .hint_about(app, ["releases:output", &format!("{version}")]));
        }
    }
    Ok(())
}
