//! What a release phase writes, passed on line by line.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

use crate::heroku::{Client, HttpStatus};

/// A release command may be silent for long; then the stream is opened again.
const IDLE: Duration = Duration::from_secs(300);

/// A longer line is shown in pieces; in bytes.
const LONGEST: u64 = 64 * 1024;

/// Passes on what the release phase of `app` writes at `url`, until it ends or `deadline` comes.
///
/// The stream does not exist until the phase starts, so not finding it is no failure. A stream that breaks is opened
/// again, and the lines that were passed on already are skipped.
pub(super) fn follow(client: &Client, app: &str, url: &str, deadline: Instant, to: &SyncSender<String>) {
    let mut passed = 0;
    let mut pause = Duration::from_millis(50);
    while Instant::now() < deadline {
        match client.stream(url, &[], IDLE) {
            Ok(stream) => match pass_on(stream, passed, |line| to.send(shown(app, line)).is_ok()) {
                End::Whole => return,
                End::Cut(lines) => passed = passed.max(lines),
            },
            Err(error) if error.downcast_ref::<HttpStatus>().is_some_and(|http| http.status != 404) => return,
            Err(_) => {}
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// How a stream ended: as it should, or after this many lines.
enum End {
    Whole,
    Cut(u64),
}

/// Hands on the stream's lines after the first `passed`, until it ends or nobody wants more.
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
