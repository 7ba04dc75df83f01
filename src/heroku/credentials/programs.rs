//! The programs that hold secrets: asked with a deadline.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What `program` writes to stdout. It is given no stdin, its complaints are dropped, and after `deadline` it is ended.
#[expect(
    clippy::disallowed_methods,
    reason = "credential helpers have a deadline, and what they complain of is dropped"
)]
pub(super) fn output(
    program: &Path,
    arguments: &[OsString],
    variables: &[(&str, &str)],
    deadline: Duration,
) -> io::Result<Vec<u8>> {
    let until = Instant::now() + deadline;
    let mut child = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut stdout = child.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
    let (written, whole) = mpsc::channel();
    // Not joined: something that the program started may hold the pipe open for ever.
    thread::spawn(move || {
        let mut bytes = Vec::new();
        _ = written.send(stdout.read_to_end(&mut bytes).map(|_| bytes));
    });
    let bytes = whole.recv_timeout(deadline);
    while Instant::now() < until {
        match child.try_wait()? {
            Some(status) if status.success() => return bytes.map_err(|_| ErrorKind::TimedOut)?,
            Some(status) => return Err(io::Error::other(status.to_string())),
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
    _ = child.kill();
    _ = child.wait();
    Err(ErrorKind::TimedOut.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, deadline: Duration) -> io::Result<Vec<u8>> {
        output(Path::new("/bin/sh"), &["-c".into(), script.into()], &[("WORD", "seat")], deadline)
    }

    #[test]
    fn a_program_is_heard_and_its_failure_noticed() {
        let long = Duration::from_secs(20);
        assert_eq!(sh("printf \"$WORD\"", long).unwrap(), b"seat");
        assert!(sh("echo no; exit 44", long).unwrap_err().to_string().contains("44"));
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let begun = Instant::now();
        assert_eq!(sh("exec sleep 30", Duration::from_millis(200)).unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
