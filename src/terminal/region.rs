//! Lines at the end of stderr that are redrawn in place.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use terminal_size::terminal_size_of;

use super::Terminal;

/// The rows and columns of a terminal that does not report its size.
const USUAL: (usize, usize) = (24, 80);

/// Lines below all other output.
#[derive(Debug)]
pub struct Region {
    terminal: Terminal,
    drawn: usize,
    questions: usize,
}

impl Region {
    /// A region, if stderr is a terminal whose cursor can move.
    pub fn at(terminal: &Terminal) -> Option<Self> {
        terminal.can_redraw().then(|| Self { terminal: terminal.clone(), drawn: 0, questions: 0 })
    }

    /// The width of a line.
    pub fn width(&self) -> usize {
        width()
    }

    /// Draws these lines in place of the previous ones; below a question if one was asked meanwhile. Each must be sanitized and
    /// fit the width.
    pub fn draw(&mut self, lines: &[String]) {
        let Some(questions) = self.terminal.quiet() else { return };
        if *questions != self.questions {
            (self.drawn, self.questions) = (0, *questions);
        }
        let room = size().0.saturating_sub(1).max(1);
        let lines = &lines[lines.len().saturating_sub(room)..];
        // Characters wider than expected are cut off at the edge and do not wrap.
        let mut text = String::from("\u{1b}[?7l");
        if self.drawn > 0 {
            _ = write!(text, "\u{1b}[{}A", self.drawn);
        }
        for line in lines {
            text.extend(["\r", line, "\u{1b}[K\n"]);
        }
        text += "\u{1b}[J\u{1b}[?7h";
        self.drawn = lines.len();
        let mut err = io::stderr().lock();
        // There is nowhere to report that stderr failed.
        _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}

/// The number of columns of a line on stderr.
pub(super) fn width() -> usize {
    size().1.saturating_sub(1)
}

/// Rows and columns.
fn size() -> (usize, usize) {
    terminal_size_of(io::stderr())
        .map_or(USUAL, |(width, height)| (usize::from(height.0).max(2), usize::from(width.0).max(2)))
}
