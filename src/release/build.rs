//! Builds: waiting for one that is under way, and building from an archive of a commit.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::bufread::GzEncoder;

use super::output_streams::OutputStreams;
use super::polling::Polling;
use super::promotion::unsure;
use crate::error::{Context as _, Error, Result};
use crate::git::Repository;
use crate::heroku::{ApiError, Build, Client, Release, Source, create_source, start_build};
use crate::interrupts::Interrupts;
use crate::model::{AppName, BuildStatus, CommitId, CommitName};
use crate::process::{Ended, Place};
use crate::temporary;
use crate::terminal::Terminal;

/// A build that succeeded names its release after at most this long.
const RELEASED: Duration = Duration::from_secs(5);

/// Waits for the end of a build that somebody else began, successful or not; exit 6 when `deadline` comes first.
pub fn wait_for_build(
    client: &Arc<Client>,
    terminal: &Terminal,
    app: &str,
    build: Build,
    deadline: Instant,
) -> Result<Build> {
    let of = build
        .source_blob
        .version
        .as_ref()
        .map_or_else(String::new, |commit| format!(" of {}", commit.short()));
    let by = build.user.as_ref().map_or_else(String::new, |user| format!(" by {}", user.email));
    // Interrupts are heard before the message: whoever reads it may press Ctrl-C.
    let polling = polling(terminal, app)?;
    terminal.status(&format!("waiting for a build{of}{by} on {app}"));
    ended(client, terminal, app, build, deadline, Watch { polling, ours: false })
}

/// Follows a build to its end, showing its output on stderr, and returns its release; exit 1 where it failed.
pub(super) fn follow_build(
    client: &Arc<Client>,
    terminal: &Terminal,
    app: &str,
    build: Build,
    deadline: Instant,
) -> Result<Release> {
    let watch = Watch { polling: polling(terminal, app)?, ours: true };
    let build = ended(client, terminal, app, build, deadline, watch)?;
    match (&build.status, &build.release) {
        (BuildStatus::Succeeded, Some(release)) => client.release(app, &release.id),
        _ => Err(failed_build(app, &build)),
    }
}

/// Exit 1: the build failed, or made no release.
pub(super) fn failed_build(app: &str, build: &Build) -> Error {
    let commit = build.source_blob.version.as_ref().map_or("the commit", CommitName::short);
    let why = if build.status == BuildStatus::Succeeded { "made no release" } else { "failed" };
    let page = format!("https://dashboard.heroku.com/apps/{app}/activity/builds/{}", build.id);
    Error::failed(format!("the build of {commit} on {app} {why}")).hint_line([page])
}

/// How a build is watched.
struct Watch<'a> {
    polling: Polling<'a>,
    /// Whether we began it: then its output is shown.
    ours: bool,
}

fn polling<'a>(terminal: &'a Terminal, app: &str) -> Result<Polling<'a>> {
    Polling::begin(terminal, format!("the build on {app}"))
}

/// The build once it has failed, or has succeeded and made its release.
fn ended(
    client: &Arc<Client>,
    terminal: &Terminal,
    app: &str,
    mut build: Build,
    deadline: Instant,
    watch: Watch<'_>,
) -> Result<Build> {
    let Watch { mut polling, ours } = watch;
    let mut succeeded: Option<Instant> = None;
    let mut output = OutputStreams::new(client, terminal, deadline);
    loop {
        if let Some(url) = build.output_stream_url.as_ref().filter(|_| ours) {
            output.follow(app, url);
        }
        let is_unreleased = build.status == BuildStatus::Succeeded && build.release.is_none();
        if is_unreleased {
            succeeded.get_or_insert_with(Instant::now);
        }
        let waits_for_release = is_unreleased && succeeded.is_some_and(|since| since.elapsed() < RELEASED);
        if !build.is_pending() && !waits_for_release {
            break;
        }
        if Instant::now() >= deadline {
            return Err(Error::timed_out(format!(
                "the build on {app} is still under way and continues at Heroku"
            ))
            .hint_about(app, ["releases"]));
        }
        polling.pause_showing(&output, deadline)?;
        let seen = polling.seen(client.build(app, &build.id)).map_err(|error| {
            error
                .context(format!("the build on {app} has begun, but its state cannot be read"))
                .hint_about(app, ["releases"])
        })?;
        build = seen.unwrap_or(build);
    }
    output.finish()?;
    Ok(build)
}

/// Builds `commit` on the app from an archive, in place of a push, and returns the release, which may still be pending.
pub fn build_from_archive(
    client: &Arc<Client>,
    terminal: &Terminal,
    app: &AppName,
    repository: &Repository,
    commit: &CommitId,
    deadline: Instant,
) -> Result<Release> {
    let build = start_build_from_archive(client, terminal, app, repository, commit, deadline)?;
    follow_build(client, terminal, app.as_ref(), build, deadline)
}

/// Uploads an archive of `commit` and starts its build. Exit 5 while another build of the app is running.
pub fn start_build_from_archive(
    client: &Arc<Client>,
    terminal: &Terminal,
    app: &AppName,
    repository: &Repository,
    commit: &CommitId,
    deadline: Instant,
) -> Result<Build> {
    if repository.has_submodules(commit)? {
        terminal.warn("submodules are not in the archive: their folders are empty");
    }
    let archive = archive(repository, commit, deadline)?;
    let source: Source = client.change(&create_source())?;
    let size = archive.metadata()?.len();
    terminal.status(&format!("sending {} as an archive of {} kB", commit.short(), size.div_ceil(1000)));
    client.put_source(&source, &archive)?;
    let build = client.change(&start_build(app, source.url(), commit));
    build.map_err(|error| match error.downcast_ref::<ApiError>() {
        Some(refusal) if refusal.status == 409 => error
            .kind_of(crate::error::Kind::Refused)
            .context(format!("{app} is being built by someone else")),
        _ => unsure(error, "the build", [app].into_iter()),
    })
}

/// The commit's files as a gzipped tar in an unnamed file: the same as a push sends, without submodules.
fn archive(repository: &Repository, commit: &CommitId, deadline: Instant) -> Result<File> {
    let cannot = || format!("cannot make an archive of {}", commit.short());
    let lent = repository.lend()?.to_the_letter()?;
    let line = lent.git()?.args(["-c", "core.autocrlf=false", "archive", "--format=tar", commit.as_str()]);
    let interrupts = Interrupts::listen()?;
    let given_up = || match interrupts.code() {
        Some(code) => Some(Error::silent(code)),
        None => (Instant::now() >= deadline).then(|| Error::timed_out("git took too long")),
    };
    let (sender, archived) = mpsc::sync_channel(1);
    let mut file =
        tempfile::tempfile().context(|| temporary::cannot(&std::env::temp_dir())).context(cannot)?;
    let compress = move |tar: Box<dyn Read + Send>| {
        let mut gzipped = GzEncoder::new(BufReader::new(tar), Compression::default());
        // The receiver is gone after a timeout or an interrupt.
        _ = sender.send(io::copy(&mut gzipped, &mut file).map(|_| file));
    };
    match line.start(Place::Here)?.output_into(Box::new(compress), given_up)? {
        Ended::Left(output) if output.is_success() => {
            archived.recv().map_err(io::Error::other).and_then(|file| file).context(cannot)
        }
        Ended::Left(output) => Err(Error::failed(output.complaint()).context(cannot())),
        Ended::GivenUp(error) => Err(error.context(cannot())),
    }
}
