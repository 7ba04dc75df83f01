//! Git over HTTP: one bare repository for each app, served by `git http-backend`. A push to `main` or `master` is
//! built while the pusher watches.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, iter};

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::mpsc;

use crate::call::Call;
use crate::sideband;
use crate::state::{Shared, State, lock};
use crate::{build, history};

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
            push(shared, call, app, repository, body).await
        }
        Ok((_, repository)) => match backend(&repository, call, &body).await {
            Ok(answer) => answer.response(),
            Err(error) => plain(500, &format!("{error}\n")),
        },
    }
}

/// An app's repository, made at its first use: `main` at the commit that the app runs, its objects those of the
/// playhouse's history.
fn repository(state: &State, app: usize) -> io::Result<PathBuf> {
    let folder = state.folder.join(format!("{}.git", state.apps[app].id()));
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
    let mut releases = state.apps[app].releases.iter().rev();
    let commit = releases.find_map(|release| state.slug(release.slug.as_ref()?)?.commit.clone());
    if let Some(commit) = commit.filter(|commit| history::holds(commit)) {
        fs::write(folder.join("refs/heads/main"), format!("{commit}\n"))?;
    }
    Ok(folder)
}

/// `git push`: the objects are taken in, then the build speaks, then the refs are reported.
async fn push(shared: &Shared, call: &Call, app: usize, repository: PathBuf, body: Bytes) -> Response {
    let (commands, bands) = sideband::commands(&body);
    let builds = commands.iter().find(|command| {
        ["refs/heads/main", "refs/heads/master"].contains(&&*command.reference) && !command.deletes()
    });
    let refusal = builds.and_then(|_| build::refusal(&mut lock(shared), app));
    if let Some(lines) = refusal.filter(|_| bands) {
        let mut answer: Vec<u8> = lines.iter().flat_map(|line| sideband::say(line)).collect();
        answer.extend(sideband::refuse(&commands, "pre-receive hook declined"));
        return Backed::push(answer.into()).response();
    }
    let report = match backend(&repository, call, &body).await {
        Ok(report) => report,
        Err(error) => {
            lock(shared).building.remove(&app);
            return plain(500, &format!("{error}\n"));
        }
    };
    let (sender, receiver) = mpsc::unbounded_channel();
    if let Some(command) = builds {
        let (shared, commit) = (shared.clone(), command.new.clone());
        // On its own, so that a pusher who leaves does not stop the build.
        tokio::spawn(async move { build::run(&shared, app, &repository, &commit, &sender).await });
    } else if commands.iter().any(|command| !command.deletes()) {
        let branch = commands[0].reference.trim_start_matches("refs/heads/").to_owned();
        let _ = sender.send(format!("Pushed to non-main branch {branch}, skipping build."));
        let _ = sender.send("Push to main or master to deploy.".to_owned());
        drop(sender);
    } else {
        drop(sender);
    }
    if !bands {
        return report.response();
    }
    let spoken = stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|line: String| (Bytes::from(sideband::say(&line)), receiver))
    });
    let ending = stream::once(std::future::ready(report.body.clone()));
    report.with(Body::from_stream(spoken.chain(ending).map(io::Result::Ok)))
}

/// What `git http-backend` answered.
struct Backed {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Backed {
    fn push(body: Bytes) -> Self {
        let kind = "application/x-git-receive-pack-result".to_owned();
        Self { status: 200, headers: vec![("Content-Type".to_owned(), kind)], body }
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

    fn response(self) -> Response {
        let body = Body::from(self.body.clone());
        self.with(body)
    }

    fn with(self, body: Body) -> Response {
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

/// Runs `git http-backend` as the CGI program that it is.
async fn backend(repository: &Path, call: &Call, body: &Bytes) -> io::Result<Backed> {
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

fn plain(status: u16, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    response
}
