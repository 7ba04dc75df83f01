//! Log lines on stdout: as bytes for a program, in color and made harmless for a person, or as JSON.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::line::Line;
use super::pattern::Pattern;
use crate::error::Result;
use crate::heroku::logs::{Dropped, LogSink, Resumed};
use crate::terminal::log_colors::LogColors;
use crate::terminal::{Terminal, closed_or_failed, sanitize_line, stdout_has_no_reader, write_json};

/// The bytes that are buffered before they are written.
const FULL: usize = 64 * 1024;

/// How lines are shown.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    /// Every byte as it came.
    Bytes,
    /// Control sequences shown, not obeyed, and no color, not even the writer's own.
    Text,
    /// Control sequences other than color shown, not obeyed; colored as the Heroku CLI does.
    Colors(&'a Mutex<LogColors>),
    /// One object a line; the environment is part of it.
    Json(&'a str),
}

/// Prints one app's lines; several may print at once, and no line is torn.
pub(super) struct Printer<'a> {
    pub(super) app: &'a str,
    /// The prefix of each line.
    pub(super) prefix: String,
    pub(super) view: View<'a>,
    /// Lines that none of these matches are left out, if there are any.
    pub(super) patterns: &'a [Pattern],
    pub(super) terminal: &'a Terminal,
    /// Set once stdout has no reader.
    pub(super) over: &'a AtomicBool,
    pub(super) written: Vec<u8>,
}

#[derive(Serialize)]
struct Object<'a> {
    app: &'a str,
    environment: &'a str,
    #[serde(flatten)]
    line: Line<'a>,
}

impl LogSink for Printer<'_> {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        if !self.patterns.is_empty() && !self.patterns.iter().any(|pattern| pattern.is_match(line)) {
            return Ok(());
        }
        self.written.extend_from_slice(self.prefix.as_bytes());
        match self.view {
            View::Bytes => self.written.extend_from_slice(line),
            View::Text => self.written.extend_from_slice(sanitize_line(line, false).as_bytes()),
            View::Colors(colors) => {
                let mut text = String::with_capacity(line.len() + 64);
                colors
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .paint(&sanitize_line(line, true), &mut text);
                self.written.extend_from_slice(text.as_bytes());
            }
            View::Json(environment) => {
                let text = String::from_utf8_lossy(line);
                let object = Object { app: self.app, environment, line: Line::parse(&text) };
                write_json(&object, &mut self.written)?;
            }
        }
        self.written.push(b'\n');
        if self.written.len() >= FULL { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.written.is_empty() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(&self.written).and_then(|()| stdout.flush());
        self.written.clear();
        written.map_err(|error| {
            self.over.store(true, Ordering::Relaxed);
            closed_or_failed(error)
        })
    }

    fn resumed(&mut self, dropped: &Dropped, resumed: Resumed) {
        let outcome = match resumed {
            Resumed::FromTheStart => "opened again",
            Resumed::Whole => "resumed, nothing missing",
            Resumed::PerhapsGaps => "resumed, some lines may be missing",
        };
        let message = format!("log stream of {} dropped ({}); {outcome}", self.app, dropped.reason);
        // A quiet app looks like this; nothing is lost.
        if dropped.was_silent && resumed != Resumed::PerhapsGaps {
            self.terminal.detail(|| message);
        } else {
            self.terminal.status(&message);
        }
    }

    fn is_over(&self) -> bool {
        if stdout_has_no_reader() {
            self.over.store(true, Ordering::Relaxed);
        }
        self.over.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::log_colors::Depth;

    fn print(view: View<'_>, prefix: &str, patterns: &[&str], lines: &[&[u8]]) -> Vec<u8> {
        let patterns: Vec<Pattern> = patterns.iter().map(|pattern| Pattern::new(pattern).unwrap()).collect();
        let mut printer = Printer {
            app: "playhouse",
            prefix: prefix.to_owned(),
            view,
            patterns: &patterns,
            terminal: &Terminal::new(true, false),
            over: &AtomicBool::new(false),
            written: Vec::new(),
        };
        for line in lines {
            printer.line(line).unwrap();
        }
        printer.written
    }

    fn text(view: View<'_>, line: &[u8]) -> String {
        String::from_utf8(print(view, "", &[], &[line])).unwrap()
    }

    #[test]
    fn bytes_stay_as_they_are() {
        let lines = print(View::Bytes, "a | ", &[], &[b"caf\xe9 \x1b[2J\r", b"two"]);
        assert_eq!(lines, b"a | caf\xe9 \x1b[2J\r\na | two\n");
    }

    #[test]
    fn a_person_is_shown_tricks_and_spared_their_effect() {
        assert_eq!(text(View::Text, b"t app[web.1]: \x1b[2Jgone\r"), "t app[web.1]: \\u{1b}[2Jgone\n");
        assert_eq!(text(View::Text, b"\x1b[31mred"), "red\n");
        let colors = Mutex::new(LogColors::new(Depth::Ansi16));
        assert_eq!(
            text(View::Colors(&colors), b"t app[web.1]: caf\xe9"),
            "\u{1b}[36mt app[web.1]:\u{1b}[39m caf\u{fffd}\n"
        );
    }

    #[test]
    fn json_has_one_object_a_line() {
        assert_eq!(
            text(View::Json("staging"), b"2024-01-01T00:00:00.000000+00:00 app[web.1]: say \"hi\"\x07"),
            concat!(
                r#"{"app":"playhouse","environment":"staging","at":"2024-01-01T00:00:00.000000+00:00","#,
                r#""source":"app","dyno":"web.1","message":"say \"hi\"\u0007"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_line_that_any_pattern_matches_is_printed() {
        let lines: [&[u8]; 3] = [b"status=503", b"status=200", b"caf\xe9 closed"];
        assert_eq!(
            print(View::Bytes, "", &["status=5..", "closed$"], &lines),
            b"status=503\ncaf\xe9 closed\n"
        );
    }
}
