//! Reads a program's output while it runs, until it ends or its deadline passes.

use std::io::Read;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Group;
use crate::error::Result;

/// How often it is looked whether a program is to be given up, at most.
const TICK: Duration = Duration::from_millis(50);

/// The first pause between looks whether a program has ended that writes no longer.
const SOON: Duration = Duration::from_micros(100);

/// What a program left behind may keep its pipes open; they are read this much longer.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How waiting for a program ended.
#[derive(Debug)]
pub enum Ended<T, G> {
    /// The program ended by itself.
    Left(T),
    /// Waiting was given up for this reason, and the program was ended.
    GivenUp(G),
}

/// The output of a program that ended.
#[derive(Debug)]
pub struct Output {
    /// Its exit code, 128+n for a signal.
    pub code: u8,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Whether the program exited with 0.
    pub fn is_success(&self) -> bool {
        self.code == 0
    }

    /// Its stderr as text.
    pub fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }
}

/// Takes in what comes from one stream of a program, in a thread of its own.
pub type Reader = Box<dyn FnOnce(Box<dyn Read + Send>) + Send>;

impl Group {
    /// Waits for its end and keeps what it writes, until `give_up` names a reason not to.
    pub fn output<G>(self, give_up: impl FnMut() -> Option<G>) -> Result<Ended<Output, G>> {
        let (stdout, written) = kept();
        Ok(match self.output_into(stdout, give_up)? {
            Ended::Left(output) => Ended::Left(Output { stdout: taken(&written), ..output }),
            Ended::GivenUp(reason) => Ended::GivenUp(reason),
        })
    }

    /// The same, while `stdout` takes in what it writes to stdout.
    pub fn output_into<G>(
        self,
        stdout: Reader,
        give_up: impl FnMut() -> Option<G>,
    ) -> Result<Ended<Output, G>> {
        let (stderr, complained) = kept();
        Ok(match self.heard([stdout, stderr], give_up)? {
            Ended::GivenUp(reason) => Ended::GivenUp(reason),
            Ended::Left(code) => Ended::Left(Output { code, stdout: Vec::new(), stderr: taken(&complained) }),
        })
    }

    /// Waits for its end, 128+n for a signal, while the readers take in stdout and stderr, until `give_up` names a reason
    /// not to. Then everything is ended; what was written before is still read.
    pub fn heard<G>(
        mut self,
        readers: [Reader; 2],
        mut give_up: impl FnMut() -> Option<G>,
    ) -> Result<Ended<u8, G>> {
        // Nothing is sent: a reader that is done hangs up.
        let mut open = Vec::new();
        for (stream, read) in self.streams().into_iter().zip(readers) {
            let (sender, done) = mpsc::channel::<()>();
            thread::Builder::new().spawn(move || {
                read(stream);
                drop(sender);
            })?;
            open.push(done);
        }
        let mut ended = None;
        let mut pause = SOON;
        let outcome = loop {
            if let Some(reason) = give_up() {
                break Ended::GivenUp(reason);
            }
            if ended.is_none() {
                ended = self.ended()?.map(|code| (code, Instant::now()));
            }
            match ended {
                Some((code, since)) if open.is_empty() || since.elapsed() > LAST_WORDS => {
                    break Ended::Left(code);
                }
                _ if open.is_empty() => {
                    thread::sleep(pause);
                    pause = (pause * 2).min(TICK);
                }
                _ => wait_for_one(&mut open, TICK),
            }
        };
        if let Ended::GivenUp(_) = outcome {
            drop(self);
            let until = Instant::now() + LAST_WORDS;
            while !open.is_empty() && Instant::now() < until {
                wait_for_one(&mut open, until.saturating_duration_since(Instant::now()));
            }
        }
        Ok(outcome)
    }
}

/// Waits until one of the readers is done, for `most` at most.
fn wait_for_one(open: &mut Vec<mpsc::Receiver<()>>, most: Duration) {
    if let Some(done) = open.last()
        && done.recv_timeout(most) == Err(RecvTimeoutError::Disconnected)
    {
        open.pop();
    }
}

/// A reader that keeps all it reads, and what it has kept so far.
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

    fn sh(script: &str) -> Group {
        CommandLine::at("/bin/sh", "sh").args(["-c", script]).start(Place::Group).unwrap()
    }

    #[test]
    fn what_is_written_is_kept_with_the_exit_code() {
        let long = "i=0; while [ $i -lt 9000 ]; do echo 0123456789; echo no >&2; i=$((i+1)); done; exit 3";
        let Ended::Left(output) = sh(long).output(|| None::<()>).unwrap() else { panic!("it was given up") };
        assert_eq!((output.code, output.stdout.len(), output.stderr.len()), (3, 99_000, 27_000));
    }

    #[test]
    fn what_is_given_up_is_ended_with_what_it_started() {
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
    fn a_program_that_leaves_something_behind_is_not_waited_for_for_ever() {
        let begun = Instant::now();
        let Ended::Left(output) = sh("sleep 60 & echo begun").output(|| None::<()>).unwrap() else {
            panic!("it was given up")
        };
        assert_eq!(output.stdout, b"begun\n");
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
