//! One-off dynos: what they run, and the client that each of them waits for.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::server::TlsStream;

/// What a client asked for (`docs/heroku.md#one-off-dynos`).
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) command: String,
    /// Whether a client connects to it; otherwise its output goes to the app's log.
    pub(crate) attach: bool,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) force_no_tty: bool,
    /// As the API shows it: `Standard-1X`.
    pub(crate) size: String,
    /// Its process type, `run` by default.
    pub(crate) kind: String,
    pub(crate) time_to_live: Option<Duration>,
}

/// The part of a dyno that only a one-off dyno has.
#[derive(Debug)]
pub(crate) struct OneOff {
    pub(crate) command: String,
    pub(crate) size: String,
    pub(crate) attach_url: Option<String>,
    /// Set to true by a request that stops it.
    pub(crate) stopped: watch::Sender<bool>,
}

/// A client that has connected over TLS and sent its secret.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TlsStream<TcpStream>,
    /// What it sent after the line with the secret.
    pub(crate) early: Vec<u8>,
}
