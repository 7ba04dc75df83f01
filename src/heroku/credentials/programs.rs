//! The programs that hold secrets: asked with a deadline.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::process::CommandLine;

/// What `program` writes to stdout. It is given no stdin, its complaints are dropped, and after `deadline` it is ended.
pub(super) fn output(
    program: &Path,
    arguments: &[OsString],
    variables: &[(&str, &str)],
    deadline: Duration,
) -> Result<Vec<u8>> {
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let line = CommandLine::at(program, name).args(arguments.iter().cloned());
    let line = variables.iter().fold(line, |line, (name, value)| line.env(name, value));
    let output = line.output(deadline)?;
    if output.is_success() {
        return Ok(output.stdout);
    }
    Err(Error::failed(format!("exit code {}", output.code)))
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::error::Kind;

    fn sh(script: &str, deadline: Duration) -> Result<Vec<u8>> {
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
        assert_eq!(sh("exec sleep 30", Duration::from_millis(200)).unwrap_err().kind(), Kind::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
