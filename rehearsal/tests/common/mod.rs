//! Shared by the tests: an HTTP client that returns status, headers and body, and git in a sandbox.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::env;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rehearsal::{Rehearsal, Sandbox};
use serde_json::Value;

pub(crate) mod skipped;

pub(crate) const V3: &str = "application/vnd.heroku+json; version=3";
pub(crate) const SDK: &str = "application/vnd.heroku+json; version=3.sdk";

/// An answer as received.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Sends one request on a connection of its own and reads to its end; an answer without a status has status 0.
pub(crate) fn raw(
    rehearsal: &Rehearsal,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Heard> {
    let length = body.len().to_string();
    let mut all = headers.to_vec();
    if !body.is_empty() {
        all.extend([("Content-Type", "application/json"), ("Content-Length", &*length)]);
    }
    send(rehearsal, method, path, &all, body.as_bytes())
}

/// Like [`raw`], but sends only these headers.
pub(crate) fn send(
    rehearsal: &Rehearsal,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Heard> {
    let mut stream = TcpStream::connect(("127.0.0.1", rehearsal.port()))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    stream.write_all(format!("{request}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    // A broken connection is a result, not an error of the test.
    let _ = stream.read_to_end(&mut bytes);
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let status = head.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off((split + 4).min(bytes.len()));
    if head.to_lowercase().contains("transfer-encoding: chunked") {
        body = unchunk(&body);
    }
    Ok(Heard { status, head, body })
}

fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(str::from_utf8(&bytes[..end]).unwrap_or("0"), 16).unwrap_or(0);
        body.extend_from_slice(bytes.get(end + 2..end + 2 + length).unwrap_or_default());
        bytes = bytes.get(end + 4 + length..).unwrap_or_default();
    }
    body
}

/// A request with the token.
pub(crate) fn ask(
    rehearsal: &Rehearsal,
    accept: &str,
    method: &str,
    path: &str,
    body: &str,
) -> io::Result<Heard> {
    ask_with(rehearsal, accept, method, path, &[], body)
}

pub(crate) fn ask_with(
    rehearsal: &Rehearsal,
    accept: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Heard> {
    let bearer = format!("Bearer {}", rehearsal.token());
    let mut all = vec![("Accept", accept), ("Authorization", &*bearer)];
    all.extend(headers);
    raw(rehearsal, method, path, &all, body)
}

pub(crate) fn get(rehearsal: &Rehearsal, path: &str) -> io::Result<Heard> {
    ask(rehearsal, V3, "GET", path, "")
}

/// A command in the sandbox's repository with the sandbox's environment.
#[expect(clippy::disallowed_methods, reason = "tests start programs as a person's shell does")]
pub(crate) fn command(sandbox: &Sandbox, program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(sandbox.repository());
    for (name, value) in sandbox.environment() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

pub(crate) fn git(sandbox: &Sandbox, arguments: &[&str]) -> io::Result<Output> {
    command(sandbox, "git").args(arguments).output()
}

/// Commits the files and returns the commit.
pub(crate) fn commit(sandbox: &Sandbox, files: &[(&str, &str)], subject: &str) -> io::Result<String> {
    for (path, text) in files {
        std::fs::write(sandbox.repository().join(path), text)?;
    }
    git(sandbox, &["add", "."])?;
    let output = git(sandbox, &["commit", "--quiet", "-m", subject])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let head = git(sandbox, &["rev-parse", "HEAD"])?;
    Ok(String::from_utf8_lossy(&head.stdout).trim().to_owned())
}

/// Waits until `done` returns true.
pub(crate) fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(30), "still waiting: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The official CLI: `GREENROOM_HEROKU_CLI` names it, else it is `heroku` on PATH. Without one the test is skipped.
#[expect(clippy::disallowed_methods, reason = "tests start programs as a person's shell does")]
pub(crate) fn cli() -> Option<OsString> {
    if let Some(named) = env::var_os("GREENROOM_HEROKU_CLI") {
        return Some(named);
    }
    let found = Command::new("heroku").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Some("heroku".into());
    }
    skipped::skip(skipped::THE_CLI);
    None
}
