//! Turns maintenance mode off until the app is seen without it.

use std::thread;
use std::time::{Duration, Instant};

use super::super::backoff::Backoff;
use crate::error::Error;
use crate::heroku::{self, ApiError, App, Client};
use crate::model::AppName;

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(15);

/// How often the app is read while it has to stay off.
const GLANCES: Duration = Duration::from_secs(1);

/// Why maintenance mode could not be turned off.
pub(super) struct TurnOffFailure {
    /// The last failure.
    pub(super) error: Error,
    /// Whether the app was seen to be in maintenance mode.
    pub(super) is_on: bool,
}

/// Turns it off; true where it was on.
///
/// It counts as off once it is seen off, and not before `settled`: until then a request that turns it on may arrive.
/// Failures are retried, less and less often, for as long as `patience`; a refusal is final.
pub(super) fn turn_off(
    client: &Client,
    app: &AppName,
    settled: Instant,
    patience: Duration,
) -> Result<bool, TurnOffFailure> {
    let given_up = Instant::now() + patience;
    let mut was_on = false;
    // A sleep, not `Polling`: maintenance mode is ended after an interrupt, too.
    let mut pauses = Backoff::doubling(GLANCES / 4, LONGEST);
    loop {
        let looked_at = Instant::now();
        let stuck = match client.app(app.as_ref()) {
            Ok(seen) if !seen.maintenance && looked_at >= settled => return Ok(was_on),
            Ok(seen) if !seen.maintenance => {
                thread::sleep(GLANCES.min(settled.saturating_duration_since(looked_at)));
                continue;
            }
            Ok(_) => match client.change::<App>(&heroku::set_maintenance(app.as_ref(), false)) {
                // The first time it is read again at once; after that, somebody keeps turning it on.
                Ok(seen) if !seen.maintenance && !was_on => {
                    was_on = true;
                    continue;
                }
                Ok(seen) if !seen.maintenance => {
                    TurnOffFailure { error: Error::failed("it was turned off and is on again"), is_on: true }
                }
                Ok(_) => {
                    TurnOffFailure { error: Error::failed("Heroku answers that it is still on"), is_on: true }
                }
                Err(error) => TurnOffFailure { error, is_on: true },
            },
            Err(error) => TurnOffFailure { error, is_on: false },
        };
        let pause = pauses.pause();
        if ApiError::is_refusal(&stuck.error) || Instant::now() + pause >= given_up {
            return Err(stuck);
        }
        thread::sleep(pause);
    }
}
