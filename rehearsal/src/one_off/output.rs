//! Where the output of a one-off dyno goes: to its client, spoiled by faults, or to the app's log.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::server::TlsStream;

use super::process::Output;
use crate::faults::Fault;
use crate::state::{Shared, lock};

/// Who hears the output.
pub(super) enum Listener {
    Client(Client),
    Log(Log),
    Nobody,
}

/// The sending half of a client's connection.
pub(super) struct Client {
    stream: WriteHalf<TlsStream<TcpStream>>,
    /// Sent in one piece with the first output.
    head: Vec<u8>,
    fault: Option<Fault>,
    /// The number of bytes of output so far.
    sent: usize,
}

/// The log of an app, as the source of one dyno's output.
pub(super) struct Log {
    shared: Shared,
    app: usize,
    dyno: String,
    /// The beginning of a line.
    begun: Vec<u8>,
}

/// How long output may stay away after the end of the process. A process outside of its group may hold the output open.
const SILENCE: Duration = Duration::from_millis(500);

/// Sends all output to its end, however slow the listener is, and returns the listener, or the output if the listener is
/// gone. `ended` turns true with the end of the process.
pub(super) async fn pump(
    mut output: Output,
    mut listener: Listener,
    mut ended: watch::Receiver<bool>,
) -> Result<Listener, Output> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let silence = async {
            _ = ended.wait_for(|ended| *ended).await;
            tokio::time::sleep(SILENCE).await;
        };
        let read = tokio::select! {
            read = output.read(&mut buffer) => read,
            () = silence => Ok(0),
        };
        match read {
            // A terminal whose other side has closed is an error on Linux, and the end elsewhere.
            Ok(0) | Err(_) => {
                listener.end();
                return Ok(listener);
            }
            Ok(count) => {
                if listener.hear(&buffer[..count]).await.is_err() {
                    return Err(output);
                }
            }
        }
    }
}

impl Listener {
    async fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Client(client) => client.send(bytes).await,
            Self::Log(log) => {
                log.add(bytes);
                Ok(())
            }
            Self::Nobody => Ok(()),
        }
    }

    /// Writes what was held back.
    fn end(&mut self) {
        if let Self::Log(log) = self {
            log.line();
        }
    }

    /// Ends a client's connection in good order.
    pub(super) async fn close(self) {
        if let Self::Client(mut client) = self {
            if !client.head.is_empty() {
                _ = client.write(b"").await;
            }
            _ = client.stream.shutdown().await;
        }
    }
}

/// Between two pieces of output that must not arrive as one.
const APART: Duration = Duration::from_millis(60);

/// The beginning of the line with the exit status: U+FFFF in UTF-8.
const MARKER: &[u8] = b"\xef\xbf\xbf";

impl Client {
    pub(super) fn new(stream: WriteHalf<TlsStream<TcpStream>>, head: Vec<u8>, fault: Option<Fault>) -> Self {
        Self { stream, head, fault, sent: 0 }
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let start = self.sent;
        self.sent += bytes.len();
        let rest = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(start);
        match self.fault {
            Some(Fault::CutOneOff { after_bytes, .. }) if rest(after_bytes) <= bytes.len() => {
                self.write(&bytes[..rest(after_bytes)]).await?;
                // Earlier output must have been sent before the connection is closed.
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Some(Fault::HalfCloseOneOff { after_bytes, .. }) if rest(after_bytes) <= bytes.len() => {
                if rest(after_bytes) > 0 || start == 0 {
                    self.write(&bytes[..rest(after_bytes)]).await?;
                    self.stream.shutdown().await?;
                }
                Ok(())
            }
            Some(Fault::SplitExitMarker { at, .. }) => {
                let marker = bytes.windows(MARKER.len()).position(|three| three == MARKER);
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let split = marker.map_or(0, |marker| marker.saturating_add(at).min(bytes.len()));
                if split > 0 {
                    self.write(&bytes[..split]).await?;
                    tokio::time::sleep(APART).await;
                }
                self.write(&bytes[split..]).await
            }
            _ => self.write(bytes).await,
        }
    }

    /// Sends bytes as one TLS record, if they fit into one.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut all = std::mem::take(&mut self.head);
        all.extend_from_slice(bytes);
        self.stream.write_all(&all).await?;
        self.stream.flush().await
    }
}

impl Log {
    pub(super) fn new(shared: &Shared, app: usize, dyno: &str) -> Self {
        Self { shared: shared.clone(), app, dyno: dyno.to_owned(), begun: Vec::new() }
    }

    fn add(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.line();
            }
        }
    }

    fn line(&mut self) {
        let begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            let text = String::from_utf8_lossy(&begun);
            let text = text.trim_end_matches(['\r', '\n']);
            lock(&self.shared).apps[self.app].log.say("app", &self.dyno, text);
        }
    }
}
