//! What a dyno writes, on its way to stdout: without the marker, and with this machine's line ends where a program reads it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::stdio::{stderr, stdout};

use super::marker::Marker;

/// Whether what was written last ended a line.
static IS_AT_LINE_START: AtomicBool = AtomicBool::new(true);

/// The way of a dyno's output to stdout.
#[derive(Debug)]
pub(super) struct Output {
    marker: Marker,
    ends: LineEnds,
    ready: Vec<u8>,
    on_stderr: bool,
}

impl Output {
    /// To a terminal everything goes as it comes; elsewhere `\r\n` becomes `\n`.
    pub(super) fn new(to_terminal: bool) -> Self {
        Self {
            marker: Marker::default(),
            ends: LineEnds { kept: to_terminal, held: false },
            ready: Vec::new(),
            on_stderr: false,
        }
    }

    /// The way to stderr, in place of stdout.
    pub(super) fn to_stderr() -> Self {
        Self { on_stderr: true, ..Self::new(false) }
    }

    /// Shows what of these bytes can be shown now. An error of [`io::ErrorKind::BrokenPipe`] where nobody reads it.
    pub(super) fn show(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut plain = Vec::with_capacity(bytes.len());
        self.marker.feed(bytes, &mut plain);
        self.ends.feed(&plain, &mut self.ready);
        self.write()
    }

    /// The exit status, as far as the dyno has told it.
    pub(super) fn status(&self) -> Option<u8> {
        self.marker.status()
    }

    /// Shows what was held back, as nothing more comes; the exit status, if the dyno told one.
    pub(super) fn finish(&mut self) -> io::Result<Option<u8>> {
        let mut plain = Vec::new();
        let status = self.marker.finish(&mut plain);
        self.ends.feed(&plain, &mut self.ready);
        self.ends.finish(&mut self.ready);
        self.write()?;
        Ok(status)
    }

    fn write(&mut self) -> io::Result<()> {
        let Some(last) = self.ready.last() else { return Ok(()) };
        IS_AT_LINE_START.store(*last == b'\n', Ordering::Relaxed);
        let written =
            if self.on_stderr { write_all(stderr(), &self.ready) } else { write_all(stdout(), &self.ready) };
        self.ready.clear();
        written
    }
}

/// Ends a line that the dyno left unfinished on the terminal, so that ours begin on the next one.
pub(super) fn end_line(terminal: &crate::terminal::Terminal) {
    if terminal.stdout_is_terminal() && !IS_AT_LINE_START.swap(true, Ordering::Relaxed) {
        _ = write_all(stdout(), b"\r\n");
    }
}

/// Writes all of it, past the standard library's lock: a thread that ends the process must not wait for one that writes.
fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                // Another program has made the terminal ours without waiting.
                _ = poll(&mut [PollFd::new(&to, PollFlags::OUT)], None);
            }
            // A terminal that is gone has no reader either.
            Err(Errno::IO) => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Turns the line ends of a terminal into those of a file.
#[derive(Debug)]
struct LineEnds {
    kept: bool,
    /// Whether the last byte was a `\r`, which is not passed on yet.
    held: bool,
}

impl LineEnds {
    fn feed(&mut self, bytes: &[u8], to: &mut Vec<u8>) {
        if self.kept {
            to.extend_from_slice(bytes);
            return;
        }
        for byte in bytes {
            if self.held && *byte != b'\n' {
                to.push(b'\r');
            }
            self.held = *byte == b'\r';
            if !self.held {
                to.push(*byte);
            }
        }
    }

    fn finish(&mut self, to: &mut Vec<u8>) {
        to.extend(std::mem::take(&mut self.held).then_some(b'\r'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(kept: bool, pieces: &[&str]) -> String {
        let (mut ends, mut to) = (LineEnds { kept, held: false }, Vec::new());
        for piece in pieces {
            ends.feed(piece.as_bytes(), &mut to);
        }
        ends.finish(&mut to);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn a_program_reads_plain_line_ends() {
        assert_eq!(ends(false, &["a\r\nb\r", "\nc\r", "d\n\r\r\n\r"]), "a\nb\nc\rd\n\r\n\r");
        assert_eq!(ends(true, &["a\r\nb\r", "\n"]), "a\r\nb\r\n");
    }
}
