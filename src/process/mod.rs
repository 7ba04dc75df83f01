//! Other programs: found on PATH, started with their arguments as they are (no shell, except for a line typed for one), and
//! exec'd or waited for.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::text::join;

mod child;
pub mod internal;
mod output;

pub use child::{ChildProcess, Place};
pub use output::{Ended, Output, Reader};

/// A program and its arguments; its `Display` is a line that can be pasted into a POSIX shell.
#[derive(Clone, Debug)]
pub struct CommandLine {
    program: PathBuf,
    shown: String,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
    folder: Option<PathBuf>,
}

impl CommandLine {
    /// The program of this name on PATH; see [`find`].
    pub fn find(name: &str) -> Option<Self> {
        Some(Self::at(find(name, &std::env::var_os("PATH")?)?, name))
    }

    /// The program at this path, shown as `shown`.
    pub fn at(program: impl Into<PathBuf>, shown: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            shown: shown.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the program's environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), Some(value.into())));
        self
    }

    /// Takes a variable out of the program's environment.
    #[must_use]
    pub fn without_env(mut self, name: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), None));
        self
    }

    /// Runs it in this folder.
    #[must_use]
    pub fn current_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// A line for the user's shell: the only place where a shell is started.
    pub fn in_shell(line: &str) -> Result<Self> {
        let name = if cfg!(windows) { "cmd" } else { "sh" };
        let shell = Self::find(name).ok_or_else(|| Error::failed(format!("{name} is not on PATH")))?;
        Ok(if cfg!(windows) {
            // As an argument its quotes would be escaped in a way that cmd does not read.
            shell.args(["/C", "%GREENROOM_LINE%"]).env("GREENROOM_LINE", line)
        } else {
            shell.args(["-c", line])
        })
    }

    /// Where the program is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Replaces this process with the program on Unix, so that signals, terminal and exit code are its own.
    ///
    /// Elsewhere it waits for the program. Returns the failure to start it, or its exit code.
    pub fn exec(&self) -> Error {
        let mut command = self.command();
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            self.cannot_start(command.exec())
        }
        #[cfg(not(unix))]
        match command.status() {
            Ok(status) => Error::silent(exit_code(status)),
            Err(error) => self.cannot_start(error),
        }
    }

    /// Starts it without stdin, with pipes for stdout and stderr.
    pub fn start(&self, place: Place) -> Result<ChildProcess> {
        if place == Place::WithoutTerminal {
            return self.start_reading(Stdio::null());
        }
        let mut command = self.piped();
        if place == Place::Here {
            return command.spawn().map(ChildProcess::alone).map_err(|error| self.cannot_start(error));
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(ChildProcess::leading).map_err(|error| self.cannot_start(error))
    }

    /// Starts it in a group of its own without a terminal, with this stdin and with pipes for stdout and stderr.
    pub fn start_reading(&self, stdin: impl Into<Stdio>) -> Result<ChildProcess> {
        let line = internal::without_terminal(self)?;
        line.piped().stdin(stdin).spawn().map(ChildProcess::leading).map_err(|error| line.cannot_start(error))
    }

    /// Runs it and keeps its output. Exit 6 if it has not exited after `limit`: it is ended then.
    pub fn output(&self, limit: Duration) -> Result<Output> {
        let until = Instant::now() + limit;
        self.in_time(limit, self.start(Place::Here)?.output(|| (Instant::now() >= until).then_some(()))?)
    }

    /// The same, with its stdout read by `stdout`.
    pub fn output_into(&self, stdout: Reader, limit: Duration) -> Result<Output> {
        let until = Instant::now() + limit;
        let child = self.start(Place::Here)?;
        self.in_time(limit, child.output_into(stdout, || (Instant::now() >= until).then_some(()))?)
    }

    fn in_time(&self, limit: Duration, ended: Ended<Output, ()>) -> Result<Output> {
        match ended {
            Ended::Left(output) => Ok(output),
            Ended::GivenUp(()) => {
                Err(Error::timed_out(format!("{} did not end within {} s", self.shown, limit.as_secs())))
            }
        }
    }

    fn piped(&self) -> Command {
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts it in a process group of its own, where Ctrl-C does not reach it, with a pipe to its stdin and no stdout.
    pub fn spawn_apart(&self) -> Result<Child> {
        let mut command = self.command();
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().map_err(|error| self.cannot_start(error))
    }

    /// Starts it in the background: in a process group of its own, with this stdin, and without stdout and stderr.
    pub fn spawn_unseen(&self, stdin: impl Into<Stdio>) -> Result<Child> {
        let mut command = self.command();
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW.
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0800_0200);
        command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map_err(|error| self.cannot_start(error))
    }

    /// Starts it on this terminal, to be ended when it is dropped.
    pub fn start_on_terminal(&self) -> Result<ChildProcess> {
        self.spawn().map(ChildProcess::alone)
    }

    /// Starts it on this terminal.
    pub fn spawn(&self) -> Result<Child> {
        self.command().spawn().map_err(|error| self.cannot_start(error))
    }

    #[expect(clippy::disallowed_methods, reason = "programs are started here only")]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        if let Some(path) = env::var_os("PATH").and_then(|path| trusted(&path)) {
            command.env("PATH", path);
        }
        for (name, value) in &self.variables {
            match value {
                Some(value) if name == "PATH" => command.env(name, trusted(value).as_ref().unwrap_or(value)),
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    fn cannot_start(&self, error: std::io::Error) -> Error {
        Error::from(error).context(format!("cannot start {}", self.program.display()))
    }
}

impl Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&join(
            [OsStr::new(&self.shown)].into_iter().chain(self.arguments.iter().map(AsRef::as_ref)),
        ))
    }
}

/// The program of this name on `path`, or none. Never one from the current directory, even if `path` names it: a repository
/// is not trusted.
pub fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    let absolute = trusted(path);
    which::which_in_global(name, Some(absolute.as_deref().unwrap_or(path))).ok()?.next()
}

/// `path` without relative entries, so that no child process finds programs in the repository either; none if there are no
/// such entries.
fn trusted(path: &OsStr) -> Option<OsString> {
    let is_absolute = |folder: &PathBuf| folder.is_absolute();
    if env::split_paths(path).all(|folder| is_absolute(&folder)) {
        return None;
    }
    let absolute = env::join_paths(env::split_paths(path).filter(is_absolute)).ok()?;
    // An empty PATH is the current directory once more.
    Some(if absolute.is_empty() { NOWHERE.into() } else { absolute })
}

/// A PATH with no program on it.
const NOWHERE: &str = if cfg!(windows) { "C:\\nowhere" } else { "/nowhere" };

/// The exit code to pass on: the program's own, 128+n for a signal.
pub fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(255);
    }
    status.code().map_or(255, |code| u8::try_from(code & 0xff).unwrap_or(255))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_in_the_current_directory_are_not_found() {
        assert_eq!(find("Cargo.toml", OsStr::new(".")), None);
        assert_eq!(find("Cargo.toml", OsStr::new("")), None);
        assert_eq!(find("Cargo.toml", OsStr::new("::src")), None);
        #[cfg(unix)]
        assert!(find("sh", OsStr::new("relative:/bin:/usr/bin")).is_some());
    }
}
