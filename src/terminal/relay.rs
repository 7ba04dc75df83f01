//! Passes on another program's messages as they come, redrawn progress included.

use std::io::{Read, Write};

use super::{Terminal, sanitize_line};

/// Longer lines are passed on in pieces; in bytes.
const LONGEST: usize = 64 * 1024;

impl Terminal {
    /// Copies `from` to stderr until it ends. Control sequences are shown, not obeyed, except for the carriage return, which
    /// redraws progress.
    pub fn relay(&self, mut from: impl Read) {
        let mut pending = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            for byte in &buffer[..count] {
                match byte {
                    b'\n' | b'\r' => self.pass_on(&mut pending, *byte),
                    _ => pending.push(*byte),
                }
                if pending.len() > LONGEST {
                    self.pass_on(&mut pending, b'\n');
                }
            }
        }
        if !pending.is_empty() {
            self.pass_on(&mut pending, b'\n');
        }
    }

    fn pass_on(&self, line: &mut Vec<u8>, end: u8) {
        let kept = line.trim_ascii_end().len();
        // Trailing blanks erase the end of a redrawn line; at the end of a final line they have no effect.
        let shown = if end == b'\r' { &line[..] } else { &line[..kept] };
        let mut err = self.stderr();
        let text = sanitize_line(shown, self.colors_stderr());
        // There is nowhere to report that stderr failed.
        _ = err.write_all(text.as_bytes()).and_then(|()| err.write_all(&[end])).and_then(|()| err.flush());
        line.clear();
    }
}
