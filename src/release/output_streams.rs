//! The output streams of builds and release phases, shown line by line.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use crate::error::Result;
use crate::heroku::{Client, HttpStatus};
use crate::terminal::Terminal;

/// A stream that is silent for this long is opened again.
const IDLE: Duration = Duration::from_secs(300);

/// A longer line is shown in pieces. In bytes.
const LONGEST: u64 = 64 * 1024;

/// The last lines may arrive this much later than the end of the build or release phase.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The output of builds and release phases, on its way to a person.
pub struct OutputStreams<'a> {
    client: &'a Arc<Client>,
    terminal: &'a Terminal,
    deadline: Instant,
    to_stdout: bool,
    followed: BTreeSet<String>,
    sender: SyncSender<OutputEvent>,
    said: Receiver<OutputEvent>,
}

/// An event of a stream.
enum OutputEvent {
    Line(String),
    /// The stream ended: the build or release phase is done.
    End,
}

impl<'a> OutputStreams<'a> {
    /// Follows no stream yet, and none after `deadline`.
    pub fn new(client: &'a Arc<Client>, terminal: &'a Terminal, deadline: Instant) -> Self {
        let (sender, said) = mpsc::sync_channel(256);
        Self { client, terminal, deadline, to_stdout: false, followed: BTreeSet::new(), sender, said }
    }

    /// The same on stdout in place of stderr: where it is what was asked for.
    #[must_use]
    pub fn on_stdout(self) -> Self {
        Self { to_stdout: true, ..self }
    }

    /// Shows a line as one of theirs.
    pub fn show(&self, line: &str) -> Result<()> {
        if self.to_stdout {
            return self.terminal.print_lines(&format!("{line}\n"));
        }
        self.terminal.status(line);
        Ok(())
    }

    /// Follows the stream at `url` and shows its lines as `app`'s. A second call for the same app does nothing.
    pub fn follow(&mut self, app: &str, url: &str) {
        if !self.followed.insert(app.to_owned()) {
            return;
        }
        let (client, app, url) = (Arc::clone(self.client), app.to_owned(), url.to_owned());
        let (deadline, sender) = (self.deadline, self.sender.clone());
        // Never joined: a stream that stays open must not delay the outcome.
        thread::spawn(move || {
            follow(&client, &app, &url, deadline, &sender);
            // The receiver may be gone.
            _ = sender.send(OutputEvent::End);
        });
    }

    /// Shows lines until then; returns true, early, when a stream ends.
    pub fn show_until(&self, until: Instant) -> Result<bool> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(OutputEvent::Line(line)) => self.show(&line)?,
                Ok(OutputEvent::End) => return Ok(true),
                Err(_) => return Ok(false),
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }

    /// Shows the lines that are still on their way.
    pub fn finish(&mut self) -> Result<()> {
        let until = (Instant::now() + LAST_WORDS).min(self.deadline);
        // Once all streams have ended there is no sender left.
        self.sender = mpsc::sync_channel(1).0;
        while let Ok(said) = self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if let OutputEvent::Line(line) = said {
                self.show(&line)?;
            }
        }
        Ok(())
    }
}

/// Passes on the lines of the stream at `url`, until it ends or `deadline` comes.
///
/// The stream does not exist until the phase starts, so 404 is retried. A broken stream is opened again, and the lines that
/// were passed on already are skipped.
fn follow(client: &Client, app: &str, url: &str, deadline: Instant, to: &SyncSender<OutputEvent>) {
    let mut passed = 0;
    let mut pauses = Backoff::doubling(Duration::from_millis(50), Duration::from_secs(1));
    while Instant::now() < deadline {
        match client.stream(url, &[], IDLE) {
            Ok(stream) => {
                match pass_on(stream, passed, |line| to.send(OutputEvent::Line(shown(app, line))).is_ok()) {
                    End::Whole => return,
                    End::Cut(lines) => passed = passed.max(lines),
                }
            }
            Err(error) if error.downcast_ref::<HttpStatus>().is_some_and(|http| http.status != 404) => return,
            Err(_) => {}
        }
        thread::sleep(pauses.pause());
    }
}

/// How a stream ended: completely, or cut off after this many lines.
enum End {
    Whole,
    Cut(u64),
}

/// Passes on the stream's lines after the first `passed`, until it ends or `to` returns false.
fn pass_on(stream: impl Read, passed: u64, mut to: impl FnMut(&[u8]) -> bool) -> End {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    let mut lines = 0;
    loop {
        line.clear();
        match reader.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => return End::Whole,
            Err(_) => return End::Cut(lines),
            Ok(_) => lines += 1,
        }
        if lines > passed && !to(line.strip_suffix(b"\n").unwrap_or(&line)) {
            return End::Whole;
        }
    }
}

fn shown(app: &str, line: &[u8]) -> String {
    format!("{app} | {}", String::from_utf8_lossy(line).trim_end_matches('\r'))
}
