//! A program at work in a step, and what is heard of it.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

use super::promotion::Promoted;
use crate::error::Result;
use crate::process::{CommandLine, Group, Place};
use crate::terminal::sanitize_line;

/// A longer line is passed on in pieces; in bytes.
const LONGEST: u64 = 64 * 1024;

/// What a program left behind may keep its streams open; they are listened to this much longer.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What is heard of a step.
pub(super) struct Event {
    /// Its place among the steps.
    pub(super) step: usize,
    /// What it is.
    pub(super) kind: EventKind,
}

/// What can be heard.
pub(super) enum EventKind {
    /// It wrote this line.
    Said(String),
    /// One of its streams is over.
    StreamEnded,
    /// Its promotion came to an end.
    Promoted(Box<Result<Promoted>>),
}

/// A program at work. Dropped, it is ended with everything that it started.
pub(super) struct Task {
    /// Its step's place among the steps.
    pub(super) step: usize,
    group: Group,
    open: usize,
    ended: Option<(u8, Instant)>,
}

impl Task {
    /// Starts the program; what it writes goes `to` there.
    pub(super) fn start(
        step: usize,
        line: &CommandLine,
        color: bool,
        to: &SyncSender<Event>,
    ) -> Result<Self> {
        let mut group = line.start(Place::Group)?;
        let streams = group.streams();
        let open = streams.len();
        for stream in streams {
            let to = to.clone();
            thread::spawn(move || {
                pass_on(stream, color, |line| to.send(Event { step, kind: EventKind::Said(line) }).is_ok());
                // Nobody may listen any more.
                _ = to.send(Event { step, kind: EventKind::StreamEnded });
            });
        }
        Ok(Self { step, group, open, ended: None })
    }

    /// One of its streams is over.
    pub(super) fn stream_ended(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// Whether all that it wrote was heard, so that its end comes at any moment.
    pub(super) fn is_ending(&self) -> bool {
        self.open == 0
    }

    /// Its exit code, once it has ended and everything that it wrote was heard.
    pub(super) fn ended(&mut self) -> Result<Option<u8>> {
        if self.ended.is_none() {
            self.ended = self.group.ended()?.map(|code| (code, Instant::now()));
        }
        let heard = |(_, since): &(u8, Instant)| self.open == 0 || since.elapsed() > LAST_WORDS;
        Ok(self.ended.filter(heard).map(|(code, _)| code))
    }
}

/// Hands on the lines of a stream, harmless, until it ends or nobody wants more. Of a line that was drawn over again, what
/// stands there in the end.
fn pass_on(stream: impl Read, color: bool, to: impl Fn(String) -> bool) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(1..) = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
        let shown = line.trim_ascii_end();
        let shown = shown.rsplit(|byte| *byte == b'\r').next().unwrap_or(shown);
        if !to(sanitize_line(shown, color).into_owned()) {
            return;
        }
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn lines_are_as_they_stand_in_the_end() {
        let heard = |text: &[u8]| {
            let lines = RefCell::new(Vec::new());
            pass_on(text, false, |line| {
                lines.borrow_mut().push(line);
                true
            });
            lines.into_inner()
        };
        assert_eq!(heard(b"10%\r99%\r\n\n  last"), ["99%", "", "  last"]);
        assert_eq!(heard(b"\x1b[31mred\x1b[0m \x1b[2J"), ["red \\u{1b}[2J"]);
    }
}
