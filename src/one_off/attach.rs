//! From a dyno that was made to one that answers: the connection, the wait for the handshake, and what is shown meanwhile.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::error::{Context as _, Error, Result};
use crate::heroku::{Address, Client, Incoming, OneOffDyno, Rendezvous};
use crate::interrupts::Interrupts;
use crate::model::AppName;
use crate::terminal::{Progress, Terminal};

/// How long a dyno may take to start, unless `GREENROOM_DYNO_START` says otherwise.
const START: Duration = Duration::from_secs(300);

/// How often the dyno's state is asked for while it starts.
const LOOK: Duration = Duration::from_secs(2);

/// How soon an interrupt is noticed.
const TICK: Duration = Duration::from_millis(50);

/// How often the connection is tried, and the pause between.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);

/// The longest line that the rendezvous server may answer with.
const LONGEST_LINE: usize = 1024;

/// Connects to the dyno's streams and waits until it answers; what it wrote after that already.
///
/// Exit 6 where it takes too long, and 128+n after an interrupt.
pub(super) fn attach(
    terminal: &Terminal,
    client: &Arc<Client>,
    app: &AppName,
    dyno: &OneOffDyno,
    address: &Address,
    interrupts: &Interrupts,
) -> Result<(Rendezvous, Vec<u8>)> {
    let limit = std::env::var_os("GREENROOM_DYNO_START");
    let limit = crate::variable::seconds("GREENROOM_DYNO_START", limit.as_deref(), START)?;
    let deadline = Instant::now() + limit;
    let mut shown = Shown::new(terminal, client, app, dyno);
    let mut connection = connect(terminal, address, interrupts)?;
    let mut seen = Vec::new();
    loop {
        if let Some(code) = interrupts.code() {
            return Err(Error::silent(code));
        }
        if let Some(end) = seen.iter().position(|byte| *byte == b'\n') {
            return Ok((connection, seen.split_off(end + 1)));
        }
        if seen.len() > LONGEST_LINE {
            return Err(Error::failed(format!("{} did not answer as a dyno does", dyno.name)));
        }
        if Instant::now() >= deadline {
            return Err(Error::timed_out(format!(
                "{} did not start within {} seconds",
                dyno.name,
                limit.as_secs_f64()
            )));
        }
        shown.update();
        if has_news(&connection) {
            let incoming = connection.read(&mut seen);
            let is_whole = seen.contains(&b'\n');
            let ended = || format!("the connection to {} ended before it had started", dyno.name);
            if incoming.context(ended)? == Incoming::Closed && !is_whole {
                return Err(Error::failed(ended()));
            }
        }
    }
}

/// Connects; nothing has been said to the dyno until that has succeeded, so it may be tried again.
fn connect(terminal: &Terminal, address: &Address, interrupts: &Interrupts) -> Result<Rendezvous> {
    let mut attempt = 1;
    loop {
        match Rendezvous::connect(address) {
            Err(error) if attempt < ATTEMPTS && interrupts.code().is_none() => {
                terminal.status(&format!("{error}; trying again"));
                thread::sleep(PAUSE * attempt);
                attempt += 1;
            }
            connected => return connected,
        }
    }
}

/// Whether something came, waiting a little for it.
fn has_news(connection: &Rendezvous) -> bool {
    let mut watched = [PollFd::new(connection.socket(), PollFlags::IN)];
    let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
    poll(&mut watched, Some(&tick)).is_ok_and(|news| news > 0)
}

/// The progress line: the dyno, and its state as Heroku tells it.
struct Shown<'a> {
    terminal: &'a Terminal,
    name: &'a str,
    state: String,
    states: Receiver<Option<String>>,
    /// Held while it is shown.
    progress: Option<Progress>,
}

impl<'a> Shown<'a> {
    fn new(terminal: &'a Terminal, client: &Arc<Client>, app: &AppName, dyno: &'a OneOffDyno) -> Self {
        let state = if dyno.state.is_empty() { "starting" } else { &dyno.state };
        Self {
            terminal,
            name: &dyno.name,
            state: state.to_owned(),
            states: watch(client, app, &dyno.name),
            progress: Some(terminal.progress(line(&dyno.name, state))),
        }
    }

    fn update(&mut self) {
        let state = match self.states.try_recv() {
            Ok(Some(state)) if state != self.state => state,
            Ok(_) | Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
        };
        drop(self.progress.take());
        self.progress = Some(self.terminal.progress(line(self.name, &state)));
        self.state = state;
    }
}

fn line(name: &str, state: &str) -> String {
    format!("{name}, which is {state}")
}

/// Asks for the dyno's state every now and then, for as long as somebody listens.
fn watch(client: &Arc<Client>, app: &AppName, name: &str) -> Receiver<Option<String>> {
    let (sender, states) = channel();
    let (client, app, name) = (Arc::clone(client), app.clone(), name.to_owned());
    // Not joined: an answer may never come. Where no thread can be started, the state stays as it is shown.
    _ = thread::Builder::new().spawn(move || {
        loop {
            thread::sleep(LOOK);
            // Whoever has stopped listening wants no further request.
            if sender.send(None).is_err() || sender.send(client.glance_at_dyno(&app, &name)).is_err() {
                return;
            }
        }
    });
    states
}
