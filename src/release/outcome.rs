//! The outcome of a release: it runs, or it failed.

use std::sync::Arc;
use std::time::Instant;

use super::output_streams::OutputStreams;
use super::polling::Polling;
use super::promotion::{Failure, Outcome};
use crate::error::{Error, Result};
use crate::heroku::{Client, Release};
use crate::model::{ReleaseStatus, ReleaseVersion};
use crate::terminal::Terminal;

/// Waits until the release is no longer pending, showing the output of its release phase on stderr.
///
/// Returns the release, which succeeded. Exit 1 where it failed; exit 6 when `deadline` comes first, and the release goes on
/// by itself.
pub fn wait_for_release(
    client: &Arc<Client>,
    terminal: &Terminal,
    release: Release,
    deadline: Instant,
) -> Result<Release> {
    let Outcome { app, release, failure } = outcome(client, terminal, release, deadline)?;
    match (release, failure) {
        (Some(release), None) => Ok(release),
        (release, failure) => {
            let version = release.map_or(ReleaseVersion::NONE, |release| release.version);
            Err(Error::failed(format!(
                "{app} {version} failed: {}",
                failure.map(|failure| failure.why).unwrap_or_default()
            ))
            .hint_about(app, ["releases:output", &format!("{version}")]))
        }
    }
}

/// The same, with a failed release as an outcome in place of an error.
pub(super) fn outcome(
    client: &Arc<Client>,
    terminal: &Terminal,
    release: Release,
    deadline: Instant,
) -> Result<Outcome> {
    let release = ended(client, terminal, release, deadline)?;
    let failure = failure(client, &release).map(Failure::from);
    Ok(Outcome { app: release.app.name.to_string(), release: Some(release), failure })
}

/// Why a release that is no longer pending failed; none where its slug runs.
pub(super) fn failure(client: &Client, release: &Release) -> Option<String> {
    match &release.status {
        ReleaseStatus::Succeeded if release.current || its_code_runs(client, release) => None,
        ReleaseStatus::Succeeded => Some("it succeeded, but another release runs now".to_owned()),
        ReleaseStatus::Failed => Some("its release phase failed".to_owned()),
        other => Some(format!("it is {other}")),
    }
}

/// Whether a newer release runs the same code: somebody changed a config var, say.
fn its_code_runs(client: &Client, release: &Release) -> bool {
    let Ok(newest) = client.releases(&release.app.id, 10) else { return false };
    newest.iter().find(|newer| newer.current).is_some_and(|newer| newer.runs_same_code(release))
}

/// The release once it is no longer pending, successful or not.
pub(super) fn ended(
    client: &Arc<Client>,
    terminal: &Terminal,
    mut release: Release,
    deadline: Instant,
) -> Result<Release> {
    let mut output = OutputStreams::new(client, terminal, deadline);
    let what = format!("the release of {} {}", release.app.name, release.version);
    let mut wait = Polling::begin(terminal, what)?;
    while release.is_pending() {
        if let Some(url) = &release.output_stream_url {
            output.follow(release.app.name.as_ref(), url);
        }
        if Instant::now() >= deadline {
            return Err(too_late(&release));
        }
        wait.pause_showing(&output, deadline)?;
        let look = client.release(&release.app.id, &release.id);
        release = wait.seen(look).map_err(|error| lost(error, &release))?.unwrap_or(release);
    }
    output.finish()?;
    Ok(release)
}

fn too_late(release: &Release) -> Error {
    let (app, version) = (&release.app.name, release.version);
    Error::timed_out(format!("{app} {version} is still being released and continues at Heroku"))
        .hint_about(app, ["releases:output", &format!("{version}")])
}

/// The error where a release's state cannot be read any more.
pub(super) fn lost(error: Error, release: &Release) -> Error {
    let (app, version) = (&release.app.name, release.version);
    error
        .context(format!("{app} {version} is being released, but its state cannot be read"))
        .hint_about(app, ["releases"])
}
