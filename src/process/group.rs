//! A running program and everything it started: waited for with a deadline, and ended as a group.

use std::io::Read;
use std::process::Child;
use std::time::Duration;
#[cfg(unix)]
use std::time::Instant;

#[cfg(unix)]
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, kill_process_group,
    test_kill_process_group, waitid,
};

use crate::error::Result;

/// How long programs may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);

/// The process group and terminal of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this process's group: Ctrl-C reaches it, it may ask on the terminal, and only it can be ended.
    Here,
    /// In a group of its own, which is ended with everything in it. What asks on the terminal there is stopped.
    Group,
    /// In a group of its own without a terminal: what would ask there fails at once.
    WithoutTerminal,
}

/// A running program and what it started; dropping it ends whatever still runs.
#[derive(Debug)]
pub struct Group {
    child: Child,
    /// Whether it leads a group, in which nothing else runs than what it started.
    leads: bool,
    code: Option<u8>,
}

impl Group {
    /// A program in a group of its own.
    pub(super) fn leading(child: Child) -> Self {
        Self { child, leads: true, code: None }
    }

    /// A program in this process's group.
    pub(super) fn alone(child: Child) -> Self {
        Self { child, leads: false, code: None }
    }

    /// Waits for its end; its exit code, 128+n for a signal.
    pub fn wait(&mut self) -> Result<u8> {
        #[cfg(unix)]
        let code = self.look(WaitIdOptions::empty())?;
        #[cfg(not(unix))]
        let code = Some(super::exit_code(self.child.wait()?));
        self.code = self.code.or(code);
        Ok(self.code.unwrap_or(255))
    }

    /// What it writes to stdout and to stderr; nothing the second time.
    pub fn streams(&mut self) -> [Box<dyn Read + Send>; 2] {
        let stdout = self.child.stdout.take().map(|stdout| Box::new(stdout) as Box<dyn Read + Send>);
        let stderr = self.child.stderr.take().map(|stderr| Box::new(stderr) as Box<dyn Read + Send>);
        [stdout, stderr].map(|stream| stream.unwrap_or_else(|| Box::new(std::io::empty())))
    }

    /// Its exit code, 128+n for a signal; `None` while it runs.
    pub fn ended(&mut self) -> Result<Option<u8>> {
        if self.code.is_none() {
            #[cfg(unix)]
            let code = self.look(WaitIdOptions::NOHANG)?;
            #[cfg(not(unix))]
            let code = self.child.try_wait()?.map(super::exit_code);
            self.code = code;
        }
        Ok(self.code)
    }

    /// Its exit code, without having the system forget it: until then it holds the group's number, and nobody else's
    /// group is meant.
    #[cfg(unix)]
    fn look(&self, options: WaitIdOptions) -> Result<Option<u8>> {
        let peek = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | options;
        let status = loop {
            match waitid(WaitId::Pid(Pid::from_child(&self.child)), peek) {
                Err(rustix::io::Errno::INTR) => {}
                status => break status?,
            }
        };
        let code = |status: WaitIdStatus| {
            let signal = || status.terminating_signal().map(|signal| 128 + signal);
            status.exit_status().or_else(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(255)
        };
        Ok(status.map(code))
    }

    /// Ends what still runs of it and of what it started: asks first, and soon no longer asks.
    #[cfg(unix)]
    fn end(&mut self) {
        if !self.leads {
            return self.end_alone();
        }
        let group = Pid::from_child(&self.child);
        if runs(group) {
            // Processes that have ended already are ignored.
            _ = kill_process_group(group, Signal::TERM);
            let until = Instant::now() + GRACE;
            while runs(group) && Instant::now() < until {
                std::thread::sleep(GRACE / 200);
            }
            _ = kill_process_group(group, Signal::KILL);
        }
        _ = self.child.wait();
    }

    /// The same for the program alone, which may end by itself what it started.
    #[cfg(unix)]
    fn end_alone(&mut self) {
        if self.code.is_none() {
            // Processes that have ended already are ignored.
            _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let until = Instant::now() + GRACE;
            while matches!(self.ended(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(GRACE / 200);
            }
            _ = self.child.kill();
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
            _ = line.args(["/T", "/F", "/PID", &id]).output(GRACE);
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
