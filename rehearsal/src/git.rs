//! Git over HTTP: one bare repository for each app, served by `git http-backend`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, iter};

use hyper::body::Bytes;
use hyper::http::{HeaderName, HeaderValue, StatusCode};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::body::{self, Body, Response};
use crate::call::Call;
use crate::state::{Shared, State, lock};
use crate::{history, push};

/// Answers `/{app}.git/…`.
pub(crate) async fn serve(shared: &Shared, call: &Call, body: Bytes) -> Response {
    let Some((name, service)) = call.path.trim_start_matches('/').split_once(".git/") else {
        return plain(404, "Not found.\n");
    };
    let found = {
        let state = lock(shared);
        if !call.has_password(&state.settings.token) {
            let mut response = plain(401, "Invalid credentials provided.\n");
            response
                .headers_mut()
                .insert("www-authenticate", HeaderValue::from_static("Basic realm=\"Git\""));
            return response;
        }
        state.app(name).and_then(|app| {
            let failed = |_| crate::answer::Answer::usual(500);
            repository(&state, app).map(|repository| (app, repository)).map_err(failed)
        })
    };
    match found {
        Err(answer) if answer.status == 404 => plain(404, &format!("No such app as {name}.\n")),
        Err(_) => plain(500, "The repository cannot be opened.\n"),
        Ok((app, repository)) if service == "git-receive-pack" => {
            // On its own, so that a pusher who leaves does not stop what has begun.
            let serving = push::serve(shared.clone(), call.clone(), app, repository, body);
            tokio::spawn(serving).await.unwrap_or_else(|error| plain(500, &format!("{error}\n")))
        }
        Ok((_, repository)) => match backend(&repository, call, &body, None).await {
            Ok(answer) => answer.response(),
            Err(error) => plain(500, &format!("{error}\n")),
        },
    }
}

/// An app's repository, made at its first use: its objects are those of the playhouse's history.
fn repository(state: &State, app: usize) -> io::Result<PathBuf> {
    let folder = place(state, app);
    if folder.exists() {
        return Ok(folder);
    }
    let seed = state.folder.join("seed.git");
    if !seed.exists() {
        history::lay_out(&seed, true)?;
        history::import(&seed)?;
    }
    history::lay_out(&folder, true)?;
    let objects = seed.join("objects").display().to_string().replace('\\', "/");
    fs::write(folder.join("objects/info/alternates"), format!("{objects}\n"))?;
    if let Some(commit) = &state.apps[app].main {
        put(&folder, "refs/heads/main", commit);
    }
    Ok(folder)
}

/// Lets `main` of an app's repository point at a commit of the playhouse's history.
pub(crate) fn set_main(state: &mut State, app: usize, commit: &str) {
    state.apps[app].main = Some(commit.to_owned());
    let folder = place(state, app);
    if folder.exists() {
        put(&folder, "refs/heads/main", commit);
    }
}

/// Where an app's repository is, or will be.
fn place(state: &State, app: usize) -> PathBuf {
    state.folder.join(format!("{}.git", state.apps[app].id()))
}

/// The id that stands for no object.
pub(crate) const NOTHING: &str = "0000000000000000000000000000000000000000";

/// What a ref of a repository points at. Refs are never packed here.
pub(crate) fn reads(repository: &Path, reference: &str) -> String {
    let text = fs::read_to_string(repository.join(reference));
    text.map_or(NOTHING.to_owned(), |text| text.trim().to_owned())
}

/// Lets a ref point at a commit; at nothing, it is gone.
pub(crate) fn put(repository: &Path, reference: &str, commit: &str) {
    let file = repository.join(reference);
    // What cannot be written is seen at the next fetch or push.
    let _ = if commit == NOTHING {
        fs::remove_file(file)
    } else {
        let _ = file.parent().map(fs::create_dir_all);
        fs::write(file, format!("{commit}\n"))
    };
}

/// What `git http-backend` answered.
pub(crate) struct Backed {
    status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Backed {
    /// The answer to a push, before anything is in it.
    pub(crate) fn push() -> Self {
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

    pub(crate) fn response(self) -> Response {
        let body = body::whole(self.body.clone());
        self.with(body)
    }

    /// The answer with another body.
    pub(crate) fn with(self, body: Body) -> Response {
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
pub(crate) async fn backend(
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
            // It may stop reading early; what it answers then tells more than the broken pipe.
            let _ = stdin.write_all(body).await;
        }
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), feed);
    Backed::parse(&output?.stdout)
}

pub(crate) fn plain(status: u16, text: &str) -> Response {
    let mut response = Response::new(body::whole(text.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    response
}
