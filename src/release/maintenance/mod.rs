//! Maintenance mode during a deploy; it is turned off however the deploy ends.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use self::turn_off::{TurnOffFailure, turn_off};
use self::watchdog::Watchdog;
use crate::error::{Error, Kind, Result};
use crate::heroku::{self, ApiError, App, Client};
use crate::hint::Hint;
use crate::maintenance_note;
use crate::model::AppName;
use crate::terminal::Terminal;

mod turn_off;
mod watchdog;

pub use watchdog::run_watchdog;

/// How many times the request to turn it on is sent.
const ATTEMPTS: u32 = 3;

/// A request whose answer timed out may still arrive, at most this many timeouts later.
const LATEST: u32 = 2;

/// The apps that a deploy put into maintenance mode.
pub struct Maintenance {
    client: Arc<Client>,
    terminal: Terminal,
    apps: Vec<Maintained>,
}

/// An app that this process put, or may have put, into maintenance mode.
struct Maintained {
    app: AppName,
    watchdog: Watchdog,
    /// Whether it was seen in maintenance mode.
    is_on: bool,
    /// Until then, a request that puts it into maintenance mode may still arrive.
    unsettled_until: Instant,
}

impl Maintenance {
    /// Turns it on for these apps. An app that is in maintenance mode already stays in it.
    pub fn begin(client: &Arc<Client>, terminal: &Terminal, apps: &[&AppName]) -> Result<Self> {
        let mut begun = Self { client: Arc::clone(client), terminal: terminal.clone(), apps: Vec::new() };
        for &app in apps {
            if client.app(app.as_ref())?.maintenance {
                terminal.status(&format!("{app} is in maintenance mode already and stays in it"));
                continue;
            }
            // The watchdog first, so that nothing can end this process between the two.
            let watchdog = Watchdog::start(app)?;
            let mut maintained =
                Maintained { app: app.clone(), watchdog, is_on: false, unsettled_until: Instant::now() };
            match maintained.turn_on(client) {
                Ok(()) => terminal.status(&format!("{app}: maintenance mode is on")),
                Err(error) if maintained.is_settled() => {
                    maintained.watchdog.release();
                    return Err(error);
                }
                Err(error) => {
                    begun.apps.push(maintained);
                    return Err(error.context(format!("{app} may be in maintenance mode")));
                }
            }
            begun.apps.push(maintained);
        }
        Ok(begun)
    }

    /// Turns it off again; exit 1 for an app that stays in maintenance mode. Dropping does the same, with a warning in place of
    /// the error.
    pub fn end(mut self) -> Result<()> {
        let mut failure = None;
        while let Some(maintained) = self.apps.pop() {
            failure = self.end_of(maintained).err().or(failure);
        }
        failure.map_or(Ok(()), Err)
    }

    fn end_of(&self, maintained: Maintained) -> Result<()> {
        let Maintained { app, watchdog, is_on, unsettled_until } = maintained;
        let progress = self.terminal.progress(format!("the end of {app}'s maintenance mode"));
        let patience = LATEST * self.client.timeout();
        let outcome = turn_off(&self.client, &app, unsettled_until, patience);
        drop(progress);
        match outcome {
            Ok(was_on) => {
                if is_on || was_on {
                    self.terminal.status(&format!("{app}: maintenance mode is off"));
                }
                watchdog.release();
                Ok(())
            }
            Err(stuck) => {
                if ApiError::is_refusal(&stuck.error) {
                    maintenance_note::leave(&app, &stuck.error);
                    watchdog.release();
                } else {
                    self.terminal.status(&format!("{app}: greenroom keeps trying in the background"));
                }
                Err(stuck.into_error(&app))
            }
        }
    }
}

impl Drop for Maintenance {
    fn drop(&mut self) {
        for maintained in std::mem::take(&mut self.apps) {
            if let Err(error) = self.end_of(maintained) {
                self.terminal.warn(&error.to_string());
                error.hints().for_each(|hint| self.terminal.hint(hint.clone()));
            }
        }
    }
}

impl Maintained {
    /// Turns it on. Failures other than refusals are retried, unless the app shows that the request went through.
    fn turn_on(&mut self, client: &Client) -> Result<()> {
        let app = self.app.as_ref();
        // The number of requests without an answer, which may still arrive.
        let mut open = 0_u32;
        for attempt in 1.. {
            let failure = match client.change::<App>(&heroku::set_maintenance(app, true)) {
                Ok(seen) if seen.maintenance => break,
                Ok(_) => return Err(Error::failed(format!("{app} did not go into maintenance mode"))),
                Err(error) => error,
            };
            if ApiError::leaves_open(&failure) {
                // A request that the API itself answered cannot arrive later.
                let is_over = failure.downcast_ref::<ApiError>().is_some();
                if !is_over {
                    open += 1;
                    self.unsettled_until = Instant::now() + LATEST * client.timeout();
                }
                if client.app(app).is_ok_and(|seen| seen.maintenance) {
                    // The request went through.
                    open -= u32::from(!is_over);
                    break;
                }
            }
            if attempt == ATTEMPTS || ApiError::is_refusal(&failure) {
                return Err(failure);
            }
            thread::sleep(Duration::from_millis(250) * attempt);
        }
        if open == 0 {
            self.unsettled_until = Instant::now();
            self.watchdog.tell_it_is_on();
        }
        self.is_on = true;
        Ok(())
    }

    /// Whether no request can still arrive that puts it into maintenance mode.
    fn is_settled(&self) -> bool {
        self.unsettled_until <= Instant::now()
    }
}

impl TurnOffFailure {
    /// The state of the app, as a sentence.
    fn told(&self, app: &AppName) -> String {
        if self.is_on {
            format!("{app} is still in maintenance mode")
        } else {
            format!("{app} may still be in maintenance mode")
        }
    }

    fn into_error(self, app: &AppName) -> Error {
        let told = self.told(app);
        self.error.context(told).kind_of(Kind::Failed).hint(Hint::about(app, ["maintenance:off"]))
    }
}
