//! Where backups are kept: signed URLs that live for a while, parts of a file, and no credentials, as in a bucket of S3.

use std::path::PathBuf;
use std::time::Instant;
use std::{fs, io};

use futures_util::stream;
use hyper::body::Bytes;
use hyper::http::{HeaderValue, StatusCode};

use super::real;
use crate::clock;
use crate::faults::Fault;
use crate::http::body::{self, Body, Response};
use crate::http::call::Call;
use crate::state::{Shared, State, lock};

/// The dump of PostgreSQL 15 that stands for every backup where there is no real PostgreSQL.
const CANNED: &[u8] = include_bytes!("playhouse.dump");

/// The file of the backup that a transfer made.
pub(super) fn file(state: &State, uuid: &str) -> PathBuf {
    state.folder.join(format!("{uuid}.dump"))
}

/// The same, with the dump. A backup of the initial state is dumped when it is first needed.
pub(super) fn kept(state: &mut State, uuid: &str) -> io::Result<PathBuf> {
    let file = file(state, uuid);
    if file.exists() {
        return Ok(file);
    }
    let app = state.apps.iter().find(|app| app.resources.transfers.iter().any(|one| one.is_called(uuid)));
    let addon = app.and_then(|app| app.addons.iter().find(|addon| addon.is_database() && !addon.follows));
    let addon = addon.map(|addon| addon.id.clone()).unwrap_or_default();
    match real::make(state, &addon)? {
        Some((server, database)) => real::dump(server, &database.name, &file)?,
        None => fs::write(&file, CANNED)?,
    }
    Ok(file)
}

/// A URL for the backup of a transfer, and the end of its life.
pub(crate) fn sign(state: &mut State, uuid: &str) -> (String, String) {
    let life = state.settings.public_url_time;
    let secret = state.mint.secret();
    let url = format!(
        "{}/backup-store/{secret}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires={}&X-Amz-Signature={secret}",
        state.url,
        life.as_secs()
    );
    state.databases.signed.insert(secret, (uuid.to_owned(), Instant::now() + life));
    (url, clock::data_ahead(life))
}

/// The UUID of the transfer that a URL of ours is of.
pub(crate) fn signed(state: &State, url: &str) -> Option<String> {
    let path = url.strip_prefix(&state.url)?.strip_prefix("/backup-store/")?;
    let secret = path.split('?').next()?;
    state.databases.signed.get(secret).map(|(uuid, _)| uuid.clone())
}

/// `GET /backup-store/SECRET`.
pub(crate) fn serve(shared: &Shared, call: &Call, secret: &str, met: &[Fault]) -> Response {
    let mut state = lock(shared);
    if call.header("authorization").is_some() {
        return refuse(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    if call.method != "GET" {
        return refuse(403, "SignatureDoesNotMatch", "The request signature does not match");
    }
    let (uuid, end) = match state.databases.signed.get(secret) {
        Some(known) if call.parameter("X-Amz-Signature").as_deref() == Some(secret) => known.clone(),
        _ => return refuse(403, "SignatureDoesNotMatch", "The request signature does not match"),
    };
    if Instant::now() > end {
        return refuse(403, "AccessDenied", "Request has expired");
    }
    let content = kept(&mut state, &uuid).and_then(fs::read);
    drop(state);
    match content {
        Ok(content) => part(call, &uuid, Bytes::from(content), met),
        Err(error) => refuse(500, "InternalError", &error.to_string()),
    }
}

/// The whole content, or what `Range: bytes=N-` asks for, if it is still of the same backup (`If-Range`).
fn part(call: &Call, uuid: &str, content: Bytes, met: &[Fault]) -> Response {
    let tag = format!("\"{uuid}\"");
    let same = call.header("if-range").is_none_or(|wanted| wanted == tag);
    let range = call.header("range").filter(|_| same).and_then(|range| range.strip_prefix("bytes="));
    let length = content.len();
    let mut content_range = None;
    let content = match range.and_then(|range| range.strip_suffix('-')?.parse::<usize>().ok()) {
        Some(start) if start >= length => {
            return refuse(416, "InvalidRange", "The requested range is not satisfiable");
        }
        Some(start) => {
            content_range = Some(format!("bytes {start}-{}/{length}", length - 1));
            content.slice(start..)
        }
        None => content,
    };
    let mut response = Response::new(spoiled(content.clone(), met));
    let headers = response.headers_mut();
    headers.insert("content-length", HeaderValue::from(content.len()));
    headers.insert("accept-ranges", HeaderValue::from_static("bytes"));
    headers.insert("content-type", HeaderValue::from_static("binary/octet-stream"));
    for (name, value) in [("etag", Some(tag)), ("content-range", content_range.clone())] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    if content_range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// The body, with what the faults make of it: broken off after some bytes, or silent from there on.
fn spoiled(content: Bytes, met: &[Fault]) -> Body {
    let cut = met.iter().find_map(|fault| match fault {
        Fault::CutBody { after_bytes, .. } => Some((*after_bytes, false)),
        Fault::StallBody { after_bytes, .. } => Some((*after_bytes, true)),
        _ => None,
    });
    let Some((after, stalls)) = cut else { return body::whole(content) };
    let head = content.slice(..usize::try_from(after).unwrap_or(usize::MAX).min(content.len()));
    body::stream(stream::unfold(Some(head), move |head| async move {
        let Some(head) = head else {
            if stalls {
                std::future::pending::<()>().await;
            }
            // What was sent must arrive before the connection is closed.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            return Some((Err(io::Error::other("a fault closes the connection")), None));
        };
        Some((Ok(head), None))
    }))
}

fn refuse(status: u16, code: &str, message: &str) -> Response {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>\n"
    );
    let mut response = Response::new(body::whole(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    response
}
