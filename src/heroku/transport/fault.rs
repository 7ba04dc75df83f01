//! What can happen to a request on its way: which faults may pass, and which happened before anything was sent.

use std::fmt;
use std::io::ErrorKind;

use ureq::Timeout;

use super::agent::Unresolved;
use crate::error::Error;

/// What stands behind most TLS failures of a client that works elsewhere.
const UNTRUSTED: &str =
    "where a proxy opens TLS, this system must trust its authority; on Linux, SSL_CERT_FILE names others";

/// Why an attempt brought no whole answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection failed, or the answer did not come whole.
    Network(ureq::Error),
    /// The answer's JSON ended early, though the connection did not say so.
    Truncated(serde_json::Error),
    /// The answer is whole, and not of the form that it should have.
    Undocumented(serde_json::Error),
    /// The answer points where the request may not be taken.
    Redirect(String),
}

impl From<serde_json::Error> for Fault {
    /// An error from reading an answer's JSON.
    fn from(error: serde_json::Error) -> Self {
        if error.is_eof() { Fault::Truncated(error) } else { Fault::Undocumented(error) }
    }
}

impl From<ureq::Error> for Fault {
    fn from(error: ureq::Error) -> Self {
        Fault::Network(error)
    }
}

impl From<ureq::http::Error> for Fault {
    /// A request that cannot be put together.
    fn from(error: ureq::http::Error) -> Self {
        Fault::Network(error.into())
    }
}

impl From<std::io::Error> for Fault {
    /// An error from reading a body, in which ureq wraps its own.
    fn from(error: std::io::Error) -> Self {
        Fault::Network(error.into())
    }
}

impl Fault {
    /// Whether nothing of the request can have reached the server, so that even a POST may be repeated.
    pub(super) fn before_sending(&self) -> bool {
        match self {
            Fault::Network(ureq::Error::Io(error)) => error.kind() == ErrorKind::ConnectionRefused,
            Fault::Network(ureq::Error::Timeout(phase)) => {
                matches!(phase, Timeout::Resolve | Timeout::Connect)
            }
            Fault::Network(ureq::Error::Other(error)) => error.is::<Unresolved>(),
            _ => false,
        }
    }

    /// Whether the same request may well succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Fault::Truncated(_) => true,
            Fault::Network(error) => match error {
                ureq::Error::Io(error) => matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused
                        | ErrorKind::ConnectionReset
                        | ErrorKind::ConnectionAborted
                        | ErrorKind::BrokenPipe
                        | ErrorKind::NetworkUnreachable
                        | ErrorKind::HostUnreachable
                        | ErrorKind::NetworkDown
                        | ErrorKind::NotConnected
                        | ErrorKind::TimedOut
                        | ErrorKind::UnexpectedEof
                ),
                ureq::Error::Timeout(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => true,
                ureq::Error::Decompress(_, error) => error.kind() == ErrorKind::UnexpectedEof,
                ureq::Error::Other(error) => error.is::<Unresolved>(),
                _ => false,
            },
            Fault::Undocumented(_) | Fault::Redirect(_) => false,
        }
    }

    /// Whether the host was not reached, or not as it should be: a proxy may be the reason.
    pub(super) fn is_of_the_way(&self) -> bool {
        matches!(self, Fault::Network(_)) && !self.during_answer()
    }

    /// The fault as a failed request to `host`; a deadline that passed is exit 6.
    pub(super) fn into_error(self, host: &str, request: &str) -> Error {
        let message = match &self {
            Fault::Truncated(_) => format!("the answer from {host} is cut short"),
            Fault::Redirect(reason) => format!("{host} {reason}"),
            Fault::Undocumented(_) => {
                format!("the answer to {request} is not what the Platform API documents")
            }
            Fault::Network(_) if self.during_answer() => format!("no whole answer from {host}: {self}"),
            Fault::Network(_) => format!("cannot reach {host}: {self}"),
        };
        let cause = match self {
            Fault::Undocumented(error) | Fault::Truncated(error) => format!("{request}: {error}"),
            Fault::Network(ureq::Error::Timeout(_)) => {
                return Error::timed_out(request.to_owned()).context(message);
            }
            Fault::Network(error) if is_of_tls(&error) => {
                return Error::failed(request.to_owned()).context(message).hint(UNTRUSTED);
            }
            Fault::Network(_) | Fault::Redirect(_) => request.to_owned(),
        };
        Error::failed(cause).context(message)
    }

    fn during_answer(&self) -> bool {
        match self {
            Fault::Network(ureq::Error::Io(error)) => error.kind() == ErrorKind::UnexpectedEof,
            Fault::Network(ureq::Error::Timeout(phase)) => {
                matches!(phase, Timeout::RecvResponse | Timeout::RecvBody | Timeout::PerRead)
            }
            Fault::Network(error) => matches!(error, ureq::Error::Decompress(..) | ureq::Error::Protocol(_)),
            _ => true,
        }
    }
}

impl fmt::Display for Fault {
    /// The reason in a few words, as it stands behind a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Truncated(_) => f.write_str("the answer is cut short"),
            Fault::Undocumented(error) => write!(f, "{error}"),
            Fault::Redirect(reason) => f.write_str(reason),
            Fault::Network(error) => describe(error, f),
        }
    }
}

/// A handshake's failure comes out of ureq inside an error of the socket.
fn is_of_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(error) => matches!(error.get_ref(), Some(inner) if inner.is::<rustls::Error>()),
        _ => false,
    }
}

fn describe(error: &ureq::Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => f.write_str("connection refused"),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                f.write_str("connection reset")
            }
            ErrorKind::UnexpectedEof => f.write_str("the connection was closed early"),
            _ => write!(f, "{error}"),
        },
        ureq::Error::Timeout(Timeout::Resolve) => f.write_str("timed out looking up its address"),
        ureq::Error::Timeout(Timeout::Connect) => f.write_str("timed out connecting"),
        ureq::Error::Timeout(_) => f.write_str("timed out waiting for it"),
        ureq::Error::Other(error) => write!(f, "{error}"),
        other => write!(f, "{other}"),
    }
}
