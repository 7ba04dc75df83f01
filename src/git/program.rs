//! Starts git, with its safe settings and its deadline.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use super::Repository;
use crate::error::{Error, Kind, Result};
use crate::interrupts::Interrupts;
use crate::process::{CommandLine, Ended, Output, Place, Reader};
use crate::terminal::{Progress, Terminal};
use crate::variable;

/// What git may use to reach another repository. The other ways run programs that an address names, such as `ext::`.
const PROTOCOLS: [&str; 5] = ["https", "http", "ssh", "git", "file"];

/// The deadline for reading local data.
const LOCAL: Duration = Duration::from_secs(120);

/// The deadline for another repository's answer, unless `GREENROOM_TIMEOUT` sets it.
const ELSEWHERE: Duration = Duration::from_secs(30);

/// Attempts to reach another repository, the first included.
const ATTEMPTS: u32 = 4;

/// It is not asked again later than this after the first time.
const AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// The pause before it is asked again; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// git's messages for a refused login.
const DENIED: [&str; 6] = [
    "returned error: 401",
    "returned error: 403",
    "Authentication failed",
    "could not read Username",
    "could not read Password",
    "Permission denied (",
];

/// git's messages for errors that a retry cannot fix.
const FINAL: [&str; 6] = [
    "not found",
    "does not exist",
    "does not appear to be a git repository",
    "Host key verification failed",
    "not allowed",
    "certificate",
];

/// The real git; exit 1 where there is none.
pub(super) fn git() -> Result<CommandLine> {
    let git = CommandLine::find("git").ok_or_else(|| {
        Error::failed("git is not on PATH").hint("install git: https://git-scm.com/downloads")
    })?;
    // GIT_TRACE_REDACT=0 would have passwords in its traces.
    Ok(git.env("GIT_ALLOW_PROTOCOL", protocols()).without_env("GIT_TRACE_REDACT"))
}

/// [`PROTOCOLS`] without those that the user forbids.
fn protocols() -> String {
    let theirs = env::var("GIT_ALLOW_PROTOCOL").ok();
    let is_allowed =
        |name: &&str| theirs.as_ref().is_none_or(|theirs| theirs.split(':').any(|allowed| allowed == *name));
    PROTOCOLS.into_iter().filter(is_allowed).collect::<Vec<_>>().join(":")
}

/// Whether git reports a refused login.
pub fn is_denial(said: &str) -> bool {
    DENIED.iter().any(|sign| said.contains(sign))
}

/// The deadline of git, and where waiting is reported.
#[derive(Clone, Debug, Default)]
pub(super) struct Patience {
    deadline: Option<Instant>,
    terminal: Option<Terminal>,
}

impl Repository {
    /// Reports waits on this terminal from now on.
    #[must_use]
    pub fn reporting_to(self, terminal: &Terminal) -> Self {
        self.patience.borrow_mut().terminal = Some(terminal.clone());
        self
    }

    /// Sets the deadline for git commands from now on.
    pub fn wait_until(&self, deadline: Instant) {
        self.patience.borrow_mut().deadline = Some(deadline);
    }
}

impl Patience {
    /// Where waits are reported.
    pub(super) fn terminal(&self) -> Option<&Terminal> {
        self.terminal.as_ref()
    }

    /// Shows that `whom` is waited for until it is dropped.
    pub(super) fn waiting(&self, whom: &str) -> Option<Progress> {
        self.terminal.as_ref().map(|terminal| terminal.progress(whom))
    }

    /// Runs git on local data; exit 6 after the deadline.
    pub(super) fn run(&self, line: &CommandLine) -> Result<Output> {
        line.output(self.left())
    }

    /// The same, with its stdout read by `stdout`.
    pub(super) fn read(&self, line: &CommandLine, stdout: Reader) -> Result<()> {
        line.output_into(stdout, self.left()).map(drop)
    }

    fn left(&self) -> Duration {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        left.map_or(LOCAL, |left| left.min(LOCAL))
    }

    /// Has git read what `whom`, a repository elsewhere, has; again where that may help. Exit 4 where it does not let us
    /// in, 6 where it does not answer in time.
    pub(super) fn ask(&self, line: &CommandLine, place: Place, whom: &str) -> Result<Output> {
        // git's messages are matched in English.
        let line = line.clone().env("LC_ALL", "C").without_env("LANGUAGE").env("GIT_TERMINAL_PROMPT", "0");
        let begun = Instant::now();
        let (mut attempt, mut pause) = (1, FIRST_PAUSE);
        loop {
            let error = match self.attempt(&line, place, whom) {
                Ok(output) if output.is_success() => return Ok(output),
                Ok(output) => failure(&output),
                Err(error) => error,
            };
            let has_time = begun.elapsed() + pause < AGAIN_WITHIN
                && self.deadline.is_none_or(|deadline| Instant::now() + pause < deadline);
            if attempt == ATTEMPTS || !has_time || !may_pass(&error) {
                return Err(error);
            }
            attempt += 1;
            if let Some(terminal) = &self.terminal {
                terminal.status(&format!("{whom}: {error}; trying again ({attempt} of {ATTEMPTS})"));
            }
            thread::sleep(pause);
            pause *= 2;
        }
    }

    /// The same once, whatever git says; exit 6 where it says nothing in time, 128+n after an interrupt.
    fn attempt(&self, line: &CommandLine, place: Place, whom: &str) -> Result<Output> {
        let limit = env::var_os("GREENROOM_TIMEOUT");
        let limit = variable::seconds("GREENROOM_TIMEOUT", limit.as_deref(), ELSEWHERE)?;
        let interrupts = Interrupts::listen()?;
        let begun = Instant::now();
        let given_up = || match interrupts.code() {
            Some(code) => Some(Error::silent(code)),
            None if begun.elapsed() >= limit || self.deadline.is_some_and(|end| Instant::now() >= end) => {
                let seconds = begun.elapsed().as_secs();
                Some(Error::timed_out(format!("{whom} did not answer within {seconds} s")))
            }
            None => None,
        };
        match line.start(place)?.output(given_up)? {
            // Ctrl-C reaches git as well.
            Ended::Left(output) => interrupts.code().map_or(Ok(output), |code| Err(Error::silent(code))),
            Ended::GivenUp(error) => Err(error),
        }
    }
}

/// git's error message.
fn failure(output: &Output) -> Error {
    let said = output.complaint();
    let kind = if is_denial(&said) { Kind::Denied } else { Kind::Failed };
    Error::new(kind, if said.is_empty() { format!("git failed (exit code {})", output.code) } else { said })
}

/// Whether a retry may help.
fn may_pass(error: &Error) -> bool {
    let said = error.to_string();
    match error.kind() {
        Kind::TimedOut => true,
        Kind::Failed => !FINAL.iter().any(|sign| said.contains(sign)),
        _ => false,
    }
}
