//! Streams: log sessions, and the output of builds and release commands. Their URLs need no credentials
//! (`docs/heroku.md#logs`).

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io;
use std::time::{Duration, SystemTime};

use futures_util::stream;
use hyper::body::Bytes;
use hyper::http::{HeaderValue, StatusCode};
use tokio::sync::watch;

use crate::clock;
use crate::faults::Fault;
use crate::http::body::{self, Body, Response};
use crate::http::call::Call;
use crate::state::logs::{Filter, Line};
use crate::state::{Shared, lock};

/// The silence after which a tail gets a comment as keep-alive.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// The size of a chunk of a generated log, in bytes.
const CHUNK: usize = 64 * 1024;

/// `GET /logs/SECRET`: the kept lines first, then, for a tail, new ones. Server-sent events for clients that accept
/// them, plain text for others.
pub(crate) fn logs(shared: &Shared, call: &Call, secret: &str, met: &[Fault]) -> Response {
    let events = call.wants_events();
    let state = lock(shared);
    let Some(session) = state.sessions.get(secret) else { return absent("No such log session.") };
    let log = &state.apps[session.app].log;
    let seen = call.header("last-event-id").and_then(|id| id.trim().parse().ok());
    if log.generated > 0 && !session.tail {
        return respond(200, events, generated(log.generated, seen.unwrap_or(0), events));
    }
    let last = seen.unwrap_or_else(|| log.start(session.lines, &session.filter));
    let reader = LogReader {
        shared: shared.clone(),
        app: session.app,
        filter: session.filter.clone(),
        queue: log.after(last, &session.filter).into(),
        last: log.last().max(last),
        grown: session.tail.then(|| log.watch()),
        events,
        opened: false,
        limit: Limit::of(met),
    };
    let (app, tail) = (session.app, session.tail);
    drop(state);
    let watcher = tail.then(|| Watcher::new(shared.clone(), app));
    let body = stream::unfold((reader, watcher), async |(mut reader, watcher)| {
        reader.next().await.map(|chunk| (chunk, (reader, watcher)))
    });
    respond(200, events, body::stream(body))
}

/// `GET /streams/SECRET`: 404 until the build or the command has started, resumable by `Range: bytes=N-`.
pub(crate) fn output(shared: &Shared, call: &Call, secret: &str, met: &[Fault]) -> Response {
    let from =
        call.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let state = lock(shared);
    let Some(output) = state.outputs.get(secret).filter(|output| output.started) else {
        return absent("The stream has not started.");
    };
    let reader = OutputReader {
        shared: shared.clone(),
        secret: secret.to_owned(),
        read: from.unwrap_or(0),
        changed: output.watch(),
        limit: Limit::of(met),
    };
    let body = stream::unfold(reader, async |mut reader| reader.next().await.map(|chunk| (chunk, reader)));
    respond(if from.is_some() { 206 } else { 200 }, false, body::stream(body))
}

fn respond(status: u16, events: bool, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let kind = if events { "text/event-stream" } else { "text/plain; charset=utf-8" };
    response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
    response.headers_mut().insert("cache-control", HeaderValue::from_static("no-cache"));
    response
}

fn absent(message: &'static str) -> Response {
    respond(404, false, body::whole(message))
}

type Chunk = Result<Bytes, io::Error>;

/// Counts a tail of an app while it is open, so that the app writes lines.
struct Watcher {
    shared: Shared,
    app: usize,
}

impl Watcher {
    fn new(shared: Shared, app: usize) -> Self {
        lock(&shared).apps[app].log.tails += 1;
        Self { shared, app }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        lock(&self.shared).apps[self.app].log.tails -= 1;
    }
}

/// The position at which a fault ends a stream.
#[derive(Clone, Copy)]
struct Limit {
    lines: u64,
    how: Way,
}

/// The way in which a fault ends a stream.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Breaks,
    Idles,
    /// Half of one more line is sent.
    Tears,
    /// The half line has been sent.
    Torn,
}

impl Limit {
    fn of(met: &[Fault]) -> Option<Self> {
        met.iter().find_map(|fault| match fault {
            Fault::DropStream { after_lines, .. } => Some(Self { lines: *after_lines, how: Way::Breaks }),
            Fault::IdleStream { after_lines, .. } => Some(Self { lines: *after_lines, how: Way::Idles }),
            Fault::TearStream { after_lines, .. } => Some(Self { lines: *after_lines, how: Way::Tears }),
            _ => None,
        })
    }

    /// Sends the line, unless a fault comes first: the end, or half of the line.
    async fn pass(limit: &mut Option<Self>, line: Bytes) -> Option<Chunk> {
        match limit {
            Some(limit @ Self { lines: 0, how: Way::Tears }) => {
                limit.how = Way::Torn;
                Some(Ok(line.slice(..line.len() * 3 / 4)))
            }
            Some(Self { lines: 0, .. }) => Self::end(*limit).await,
            Some(limit) => {
                limit.lines -= 1;
                Some(Ok(line))
            }
            None => Some(Ok(line)),
        }
    }

    /// Whether the stream ends here.
    fn is_reached(limit: Option<Self>) -> bool {
        limit.is_some_and(|limit| limit.lines == 0 && limit.how != Way::Tears)
    }

    async fn end(limit: Option<Self>) -> Option<Chunk> {
        match limit.map(|limit| limit.how) {
            Some(Way::Idles) => std::future::pending().await,
            Some(Way::Breaks) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some(Err(io::Error::other("a fault drops the stream")))
            }
            _ => None,
        }
    }
}

struct LogReader {
    shared: Shared,
    app: usize,
    filter: Filter,
    queue: VecDeque<Line>,
    last: u64,
    /// Set for a tail.
    grown: Option<watch::Receiver<u64>>,
    events: bool,
    opened: bool,
    limit: Option<Limit>,
}

impl LogReader {
    async fn next(&mut self) -> Option<Chunk> {
        if !std::mem::replace(&mut self.opened, true) && self.events && self.grown.is_none() {
            // Without it the official CLI waits for three seconds after the end.
            return Some(Ok(Bytes::from_static(b"retry: 0\n\n")));
        }
        loop {
            if let Some(line) = self.queue.pop_front() {
                return Limit::pass(&mut self.limit, frame(&line, self.events)).await;
            }
            if Limit::is_reached(self.limit) {
                return Limit::end(self.limit).await;
            }
            let grown = self.grown.as_mut()?;
            if tokio::time::timeout(HEARTBEAT, grown.changed()).await.is_err() && self.events {
                return Some(Ok(Bytes::from_static(b": \n\n")));
            }
            let state = lock(&self.shared);
            let log = &state.apps[self.app].log;
            self.queue = log.after(self.last, &self.filter).into();
            self.last = log.last();
        }
    }
}

fn frame(line: &Line, events: bool) -> Bytes {
    let mut bytes = Vec::with_capacity(line.bytes.len() + 32);
    if events {
        bytes.extend_from_slice(format!("id: {}\n", line.number).as_bytes());
        for part in line.bytes.split(|byte| *byte == b'\n') {
            bytes.extend_from_slice(b"data: ");
            bytes.extend_from_slice(part);
            bytes.push(b'\n');
        }
    } else {
        bytes.extend_from_slice(&line.bytes);
    }
    bytes.push(b'\n');
    bytes.into()
}

/// `count` lines after the first `seen`, generated while they are sent.
fn generated(count: u64, seen: u64, events: bool) -> Body {
    let time = clock::log_stamp(SystemTime::now());
    let line = move |chunk: &mut String, number: u64| {
        let text = format_args!(
            "{time} app[web.1]: Sold row {}, seat {} ticket {number:07}",
            number % 26,
            number % 18
        );
        // Writing to a string cannot fail.
        let _ =
            if events { write!(chunk, "id: {number}\ndata: {text}\n\n") } else { writeln!(chunk, "{text}") };
    };
    body::stream(stream::unfold((seen, line), move |(mut sent, line)| async move {
        let mut chunk = String::with_capacity(CHUNK + 256);
        if sent == 0 && events {
            chunk.push_str("retry: 0\n\n");
        }
        while sent < count && chunk.len() < CHUNK {
            sent += 1;
            line(&mut chunk, sent);
        }
        (!chunk.is_empty()).then(|| (Chunk::Ok(chunk.into()), (sent, line)))
    }))
}

struct OutputReader {
    shared: Shared,
    secret: String,
    read: usize,
    changed: watch::Receiver<usize>,
    limit: Option<Limit>,
}

impl OutputReader {
    async fn next(&mut self) -> Option<Chunk> {
        loop {
            if Limit::is_reached(self.limit) {
                return Limit::end(self.limit).await;
            }
            let line = {
                let state = lock(&self.shared);
                let output = state.outputs.get(&self.secret)?;
                self.changed.mark_unchanged();
                let rest = output.written.get(self.read..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
                if end.is_none() && output.closed {
                    return None;
                }
                end.map(|end| Bytes::copy_from_slice(&rest[..end]))
            };
            if let Some(line) = line {
                self.read += line.len();
                return Limit::pass(&mut self.limit, line).await;
            }
            self.changed.changed().await.ok()?;
        }
    }
}
