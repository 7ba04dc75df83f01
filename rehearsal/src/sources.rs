//! Source blobs: a client uploads code here and has it built (`docs/heroku.md#builds-and-sources`). As in a signed
//! storage URL, the secret in the path is the only credential.

use std::fs;
use std::path::PathBuf;

use hyper::body::Bytes;
use hyper::http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::http::answer::Answer;
use crate::http::body::{self, Body, Response};
use crate::http::call::Call;
use crate::state::{Shared, State, lock};
use crate::{build, procfile};

/// `POST /sources`: URLs to upload and download one blob.
pub(crate) fn create(state: &mut State) -> Answer {
    let secret = state.mint.secret();
    let url = format!("{}/source-blobs/{secret}", state.url);
    state.sources.insert(secret);
    Answer::created(json!({ "source_blob": { "get_url": url, "put_url": url } }))
}

/// `PUT` and `GET /source-blobs/SECRET`.
pub(crate) fn serve(shared: &Shared, call: &Call, secret: &str, bytes: Bytes) -> Response {
    let Some(file) = place(&lock(shared), secret) else { return refuse(403, "AccessDenied") };
    if call.header("authorization").is_some() {
        return refuse(403, "InvalidAuthorization");
    }
    match &*call.method {
        "PUT" if call.header("content-length").is_none() => refuse(411, "MissingContentLength"),
        "PUT" => match fs::write(file, bytes) {
            Ok(()) => answer(200, body::whole("")),
            Err(_) => refuse(500, "InternalError"),
        },
        "GET" => match fs::read(file) {
            Ok(bytes) => answer(200, body::whole(bytes)),
            Err(_) => refuse(404, "NoSuchKey"),
        },
        _ => refuse(405, "MethodNotAllowed"),
    }
}

/// Builds the blob that a build refers to.
pub(crate) async fn build(shared: Shared, id: String) {
    let (url, file) = {
        let state = lock(&shared);
        let Some(build) = state.build(&id) else { return };
        let url = build.source.url.clone();
        let file = file(&state, &url);
        (url, file)
    };
    let types = match file {
        None => Err(format!(" !     Unable to fetch source from: {url}")),
        Some(file) => {
            let types = procfile::of_archive(&file).await;
            types.map_err(|_| " !     Unable to extract source: it is not a gzipped tar.".to_owned())
        }
    };
    build::run(&shared, &id, types, || ()).await;
}

/// The file that was uploaded to a URL of ours.
pub(crate) fn file(state: &State, url: &str) -> Option<PathBuf> {
    let secret = url.strip_prefix(&format!("{}/source-blobs/", state.url))?;
    place(state, secret).filter(|file| file.exists())
}

/// The file of a blob, if the secret is known.
fn place(state: &State, secret: &str) -> Option<PathBuf> {
    state.sources.contains(secret).then(|| state.folder.join(format!("{secret}.tgz")))
}

fn refuse(status: u16, code: &str) -> Response {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>\n");
    let mut response = answer(status, body::whole(text));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    response
}

fn answer(status: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}
