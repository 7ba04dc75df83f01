//! A promotion at Heroku: the request, and polling until every target runs the slug or failed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::outcome;
use super::output_streams::OutputStreams;
use super::plan::{Plan, PlannedTarget};
use super::polling::Polling;
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Client, Id, Promotion, PromotionTarget, Release};
use crate::model::{AppName, PromotionStatus};
use crate::parallel::in_parallel;
use crate::terminal::Terminal;

/// How the promotion went for one target.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The app.
    pub app: String,
    /// The release it made, where one was made.
    pub release: Option<Release>,
    /// Why it failed; none where it did not.
    pub failure: Option<Failure>,
}

/// Why a release, or its dynos, failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The reason, for a person.
    pub why: String,
    /// The dyno that crashed, where one did: its log says more.
    pub dyno: Option<String>,
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self { why, dyno: None }
    }
}

/// Promotes to the plan's targets, showing the output of release phases on stderr. Returns the outcomes in the plan's order.
///
/// Exit 6 when `deadline` comes first; the promotion itself goes on.
pub(super) fn run_promotion(
    client: &Arc<Client>,
    terminal: &Terminal,
    pipeline: &str,
    plan: &Plan<'_>,
    deadline: Instant,
) -> Result<Vec<Outcome>> {
    run_promotion_once(client, terminal, pipeline, plan, deadline, || Ok(()))
}

/// The same; `agreed` is called just before the request is sent, and nothing is sent where it fails.
pub fn run_promotion_once(
    client: &Arc<Client>,
    terminal: &Terminal,
    pipeline: &str,
    plan: &Plan<'_>,
    deadline: Instant,
    agreed: impl FnOnce() -> Result<()>,
) -> Result<Vec<Outcome>> {
    let apps = plan.targets.iter().map(|step| &step.app.app.name);
    let change = plan.change(pipeline)?;
    agreed()?;
    let promotion = client.change::<Promotion>(&change);
    let promotion = promotion.map_err(|error| unsure(error, "the promotion", apps))?;
    let watch = Watch { client, terminal, plan, promotion: &promotion.id, deadline };
    watch.until_done(OutputStreams::new(client, terminal, deadline))
}

/// The error where the answer to a request was lost: it may have gone through, so it is not repeated and the hint is how to
/// check.
pub(super) fn unsure<'a>(error: Error, what: &str, apps: impl Iterator<Item = &'a AppName>) -> Error {
    if !ApiError::leaves_open(&error) {
        return error;
    }
    let error = error.context(format!("{what} may have gone through; check before retrying"));
    apps.fold(error, |error, app| error.hint_about(app, ["releases"]))
}

struct Watch<'a> {
    client: &'a Client,
    terminal: &'a Terminal,
    plan: &'a Plan<'a>,
    promotion: &'a str,
    deadline: Instant,
}

/// The state of one target.
struct TargetState {
    target: PromotionTarget,
    release: Option<Release>,
}

impl TargetState {
    fn is_done_for(&self, step: &PlannedTarget<'_>) -> bool {
        self.target.app.id == step.app.app.id && self.is_done()
    }

    /// A target may have succeeded while its release phase still runs.
    fn is_done(&self) -> bool {
        match (&self.target.status, &self.release) {
            (PromotionStatus::Pending, _) => false,
            (PromotionStatus::Succeeded, Some(release)) => !release.is_pending(),
            _ => true,
        }
    }
}

impl Watch<'_> {
    fn until_done(&self, mut output: OutputStreams<'_>) -> Result<Vec<Outcome>> {
        let apps: Vec<&str> = self.apps().collect();
        let mut wait = Polling::begin(self.terminal, format!("the promotion to {}", apps.join(", ")))?;
        let mut ended = HashMap::new();
        loop {
            if let Some(seen) = wait.seen(self.look(&mut ended)).map_err(|error| self.lost(error))? {
                for (app, url) in self.streams(&seen) {
                    output.follow(app, url);
                }
                if self.plan.targets.iter().all(|step| seen.iter().any(|seen| seen.is_done_for(step))) {
                    output.finish()?;
                    return Ok(self.outcomes(&seen));
                }
            }
            if Instant::now() >= self.deadline {
                return Err(self.too_late());
            }
            wait.pause_showing(&output, self.deadline)?;
        }
    }

    /// The state of every target and its release. Releases are read in parallel, and not again once they have ended.
    fn look(&self, ended: &mut HashMap<String, Release>) -> Result<Vec<TargetState>> {
        let targets = self.client.promotion_targets(self.promotion)?;
        let releases = in_parallel(&targets, |target| {
            let Some(Id { id }) = &target.release else { return Ok(None) };
            let known = ended.get(id).cloned();
            known.map_or_else(|| self.client.release(&target.app.id, id), Ok).map(Some)
        });
        let pair =
            |(target, release): (PromotionTarget, Result<_>)| Ok(TargetState { target, release: release? });
        let seen: Vec<TargetState> = targets.into_iter().zip(releases).map(pair).collect::<Result<_>>()?;
        let final_ones =
            seen.iter().filter_map(|seen| seen.release.as_ref()).filter(|release| !release.is_pending());
        ended.extend(final_ones.map(|release| (release.id.clone(), release.clone())));
        Ok(seen)
    }

    fn streams<'s>(&'s self, seen: &'s [TargetState]) -> impl Iterator<Item = (&'s str, &'s str)> {
        seen.iter().filter_map(|seen| {
            let url = seen.release.as_ref()?.output_stream_url.as_deref()?;
            Some((self.step(seen)?.app.app.name.as_ref(), url))
        })
    }

    fn step(&self, seen: &TargetState) -> Option<&PlannedTarget<'_>> {
        self.plan.targets.iter().find(|step| step.app.app.id == seen.target.app.id)
    }

    fn outcomes(&self, seen: &[TargetState]) -> Vec<Outcome> {
        let outcome = |step: &PlannedTarget<'_>| {
            let seen = seen.iter().find(|seen| seen.target.app.id == step.app.app.id)?;
            Some(Outcome {
                app: step.app.app.name.to_string(),
                release: seen.release.clone(),
                failure: failure(self.client, seen).map(Failure::from),
            })
        };
        self.plan.targets.iter().filter_map(outcome).collect()
    }

    fn apps(&self) -> impl Iterator<Item = &str> {
        self.plan.targets.iter().map(|step| step.app.app.name.as_ref())
    }

    fn too_late(&self) -> Error {
        let error = Error::timed_out(format!(
            "the promotion to {} is still under way and continues at Heroku",
            self.apps().collect::<Vec<_>>().join(", ")
        ));
        self.apps().fold(error, |error, app| error.hint_about(app, ["releases"]))
    }

    fn lost(&self, error: Error) -> Error {
        let error = error.context("the promotion has begun, but its state cannot be read");
        self.apps().fold(error, |error, app| error.hint_about(app, ["releases"]))
    }
}

/// Why a target that is done failed, if it did.
fn failure(client: &Client, seen: &TargetState) -> Option<String> {
    let said = seen.target.error_message.clone().filter(|said| !said.is_empty());
    if seen.target.status == PromotionStatus::Failed {
        return Some(said.unwrap_or_else(|| "the promotion failed".to_owned()));
    }
    match &seen.release {
        Some(release) => outcome::failure(client, release).map(|why| said.unwrap_or(why)),
        None => Some("no release was made".to_owned()),
    }
}
