//! `git http-backend`, run as the CGI program that it is.

use std::path::Path;
use std::process::Stdio;
use std::{io, iter};

use hyper::body::Bytes;
use hyper::http::{HeaderName, HeaderValue, StatusCode};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::history;
use crate::http::body::{self, Body, Response};
use crate::http::call::Call;

/// The answer of `git http-backend`.
pub(super) struct Backed {
    status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Backed {
    /// The answer to a push, with an empty body.
    pub(super) fn push() -> Self {
        let kind = "application/x-git-receive-pack-result".to_owned();
        Self { status: 200, headers: vec![("Content-Type".to_owned(), kind)], body: Bytes::new() }
    }

    /// Splits the headers of a CGI answer from its body.
    fn parse(output: &[u8]) -> io::Result<Self> {
        let split = output.windows(4).position(|four| four == b"\r\n\r\n");
        let split = split.ok_or_else(|| io::Error::other("git http-backend sent no headers"))?;
        let head = String::from_utf8_lossy(&output[..split]).into_owned();
        let headers: Vec<_> = head.lines().filter_map(|line| line.split_once(": ")).collect();
        let status = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("status"));
        let status = status.and_then(|(_, value)| value.get(..3)?.parse().ok()).unwrap_or(200);
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers =
            headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("status")).map(own).collect();
        Ok(Self { status, headers, body: Bytes::copy_from_slice(&output[split + 4..]) })
    }

    pub(super) fn response(self) -> Response {
        let body = body::whole(self.body.clone());
        self.with(body)
    }

    /// The answer with another body.
    pub(super) fn with(self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Runs `git http-backend` as the CGI program that it is, in a namespace where one is given.
pub(super) async fn backend(
    repository: &Path,
    call: &Call,
    body: &Bytes,
    namespace: Option<&str>,
) -> io::Result<Backed> {
    let service = call.path.split_once(".git/").map_or("", |(_, service)| service);
    let mut command = Command::new("git");
    for (name, value) in history::isolation() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let settings = [("http.receivepack", "true"), ("receive.autogc", "false"), ("safe.directory", "*")];
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (at, (key, value)) in iter::zip(0.., settings) {
        command.env(format!("GIT_CONFIG_KEY_{at}"), key).env(format!("GIT_CONFIG_VALUE_{at}"), value);
    }
    command.envs(namespace.map(|name| ("GIT_NAMESPACE", name)));
    command
        .arg("http-backend")
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROJECT_ROOT", repository)
        .env("PATH_INFO", format!("/{service}"))
        .env("REQUEST_METHOD", &call.method)
        .env("QUERY_STRING", &call.query)
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("CONTENT_TYPE", call.header("content-type").unwrap_or_default())
        .env("HTTP_CONTENT_ENCODING", call.header("content-encoding").unwrap_or_default())
        .env("GIT_PROTOCOL", call.header("git-protocol").unwrap_or_default())
        .env("REMOTE_USER", "heroku")
        .env("REMOTE_ADDR", "127.0.0.1");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // It may stop reading early; its answer then says more than the broken pipe.
            let _ = stdin.write_all(body).await;
        }
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), feed);
    Backed::parse(&output?.stdout)
}

pub(super) fn plain(status: u16, text: &str) -> Response {
    let mut response = Response::new(body::whole(text.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    response
}
