//! Maintenance mode around a move of code, ended whatever happens.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use self::turn_off::{TurnOffFailure, turn_off};
use self::watchdog::Watchdog;
use super::pipeline_state::StageApp;
use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client};
use crate::hint::Hint;
use crate::maintenance_note;
use crate::model::AppName;
use crate::terminal::Terminal;

mod turn_off;
mod watchdog;

pub use watchdog::run_watchdog;

/// How often turning it on is asked for.
const ATTEMPTS: u32 = 3;

/// A request whose answer did not come in time may still arrive, but not later than after so many times that time.
const LATEST: u32 = 2;

/// The apps that were put into maintenance mode for a while.
pub struct Maintenance {
    client: Arc<Client>,
    terminal: Terminal,
    apps: Vec<Maintained>,
}

/// An app that is in maintenance mode because of us, or may be.
struct Maintained {
    app: AppName,
    watchdog: Watchdog,
    /// Whether it was seen to be in it.
    is_on: bool,
    /// Until then a request may arrive that puts it into maintenance mode.
    unsettled_until: Instant,
}

impl Maintenance {
    /// Turns it on for these apps. One that is in maintenance mode already stays so in the end.
    pub fn begin(client: &Arc<Client>, terminal: &Terminal, apps: &[&StageApp]) -> Result<Self> {
        let mut begun = Self { client: Arc::clone(client), terminal: terminal.clone(), apps: Vec::new() };
        for running in apps {
            let app = &running.app.name;
            if client.app(app.as_ref())?.maintenance {
                terminal.status(&format!("{app} is in maintenance mode already, and stays so"));
                continue;
            }
            // First who ends it, then what is to be ended.
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
                    return Err(
                        error.context(format!("it is not known whether {app} is in maintenance mode"))
                    );
                }
            }
            begun.apps.push(maintained);
        }
        Ok(begun)
    }

    /// Turns it off again; exit 1 for an app that stays in maintenance mode. Not called, it is done all the same in the
    /// end, with a warning in place of the failure.
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
    /// Turns it on; what fails without a no is tried again, unless it was done all the same.
    fn turn_on(&mut self, client: &Client) -> Result<()> {
        let app = self.app.as_ref();
        // How many requests were sent that nobody knows the fate of.
        let mut open = 0_u32;
        for attempt in 1.. {
            let failure = match client.set_maintenance(app, true) {
                Ok(seen) if seen.maintenance => break,
                Ok(_) => return Err(Error::failed(format!("{app} did not go into maintenance mode"))),
                Err(error) => error,
            };
            if ApiError::leaves_open(&failure) {
                // What the API itself answers is over.
                let is_over = failure.downcast_ref::<ApiError>().is_some();
                if !is_over {
                    open += 1;
                    self.unsettled_until = Instant::now() + LATEST * client.timeout();
                }
                if client.app(app).is_ok_and(|seen| seen.maintenance) {
                    // It was done all the same.
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

    /// Whether nothing that was asked for can still put it into maintenance mode.
    fn is_settled(&self) -> bool {
        self.unsettled_until <= Instant::now()
    }
}

impl TurnOffFailure {
    /// What is known of the app, for a sentence.
    fn told(&self, app: &AppName) -> String {
        if self.is_on {
            format!("{app} is still in maintenance mode")
        } else {
            format!("it is not known whether {app} is still in maintenance mode")
        }
    }

    fn into_error(self, app: &AppName) -> Error {
        let told = self.told(app);
        self.error.context(told).kind_of(Kind::Failed).hint(Hint::about(app, ["maintenance:off"]))
    }
}
