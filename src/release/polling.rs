//! Polling: the one loop that waits for something at Heroku, such as a build, a promotion or a release phase.
//!
//! It has growing pauses ([`Backoff`]), a deadline, an error budget (failed looks are repeated for a minute), and it ends on
//! an interrupt: the waiting ends, not what is waited for.

use std::thread;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::output_streams::OutputStreams;
use crate::error::{Error, Result};
use crate::heroku::ApiError;
use crate::interrupts::Interrupts;
use crate::terminal::{Progress, Terminal};

/// The error budget: looks may fail for this long before polling ends with the error.
const UNREACHABLE_LIMIT: Duration = Duration::from_secs(60);

/// For this long there is a look at least every second.
const FREQUENT_FOR: Duration = Duration::from_secs(120);

/// The longest pause after that. The account's requests are counted.
const RARELY: Duration = Duration::from_secs(5);

/// How soon an interrupt is noticed.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The state of one polling loop.
pub struct Polling<'a> {
    terminal: &'a Terminal,
    /// The subject that goes on after an interrupt, such as `the promotion`.
    what: String,
    begun: Instant,
    /// When a look last succeeded.
    reached: Instant,
    backoff: Backoff,
    interrupts: Interrupts,
    progress: Progress,
}

impl<'a> Polling<'a> {
    /// Listens for interrupts from now on, and shows `what` as being waited for. Pauses are short at first: most waits end
    /// soon.
    pub fn begin(terminal: &'a Terminal, what: impl Into<String>) -> Result<Self> {
        let what = what.into();
        Ok(Self {
            terminal,
            progress: terminal.progress(&what),
            what,
            begun: Instant::now(),
            reached: Instant::now(),
            backoff: Backoff::gentle(Duration::from_millis(50), Duration::from_secs(1)),
            interrupts: Interrupts::listen()?,
        })
    }

    /// Shows another subject as being waited for than the one that goes on after an interrupt.
    #[must_use]
    pub fn shown_as(mut self, what: impl Into<String>) -> Self {
        self.progress = self.terminal.progress(what);
        self
    }

    /// Shows from now on that this is being waited for.
    pub(super) fn show(&self, what: String) {
        self.progress.show(what);
    }

    /// The result of a look; none where it failed and may be repeated. An error where Heroku refused it, or once the error
    /// budget is used up.
    pub fn seen<T>(&mut self, look: Result<T>) -> Result<Option<T>> {
        match look {
            Ok(seen) => {
                self.reached = Instant::now();
                Ok(Some(seen))
            }
            Err(error) if ApiError::is_refusal(&error) || self.reached.elapsed() > UNREACHABLE_LIMIT => {
                Err(error)
            }
            Err(error) => {
                self.terminal.detail(|| format!("cannot look at it just now: {error}"));
                Ok(None)
            }
        }
    }

    /// Waits until the next look is due or `deadline` comes; exit 128+n after an interrupt.
    pub fn pause(&mut self, deadline: Instant) -> Result<()> {
        self.until_news(deadline, |until| {
            thread::sleep(until.saturating_duration_since(Instant::now()));
            Ok(false)
        })
    }

    /// The same, showing the output of builds and release phases meanwhile; returns early when a stream ends.
    pub fn pause_showing(&mut self, output: &OutputStreams<'_>, deadline: Instant) -> Result<()> {
        self.until_news(deadline, |until| output.show_until(until))
    }

    /// Exit 128+n after an interrupt, with a message that the subject continues at Heroku.
    pub(super) fn check(&self) -> Result<()> {
        let Some(code) = self.interrupts.code() else { return Ok(()) };
        self.terminal.status(&format!("interrupted: {} continues at Heroku", self.what));
        Err(Error::silent(code))
    }

    /// Looks until `look` gives a value; none where `deadline` came first. `lost` is applied to the error of a look once the
    /// budget is used up.
    pub fn until<T>(
        &mut self,
        deadline: Instant,
        mut look: impl FnMut() -> Result<Option<T>>,
        lost: impl FnOnce(Error) -> Error,
    ) -> Result<Option<T>> {
        loop {
            match self.seen(look()) {
                Ok(Some(Some(found))) => return Ok(Some(found)),
                Ok(_) if Instant::now() >= deadline => return Ok(None),
                Ok(_) => self.pause(deadline)?,
                Err(error) => return Err(lost(error)),
            }
        }
    }

    fn until_news(&mut self, deadline: Instant, mut rest: impl FnMut(Instant) -> Result<bool>) -> Result<()> {
        let until = (Instant::now() + self.interval()).min(deadline);
        loop {
            self.check()?;
            let now = Instant::now();
            if now >= until || rest(until.min(now + TICK))? {
                return Ok(());
            }
        }
    }

    fn interval(&mut self) -> Duration {
        if self.begun.elapsed() >= FREQUENT_FOR {
            self.backoff.limit(RARELY);
        }
        self.backoff.pause()
    }
}
