//! The watchdog: a process that turns maintenance mode off when the deploy that turned it on was killed. It notices the end
//! of the deploy by a pipe that closes.

use std::io::{self, IsTerminal, Read, Write as _};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use super::LATEST;
use super::turn_off::{TurnOffFailure, turn_off};
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::hint::Hint;
use crate::maintenance_note;
use crate::model::AppName;
use crate::process::internal;
use crate::terminal::Terminal;

/// The messages to the watchdog: that maintenance mode was seen on, and that there is nothing left to turn off.
const ON: &str = "on\n";
const DONE: &str = "done\n";

/// It tries for this many request timeouts: ten minutes, unless `GREENROOM_TIMEOUT` is set.
const PATIENCE: u32 = 20;

/// The watchdog, as its parent sees it.
pub(super) struct Watchdog {
    child: Child,
    /// The system closes it when this process ends.
    line: Option<ChildStdin>,
}

impl Watchdog {
    /// Starts a watchdog for this app.
    pub(super) fn start(app: &AppName) -> Result<Self> {
        let mut child = internal::end_maintenance(app.as_ref())?.spawn_apart()?;
        let line = child.stdin.take();
        Ok(Self { child, line })
    }

    /// Tells it that maintenance mode is on, and that no request to turn it on is under way.
    pub(super) fn tell_it_is_on(&mut self) {
        self.tell(ON);
    }

    /// Ends the watchdog: there is nothing left to turn off.
    pub(super) fn release(mut self) {
        self.tell(DONE);
        drop(self.line.take());
        // It ends even where it cannot be waited for.
        _ = self.child.wait();
    }

    /// A watchdog that cannot be told turns off what is off already.
    fn tell(&mut self, word: &str) {
        _ = self.line.as_mut().map(|line| line.write_all(word.as_bytes()));
    }
}

/// Runs as the watchdog: waits for the end of the process that put `app` into maintenance mode, and turns it off unless it
/// was told not to.
///
/// Where it cannot, it prints a warning on a terminal that may still be there, and leaves a note for the next command.
pub fn run_watchdog(app: &str) -> Result<()> {
    if io::stdin().is_terminal() {
        return Err(Error::usage("this waits for another process").hint_about("APP", ["maintenance:off"]));
    }
    let app: AppName = app.parse().map_err(Error::usage)?;
    let mut told = String::new();
    // A broken pipe is an end without a message as well.
    _ = io::stdin().read_to_string(&mut told);
    if told.ends_with(DONE) {
        return Ok(());
    }
    let terminal = Terminal::new(false, false);
    match end(&app, told.starts_with(ON)) {
        Ok(true) => terminal.warn(&format!("{app}: maintenance mode is off again")),
        Ok(false) => {}
        Err(stuck) => {
            maintenance_note::leave(&app, &stuck.error);
            terminal.warn(&format!("{}: {}", stuck.told(&app), stuck.error));
            terminal.hint(Hint::about(&app, ["maintenance:off"]));
            return Err(Error::silent(1));
        }
    }
    Ok(())
}

/// Turns it off; true where it was on. Failed attempts are not printed: somebody may be typing on the terminal by now.
fn end(app: &AppName, is_settled: bool) -> Result<bool, TurnOffFailure> {
    let silent = Terminal::new(false, false);
    silent.divert(Some(sync_channel(0).0));
    let client = Client::new(&silent).map_err(|error| TurnOffFailure { error, is_on: is_settled })?;
    let settled = Instant::now() + if is_settled { Duration::ZERO } else { LATEST * client.timeout() };
    turn_off(&client, app, settled, PATIENCE * client.timeout())
}
