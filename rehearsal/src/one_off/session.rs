//! A running one-off dyno: output flows out, input flows in, and the first of several things ends it.

use std::future::{self, Future};
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::server::TlsStream;

use super::output::{Listener, pump};
use super::process::{Input, Process, Signal, code};

/// The receiving half of a client's connection, and what has been received already.
pub(super) struct Incoming {
    pub(super) stream: ReadHalf<TlsStream<TcpStream>>,
    pub(super) early: Vec<u8>,
}

/// How long a client may take to close its side.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long a byte 0x04 at the end of what was received waits for more before it counts as the end of input.
const LAST_BYTE: Duration = Duration::from_millis(30);

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is left of a session whose process has ended.
pub(super) struct Ended {
    /// The exit status as a shell gives it.
    pub(super) status: i32,
    listener: Option<Listener>,
    receiving: Task<()>,
}

impl Ended {
    /// Ends the client's connection. Data of the client's that nobody has read would break it, and lose output.
    pub(super) async fn close(mut self) {
        if let Some(listener) = self.listener.take() {
            listener.close().await;
            _ = timeout(FAREWELL, &mut self.receiving).await;
        }
    }
}

/// Plays a session until its process has ended. `asked` completes when the dyno has to stop; `say` writes to its log.
pub(super) async fn play(
    process: Process,
    listener: Listener,
    incoming: Option<Incoming>,
    asked: impl Future<Output = ()>,
    stop_time: Duration,
    say: impl Fn(&str),
) -> Ended {
    let Process { input, output, has_terminal, mut group, mut child } = process;
    let mut receiving: Task<()> = match (incoming, input) {
        (Some(incoming), Some(input)) => Box::pin(receive(incoming, input, has_terminal)),
        _ => Box::pin(future::pending()),
    };
    let over = watch::Sender::new(false);
    let mut sending: Task<_> = Box::pin(pump(output, listener, over.subscribe()));
    let mut asked = std::pin::pin!(asked);
    let (mut ended, mut heard, mut sent, mut gone, mut stopping) = (None, None, false, false, false);
    let mut patience: Option<Instant> = None;
    let status = loop {
        if let Some(status) = ended.filter(|_| sent || gone) {
            break status;
        }
        tokio::select! {
            status = child.wait(), if ended.is_none() => {
                ended = Some(status.map_or(1, code));
                patience = None;
                group.end();
                over.send_replace(true);
            }
            result = &mut sending, if !sent => match result {
                Ok(listener) => (heard, sent) = (Some(listener), true),
                Err(output) => {
                    // Nothing may keep the connection open.
                    receiving = Box::pin(future::ready(()));
                    sending = Box::pin(pump(output, Listener::Nobody, over.subscribe()));
                }
            },
            () = &mut receiving, if !gone => {
                gone = true;
                receiving = Box::pin(future::ready(()));
                if ended.is_none() {
                    say("Client connection closed. Sending SIGHUP to all processes");
                    group.signal(Signal::HangUp);
                    patience.get_or_insert(Instant::now() + stop_time);
                }
            }
            () = &mut asked, if !stopping => {
                stopping = true;
                if ended.is_none() {
                    say("Stopping all processes with SIGTERM");
                    group.signal(Signal::Terminate);
                    patience.get_or_insert(Instant::now() + stop_time);
                } else {
                    gone = true;
                }
            }
            () = sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => {
                patience = None;
                say(if gone { DETACHED } else { EXIT_TIMEOUT });
                say("Stopping remaining processes with SIGKILL");
                group.signal(Signal::Kill);
            }
        }
    };
    Ended { status, listener: heard.filter(|_| !gone), receiving }
}

const DETACHED: &str = "Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external \
                        connection was closed.";
const EXIT_TIMEOUT: &str =
    "Error R12 (Exit timeout) -> At least one process failed to exit within 30 seconds of SIGTERM";

/// Passes on what the client sends, until it disconnects.
async fn receive(incoming: Incoming, input: Input, has_terminal: bool) {
    let Incoming { mut stream, early } = incoming;
    // The process may read slowly, and the end of the connection must be noticed all the same.
    let (sender, receiver) = mpsc::channel(256);
    let feeding = feed(receiver, input, has_terminal);
    let reading = async move {
        if !early.is_empty() {
            _ = sender.send(early).await;
        }
        loop {
            let mut buffer = Vec::with_capacity(16 * 1024);
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                // The process may have closed its input.
                Ok(_) => drop(sender.send(buffer).await),
            }
        }
    };
    let mut feeding = std::pin::pin!(feeding);
    let mut reading = std::pin::pin!(reading);
    let mut fed = false;
    loop {
        tokio::select! {
            () = &mut reading => return,
            () = &mut feeding, if !fed => fed = true,
        }
    }
}

/// Writes what was received to the process. In a terminal, 0x04 is its line discipline's matter; without one it ends the
/// input if nothing follows.
async fn feed(mut received: mpsc::Receiver<Vec<u8>>, mut input: Input, has_terminal: bool) {
    let mut held = false;
    loop {
        let chunk = if held {
            let Ok(Some(mut chunk)) = timeout(LAST_BYTE, received.recv()).await else { return };
            chunk.insert(0, END_OF_INPUT);
            chunk
        } else {
            let Some(chunk) = received.recv().await else { return };
            chunk
        };
        held = !has_terminal && chunk.ends_with(&[END_OF_INPUT]);
        let length = chunk.len() - usize::from(held);
        if input.write_all(&chunk[..length]).await.is_err() || input.flush().await.is_err() {
            return;
        }
    }
}

/// Ctrl-D.
const END_OF_INPUT: u8 = 4;
