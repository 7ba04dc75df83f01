//! The process of a step, and the events that come from it.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use super::promotion::Promoted;
use crate::error::Result;
use crate::process::{ChildProcess, CommandLine, Place};
use crate::terminal::sanitize_line;

/// A longer line is passed on in pieces. In bytes.
const LONGEST: u64 = 64 * 1024;

/// Programs that a process left behind may keep its streams open; they are read for this much longer.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// An event of a step.
pub(super) struct Event {
    /// The step's index.
    pub(super) step: usize,
    /// The event.
    pub(super) kind: EventKind,
}

/// An event of a step.
pub(super) enum EventKind {
    /// The process or the promotion wrote this line.
    Said(String),
    /// One of the process's streams ended.
    StreamEnded,
    /// The promotion ended.
    Promoted(Box<Result<Promoted>>),
}

/// A running process. Dropping it ends the process and everything that it started.
pub(super) struct Task {
    /// The step's index.
    pub(super) step: usize,
    child: ChildProcess,
}

impl Task {
    /// Starts the program; its output is sent `to` there, line by line.
    pub(super) fn start(
        step: usize,
        line: &CommandLine,
        color: bool,
        to: &SyncSender<Event>,
    ) -> Result<Self> {
        let mut child = line.start(Place::Group)?;
        for stream in child.streams() {
            let to = to.clone();
            thread::spawn(move || {
                pass_on(stream, color, |line| to.send(Event { step, kind: EventKind::Said(line) }).is_ok());
                // Nobody may listen any more.
                _ = to.send(Event { step, kind: EventKind::StreamEnded });
            });
        }
        Ok(Self { step, child })
    }

    /// Notes that one of its streams ended.
    pub(super) fn stream_ended(&mut self) {
        self.child.stream_ended();
    }

    /// Whether all of its output was read, so that it is about to end.
    pub(super) fn is_ending(&self) -> bool {
        self.child.open_streams() == 0
    }

    /// Its exit code, once it has ended and all of its output was read.
    pub(super) fn ended(&mut self) -> Result<Option<u8>> {
        self.child.finished(LAST_WORDS)
    }
}

/// Passes on the lines of a stream without control sequences, until it ends or `to` returns false. Of a line that is drawn
/// several times, only the last state is passed on.
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
    fn a_redrawn_line_is_passed_on_in_its_last_state() {
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
