//! A child process and everything that it started: its streams, its exit code, and its end as a group.

use std::io::Read;
use std::process::Child;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, kill_process_group,
    test_kill_process_group, waitid,
};

use crate::error::Result;

/// The time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// The process group and terminal of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This process's group: Ctrl-C reaches the program, it may ask on the terminal, and it is ended alone.
    Here,
    /// A group of its own, which is ended as a whole. A program that asks on the terminal is stopped there.
    Group,
    /// A group of its own without a terminal: a program that would ask fails at once.
    WithoutTerminal,
}

/// A child process. Dropping it ends it, and in a group of its own everything that it started.
#[derive(Debug)]
pub struct ChildProcess {
    child: Child,
    /// Whether it leads a group of its own.
    leads: bool,
    code: Option<u8>,
    /// When the exit code was seen.
    exited: Option<Instant>,
    /// The streams that are being read, and have not ended.
    open: usize,
}

impl ChildProcess {
    /// The leader of a group of its own.
    pub(super) fn leading(child: Child) -> Self {
        Self { child, leads: true, code: None, exited: None, open: 0 }
    }

    /// A process in this process's group.
    pub(super) fn alone(child: Child) -> Self {
        Self { child, leads: false, code: None, exited: None, open: 0 }
    }

    /// Waits until it exits; its exit code, 128+n for a signal.
    pub fn wait(&mut self) -> Result<u8> {
        #[cfg(unix)]
        let code = self.look(WaitIdOptions::empty())?;
        #[cfg(not(unix))]
        let code = Some(super::exit_code(self.child.wait()?));
        self.code = self.code.or(code);
        Ok(self.code.unwrap_or(255))
    }

    /// Its stdout and its stderr, for whoever reads them; empty the second time. The end of each is reported with
    /// [`stream_ended`](Self::stream_ended).
    pub fn streams(&mut self) -> [Box<dyn Read + Send>; 2] {
        self.open = 2;
        let stdout = self.child.stdout.take().map(|stdout| Box::new(stdout) as Box<dyn Read + Send>);
        let stderr = self.child.stderr.take().map(|stderr| Box::new(stderr) as Box<dyn Read + Send>);
        [stdout, stderr].map(|stream| stream.unwrap_or_else(|| Box::new(std::io::empty())))
    }

    /// Notes that one of its streams was read to its end.
    pub fn stream_ended(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// The number of streams that have not ended; none where it is about to exit.
    pub fn open_streams(&self) -> usize {
        self.open
    }

    /// Its exit code once its output was read, too. Programs that it left behind may keep its streams open: they are waited
    /// for `last_words` after the exit.
    pub fn finished(&mut self, last_words: Duration) -> Result<Option<u8>> {
        let Some(code) = self.exit_code()? else { return Ok(None) };
        let exited = *self.exited.get_or_insert_with(Instant::now);
        Ok((self.open == 0 || exited.elapsed() > last_words).then_some(code))
    }

    /// Its exit code, 128+n for a signal; none while it runs.
    fn exit_code(&mut self) -> Result<Option<u8>> {
        if self.code.is_none() {
            #[cfg(unix)]
            let code = self.look(WaitIdOptions::NOHANG)?;
            #[cfg(not(unix))]
            let code = self.child.try_wait()?.map(super::exit_code);
            self.code = code;
        }
        Ok(self.code)
    }

    /// Its exit code. The zombie is left: while it exists, no other group can get the number of this one.
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

    /// Ends the group: with SIGTERM, and after [`GRACE`] with SIGKILL.
    #[cfg(unix)]
    fn end(&mut self) {
        if !self.leads {
            return self.end_alone();
        }
        let group = Pid::from_child(&self.child);
        if runs(group) {
            // It fails where all of them have exited.
            _ = kill_process_group(group, Signal::TERM);
            let until = Instant::now() + GRACE;
            while runs(group) && Instant::now() < until {
                std::thread::sleep(GRACE / 200);
            }
            _ = kill_process_group(group, Signal::KILL);
        }
        _ = self.child.wait();
    }

    /// Ends the process alone, in the same way.
    #[cfg(unix)]
    fn end_alone(&mut self) {
        if self.code.is_none() {
            // It fails where the process has exited.
            _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let until = Instant::now() + GRACE;
            while matches!(self.exit_code(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(GRACE / 200);
            }
            _ = self.child.kill();
        }
        _ = self.child.wait();
    }

    #[cfg(not(unix))]
    fn end(&mut self) {
        if !matches!(self.exit_code(), Ok(None)) {
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

/// Whether anything in the group runs. Zombies do not.
#[cfg(unix)]
fn runs(group: Pid) -> bool {
    test_kill_process_group(group).is_ok() && !has_only_ended(group)
}

/// Whether the group has only zombies left, which Linux delivers signals to as well.
#[cfg(target_os = "linux")]
fn has_only_ended(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    let group = group.as_raw_nonzero().to_string();
    processes.flatten().all(|process| {
        let stat = std::fs::read(process.path().join("stat")).unwrap_or_default();
        let stat = String::from_utf8_lossy(&stat);
        // `12 (name) state parent group …`; the name may hold any characters.
        let mut words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let has_ended = matches!(words.next(), None | Some("Z" | "X"));
        has_ended || words.nth(1) != Some(&group)
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
fn has_only_ended(_: Pid) -> bool {
    false
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.end();
    }
}
