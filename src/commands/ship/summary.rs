//! The summary of a ship, for a person and for a script.

use std::time::Duration;

use serde::Serialize;

use super::current_state::CurrentState;
use super::plan::ShipPlan;
use super::rollback_offer::RollbackOffer;
use super::run::ShipRun;
use super::step::{KEPT, Step, StepKind, StepState};
use super::{Args, Context};
use crate::duration::measured;
use crate::error::{Error, Kind, Result};
use crate::hint::Hint;
use crate::model::{CommitName, ReleaseVersion};
use crate::release::{self, AppRelease, StageApp};

/// This many lines of a successful smoke command are shown.
const LAST_LINES: usize = 5;

/// The summary as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    /// `succeeded`, `unchanged`, `failed` or `interrupted`.
    status: &'static str,
    commit: &'a CommitName,
    steps: Vec<StepAnswer<'a>>,
    seconds: f64,
    /// An estimate of the time without parallel steps.
    in_series_seconds: Option<f64>,
    /// What runs now; null if it cannot be read.
    runs: Option<Vec<AppRelease<'a>>>,
}

#[derive(Serialize)]
struct StepAnswer<'a> {
    name: &'a str,
    status: StepState,
    seconds: f64,
    releases: Vec<ReleaseAnswer<'a>>,
}

#[derive(Serialize)]
struct ReleaseAnswer<'a> {
    app: &'a str,
    version: ReleaseVersion,
}

/// Prints the time of each step and the total.
pub(super) fn success(context: &Context, plan: &ShipPlan, run: &mut ShipRun<'_>) -> Result<()> {
    let total = run.begun.elapsed();
    if context.options.json {
        let status = if nothing_moved(&run.steps) { "unchanged" } else { "succeeded" };
        let runs = plan.shipped(&run.steps);
        return context.terminal.print_json(&Answer::of(plan, &run.steps, status, total, Some(runs)));
    }
    if context.terminal.stdout_is_terminal() {
        run.display.clear();
    }
    for step in run.steps.iter().filter(|step| matches!(step.work, StepKind::Smoke(..))) {
        run.display.tail(step, LAST_LINES);
    }
    let width = run.steps.iter().map(|step| step.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for step in &run.steps {
        let releases: Vec<String> =
            step.releases.iter().map(|(app, version)| format!("{app} {version}")).collect();
        let line = format!("{:width$}  {:>7}  {}", step.name, measured(step.time()), releases.join(", "));
        text.extend([line.trim_end(), "\n"]);
    }
    let series = in_series(&run.steps).map_or_else(String::new, |series| gain(series, total));
    let commit = plan.commit.short();
    context.terminal.print(&format!(
        "{text}{:width$}  {:>7}  {commit}{series}\n",
        "total",
        measured(total)
    ))?;
    let names: Vec<&str> =
        plan.destinations.iter().map(|destination| destination.environment.as_str()).collect();
    let names = names.join(" and ");
    context.terminal.status(&if nothing_moved(&run.steps) {
        format!("{commit} ran on {names} already, and passed again")
    } else {
        format!("shipped {commit} to {names}")
    });
    if let Some(last) = plan.destinations.last() {
        release::show_urls(&context.terminal, last.apps.iter());
    }
    Ok(())
}

/// Whether every app ran the commit before.
fn nothing_moved(steps: &[Step]) -> bool {
    let mut promotions = steps.iter().filter(|step| matches!(step.work, StepKind::Promotion(_)));
    promotions.all(|step| step.state == StepState::Unchanged)
}

/// The time saved by doing things in parallel.
fn gain(series: Duration, total: Duration) -> String {
    let about = format!("; in series about {}", measured(series));
    match series.checked_sub(total).map(measured) {
        Some(saved) if saved != measured(Duration::ZERO) => format!("{about}, saved {saved}"),
        _ => format!("{about}, nothing saved"),
    }
}

/// After a failure or an interrupt: prints what runs where now, and adds hints to go on. The error is reported last.
pub(super) fn failure(
    context: &Context,
    args: &Args,
    plan: &ShipPlan,
    run: &mut ShipRun<'_>,
    error: Error,
) -> Error {
    let total = run.begun.elapsed();
    let failed = run.steps.iter().find(|step| step.state == StepState::Failed);
    if let Some(failed) = failed {
        run.display.tail(failed, KEPT);
    }
    let begun = run.steps.iter().any(|step| {
        step.work == StepKind::Build && matches!(step.state, StepState::Failed | StepState::Stopped)
    });
    let current = context.heroku().and_then(|client| CurrentState::read(client, plan, begun));
    match &current {
        Ok(current) => context.terminal.status(&current.told(plan, run.left.clone())),
        Err(unknown) => {
            context.terminal.warn(&format!("cannot read which app runs what: {unknown}"));
            run.left.iter().for_each(|left| context.terminal.status(left));
        }
    }
    let interrupted = matches!(error.kind(), Kind::Silent(_));
    if context.options.json {
        let status = if interrupted { "interrupted" } else { "failed" };
        let runs = current.as_ref().ok().map(|current| current.apps.iter().map(StageApp::running).collect());
        let answer = Answer::of(plan, &run.steps, status, total, runs);
        // Failing to print the JSON must not hide the error itself.
        _ = context.terminal.print_json(&answer);
    }
    let way_on = failed.and_then(|failed| way_on(plan, failed));
    let back = failed.and_then(|failed| RollbackOffer::of(plan, &run.steps, failed));
    run.listens_no_more();
    // If rolling back fails, its error was printed by then, and the hint below repeats the command.
    let is_back = !interrupted && back.as_ref().is_some_and(|back| back.offer(context).unwrap_or(false));
    let back = back.filter(|_| !is_back).map(|back| back.hint());
    let again = context.command(args.words());
    let hints = way_on.into_iter().chain(back).chain([again]);
    if interrupted {
        hints.for_each(|hint| context.terminal.hint(hint));
        return error;
    }
    hints.fold(error, Error::hint)
}

/// The command that repeats a failed promotion alone.
fn way_on(plan: &ShipPlan, failed: &Step) -> Option<Hint> {
    let StepKind::Promotion(destination) = failed.work else { return None };
    let options = ["--commit", plan.commit.short()];
    Some(plan.destinations[destination].promotion(plan.source(), &options).note("this step alone"))
}

impl ShipPlan {
    /// The releases that run after a success.
    fn shipped<'a>(&'a self, steps: &'a [Step]) -> Vec<AppRelease<'a>> {
        let moved = steps.iter().filter(|step| matches!(step.work, StepKind::Promotion(_)));
        let release = |(app, version): &'a (String, ReleaseVersion)| AppRelease {
            app,
            version: Some(*version),
            commit: Some(&self.commit),
        };
        moved.flat_map(|step| &step.releases).map(release).collect()
    }
}

impl<'a> Answer<'a> {
    fn of(
        plan: &'a ShipPlan,
        steps: &'a [Step],
        status: &'static str,
        total: Duration,
        runs: Option<Vec<AppRelease<'a>>>,
    ) -> Self {
        Self {
            status,
            commit: &plan.commit,
            steps: steps.iter().map(StepAnswer::of).collect(),
            seconds: seconds(total),
            in_series_seconds: in_series(steps).map(seconds),
            runs,
        }
    }
}

impl<'a> StepAnswer<'a> {
    fn of(step: &'a Step) -> Self {
        let release = |(app, version): &'a (String, ReleaseVersion)| ReleaseAnswer { app, version: *version };
        Self {
            name: &step.name,
            status: step.state,
            seconds: seconds(step.time()),
            releases: step.releases.iter().map(release).collect(),
        }
    }
}

/// To the millisecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

/// The time in series: tests first, and a build in place of each promotion. None where nothing was built, or not all steps
/// were done.
fn in_series(steps: &[Step]) -> Option<Duration> {
    let build =
        steps.iter().find(|step| step.work == StepKind::Build && step.state == StepState::Passed)?.time();
    let time = |step: &Step| match (step.work, step.state) {
        (StepKind::Build, _) => Some(Duration::ZERO),
        (StepKind::Promotion(_), StepState::Passed | StepState::Unchanged) => Some(build),
        (StepKind::Tests | StepKind::Smoke(..), StepState::Passed) => Some(step.time()),
        _ => None,
    };
    steps.iter().map(time).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_gain_is_claimed_where_there_was_none() {
        let gain = |series, total| gain(Duration::from_millis(series), Duration::from_millis(total));
        assert_eq!(gain(9_000, 5_000), "; in series about 9.0s, saved 4.0s");
        assert_eq!(gain(5_020, 5_000), "; in series about 5.0s, nothing saved");
        assert_eq!(gain(5_000, 9_000), "; in series about 5.0s, nothing saved");
    }
}
