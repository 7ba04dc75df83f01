//! Log sessions: one URL gives the lines that Heroku keeps for an app, and then the new ones.

use std::cell::Cell;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event_stream::Framing;
use crate::error::Result;
use crate::heroku::{Accept, Client, Stream};

/// The `Accept` header of a stream: server-sent events, or plain text.
const HEADERS: [(&str, &str); 2] = [("Accept", "text/event-stream"), ("Cache-Control", "no-cache")];

/// How much longer to wait for the app than for its log session.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which lines of an app's log to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogRequest {
    /// A dyno's name (`web.1`) or a process type (`web`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dyno_name: Option<String>,
    /// `app`, `heroku`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many lines of history.
    pub lines: usize,
    /// Whether new lines follow.
    pub tail: bool,
}

/// A log session, and the URL that reads it. The URL is a secret: it works without a token.
#[derive(Deserialize)]
pub struct LogSession {
    logplex_url: String,
}

/// How an app's log can be read.
pub enum FirstSession {
    /// Through a log session: an app of the Cedar generation.
    Ready(LogSession),
    /// In another way, without history, that only the Heroku CLI has: an app of the Fir generation.
    Fir,
}

/// Opens a log session, and at the same time asks for the app, to know whether its log can be read that way.
///
/// The log does not wait long for the app; without an answer it is read as a Cedar app's.
pub fn first_session(client: &Arc<Client>, app: &str, request: &LogRequest) -> Result<FirstSession> {
    let (sender, about_app) = mpsc::channel();
    let (asked, name) = (Arc::clone(client), app.to_owned());
    // Not joined: the answer may never arrive.
    thread::spawn(move || _ = sender.send(asked.glance_at_app(&name)));
    let session = create(client, app, request);
    // If the app cannot be read, the session's answer says why.
    match about_app.recv_timeout(PATIENCE) {
        Ok(Some(app)) if app.is_fir() => Ok(FirstSession::Fir),
        _ => session.map(FirstSession::Ready),
    }
}

/// The requests of [`first_session`] and of the stream, as lines to paste.
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
    /// The log that starts with the session `first`. A stream that is silent for `idle` counts as dropped.
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
    /// Which lines to read.
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
