//! `git push`: the objects are received, the build runs and its output is sent, and the refs move only if it succeeds,
//! as with Heroku's pre-receive hook (`docs/heroku.md#builds-and-sources`). The build continues if the client
//! disconnects.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::stream;
use hyper::body::Bytes;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::backend::{self, Backed, backend};
use super::sideband::{self, Command};
use crate::faults::Fault;
use crate::http::body::{self, Body, Response};
use crate::http::call::Call;
use crate::state::build::Source;
use crate::state::output::Output;
use crate::state::release::Status;
use crate::state::{Shared, lock};
use crate::{build, procfile, repositories};

/// Answers `POST /{app}.git/git-receive-pack`.
pub(super) async fn serve(
    shared: Shared,
    call: Call,
    app: usize,
    repository: PathBuf,
    body: Bytes,
) -> Response {
    let (commands, bands) = sideband::commands(&body);
    let mut set = commands.iter().filter(|command| !command.deletes());
    let deployed = set.clone().find(|command| DEPLOYED.contains(&&*command.reference));
    let (sender, receiver) = mpsc::unbounded_channel();
    let Some(command) = deployed.filter(|_| bands) else {
        let report = match backend(&repository, &call, &body, None).await {
            Ok(report) => report,
            Err(error) => return backend::plain(500, &format!("{error}\n")),
        };
        if let Some(command) = set.next().filter(|_| bands) {
            let branch = command.reference.trim_start_matches("refs/heads/");
            tell(&sender, &format!("Pushed to non-main branch {branch}, skipping build."));
            tell(&sender, "Push to main or master to deploy.");
        }
        let _ = sender.send(report.body.clone());
        return report.with(spoken(receiver, None));
    };
    if let Some(delay) = delay(&shared, app) {
        tokio::time::sleep(delay).await;
    }
    let Some(id) = begin(&shared, app, &command.new) else {
        tell(&sender, " !     A build is already in progress for this app.");
        let _ = sender.send(sideband::refuse(&commands, DECLINED).into());
        return Backed::push().with(spoken(receiver, None));
    };
    let (report, moved) = match take_in(&repository, &call, &body, &commands).await {
        Ok((report, moved)) if moved.contains(command) => (report, moved),
        refused => {
            lock(&shared).builds.retain(|build| build.id != id);
            return match refused {
                Ok((report, _)) => report.response(),
                Err(error) => backend::plain(500, &format!("{error}\n")),
            };
        }
    };
    tokio::spawn(speak(shared.clone(), id.clone(), commands.clone(), report.body.clone(), sender));
    let (playing, commit) = (shared.clone(), command.new.clone());
    tokio::spawn(async move { play(&playing, &id, &repository, &commit, &moved).await });
    report.with(spoken(receiver, cut(&shared, app)))
}

/// Receives the objects and returns the refs that may move once the build has succeeded. Until then they are kept in a
/// namespace of their own.
async fn take_in(
    repository: &Path,
    call: &Call,
    body: &Bytes,
    commands: &[Command],
) -> io::Result<(Backed, Vec<Command>)> {
    let taken = |command: &Command| format!("refs/namespaces/{TAKEN}/{}", command.reference);
    for command in commands {
        repositories::put(repository, &taken(command), &repositories::reads(repository, &command.reference));
    }
    let report = backend(repository, call, body, Some(TAKEN)).await;
    let is_taken = |command: &&Command| repositories::reads(repository, &taken(command)) == command.new;
    let moved = commands.iter().filter(is_taken).cloned().collect();
    for command in commands {
        repositories::put(repository, &taken(command), repositories::NOTHING);
    }
    Ok((report?, moved))
}

const TAKEN: &str = "taken";

/// The branches that are deployed when they are pushed.
const DEPLOYED: [&str; 2] = ["refs/heads/main", "refs/heads/master"];

const DECLINED: &str = "pre-receive hook declined";

/// Starts the build of a pushed commit; none while another one is running.
fn begin(shared: &Shared, app: usize, commit: &str) -> Option<String> {
    let mut state = lock(shared);
    let url = format!("https://sources.playhouse.example/{}/{commit}.tgz", state.apps[app].id());
    let source = Source { url, version: Some(commit.to_owned()), ..Source::default() };
    state.begin_build(app, source, None)
}

async fn play(shared: &Shared, id: &str, repository: &Path, commit: &str, moved: &[Command]) {
    let types = procfile::of_commit(repository, commit).await;
    let accept = || {
        for command in moved {
            repositories::put(repository, &command.reference, &command.new);
        }
    };
    build::run(shared, id, Ok(types), accept).await;
}

/// The delay of pushes to this app, if a fault sets one.
fn delay(shared: &Shared, app: usize) -> Option<Duration> {
    let state = lock(shared);
    let name = state.apps[app].name();
    match state.faults.about(|fault| matches!(fault, Fault::LatePush { app, .. } if app == name))? {
        Fault::LatePush { delay_ms, .. } => Some(Duration::from_millis(delay_ms)),
        _ => None,
    }
}

/// The line at which a fault ends the output of a push to this app.
#[derive(Clone, Copy)]
struct End {
    after_lines: u64,
    stalls: bool,
}

fn cut(shared: &Shared, app: usize) -> Option<End> {
    let state = lock(shared);
    let name = state.apps[app].name();
    let is_meant = |fault: &Fault| matches!(fault, Fault::CutPush { app, .. } | Fault::StallPush { app, .. } if app == name);
    match state.faults.about(is_meant)? {
        Fault::CutPush { after_lines, .. } => Some(End { after_lines, stalls: false }),
        Fault::StallPush { after_lines, .. } => Some(End { after_lines, stalls: true }),
        _ => None,
    }
}

/// The output that is sent to the client.
fn spoken(receiver: UnboundedReceiver<Bytes>, end: Option<End>) -> Body {
    body::stream(stream::unfold((receiver, end), async |(mut receiver, end)| {
        match end {
            Some(End { after_lines: 0, stalls: true }) => std::future::pending().await,
            Some(End { after_lines: 0, .. }) => {
                // Earlier output must have been sent before the connection is closed.
                tokio::time::sleep(Duration::from_millis(20)).await;
                return Some((Err(io::Error::other("a fault cuts the push")), (receiver, None)));
            }
            _ => {}
        }
        let said = receiver.recv().await?;
        let end = end.map(|end| End { after_lines: end.after_lines - 1, ..end });
        Some((Ok(said), (receiver, end)))
    }))
}

/// Sends the output of the build, then of the release command, then the status of the refs.
async fn speak(
    shared: Shared,
    id: String,
    commands: Vec<Command>,
    report: Bytes,
    sender: UnboundedSender<Bytes>,
) {
    let secret = lock(&shared).build(&id).map(|build| build.secret.clone());
    follow(&shared, secret.as_deref().unwrap_or_default(), &sender).await;
    let (succeeded, release) = {
        let state = lock(&shared);
        let Some(build) = state.build(&id) else { return };
        let release = build.release.as_ref().and_then(|id| state.find_release(id));
        let release = release.map(|(app, at)| state.apps[app].releases[at].clone());
        (build.status == Status::Succeeded, release)
    };
    let url = release.as_ref().and_then(|release| release.output_stream_url.as_deref());
    if let Some((_, secret)) = url.and_then(|url| url.rsplit_once('/')) {
        follow(&shared, secret, &sender).await;
        let found = release.and_then(|release| lock(&shared).find_release(&release.id));
        let status = found.map(|(app, at)| lock(&shared).apps[app].releases[at].status);
        let verdict = if status == Some(Status::Succeeded) { "done" } else { "failed" };
        tell(&sender, &format!("Waiting for release.... {verdict}."));
    }
    let report = if succeeded { report } else { sideband::refuse(&commands, DECLINED).into() };
    let _ = sender.send(report);
}

/// The client may have disconnected.
fn tell(sender: &UnboundedSender<Bytes>, line: &str) {
    let _ = sender.send(sideband::say(line).into());
}

/// Sends an output to its end.
async fn follow(shared: &Shared, secret: &str, sender: &UnboundedSender<Bytes>) {
    let Some(mut changed) = lock(shared).outputs.get(secret).map(Output::watch) else { return };
    let mut read = 0;
    loop {
        {
            let state = lock(shared);
            let Some(output) = state.outputs.get(secret) else { return };
            changed.mark_unchanged();
            let text = String::from_utf8_lossy(&output.written);
            for line in text.lines().skip(read) {
                tell(sender, line);
                read += 1;
            }
            if output.closed {
                return;
            }
        }
        if changed.changed().await.is_err() {
            return;
        }
    }
}
