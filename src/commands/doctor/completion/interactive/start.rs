//! Starts an interactive shell, and watches it while it reads its startup files.

use std::io::{self, Read, Write as _};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::process::{CommandLine, Ended};

/// How long a shell may take to start.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The shell's stdin: an empty line and the end. Startup files that read stdin consume it.
const TYPED: &[u8] = b"\n";

/// A shell that exited.
pub(super) struct Start {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) took: Duration,
    /// Whether a startup file read stdin.
    pub(super) reads: bool,
}

/// Starts a shell and waits until it exits; `None` if it has not at the deadline: it is ended then.
pub(super) fn start(line: &CommandLine) -> Result<Option<Start>> {
    let (mut typed, mut keyboard) = io::pipe()?;
    keyboard.write_all(TYPED)?;
    drop(keyboard);
    let begun = Instant::now();
    let group = line.start_reading(typed.try_clone()?)?;
    let output = match group.output(|| (begun.elapsed() > PATIENCE).then_some(()))? {
        Ended::Left(output) => output,
        Ended::GivenUp(()) => return Ok(None),
    };
    let took = begun.elapsed();
    let mut left = Vec::new();
    typed.read_to_end(&mut left)?;
    Ok(Some(Start {
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        took,
        reads: left.len() < TYPED.len(),
    }))
}

fn text(written: &[u8]) -> String {
    String::from_utf8_lossy(written).replace("\r\n", "\n")
}
