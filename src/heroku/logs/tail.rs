//! Reads a log across dropped connections: a stream that ends early is resumed. No line is printed twice, and a gap is reported.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use super::event_stream::LogLines;
use super::overlap::{HISTORY, Overlap, Printed};
use super::read_ahead::{Arrival, ReadAhead};
use super::session::AppLog;
use crate::error::{Error, Result};
use crate::heroku::{ApiError, HttpStatus};

/// The most attempts to resume a log in a row that bring no new line.
const ATTEMPTS: u32 = 7;

/// After this many attempts, an incomplete last line is printed as it is.
const SOON: u32 = 2;

/// The pause before the first of these attempts; doubled each time.
const BACK_OFF: Duration = Duration::from_millis(200);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(5);

/// A stream that lasted this long counts as healthy, even without a line.
const GOOD: Duration = Duration::from_secs(10);

/// How often to check for an interrupt, and for lines that have been held back long enough.
const BEAT: Duration = Duration::from_millis(250);

/// A pause this long ends a resumed stream's history: where the history has been matched, and where it has not.
const PAUSE: Duration = Duration::from_millis(500);
const LONG_PAUSE: Duration = Duration::from_secs(3);

/// Where lines go.
pub trait LogSink {
    /// Takes one line, without its line ending.
    fn line(&mut self, line: &[u8]) -> Result<()>;

    /// No data is waiting: a good time to flush.
    fn flush(&mut self) -> Result<()>;

    /// The stream was dropped for this reason and will be resumed.
    fn resumed(&mut self, dropped: &Dropped, joint: Resumed);

    /// Whether the reader has gone away.
    fn is_over(&self) -> bool;
}

/// Why a stream ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The reason, for a message.
    pub reason: String,
    /// Nothing arrived within the idle limit: perhaps the app logged nothing.
    pub was_silent: bool,
}

impl Dropped {
    fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), was_silent: false }
    }
}

/// Where a log continues after a drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// Nothing had been printed before.
    FromTheStart,
    /// Right after the last printed line.
    Whole,
    /// Perhaps after a gap: the service did not repeat the last printed line.
    PerhapsGaps,
}

/// Reads a log into a sink, to its end or for as long as it is tailed.
pub fn read_log(log: &AppLog<'_>, sink: &mut impl LogSink) -> Result<()> {
    let (lines, follow) = (log.request().lines, log.request().tail);
    let mut tail = Tail {
        sink,
        follow,
        printed: Printed::default(),
        handed_on: 0,
        dropped: None,
        overlap: None,
        torn: Vec::new(),
        last_line: Instant::now(),
    };
    let outcome = tail.read_all(log, lines);
    // The sink gets no more lines.
    if outcome.is_err() {
        tail.give_torn()?;
        tail.sink.flush()?;
    }
    outcome
}

/// How one stream of several ended.
enum End {
    Over,
    Dropped(Dropped),
}

struct Tail<'a, S> {
    sink: &'a mut S,
    follow: bool,
    printed: Printed,
    handed_on: u64,
    /// Why the last stream ended, until that has been reported.
    dropped: Option<Dropped>,
    /// Set while the position in the stream is unknown.
    overlap: Option<Overlap>,
    /// The incomplete line at the end of a stream. The next stream repeats it whole; otherwise it is printed as it is.
    torn: Vec<u8>,
    last_line: Instant,
}

impl<S: LogSink> Tail<'_, S> {
    /// Opens the log repeatedly, until it ends or too many attempts brought no line.
    fn read_all(&mut self, log: &AppLog<'_>, lines: usize) -> Result<()> {
        let mut failures = 0;
        loop {
            let history = if self.printed.is_empty() { lines } else { HISTORY.max(lines) };
            let (opened, handed_on) = (Instant::now(), self.handed_on);
            let End::Dropped(dropped) = self.read_one(log, history)? else { return Ok(()) };
            if self.handed_on > handed_on || opened.elapsed() >= GOOD {
                failures = 0;
            }
            failures += 1;
            if failures > SOON {
                self.give_torn()?;
                self.sink.flush()?;
            }
            if failures > ATTEMPTS {
                self.settle()?;
                return Err(Error::failed(dropped.reason)
                    .context(format!("the log stream ended, and {ATTEMPTS} attempts to resume it failed"))
                    .hint("https://status.heroku.com says whether Heroku has trouble"));
            }
            self.dropped.get_or_insert(dropped);
            if self.waits_in_vain(failures) {
                return Ok(());
            }
        }
    }

    /// Opens the log once and reads it until the stream ends.
    fn read_one(&mut self, log: &AppLog<'_>, history: usize) -> Result<End> {
        let (framing, stream) = match log.open(history) {
            Ok(opened) => opened,
            Err(error) if ApiError::is_refusal(&error) => return Err(error),
            Err(error) => return Ok(End::Dropped(Dropped::because(why_not_opened(&error)))),
        };
        let ahead = ReadAhead::start(stream)?;
        let mut lines = LogLines::new(framing);
        self.begin()?;
        let mut batch = Vec::new();
        loop {
            let arrival = ahead.next(&mut batch, BEAT);
            match &arrival {
                Arrival::Bytes => lines.read(&batch, |line| self.take(line))?,
                Arrival::End(end) => self.end(&mut lines, end.is_ok())?,
                Arrival::Pause => {}
            }
            self.settle_after_pause()?;
            self.sink.flush()?;
            match arrival {
                Arrival::End(Err(error)) => return Ok(End::Dropped(why_cut(&error))),
                Arrival::End(Ok(())) if self.follow => {
                    return Ok(End::Dropped(Dropped::because("the service ended it")));
                }
                Arrival::End(Ok(())) => return Ok(End::Over),
                _ if self.sink.is_over() => return Ok(End::Over),
                _ => {}
            }
        }
    }

    /// Starts a stream. In any but the first, it is not yet known which lines are new.
    fn begin(&mut self) -> Result<()> {
        self.overlap = self.dropped.is_some().then(|| Overlap::after(&self.printed));
        self.last_line = Instant::now();
        if self.printed.is_empty() { self.settle() } else { Ok(()) }
    }

    fn take(&mut self, line: &[u8]) -> Result<()> {
        let Some(overlap) = &mut self.overlap else { return self.hand_on(line) };
        self.last_line = Instant::now();
        if overlap.push(line) { self.settle() } else { Ok(()) }
    }

    /// Ends a stream, properly or not. What remains is a line, or the start of one that the next stream repeats.
    fn end(&mut self, lines: &mut LogLines, in_order: bool) -> Result<()> {
        if in_order && !self.follow {
            lines.finish(|line| self.take(line))?;
            self.settle()?;
            return self.give_torn();
        }
        // While earlier lines are still unmatched, this one may have been printed long ago.
        let is_new = self.overlap.as_ref().is_none_or(|overlap| in_order && overlap.is_joined());
        if in_order {
            self.settle()?;
        }
        if !is_new {
            return Ok(());
        }
        let mut rest = Vec::new();
        lines.finish(|line| {
            rest = line.to_vec();
            Ok(())
        })?;
        if !self.torn.starts_with(&rest) {
            if !rest.starts_with(&self.torn) {
                self.give_torn()?;
            }
            self.torn = rest;
        }
        Ok(())
    }

    /// Prints an incomplete line, since the rest will not come. Later streams are not matched against it: they have the
    /// whole line or none of it.
    fn give_torn(&mut self) -> Result<()> {
        let torn = std::mem::take(&mut self.torn);
        if torn.is_empty() { Ok(()) } else { self.sink.line(&torn) }
    }

    fn hand_on(&mut self, line: &[u8]) -> Result<()> {
        if !self.torn.is_empty() {
            // If nothing had been printed, the next stream starts with the same lines.
            if line.starts_with(&self.torn) || self.printed.is_empty() {
                self.torn.clear();
            } else {
                self.give_torn()?;
            }
        }
        self.printed.push(line);
        self.handed_on += 1;
        self.sink.line(line)
    }

    /// How long to hold lines back while their position is unknown.
    fn settle_after_pause(&mut self) -> Result<()> {
        let Some(overlap) = &self.overlap else {
            return if self.last_line.elapsed() < PAUSE { Ok(()) } else { self.give_torn() };
        };
        let patience = if overlap.is_joined() { PAUSE } else { LONG_PAUSE };
        if self.last_line.elapsed() < patience {
            return Ok(());
        }
        if overlap.is_untouched() { self.give_torn() } else { self.settle() }
    }

    /// Decides where the stream continues, and prints the lines that were held back.
    fn settle(&mut self) -> Result<()> {
        let Some(overlap) = self.overlap.take() else { return Ok(()) };
        let first = self.printed.is_empty();
        let joint = overlap.settle();
        let lines = || joint.new.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        if !joint.whole && !first {
            if lines().any(|line| line.starts_with(&self.torn)) {
                self.torn.clear();
            }
            self.give_torn()?;
        }
        if let Some(dropped) = self.dropped.take() {
            let resumed = match joint.whole {
                _ if first => Resumed::FromTheStart,
                true => Resumed::Whole,
                false => Resumed::PerhapsGaps,
            };
            self.sink.flush()?;
            self.sink.resumed(&dropped, resumed);
        }
        lines().try_for_each(|line| self.hand_on(line))
    }

    /// Waits before the next attempt. True if the reader went away meanwhile.
    fn waits_in_vain(&self, failures: u32) -> bool {
        let until = Instant::now() + LONGEST_BACK_OFF.min(BACK_OFF * 2_u32.pow(failures - 1));
        while !self.sink.is_over() {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return false;
            }
            thread::sleep(rest.min(BEAT));
        }
        true
    }
}

/// The warning that a stream was cut off.
fn why_cut(error: &io::Error) -> Dropped {
    match error.kind() {
        ErrorKind::TimedOut => Dropped { reason: "nothing came for too long".to_owned(), was_silent: true },
        ErrorKind::UnexpectedEof => Dropped::because("the connection was closed"),
        _ => Dropped::because(error.to_string()),
    }
}

/// The warning that lines may be missing after a log was resumed.
fn why_not_opened(error: &Error) -> String {
    match error.downcast_ref::<HttpStatus>() {
        Some(HttpStatus { status: 403 | 404 | 410, .. }) => "the log session expired".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
#[path = "tail_tests.rs"]
mod tests;
