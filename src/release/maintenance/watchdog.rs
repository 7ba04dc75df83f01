//! A process that ends an app's maintenance mode when the one that began it cannot: however that one ends, its end is
//! noticed.

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

/// The words that are sent to it: that maintenance mode was seen to be on, and that nothing is left to end.
const ON: &str = "on\n";
const DONE: &str = "done\n";

/// It tries for so many times as long as one answer is awaited: ten minutes, unless `GREENROOM_TIMEOUT` says otherwise.
const PATIENCE: u32 = 20;

/// The process, as seen by the one that started it.
pub(super) struct Watchdog {
    child: Child,
    /// Closed by the system when this process ends.
    line: Option<ChildStdin>,
}

impl Watchdog {
    /// Leaves somebody behind for this app.
    pub(super) fn start(app: &AppName) -> Result<Self> {
        let mut child = internal::end_maintenance(app.as_ref())?.spawn_apart()?;
        let line = child.stdin.take();
        Ok(Self { child, line })
    }

    /// Nothing that turns it on is under way any more.
    pub(super) fn tell_it_is_on(&mut self) {
        self.tell(ON);
    }

    /// Lets it go: there is nothing left to end.
    pub(super) fn release(mut self) {
        self.tell(DONE);
        drop(self.line.take());
        // What cannot be waited for ends all the same.
        _ = self.child.wait();
    }

    /// One that cannot be told ends what has ended already.
    fn tell(&mut self, word: &str) {
        _ = self.line.as_mut().map(|line| line.write_all(word.as_bytes()));
    }
}

/// Waits for the end of the process that put `app` into maintenance mode, and ends that mode unless it was told not to.
///
/// Where it cannot, it says so, on a terminal that may still be there, and leaves a note for the next command.
pub fn run_watchdog(app: &str) -> Result<()> {
    if io::stdin().is_terminal() {
        return Err(Error::usage("this waits for another process").hint("heroku maintenance:off --app APP"));
    }
    let app: AppName = app.parse().map_err(Error::usage)?;
    let mut told = String::new();
    // A broken pipe is an end without a word as well.
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

/// Ends it; whether it was on. What is tried in vain meanwhile is not said: somebody may be typing there by now.
fn end(app: &AppName, is_settled: bool) -> Result<bool, TurnOffFailure> {
    let silent = Terminal::new(false, false);
    silent.divert(Some(sync_channel(0).0));
    let client = Client::new(&silent).map_err(|error| TurnOffFailure { error, is_on: is_settled })?;
    let settled = Instant::now() + if is_settled { Duration::ZERO } else { LATEST * client.timeout() };
    turn_off(&client, app, settled, PATIENCE * client.timeout())
}
