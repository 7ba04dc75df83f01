//! A full-screen view that is redrawn until a key ends it.

use std::env;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anstream::adapter::strip_str;
use terminal_size::terminal_size_of;

use super::{Terminal, closed_or_failed, takeover};
use crate::error::Result;

/// A full-screen view. Dropping it restores the terminal; so does a signal or a panic.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal,
    redraw: Receiver<()>,
    has_keys: bool,
}

impl Terminal {
    /// Whether stdout is a terminal whose cursor can be moved.
    pub fn can_draw(&self) -> bool {
        self.stdout_is_terminal() && env::var_os("TERM").is_some_and(|term| term != "dumb")
    }
}

impl Screen {
    /// Takes over the terminal: the alternate buffer, without a cursor. From now on `q` ends the process with exit code 0.
    pub fn open(terminal: &Terminal) -> Result<Self> {
        let (sender, redraw) = channel();
        let has_keys = takeover::begin(sender)?;
        Ok(Self { terminal: terminal.clone(), redraw, has_keys })
    }

    /// How the user ends it.
    pub fn way_out(&self) -> &'static str {
        if self.has_keys { "q ends it" } else { "Ctrl-C ends it" }
    }

    /// Draws these lines over the previous ones, as many as fit. They must be sanitized.
    pub fn draw(&self, lines: &str) -> Result<()> {
        let plain =
            if self.terminal.colors_stdout() { lines.to_owned() } else { strip_str(lines).to_string() };
        let height = terminal_size_of(io::stdout()).map_or(24, |(_, height)| usize::from(height.0));
        // One line stays free for the cursor.
        let screen = frame(&plain, height.saturating_sub(1).max(1));
        takeover::while_taken(|| {
            let mut out = io::stdout().lock();
            out.write_all(screen.as_bytes()).and_then(|()| out.flush())
        })
        .map_err(closed_or_failed)
    }

    /// Waits for this long, or until the screen must be redrawn because its size changed.
    pub fn pause(&self, time: Duration) {
        // The sender lives as long as the process.
        _ = self.redraw.recv_timeout(time);
    }
}

/// The sequence that draws the lines that fit, from the top, and says how many are missing.
fn frame(lines: &str, room: usize) -> String {
    let lines: Vec<&str> = lines.lines().collect();
    let more = if lines.len() > room { lines.len() - room + 1 } else { 0 };
    // Long lines are cut: a wrapped line would scroll the first ones off the screen.
    let mut screen = String::from("\x1b[?7l\x1b[H");
    for line in &lines[..lines.len() - more] {
        screen.extend([line, "\x1b[K\n"]);
    }
    if more > 0 {
        screen.extend(["… and ", &more.to_string(), " more lines\x1b[K\n"]);
    }
    screen + "\x1b[J\x1b[?7h"
}

impl Drop for Screen {
    fn drop(&mut self) {
        takeover::end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_do_not_fit_are_counted() {
        let drawn = |room| anstream::adapter::strip_str(&frame("a\nb\nc", room)).to_string();
        assert_eq!(drawn(3), "a\nb\nc\n");
        assert_eq!(drawn(2), "a\n… and 2 more lines\n");
        assert_eq!(drawn(1), "… and 3 more lines\n");
    }
}
