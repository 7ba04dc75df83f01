//! Log sessions: the lines that the platform keeps for an app, and those that are yet to come, behind one URL.

use std::cell::Cell;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event_stream::Framing;
use crate::error::Result;
use crate::heroku::{Accept, Client, Stream};

/// The `Accept` header of a stream, in either framing.
const HEADERS: [(&str, &str); 2] = [("Accept", "text/event-stream"), ("Cache-Control", "no-cache")];

/// How much longer a log waits for the app's data than for its session.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which lines of an app's log are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogRequest {
    /// A dyno's name (`web.1`) or a process type (`web`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dyno_name: Option<String>,
    /// `app`, `heroku`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many lines that were written before.
    pub lines: usize,
    /// Whether those to come are wanted, too.
    pub tail: bool,
}

/// A log session, and the URL that reads it: a secret, as it needs no token.
#[derive(Deserialize)]
pub struct LogSession {
    logplex_url: String,
}

/// How an app's log is read.
pub enum FirstSession {
    /// Like this: an app of the Cedar generation.
    Ready(LogSession),
    /// In another way, without history, that the Heroku CLI knows: an app of the Fir generation.
    Fir,
}

/// Opens a log session, and asks at the same time whether the app is one whose log is read that way.
///
/// A log does not wait long for this answer; without it, it is read unchanged.
pub fn first_session(client: &Arc<Client>, app: &str, request: &LogRequest) -> Result<FirstSession> {
    let (sender, about_app) = mpsc::channel();
    let (asked, name) = (Arc::clone(client), app.to_owned());
    // Not joined: its answer may never come.
    thread::spawn(move || _ = sender.send(asked.glance_at_app(&name)));
    let session = create(client, app, request);
    // Where the app cannot be read, the session's answer says why.
    match about_app.recv_timeout(PATIENCE) {
        Ok(Some(app)) if app.is_fir() => Ok(FirstSession::Fir),
        _ => session.map(FirstSession::Ready),
    }
}

/// The requests of [`first_session`] and of the stream, as lines that can be pasted.
pub fn describe(client: &Client, app: &str, request: &LogRequest) -> String {
    format!(
        "{}\nLOGPLEX_URL=$({} | jq --raw-output .logplex_url)\ncurl --no-buffer --header '{}: {}' \"$LOGPLEX_URL\"\n",
        client.describe_app(app),
        client.describe("POST", &sessions_path(app), Accept::V3, Some(request)),
        HEADERS[0].0,
        HEADERS[0].1,
    )
}

fn create(client: &Client, app: &str, request: &LogRequest) -> Result<LogSession> {
    client.post_repeatable(&sessions_path(app), Accept::V3, request)
}

fn sessions_path(app: &str) -> String {
    format!("/apps/{app}/log-sessions")
}

/// An app's log, session by session.
pub struct AppLog<'a> {
    client: &'a Client,
    app: &'a str,
    request: LogRequest,
    idle: Duration,
    ready: Cell<Option<LogSession>>,
}

impl<'a> AppLog<'a> {
    /// The log that `first` begins; a stream that is silent for `idle` counts as dropped.
    pub fn new(
        client: &'a Client,
        app: &'a str,
        request: LogRequest,
        idle: Duration,
        first: LogSession,
    ) -> Self {
        Self { client, app, request, idle, ready: Cell::new(Some(first)) }
    }
}

impl AppLog<'_> {
    /// Which lines are wanted.
    pub(super) fn request(&self) -> &LogRequest {
        &self.request
    }

    /// Opens a new session with `lines` of history; the first call uses the existing one.
    pub(super) fn open(&self, lines: usize) -> Result<(Framing, Stream)> {
        let _progress = self.client.progress(format!("the log of {}", self.app));
        let session = match self.ready.take() {
            Some(session) => session,
            None => create(self.client, self.app, &LogRequest { lines, ..self.request.clone() })?,
        };
        let stream = self.client.stream(&session.logplex_url, &HEADERS, self.idle)?;
        Ok((Framing::of(stream.content_type()), stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_only_what_was_asked_for() {
        let json = |request: &LogRequest| serde_json::to_string(request).unwrap();
        let request = LogRequest { lines: 100, ..LogRequest::default() };
        assert_eq!(json(&request), r#"{"lines":100,"tail":false}"#);
        let request =
            LogRequest { dyno_name: Some("web".into()), source: Some("app".into()), lines: 1, tail: true };
        assert_eq!(json(&request), r#"{"dyno_name":"web","source":"app","lines":1,"tail":true}"#);
    }
}
