//! A screen that is drawn again and again, in place.
//!
//! The cursor stays visible and nothing about the terminal is changed for longer than a drawing, so that there is nothing to restore, however
//! the process ends.

use std::env;
use std::io::{self, Write as _};

use terminal_size::terminal_size_of;

use super::{Terminal, closed_or_failed, sanitize};
use crate::error::Result;

/// What is drawn again and again.
#[derive(Debug, Default)]
pub struct Screen {
    drawn: bool,
}

impl Terminal {
    /// Whether stdout is a terminal whose cursor can be moved.
    pub fn can_draw(&self) -> bool {
        self.stdout_is_terminal() && env::var_os("TERM").is_some_and(|term| term != "dumb")
    }
}

impl Screen {
    /// Draws these lines over what was drawn before, as many as there is room for.
    pub fn draw(&mut self, lines: &str) -> Result<()> {
        let room = terminal_size_of(io::stdout()).map_or(24, |(_, height)| usize::from(height.0));
        let mut screen = String::from(if self.drawn { "\x1b[?7l\x1b[H" } else { "\x1b[?7l\x1b[2J\x1b[H" });
        self.drawn = true;
        // What is too wide is cut off at the edge: a line that wrapped would push the first ones off the screen.
        // One line stays free for the cursor.
        for line in sanitize::sanitize(lines).lines().take(room.saturating_sub(1)) {
            screen.extend([line, "\x1b[K\n"]);
        }
        screen.push_str("\x1b[J\x1b[?7h");
        let mut out = io::stdout().lock();
        out.write_all(screen.as_bytes()).and_then(|()| out.flush()).map_err(closed_or_failed)
    }
}
