//! Waiting for something that goes on by itself at Heroku: looks at it come less and less often, and an interrupt ends the
//! waiting, not what is waited for.

use std::thread;
use std::time::{Duration, Instant};

use super::output_streams::OutputStreams;
use crate::error::{Error, Result};
use crate::heroku::ApiError;
use crate::interrupts::Interrupts;
use crate::terminal::{Progress, Terminal};

/// The Platform API may be out of reach for this long before a watch is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// For this long it is looked every second; then less often, because the account's requests are counted.
const SOON: Duration = Duration::from_secs(120);

/// How soon an interrupt is noticed.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The pauses between looks at something that goes on by itself.
pub struct Polling<'a> {
    terminal: &'a Terminal,
    /// What goes on when we do not, such as `the promotion`.
    what: String,
    begun: Instant,
    /// When a look last showed something.
    reached: Instant,
    next: Duration,
    interrupts: Interrupts,
    progress: Progress,
}

impl<'a> Polling<'a> {
    /// Short pauses first: most of what is waited for is done soon.
    pub fn begin(terminal: &'a Terminal, what: impl Into<String>) -> Result<Self> {
        let what = what.into();
        Ok(Self {
            terminal,
            progress: terminal.progress(&what),
            what,
            begun: Instant::now(),
            reached: Instant::now(),
            next: Duration::from_millis(50),
            interrupts: Interrupts::listen()?,
        })
    }

    /// Shows this as what is being waited for, where that is not what goes on by itself.
    #[must_use]
    pub fn shown_as(mut self, what: impl Into<String>) -> Self {
        self.progress = self.terminal.progress(what);
        self
    }

    /// What a look showed; none where it failed and may be repeated, for up to a minute. A no is not asked for twice.
    pub fn seen<T>(&mut self, look: Result<T>) -> Result<Option<T>> {
        match look {
            Ok(seen) => {
                self.reached = Instant::now();
                Ok(Some(seen))
            }
            Err(error) if ApiError::is_refusal(&error) || self.reached.elapsed() > PATIENCE => Err(error),
            Err(error) => {
                self.terminal.detail(|| format!("cannot look at it just now: {error}"));
                Ok(None)
            }
        }
    }

    /// Waits until it is time for the next look or `deadline` comes; with 128+n when it was interrupted.
    pub fn pause(&mut self, deadline: Instant) -> Result<()> {
        self.until_news(deadline, |until| {
            thread::sleep(until.saturating_duration_since(Instant::now()));
            false
        })
    }

    /// The same, showing what is written meanwhile; it is over when a stream ends, as there is news then.
    pub(super) fn pause_showing(&mut self, output: &OutputStreams<'_>, deadline: Instant) -> Result<()> {
        self.until_news(deadline, |until| output.show_until(until))
    }

    /// Exit 128+n once it was interrupted, after the word that what is waited for goes on.
    pub(super) fn check(&self) -> Result<()> {
        let Some(code) = self.interrupts.code() else { return Ok(()) };
        self.terminal.status(&format!("interrupted: {} goes on by itself", self.what));
        Err(Error::silent(code))
    }

    fn until_news(&mut self, deadline: Instant, mut rest: impl FnMut(Instant) -> bool) -> Result<()> {
        let until = (Instant::now() + self.length()).min(deadline);
        loop {
            self.check()?;
            let now = Instant::now();
            if now >= until || rest(until.min(now + TICK)) {
                return Ok(());
            }
        }
    }

    fn length(&mut self) -> Duration {
        let longest = Duration::from_secs(if self.begun.elapsed() < SOON { 1 } else { 5 });
        let length = self.next.min(longest);
        self.next = (length * 14 / 10).min(longest);
        length
    }
}
