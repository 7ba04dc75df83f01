//! The process of a one-off dyno: a shell with the command, in a terminal or without one.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::Child;

/// How the process is started.
pub(super) struct Plan<'a> {
    /// Its command, run by a shell.
    pub(super) command: &'a str,
    /// Its whole environment.
    pub(super) env: &'a BTreeMap<String, String>,
    /// Its current folder.
    pub(super) folder: &'a Path,
    /// Its terminal, if it has one.
    pub(super) terminal: Option<Terminal>,
}

/// The size of a terminal.
#[derive(Clone, Copy)]
pub(super) struct Terminal {
    pub(super) lines: u16,
    pub(super) columns: u16,
}

/// A running process; it is killed with its process group when it is dropped.
pub(super) struct Process {
    /// None once its input has ended.
    pub(super) input: Option<Input>,
    /// stdout and stderr, as one stream.
    pub(super) output: Output,
    pub(super) has_terminal: bool,
    pub(super) group: Group,
    pub(super) child: Child,
}

pub(super) type Input = Box<dyn AsyncWrite + Send + Unpin>;
pub(super) type Output = Box<dyn AsyncRead + Send + Unpin>;

/// A signal to a process group.
#[derive(Clone, Copy)]
pub(super) enum Signal {
    HangUp,
    Terminate,
    Kill,
}

/// A process group; it is killed when it is dropped.
#[derive(Debug)]
pub(super) struct Group(Option<i32>);

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
    }
}

impl Group {
    /// Kills what is left of it. Its id may be given to others from now on.
    pub(super) fn end(&mut self) {
        self.signal(Signal::Kill);
        self.0 = None;
    }
}

/// The program that runs commands, as Heroku's bash does.
fn shell(path: &str) -> &'static str {
    let has_bash = std::env::split_paths(path).any(|folder| folder.join("bash").is_file());
    if has_bash { "bash" } else { "sh" }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::OwnedFd;
    use std::process::Stdio;

    use rustix::process::{Pid, kill_process_group};
    use tokio::net::unix::pipe::Receiver;
    use tokio::process::Command;

    use super::{Group, Plan, Process, Signal, Terminal, io, shell};

    impl Process {
        /// Starts the process. Fails if there is no shell or no terminal is left.
        pub(in super::super) fn start(plan: &Plan) -> io::Result<Self> {
            match plan.terminal {
                Some(terminal) => Self::in_terminal(plan, terminal),
                None => Self::with_pipes(plan),
            }
        }

        fn in_terminal(plan: &Plan, terminal: Terminal) -> io::Result<Self> {
            let (master, slave) = pty_process::open().map_err(io::Error::other)?;
            let size = pty_process::Size::new(terminal.lines, terminal.columns);
            master.resize(size).map_err(io::Error::other)?;
            // It leads a session, and with it a process group of its own.
            let child = pty_process::Command::new(shell(path(plan)))
                .args(["-c", plan.command])
                .env_clear()
                .envs(plan.env)
                .current_dir(plan.folder)
                .kill_on_drop(true)
                .spawn(slave)
                .map_err(io::Error::other)?;
            let (output, input) = master.into_split();
            Ok(Self {
                input: Some(Box::new(input)),
                output: Box::new(output),
                has_terminal: true,
                group: Group::of(&child),
                child,
            })
        }

        fn with_pipes(plan: &Plan) -> io::Result<Self> {
            let (reader, writer) = io::pipe()?;
            let mut command = Command::new(shell(path(plan)));
            command
                .args(["-c", plan.command])
                .env_clear()
                .envs(plan.env)
                .current_dir(plan.folder)
                .stdin(Stdio::piped())
                .stdout(writer.try_clone()?)
                .stderr(writer)
                .process_group(0)
                .kill_on_drop(true);
            let mut child = command.spawn()?;
            let input = child.stdin.take();
            Ok(Self {
                input: input.map(|input| Box::new(input) as super::Input),
                output: Box::new(Receiver::from_owned_fd(OwnedFd::from(reader))?),
                has_terminal: false,
                group: Group::of(&child),
                child,
            })
        }
    }

    fn path<'a>(plan: &Plan<'a>) -> &'a str {
        plan.env.get("PATH").map_or("", String::as_str)
    }

    impl Group {
        fn of(child: &tokio::process::Child) -> Self {
            Self(child.id().and_then(|id| i32::try_from(id).ok()))
        }

        /// Sends a signal to all its processes. There may be none any more.
        pub(in super::super) fn signal(&self, signal: Signal) {
            let signal = match signal {
                Signal::HangUp => rustix::process::Signal::HUP,
                Signal::Terminate => rustix::process::Signal::TERM,
                Signal::Kill => rustix::process::Signal::KILL,
            };
            if let Some(group) = self.0.and_then(Pid::from_raw) {
                _ = kill_process_group(group, signal);
            }
        }
    }
}

#[cfg(not(unix))]
impl Process {
    /// One-off dynos are not run on this system.
    pub(super) fn start(_: &Plan) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(unix))]
impl Group {
    pub(super) fn signal(&self, _: Signal) {}
}

/// The exit status as a shell gives it: 128 and more for a signal.
pub(super) fn code(status: std::process::ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(1)
}
