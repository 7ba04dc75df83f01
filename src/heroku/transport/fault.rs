//! Network faults: which are transient, and which happened before anything was sent.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use ureq::Timeout;

use super::agent::Unresolved;
use super::answer::Answer;
use super::origin::Origin;
use super::wire::{self, TooLarge};
use crate::error::Error;
use crate::hint::Hint;

/// The hint for failures on Heroku's side.
pub(super) const STATUS: &str = "https://status.heroku.com says whether Heroku has trouble";

/// The likely reason for a page instead of JSON.
pub(super) const IN_BETWEEN: &str = "a proxy, or the sign-in page of a network, may have answered in its place: open any page in a browser, and see HTTPS_PROXY and NO_PROXY";

/// The likely reason for a TLS failure of a client that works elsewhere.
const UNTRUSTED: &str =
    "where a proxy opens TLS, this system must trust its authority; on Linux, SSL_CERT_FILE names others";

/// Why an attempt brought no complete response.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection failed, or the answer did not come whole.
    Network(ureq::Error),
    /// Nothing of an answer came in this time.
    Silent(Duration),
    /// A part of the answer came in this time, but not all of it.
    Slow(Duration),
    /// The response exceeds the size limit.
    TooLarge,
    /// The answer is a page for a browser.
    WebPage,
    /// The answer's JSON ended early, though the connection did not say so.
    Truncated(serde_json::Error),
    /// The answer is whole, and not of the form that it should have.
    Undocumented(serde_json::Error),
    /// The response redirects to a place that is not allowed.
    Redirect(String),
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

impl Fault {
    /// The fault before the response's head had arrived, for which there was this much time.
    pub(super) fn in_time(error: ureq::Error, time: Duration) -> Self {
        match error {
            ureq::Error::Timeout(phase) if !matches!(phase, Timeout::Resolve | Timeout::Connect) => {
                if wire::answer_has_begun() {
                    Fault::Slow(time)
                } else {
                    Fault::Silent(time)
                }
            }
            ureq::Error::Other(error) if error.is::<TooLarge>() => Fault::TooLarge,
            error => Fault::Network(error),
        }
    }

    /// The fault after the head.
    pub(super) fn in_body(error: ureq::Error, time: Duration) -> Self {
        match Self::in_time(error, time) {
            Fault::Silent(time) => Fault::Slow(time),
            other => other,
        }
    }

    /// Why an answer could not be read.
    pub(super) fn of_json(error: serde_json::Error, answer: &Answer) -> Self {
        match error {
            _ if answer.is_web_page() => Fault::WebPage,
            error if error.is_eof() => Fault::Truncated(error),
            error => Fault::Undocumented(error),
        }
    }

    /// Whether the request cannot have reached the server, so that even a POST may be repeated.
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

    /// Whether the same request may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Fault::Truncated(_) | Fault::Silent(_) => true,
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
            Fault::Slow(_)
            | Fault::TooLarge
            | Fault::WebPage
            | Fault::Undocumented(_)
            | Fault::Redirect(_) => false,
        }
    }

    /// Whether the connection itself failed, for which a proxy may be the reason.
    pub(super) fn is_of_the_way(&self) -> bool {
        matches!(self, Fault::Network(_)) && !self.during_answer()
    }

    /// The time that passed, for a timeout.
    pub(super) fn waited(&self) -> Option<Duration> {
        match self {
            Fault::Silent(time) | Fault::Slow(time) => Some(*time),
            _ => None,
        }
    }

    /// The fault as a failed request to `origin`; a deadline that passed is exit 6.
    pub(super) fn into_error(self, origin: &Origin, request: &str) -> Error {
        let host = origin.host();
        let message = match &self {
            Fault::Truncated(_) => format!("the answer from {host} is cut short"),
            Fault::Redirect(reason) => format!("{host} {reason}"),
            Fault::Undocumented(_) => {
                format!("the answer to {request} is not what the Platform API documents")
            }
            Fault::WebPage => format!("{host} answered with a web page instead of data"),
            Fault::TooLarge => format!("the answer from {host} is larger than 64 MiB and was not read"),
            Fault::Silent(time) => format!("no answer from {host} in {} s", time.as_secs_f32()),
            Fault::Slow(time) => format!("no whole answer from {host} in {} s", time.as_secs_f32()),
            Fault::Network(_) if self.during_answer() => format!("no whole answer from {host}: {self}"),
            Fault::Network(_) => format!("cannot reach {host}: {self}"),
        };
        let hint = self.next_step(origin);
        let error = match self {
            Fault::Undocumented(error) | Fault::Truncated(error) => {
                Error::failed(format!("{request}: {error}"))
            }
            Fault::Network(ureq::Error::Timeout(_)) | Fault::Silent(_) | Fault::Slow(_) => {
                Error::timed_out(request.to_owned())
            }
            _ => Error::failed(request.to_owned()),
        };
        error.context(message).hint(hint)
    }

    /// The fix.
    fn next_step(&self, origin: &Origin) -> Hint {
        match self {
            Fault::Network(error) if is_of_tls(error) => UNTRUSTED.into(),
            Fault::Network(_) if !self.during_answer() => {
                Hint::line(["curl", "--head", &origin.to_string()]).note("can it be reached from here?")
            }
            Fault::WebPage | Fault::Redirect(_) => IN_BETWEEN.into(),
            Fault::Undocumented(_) | Fault::TooLarge => {
                "--verbose shows the requests; a report of this wants them, and `greenroom --version`".into()
            }
            Fault::Network(_) | Fault::Truncated(_) | Fault::Silent(_) | Fault::Slow(_) => STATUS.into(),
        }
    }

    fn during_answer(&self) -> bool {
        match self {
            Fault::Network(ureq::Error::Io(error)) => error.kind() == ErrorKind::UnexpectedEof,
            Fault::Network(ureq::Error::Timeout(phase)) => {
                matches!(phase, Timeout::RecvResponse | Timeout::RecvBody | Timeout::PerRead)
            }
            Fault::Network(error) => matches!(
                error,
                ureq::Error::Decompress(..)
                    | ureq::Error::Protocol(_)
                    | ureq::Error::LargeResponseHeader(..)
                    | ureq::Error::BodyStalled
            ),
            _ => true,
        }
    }
}

impl fmt::Display for Fault {
    /// The reason in a few words, to follow a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Truncated(_) => f.write_str("the answer is cut short"),
            Fault::Undocumented(error) => write!(f, "{error}"),
            Fault::Redirect(reason) => f.write_str(reason),
            Fault::Silent(time) => write!(f, "no answer in {} s", time.as_secs_f32()),
            Fault::Slow(time) => write!(f, "no whole answer in {} s", time.as_secs_f32()),
            Fault::TooLarge => f.write_str("the answer is too large"),
            Fault::WebPage => f.write_str("the answer is a web page"),
            Fault::Network(error) => describe(error, f),
        }
    }
}

/// ureq wraps a failed handshake in a socket error.
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
