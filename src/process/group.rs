//! A program in a process group of its own: it can be ended together with everything that it started.

use std::io::Read;
use std::process::Child;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, Signal, WaitIdStatus, kill_process_group, test_kill_process_group};

use crate::error::Result;

/// How long programs that are told to end may take for it.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(2);

/// A running program and what it started. Dropped, what still runs of it is ended.
#[derive(Debug)]
pub struct Group {
    child: Child,
    code: Option<u8>,
}

impl Group {
    pub(super) fn new(child: Child) -> Self {
        Self { child, code: None }
    }

    /// What it writes to stdout and to stderr; nothing the second time.
    pub fn streams(&mut self) -> Vec<Box<dyn Read + Send>> {
        let stdout = self.child.stdout.take().map(|stdout| Box::new(stdout) as Box<dyn Read + Send>);
        let stderr = self.child.stderr.take().map(|stderr| Box::new(stderr) as Box<dyn Read + Send>);
        stdout.into_iter().chain(stderr).collect()
    }

    /// Its exit code, 128+n for a signal; none while it runs.
    pub fn ended(&mut self) -> Result<Option<u8>> {
        if self.code.is_none() {
            self.code = self.look()?;
        }
        Ok(self.code)
    }

    /// Its exit code without waiting for it: until then it holds the group's number, and nobody else's group is meant.
    #[cfg(unix)]
    fn look(&self) -> Result<Option<u8>> {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let peek = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(Pid::from_child(&self.child)), peek)?;
        let code = |status: WaitIdStatus| {
            let signal = || status.terminating_signal().map(|signal| 128 + signal);
            status.exit_status().or_else(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(255)
        };
        Ok(status.map(code))
    }

    #[cfg(not(unix))]
    fn look(&mut self) -> Result<Option<u8>> {
        Ok(self.child.try_wait()?.map(super::exit_code))
    }

    /// Ends what still runs of it and of what it started: asks first, and soon no longer asks.
    #[cfg(unix)]
    fn end(&mut self) {
        let group = Pid::from_child(&self.child);
        if runs(group) {
            // Whoever is gone already need not be told.
            _ = kill_process_group(group, Signal::TERM);
            let until = Instant::now() + GRACE;
            while runs(group) && Instant::now() < until {
                std::thread::sleep(GRACE / 200);
            }
            _ = kill_process_group(group, Signal::KILL);
        }
        _ = self.child.wait();
    }

    #[cfg(not(unix))]
    fn end(&mut self) {
        if !matches!(self.ended(), Ok(None)) {
            return;
        }
        if let Some(line) = super::CommandLine::find("taskkill") {
            let id = self.child.id().to_string();
            _ = line.args(["/T", "/F", "/PID", &id]).output();
        }
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Whether anything in the group runs: a program that has ended and was not waited for is there, but does not.
#[cfg(unix)]
fn runs(group: Pid) -> bool {
    test_kill_process_group(group).is_ok() && !has_only_ended(group)
}

/// Linux reaches those too; there it is told by the list of processes.
#[cfg(target_os = "linux")]
fn has_only_ended(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    let group = group.as_raw_nonzero().to_string();
    processes.flatten().all(|process| {
        let stat = std::fs::read(process.path().join("stat")).unwrap_or_default();
        let stat = String::from_utf8_lossy(&stat);
        // `12 (name) state parent group …`, and there may be anything in the name.
        let mut words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let has_ended = matches!(words.next(), None | Some("Z" | "X"));
        has_ended || words.nth(1) != Some(&group)
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
fn has_only_ended(_: Pid) -> bool {
    false
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
