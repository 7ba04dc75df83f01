//! The session: what is typed goes to the dyno, what the dyno writes is shown, until one side ends it.

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;

use super::output::Output;
use crate::error::{Context as _, Result};
use crate::heroku::{Incoming, Rendezvous};

/// How long more output is waited for once the dyno has sent its status, where it does not close the connection.
const LINGER: Duration = Duration::from_millis(250);

/// What is read of stdin at a time.
const CHUNK: usize = 16 << 10;

/// Ctrl-C and Ctrl-D, as a terminal sends them.
const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;

/// How long a dyno that has been told of the end of stdin may be quiet until it is told again; twice as long each time, until
/// it writes something. A console that starts discards what came before it could read keys.
const QUIET: Duration = Duration::from_secs(1);
const QUIETEST: Duration = Duration::from_secs(64);

/// So many times it is told at most: the dyno's terminal holds what no command reads.
const TOLD_AGAIN: u16 = 1000;

/// So many Ctrl-C within this time leave the session.
const LEAVING: usize = 4;
const LEAVING_WITHIN: Duration = Duration::from_secs(1);

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// The command ended with this status.
    Status(u8),
    /// The connection ended, and no status came; the error, if there was one.
    Lost(Option<io::Error>),
    /// The person left.
    Left,
    /// Nobody reads what is shown.
    Unread,
}

/// How stdin is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Every key of the terminal goes to the dyno.
    Raw,
    /// What a program or a terminal writes goes to the terminal of the dyno.
    Lines,
    /// The same, to a dyno without a terminal.
    NoTerminal,
    /// Nothing is read: a dyno without a terminal is told of the end at once.
    Nothing,
}

/// Runs the session to its end. `first` is what came behind the handshake.
pub(super) fn run(connection: &mut Rendezvous, first: &[u8], keys: Keys, output: &mut Output) -> Result<End> {
    let mut input = Input::new(keys);
    let mut seen = first.to_vec();
    let ended = loop {
        match output.show(&seen) {
            Ok(()) => seen.clear(),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(End::Unread),
            Err(error) => return Err(error).context(|| "cannot write to stdout"),
        }
        let ended = output.status().map(|_| LINGER);
        let ready = wait(connection, &input, ended.or_else(|| input.tells_again()))?;
        if ready.nothing && ended.is_some() {
            break None;
        }
        if ready.nothing {
            input.tell_again();
        }
        if ready.incoming {
            input.quiet = QUIET;
            match connection.read(&mut seen) {
                Ok(Incoming::Open) => {}
                Ok(Incoming::Closed) => break None,
                Err(error) => break Some(error),
            }
        }
        if ready.typed {
            input.read();
            if input.leaves() {
                return Ok(End::Left);
            }
        }
        input.send(connection);
    };
    // The last of it may have come together with the end.
    let shown = output.show(&seen).and_then(|()| output.finish());
    Ok(match shown {
        Ok(Some(status)) => End::Status(status),
        Ok(None) => End::Lost(ended),
        Err(_) => output.status().map_or(End::Unread, End::Status),
    })
}

#[derive(Debug, Default)]
struct Ready {
    incoming: bool,
    typed: bool,
    /// Whether the time is over.
    nothing: bool,
}

/// Waits until the dyno or the person has something, or room for something, but no longer than `limit`.
fn wait(connection: &Rendezvous, input: &Input, limit: Option<Duration>) -> Result<Ready> {
    let sending = if connection.is_sending() { PollFlags::OUT } else { PollFlags::empty() };
    let stdin = stdin();
    let socket = PollFd::new(connection.socket(), PollFlags::IN | sending);
    let keyboard = PollFd::new(&stdin, PollFlags::IN);
    let mut both = [socket, keyboard];
    // What is typed waits here until what was typed before is sent.
    let listens = input.is_open && input.unsent.is_empty() && !connection.is_sending();
    let watched = if listens { &mut both[..] } else { &mut both[..1] };
    let limit = limit.map(|limit| Timespec {
        tv_sec: limit.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: limit.subsec_nanos().into(),
    });
    match poll(watched, limit.as_ref()) {
        Ok(0) => Ok(Ready { nothing: true, ..Ready::default() }),
        Ok(_) => {
            let there = PollFlags::IN | PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            let incoming = watched[0].revents().intersects(there);
            let typed = watched.get(1).is_some_and(|keyboard| keyboard.revents().intersects(there));
            Ok(Ready { incoming, typed, nothing: false })
        }
        Err(Errno::INTR) => Ok(Ready::default()),
        Err(error) => Err(error).context(|| "cannot wait for the dyno"),
    }
}

/// What comes from stdin.
#[derive(Debug)]
struct Input {
    keys: Keys,
    is_open: bool,
    unsent: Vec<u8>,
    /// What was read last, to tell whether a line is unfinished at the end.
    last: Option<u8>,
    interrupts: Vec<Instant>,
    /// How long the dyno may be quiet until it is told of the end again, and how often it was.
    quiet: Duration,
    told_again: u16,
}

impl Input {
    fn new(keys: Keys) -> Self {
        let reads = keys != Keys::Nothing;
        Self {
            keys,
            is_open: reads,
            unsent: if reads { Vec::new() } else { vec![END] },
            last: None,
            interrupts: Vec::new(),
            quiet: QUIET,
            told_again: 0,
        }
    }

    /// Reads what there is; at its end, tells the dyno.
    fn read(&mut self) {
        let mut chunk = [0; CHUNK];
        match rustix::io::read(stdin(), &mut chunk) {
            Ok(count @ 1..) => {
                let typed = &chunk[..count];
                self.last = typed.last().copied();
                self.unsent.extend_from_slice(typed);
                self.count_interrupts(typed, Instant::now());
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Ok(_) | Err(_) => self.end(),
        }
    }

    /// A terminal takes Ctrl-D for the end where nothing stands before it on the line; elsewhere it takes two.
    fn end(&mut self) {
        self.is_open = false;
        if self.keys == Keys::Raw {
            return;
        }
        let is_unfinished = self.keys == Keys::Lines && self.last.is_some_and(|last| last != b'\n');
        self.unsent.extend(is_unfinished.then_some(END));
        self.unsent.push(END);
    }

    /// After how long a silence the dyno is told of the end again. Only a terminal may have lost it.
    fn tells_again(&self) -> Option<Duration> {
        let may_be_lost = self.keys == Keys::Lines && !self.is_open && self.unsent.is_empty();
        (may_be_lost && self.told_again < TOLD_AGAIN).then_some(self.quiet)
    }

    fn tell_again(&mut self) {
        self.unsent.push(END);
        self.told_again += 1;
        self.quiet = (self.quiet * 2).min(QUIETEST);
    }

    /// Counts Ctrl-C; one in a paste is none.
    fn count_interrupts(&mut self, typed: &[u8], now: Instant) {
        if self.keys != Keys::Raw || typed.iter().any(|key| *key != INTERRUPT) {
            self.interrupts.clear();
            return;
        }
        self.interrupts.extend(typed.iter().map(|_| now));
        self.interrupts.retain(|at| now.duration_since(*at) < LEAVING_WITHIN);
    }

    fn leaves(&self) -> bool {
        self.interrupts.len() >= LEAVING
    }

    /// Sends what there is room for. Where the dyno takes no more, what it still writes is read to the end.
    fn send(&mut self, connection: &mut Rendezvous) {
        if let Ok(taken) = connection.write(&self.unsent) {
            self.unsent.drain(..taken);
        } else {
            self.is_open = false;
            self.unsent.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(keys: Keys, typed: &[(&[u8], u64)]) -> bool {
        let (mut input, begun) = (Input::new(keys), Instant::now());
        typed.iter().any(|(keys, at)| {
            input.count_interrupts(keys, begun + Duration::from_millis(*at));
            input.leaves()
        })
    }

    #[test]
    fn four_interrupts_within_a_second_leave() {
        let c: &[u8] = b"\x03";
        assert!(leaves(Keys::Raw, &[(c, 0), (c, 300), (c, 600), (c, 900)]));
        assert!(leaves(Keys::Raw, &[(c, 0), (c, 600), (c, 900), (c, 1200), (c, 1500)]));
        assert!(leaves(Keys::Raw, &[(b"\x03\x03\x03\x03", 0)]));
        assert!(!leaves(Keys::Raw, &[(c, 0), (c, 400), (c, 800), (c, 1200)]));
        assert!(!leaves(Keys::Raw, &[(c, 0), (c, 100), (b"x", 150), (c, 200), (c, 300)]));
        assert!(!leaves(Keys::Raw, &[(b"\x03\x03\x03\x03x", 0)]), "pasted");
        assert!(!leaves(Keys::Lines, &[(b"\x03\x03\x03\x03", 0)]));
    }

    #[test]
    fn the_end_of_stdin_is_sent_once_on_an_empty_line() {
        let sent = |keys, last| {
            let mut input = Input { last, ..Input::new(keys) };
            input.end();
            (input.is_open, input.unsent)
        };
        assert_eq!(sent(Keys::Lines, None), (false, vec![END]));
        assert_eq!(sent(Keys::Lines, Some(b'\n')), (false, vec![END]));
        assert_eq!(sent(Keys::Lines, Some(b'x')), (false, vec![END, END]));
        assert_eq!(sent(Keys::NoTerminal, Some(b'x')), (false, vec![END]));
        assert_eq!(sent(Keys::Raw, None), (false, vec![]));
    }

    #[test]
    fn a_quiet_dyno_is_told_of_the_end_again_and_again() {
        let mut input = Input::new(Keys::Lines);
        assert_eq!(input.tells_again(), None, "more may be typed");
        input.end();
        assert_eq!(input.tells_again(), None, "it has not been told yet");
        let mut pauses = Vec::new();
        for _ in 0..8 {
            input.unsent.clear();
            pauses.push(input.tells_again().unwrap().as_secs());
            input.tell_again();
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64]);
        assert_eq!(input.unsent, [END]);
        let without_a_terminal = Input { is_open: false, ..Input::new(Keys::NoTerminal) };
        assert_eq!(without_a_terminal.tells_again(), None);
    }
}
