//! An interactive shell is started, and watched while it reads its start-up files.

use std::io::{self, Read, Write as _};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::process::{CommandLine, Ended};

/// How long a shell may take to start.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What is there to be read by whoever reads what the person would type: an empty line, and then nothing more.
const TYPED: &[u8] = b"\n";

/// A shell that has come to its end.
pub(super) struct Start {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) took: Duration,
    /// Whether something read what was typed.
    pub(super) reads: bool,
}

/// Starts a shell and waits for its end; `None` after the deadline, and the shell is ended.
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
