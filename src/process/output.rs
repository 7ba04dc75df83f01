//! Reads a child process's output until it exits or its deadline passes.

use std::io::Read;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ChildProcess;
use crate::error::Result;

/// The longest pause between two calls of `give_up`.
const TICK: Duration = Duration::from_millis(50);

/// The first pause between two looks for the exit of a process that has closed its streams.
const SOON: Duration = Duration::from_micros(100);

/// Programs that a process left behind may keep its streams open; they are read for this much longer.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a wait ended.
#[derive(Debug)]
pub enum Ended<T, G> {
    /// The process exited.
    Left(T),
    /// The wait was given up for this reason, and the process was ended.
    GivenUp(G),
}

/// The output of a process that exited.
#[derive(Debug)]
pub struct Output {
    /// Its exit code, 128+n for a signal.
    pub code: u8,
    /// Its stdout.
    pub stdout: Vec<u8>,
    /// Its stderr.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Whether it exited with 0.
    pub fn is_success(&self) -> bool {
        self.code == 0
    }

    /// Its stderr as text.
    pub fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }
}

/// Reads one stream of a process, in a thread of its own.
pub type Reader = Box<dyn FnOnce(Box<dyn Read + Send>) + Send>;

impl ChildProcess {
    /// Waits until it exits, and keeps what it writes, until `give_up` names a reason not to.
    pub fn output<G>(self, give_up: impl FnMut() -> Option<G>) -> Result<Ended<Output, G>> {
        let (stdout, written) = kept();
        Ok(match self.output_into(stdout, give_up)? {
            Ended::Left(output) => Ended::Left(Output { stdout: taken(&written), ..output }),
            Ended::GivenUp(reason) => Ended::GivenUp(reason),
        })
    }

    /// The same, with its stdout read by `stdout`.
    pub fn output_into<G>(
        self,
        stdout: Reader,
        give_up: impl FnMut() -> Option<G>,
    ) -> Result<Ended<Output, G>> {
        let (stderr, complained) = kept();
        Ok(match self.read_to_end([stdout, stderr], give_up)? {
            Ended::GivenUp(reason) => Ended::GivenUp(reason),
            Ended::Left(code) => Ended::Left(Output { code, stdout: Vec::new(), stderr: taken(&complained) }),
        })
    }

    /// Waits until it exits while the readers read its stdout and stderr; its exit code, 128+n for a signal. Once
    /// `give_up` names a reason, everything is ended; what was written before is still read.
    pub fn read_to_end<G>(
        mut self,
        readers: [Reader; 2],
        mut give_up: impl FnMut() -> Option<G>,
    ) -> Result<Ended<u8, G>> {
        let (sender, ends) = mpsc::channel();
        for (stream, read) in self.streams().into_iter().zip(readers) {
            let sender = sender.clone();
            thread::Builder::new().spawn(move || {
                read(stream);
                // The receiver may be gone after a reason to give up.
                _ = sender.send(());
            })?;
        }
        let mut pause = SOON;
        loop {
            if let Some(reason) = give_up() {
                let open = self.open_streams();
                drop(self);
                wait_for(&ends, open, LAST_WORDS);
                return Ok(Ended::GivenUp(reason));
            }
            if let Some(code) = self.finished(LAST_WORDS)? {
                return Ok(Ended::Left(code));
            }
            if self.open_streams() == 0 {
                thread::sleep(pause);
                pause = (pause * 2).min(TICK);
            } else if ends.recv_timeout(TICK).is_ok() {
                self.stream_ended();
            }
        }
    }
}

/// Waits until this many readers are done, for `most` at most.
fn wait_for(ends: &Receiver<()>, readers: usize, most: Duration) {
    let until = Instant::now() + most;
    for _ in 0..readers {
        if ends.recv_timeout(until.saturating_duration_since(Instant::now())).is_err() {
            return;
        }
    }
}

/// A reader that keeps everything, and what it has kept so far.
fn kept() -> (Reader, Arc<Mutex<Vec<u8>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&kept);
    let read = move |mut stream: Box<dyn Read + Send>| {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            theirs.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        }
    };
    (Box::new(read), kept)
}

fn taken(kept: &Mutex<Vec<u8>>) -> Vec<u8> {
    std::mem::take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::{CommandLine, Place};
    use super::*;

    fn sh(script: &str) -> ChildProcess {
        CommandLine::at("/bin/sh", "sh").args(["-c", script]).start(Place::Group).unwrap()
    }

    #[test]
    fn output_has_both_streams_and_the_exit_code() {
        let long = "i=0; while [ $i -lt 9000 ]; do echo 0123456789; echo no >&2; i=$((i+1)); done; exit 3";
        let Ended::Left(output) = sh(long).output(|| None::<()>).unwrap() else { panic!("it was given up") };
        assert_eq!((output.code, output.stdout.len(), output.stderr.len()), (3, 99_000, 27_000));
    }

    #[test]
    fn giving_up_ends_the_whole_group() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let script = format!("(sleep 1; echo > {}) & echo begun; wait", mark.display());
        let begun = Instant::now();
        let ended = sh(&script).output(|| (begun.elapsed() > TICK).then_some(7)).unwrap();
        assert!(matches!(ended, Ended::GivenUp(7)), "{ended:?}");
        thread::sleep(Duration::from_millis(1500).saturating_sub(begun.elapsed()));
        assert!(!mark.exists());
    }

    #[test]
    fn a_child_that_keeps_the_streams_open_is_not_waited_for() {
        let begun = Instant::now();
        let Ended::Left(output) = sh("sleep 60 & echo begun").output(|| None::<()>).unwrap() else {
            panic!("it was given up")
        };
        assert_eq!(output.stdout, b"begun\n");
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
