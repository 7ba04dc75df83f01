//! The progress line: what is being waited for, and for how long.
//!
//! On a terminal it is the last line on stderr, redrawn every second and erased when the wait ends. Elsewhere (a log
//! file, a CI job) it is a line of its own after ten seconds and then once a minute.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{DIM, Terminal, cut, region, sanitize_status};
use crate::duration;

/// On a terminal, nothing is drawn for a shorter wait, nor within this time of any other output.
const QUIET: Duration = Duration::from_secs(1);

/// Without a terminal: the delay of the first line.
const FIRST: Duration = Duration::from_secs(10);

/// Without a terminal: the interval of further lines.
const EVERY: Duration = Duration::from_secs(60);

/// Something that is being waited for, until it is dropped.
#[derive(Debug)]
pub struct Progress {
    shared: Arc<Waits>,
    id: u64,
}

/// All waits, and what is on the screen.
#[derive(Debug, Default)]
pub(super) struct Waits {
    state: Mutex<State>,
    changed: Condvar,
}

/// The part of [`Waits`] that changes.
#[derive(Debug, Default)]
pub(super) struct State {
    /// In the order in which they began: the first is shown, since the others are steps of it.
    waits: VecDeque<Wait>,
    next_id: u64,
    has_ticker: bool,
    is_drawn: bool,
    last_output: Option<Instant>,
}

#[derive(Debug)]
struct Wait {
    id: u64,
    what: String,
    begun: Instant,
    /// When the next line is due off a terminal.
    due: Duration,
}

/// What the ticker does next.
enum Tick {
    /// Sleep until the first wait.
    Rest,
    /// Without a terminal: write this line.
    Say(String),
    /// Wake up after this long.
    Again(Duration),
}

impl Terminal {
    /// Shows that `what` is being waited for, such as `the promotion to production`, until the result is dropped.
    ///
    /// Waits within waits are fine: the one that began first is shown.
    pub fn progress(&self, what: impl Into<String>) -> Progress {
        let waits = &self.shared.waits;
        let mut state = waits.lock();
        let id = state.next_id;
        state.next_id += 1;
        state.waits.push_back(Wait { id, what: what.into(), begun: Instant::now(), due: FIRST });
        if !state.has_ticker {
            let terminal = self.clone();
            // If no thread can be started, only the progress line is missing.
            let ticker = thread::Builder::new().name("progress".to_owned()).spawn(move || terminal.tick());
            state.has_ticker = ticker.is_ok();
        } else if state.waits.len() == 1 {
            waits.changed.notify_one();
        }
        Progress { shared: Arc::clone(waits), id }
    }

    /// Draws the progress line for as long as the process runs.
    fn tick(&self) {
        let waits = Arc::clone(&self.shared.waits);
        let mut state = waits.lock();
        loop {
            state = match self.step(&mut state) {
                Tick::Rest => waits.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Tick::Again(pause) => {
                    let waited = waits.changed.wait_timeout(state, pause);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Tick::Say(line) => {
                    drop(state);
                    self.say(&line);
                    waits.lock()
                }
            };
        }
    }

    fn step(&self, state: &mut State) -> Tick {
        let can_draw = self.draws_progress();
        let quiet = state.last_output.map_or(QUIET, |last| last.elapsed());
        let Some(wait) = state.waits.front_mut() else { return Tick::Rest };
        let elapsed = wait.begun.elapsed();
        if !can_draw {
            let missing = wait.due.saturating_sub(elapsed);
            if !missing.is_zero() {
                return Tick::Again(missing.min(QUIET));
            }
            wait.due = if wait.due == FIRST { EVERY } else { wait.due + EVERY };
            return Tick::Say(sanitize_status(&line(&wait.what, elapsed)).into_owned());
        }
        let missing = QUIET.saturating_sub(elapsed.min(quiet));
        if !missing.is_zero() {
            return Tick::Again(missing);
        }
        // A question stays until it is answered.
        if let Some(_no_question) = self.quiet() {
            let text = cut(&sanitize_status(&line(&wait.what, elapsed)), region::width());
            let style = if self.colors_stderr() { DIM } else { anstyle::Style::new() };
            write_raw(&format!("\r{style}{text}{style:#}\u{1b}[K"));
            state.is_drawn = true;
        }
        Tick::Again(QUIET)
    }
}

impl Waits {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Erases the progress line and keeps it away while the result is held: something else is about to be written.
    pub(super) fn make_room(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.erase();
        state.last_output = Some(Instant::now());
        state
    }
}

impl Progress {
    /// Shows from now on that this is being waited for.
    pub fn show(&self, what: impl Into<String>) {
        let mut state = self.shared.lock();
        if let Some(wait) = state.waits.iter_mut().find(|wait| wait.id == self.id) {
            wait.what = what.into();
        }
    }
}

impl State {
    fn erase(&mut self) {
        if self.is_drawn {
            write_raw("\r\u{1b}[K");
            self.is_drawn = false;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let was_shown = state.waits.front().is_some_and(|wait| wait.id == self.id);
        state.waits.retain(|wait| wait.id != self.id);
        if was_shown {
            state.erase();
        }
    }
}

/// Writes to stderr and ignores errors.
fn write_raw(text: &str) {
    let mut err = io::stderr().lock();
    _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

fn line(what: &str, elapsed: Duration) -> String {
    format!("waiting for {what} ({})", duration::elapsed(elapsed))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn waiting(state: &mut State, what: &str, seconds: u64) {
        let begun = Instant::now().checked_sub(Duration::from_secs(seconds)).expect("an uptime of minutes");
        let id = state.next_id;
        state.next_id += 1;
        state.waits.push_back(Wait { id, what: what.to_owned(), begun, due: FIRST });
    }

    #[test]
    fn off_a_terminal_lines_come_after_ten_seconds_and_every_minute() {
        let terminal = Terminal::new(true, false);
        // As while a full-screen view is shown, when no progress line is drawn.
        terminal.divert(Some(sync_channel(1).0));
        let mut state = State::default();
        assert!(matches!(terminal.step(&mut state), Tick::Rest));
        waiting(&mut state, "the promotion", 9);
        assert!(matches!(terminal.step(&mut state), Tick::Again(_)));
        for (elapsed, said) in [(10, true), (11, false), (59, false), (60, true), (61, false), (120, true)] {
            let begun =
                Instant::now().checked_sub(Duration::from_secs(elapsed)).expect("an uptime of minutes");
            state.waits[0].begun = begun;
            let tick = terminal.step(&mut state);
            assert_eq!(
                matches!(&tick, Tick::Say(line) if line.starts_with("waiting for the promotion (")),
                said,
                "{elapsed}"
            );
        }
    }

    #[test]
    fn the_wait_that_began_first_is_shown() {
        let terminal = Terminal::new(true, false);
        terminal.divert(Some(sync_channel(1).0));
        let mut state = State::default();
        waiting(&mut state, "the promotion", 20);
        waiting(&mut state, "api.heroku.com", 15);
        assert!(
            matches!(terminal.step(&mut state), Tick::Say(line) if line == "waiting for the promotion (20s)")
        );
        state.waits.pop_front();
        assert!(
            matches!(terminal.step(&mut state), Tick::Say(line) if line == "waiting for api.heroku.com (15s)")
        );
    }
}
