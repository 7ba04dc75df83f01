//! The report after a deploy or a promotion, for a person and for a script.

use serde::Serialize;

use super::app_release::AppRelease;
use super::app_urls::show_urls;
use super::pipeline_state::StageApp;
use super::plan::Plan;
use super::promotion::{Failure, Outcome};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{CommitName, ReleaseVersion};

/// What a deploy or a promotion came to, where it did not fail on the way.
pub enum Report {
    /// Nothing was done: the lines that would do it.
    DryRun(String),
    /// Every target's outcome; none where nothing was to be done.
    Done(Box<Done>),
}

/// The outcomes, with the parts of the plan that are printed.
pub struct Done {
    outcomes: Vec<Outcome>,
    /// How the code moved, in a word.
    how: &'static str,
    commit: Option<CommitName>,
    /// The app whose slug was used.
    source: Option<StageApp>,
    targets: Vec<StageApp>,
    /// The targets that ran the commit already.
    unchanged: Vec<StageApp>,
    /// A failure that came after the move: maintenance mode could not be turned off, say.
    trailing: Option<Error>,
}

/// The report as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    how: &'static str,
    commit: Option<&'a CommitName>,
    source: Option<AppRelease<'a>>,
    targets: Vec<TargetAnswer<'a>>,
}

#[derive(Serialize)]
struct TargetAnswer<'a> {
    app: &'a str,
    status: TargetStatus,
    version: Option<ReleaseVersion>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum TargetStatus {
    Succeeded,
    Failed,
    Unchanged,
}

impl Report {
    /// Every target runs the commit already.
    pub(super) fn unchanged(plan: &Plan<'_>) -> Self {
        Self::done("unchanged", plan, Vec::new(), Ok(()))
    }

    /// The targets' outcomes. `how` says in a word how the code moved; `ended` is the result of what was left to do
    /// afterwards.
    pub(super) fn done(
        how: &'static str,
        plan: &Plan<'_>,
        outcomes: Vec<Outcome>,
        ended: Result<()>,
    ) -> Self {
        Self::Done(Box::new(Done {
            how,
            commit: plan.source.commit().cloned(),
            source: plan.source.slug().cloned(),
            targets: plan.targets.iter().map(|target| target.app.clone()).collect(),
            unchanged: plan.done.iter().map(|&target| target.clone()).collect(),
            trailing: ended.err(),
            outcomes,
        }))
    }

    /// Prints each target's release; exit 1 with each target's message where any failed.
    pub fn print(self, context: &Context) -> Result<()> {
        let done = match self {
            Self::DryRun(lines) => return context.terminal.print_lines(&format!("{lines}\n")),
            Self::Done(done) => done,
        };
        if done.outcomes.is_empty() {
            context.terminal.status("nothing to do");
        }
        if context.options.json {
            context.terminal.print_json(&done.answer())?;
        } else if !done.outcomes.is_empty() {
            context.terminal.print_lines(&done.lines())?;
        }
        failures(&done.outcomes)?;
        if !done.outcomes.is_empty() {
            show_urls(&context.terminal, done.targets.iter());
        }
        done.trailing.map_or(Ok(()), Err)
    }

    /// The same without printing: exit 1 where any target failed.
    pub fn check(self) -> Result<()> {
        let Self::Done(done) = self else { return Ok(()) };
        failures(&done.outcomes)?;
        done.trailing.map_or(Ok(()), Err)
    }
}

impl Done {
    /// `playhouse-production v19 1a2b3c4`, for each target that succeeded.
    fn lines(&self) -> String {
        let commit = self.commit.as_ref().map_or("", CommitName::short);
        let line = |outcome: &Outcome| match (&outcome.failure, &outcome.release) {
            (None, Some(release)) => Some(format!("{} {} {commit}\n", outcome.app, release.version)),
            _ => None,
        };
        self.outcomes.iter().filter_map(line).collect()
    }

    fn answer(&self) -> Answer<'_> {
        let unchanged = self.unchanged.iter().map(TargetAnswer::unchanged);
        Answer {
            how: self.how,
            commit: self.commit.as_ref(),
            source: self.source.as_ref().map(StageApp::running),
            targets: self.outcomes.iter().map(TargetAnswer::moved).chain(unchanged).collect(),
        }
    }
}

impl<'a> TargetAnswer<'a> {
    fn moved(outcome: &'a Outcome) -> Self {
        Self {
            app: outcome.app.as_ref(),
            status: if outcome.failure.is_none() { TargetStatus::Succeeded } else { TargetStatus::Failed },
            version: outcome.release.as_ref().map(|release| release.version),
            error: outcome.failure.as_ref().map(|failure| failure.why.as_str()),
        }
    }

    fn unchanged(target: &'a StageApp) -> Self {
        let AppRelease { app, version, .. } = target.running();
        Self { app, status: TargetStatus::Unchanged, version, error: None }
    }
}

/// Exit 1 with each failure and where to read more about it, if there is any.
pub fn failures(outcomes: &[Outcome]) -> Result<()> {
    let failed: Vec<(&Outcome, &Failure)> =
        outcomes.iter().filter_map(|outcome| Some((outcome, outcome.failure.as_ref()?))).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let message = |(outcome, failure): &(&Outcome, &Failure)| match &outcome.release {
        Some(release) => format!("{} {} failed: {}", outcome.app, release.version, failure.why),
        None => format!("{} failed: {}", outcome.app, failure.why),
    };
    let error = Error::failed(failed.iter().map(message).collect::<Vec<_>>().join("; "));
    Err(failed.into_iter().flat_map(|(outcome, failure)| hints(outcome, failure)).fold(error, Error::hint))
}

/// Where to read more about a failure, and how to undo it where it runs.
fn hints(outcome: &Outcome, failure: &Failure) -> Vec<Hint> {
    let app = &outcome.app;
    match (&failure.dyno, &outcome.release) {
        (Some(dyno), release) => {
            let log = Hint::about(app, ["logs", "--dyno-name", dyno]);
            // After a rollback, the same command would be refused.
            let is_rollback = release.as_ref().is_some_and(|release| release.rolls_back_to().is_some());
            std::iter::once(log).chain((!is_rollback).then(|| Hint::about(app, ["rollback"]))).collect()
        }
        (None, Some(release)) => {
            vec![Hint::about(app, ["releases:output", &format!("{}", release.version)])]
        }
        (None, None) => vec![Hint::about(app, ["releases"])],
    }
}
