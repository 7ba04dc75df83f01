//! Streams that break in every way, and what is handed on of them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Cursor};

use super::*;

/// A stream's text and how it ends; `None` in order.
type Script = (&'static str, Option<ErrorKind>);

/// Gives one script per opening, then refuses.
struct Scripts {
    streams: RefCell<VecDeque<Result<Script, &'static str>>>,
    asked: RefCell<Vec<usize>>,
    refused: Cell<bool>,
}

impl Scripts {
    fn new(streams: impl IntoIterator<Item = Result<Script, &'static str>>) -> Self {
        let streams = RefCell::new(streams.into_iter().collect());
        Self { streams, asked: RefCell::default(), refused: Cell::new(false) }
    }
}

struct Ends(Option<ErrorKind>);

impl Read for Ends {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.map_or(Ok(0), |kind| Err(kind.into()))
    }
}

impl LogSource for Scripts {
    fn open(&self, lines: usize) -> Result<(Framing, Box<dyn Read + Send>)> {
        self.asked.borrow_mut().push(lines);
        match self.streams.borrow_mut().pop_front() {
            Some(Ok((text, end))) => Ok((Framing::Plain, Box::new(Cursor::new(text).chain(Ends(end))))),
            Some(Err(error)) => Err(Error::failed(error)),
            None => {
                self.refused.set(true);
                Err(Error::denied("refused"))
            }
        }
    }

    fn is_refusal(&self, _: &Error) -> bool {
        self.refused.get()
    }
}

#[derive(Default)]
struct Collected(Vec<String>);

impl LogSink for Collected {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        self.0.push(String::from_utf8_lossy(line).into_owned());
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn resumed(&mut self, Dropped { reason, .. }: &Dropped, resumed: Resumed) {
        self.0.push(format!("({reason}: {resumed:?})"));
    }

    fn is_over(&self) -> bool {
        false
    }
}

fn read(source: &Scripts, follow: bool) -> (Vec<String>, Result<()>) {
    let mut sink = Collected::default();
    let result = read_log(source, 100, follow, &mut sink);
    (sink.0, result)
}

const CUT: Option<ErrorKind> = Some(ErrorKind::UnexpectedEof);

#[test]
fn a_log_that_ends_is_read_once() {
    let source = Scripts::new([Ok(("a\nb\nc", None))]);
    let (lines, result) = read(&source, false);
    assert_eq!(lines, ["a", "b", "c"]);
    assert!(result.is_ok());
    assert_eq!(*source.asked.borrow(), [100]);
}

#[test]
fn a_cut_is_resumed_after_the_last_line() {
    let source = Scripts::new([Ok(("a\nb\nc torn he", CUT)), Ok(("a\nb\nc torn here\nd\n", None))]);
    let (lines, result) = read(&source, false);
    assert_eq!(lines, ["a", "b", "(the connection was closed: Whole)", "c torn here", "d"]);
    assert!(result.is_ok());
    assert_eq!(*source.asked.borrow(), [100, HISTORY]);
}

#[test]
fn a_tail_that_ends_in_order_is_resumed_too() {
    let source =
        Scripts::new([Ok(("a\n", None)), Ok(("a\nb\n", Some(ErrorKind::TimedOut))), Ok(("a\nb\nc\n", None))]);
    let (lines, result) = read(&source, true);
    assert_eq!(lines, ["a", "(the service ended it: Whole)", "b", "(nothing came for too long: Whole)", "c"]);
    assert_eq!(result.unwrap_err().kind().exit_code(), 4);
}

#[test]
fn a_gap_is_said() {
    let source = Scripts::new([Ok(("a\nb\n", CUT)), Ok(("x\ny\n", None))]);
    let (lines, _) = read(&source, false);
    assert_eq!(lines, ["a", "b", "(the connection was closed: PerhapsGaps)", "x", "y"]);
}

#[test]
fn a_stream_that_gave_nothing_is_begun_again() {
    let source = Scripts::new([Ok(("", CUT)), Ok(("a\nb\n", None))]);
    let (lines, _) = read(&source, false);
    assert_eq!(lines, ["(the connection was closed: FromTheStart)", "a", "b"]);
    assert_eq!(*source.asked.borrow(), [100, 100]);
}

#[test]
fn a_cut_within_the_history_changes_nothing() {
    let source = Scripts::new([Ok(("a\nb\nc\n", CUT)), Ok(("a\nb\n", CUT)), Ok(("b\nc\nd\n", None))]);
    let (lines, _) = read(&source, false);
    assert_eq!(lines, ["a", "b", "c", "(the connection was closed: Whole)", "d"]);
}

#[test]
fn a_refusal_ends_it_at_once() {
    let source = Scripts::new([]);
    let (lines, result) = read(&source, true);
    assert!(lines.is_empty());
    assert_eq!(result.unwrap_err().to_string(), "refused");
    assert_eq!(source.asked.borrow().len(), 1);
}

#[test]
fn trouble_on_the_way_is_waited_out() {
    let source = Scripts::new([Ok(("a\n", CUT)), Err("no route"), Ok(("a\nb\n", None))]);
    let (lines, result) = read(&source, false);
    assert_eq!(lines, ["a", "(the connection was closed: Whole)", "b"]);
    assert!(result.is_ok());
}
