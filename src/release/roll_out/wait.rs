//! Waiting for one app's dynos, as `restart --wait` and `ps:wait` do.

use std::time::Instant;

use super::{RollOut, State};
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::model::{AppName, ReleaseVersion};
use crate::release::polling::Polling;
use crate::terminal::Terminal;

impl RollOut<'_> {
    /// Waits until every dyno is up on the app's newest release, and returns its version; none for an app without releases.
    ///
    /// Exit 1 where that release failed or a dyno crashed on it; exit 6 when `deadline` comes first.
    pub fn wait(
        mut self,
        client: &Client,
        terminal: &Terminal,
        deadline: Instant,
    ) -> Result<Option<ReleaseVersion>> {
        let app = self.app;
        let mut polling = Polling::begin(terminal, format!("the start of {app}'s dynos"))?
            .shown_as(format!("the dynos of {app}"));
        let mut missing = None;
        loop {
            let seen = polling.seen(self.look(client));
            let seen = seen.map_err(|error| error.context(format!("the dynos of {app} cannot be read")))?;
            match seen.map(|seen| self.judge(seen)) {
                Some(State::Up(version)) => return Ok(Some(version)),
                Some(State::NoRelease) => return Ok(None),
                Some(State::Failed(failure)) => return Err(failure.error(app)),
                Some(State::Waiting(_)) if self.confirms => continue,
                Some(State::Waiting(what)) => missing = Some(what),
                None => {}
            }
            if Instant::now() >= deadline {
                let late = missing.unwrap_or_else(|| "no dyno was seen".to_owned());
                let error = Error::timed_out(format!("not every dyno of {app} is up: {late}"));
                return Err(error.hint_about(app, ["ps"]));
            }
            polling.show(self.shown());
            polling.pause(self.next_look(deadline))?;
        }
    }
}

/// Says that they are up, on stderr; `version` is what [`RollOut::wait`] returned.
pub fn show_up(terminal: &Terminal, app: &AppName, version: Option<ReleaseVersion>) {
    match version {
        Some(version) => terminal.status(&format!("{app}: every dyno is up on {version}")),
        None => terminal.warn(&format!("{app} has no releases")),
    }
}
