//! What came of it, for a person and for a script.

use std::time::Duration;

use serde_json::{Value, json};

use super::back::WayBack;
use super::flow::Flow;
use super::remote::Remote;
use super::route::Route;
use super::step::{KEPT, State, Step, Work, shown};
use super::{Args, Context};
use crate::error::{Error, Kind, Result};
use crate::hint::Hint;
use crate::release::{self, Running, short};

/// So many lines of a smoke command are shown that succeeded.
const LAST_LINES: usize = 5;

/// It is done: the time of each step and of all.
pub(super) fn success(context: &Context, route: &Route, flow: &mut Flow<'_>) -> Result<()> {
    let total = flow.begun.elapsed();
    if context.options.json {
        let status = if nothing_moved(&flow.steps) { "unchanged" } else { "succeeded" };
        let answer = answer(route, &flow.steps, status, total, &route.json(&flow.steps));
        return context.terminal.print_json(&answer);
    }
    if context.terminal.stdout_is_terminal() {
        flow.view.clear();
    }
    for step in flow.steps.iter().filter(|step| matches!(step.work, Work::Smoke(..))) {
        flow.view.tail(step, LAST_LINES);
    }
    let width = flow.steps.iter().map(|step| step.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for step in &flow.steps {
        let releases: Vec<String> =
            step.releases.iter().map(|(app, version)| format!("{app} v{version}")).collect();
        let line = format!("{:width$}  {:>7}  {}", step.name, shown(step.time()), releases.join(", "));
        text.extend([line.trim_end(), "\n"]);
    }
    let series = in_series(&flow.steps).map_or_else(String::new, |series| gain(series, total));
    let commit = short(&route.commit);
    context.terminal.print(&format!("{text}{:width$}  {:>7}  {commit}{series}\n", "total", shown(total)))?;
    let names: Vec<&str> = route.stops.iter().map(|stop| stop.environment.as_str()).collect();
    let names = names.join(" and ");
    context.terminal.status(&if nothing_moved(&flow.steps) {
        format!("{commit} ran on {names} already, and passed again")
    } else {
        format!("shipped {commit} to {names}")
    });
    if let Some(last) = route.stops.last() {
        release::show_urls(&context.terminal, last.apps.iter());
    }
    Ok(())
}

/// Whether every app ran the commit before.
fn nothing_moved(steps: &[Step]) -> bool {
    let mut promotions = steps.iter().filter(|step| matches!(step.work, Work::Promotion(_)));
    promotions.all(|step| step.state == State::Unchanged)
}

/// What was gained by doing things side by side; nothing is claimed where nothing was.
fn gain(series: Duration, total: Duration) -> String {
    let about = format!("; in series about {}", shown(series));
    match series.checked_sub(total).map(shown) {
        Some(saved) if saved != shown(Duration::ZERO) => format!("{about}, saved {saved}"),
        _ => format!("{about}, nothing saved"),
    }
}

/// It failed or was interrupted: what runs where now, and how to go on. The failure is told last.
pub(super) fn failure(
    context: &Context,
    args: &Args,
    route: &Route,
    flow: &mut Flow<'_>,
    error: Error,
) -> Error {
    let total = flow.begun.elapsed();
    let failed = flow.steps.iter().find(|step| step.state == State::Failed);
    if let Some(failed) = failed {
        flow.view.tail(failed, KEPT);
    }
    let begun = flow
        .steps
        .iter()
        .any(|step| step.work == Work::Build && matches!(step.state, State::Failed | State::Stopped));
    let remote = context.heroku().and_then(|client| Remote::read(client, route, begun));
    match &remote {
        Ok(remote) => context.terminal.status(&remote.told(route, flow.left.clone())),
        Err(unknown) => {
            context.terminal.warn(&format!("what runs where could not be read: {unknown}"));
            flow.left.iter().for_each(|left| context.terminal.status(left));
        }
    }
    let interrupted = matches!(error.kind(), Kind::Silent(_));
    if context.options.json {
        let status = if interrupted { "interrupted" } else { "failed" };
        let runs = remote.map_or(Value::Null, |remote| json_of(remote.apps.iter()));
        let answer = answer(route, &flow.steps, status, total, &runs);
        // The failure is worth more than that of telling it to a script.
        _ = context.terminal.print_json(&answer);
    }
    let way_on = failed.and_then(|failed| way_on(route, failed));
    let back = failed.and_then(|failed| WayBack::of(route, &flow.steps, failed));
    flow.listens_no_more();
    // Whatever keeps it from going back was said by then, and the line to do so follows.
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

/// The line for a promotion that failed alone.
fn way_on(route: &Route, failed: &Step) -> Option<Hint> {
    let Work::Promotion(stop) = failed.work else { return None };
    let options = ["--commit", short(&route.commit)];
    Some(route.stops[stop].promotion(route.source(), &options).note("this step alone"))
}

/// What these apps run, for a script.
pub(super) fn json_of<'a>(apps: impl Iterator<Item = &'a Running>) -> Value {
    let app = |running: &Running| {
        json!({
            "app": running.app.name,
            "version": running.release.as_ref().map(|release| release.version),
            "commit": running.commit,
        })
    };
    apps.map(app).collect()
}

impl Route {
    /// What runs after a success, for a script.
    fn json(&self, steps: &[Step]) -> Value {
        let moved = steps.iter().filter(|step| matches!(step.work, Work::Promotion(_)));
        let run =
            |(app, version): &(String, u64)| json!({ "app": app, "version": version, "commit": self.commit });
        moved.flat_map(|step| &step.releases).map(run).collect()
    }
}

fn answer(route: &Route, steps: &[Step], status: &str, total: Duration, runs: &Value) -> Value {
    let seconds = |time: Duration| (time.as_secs_f64() * 1000.0).round() / 1000.0;
    let step = |step: &Step| {
        let release = |(app, version): &(String, u64)| json!({ "app": app, "version": version });
        json!({
            "name": step.name,
            "status": step.state.word(),
            "seconds": seconds(step.time()),
            "releases": step.releases.iter().map(release).collect::<Vec<_>>(),
        })
    };
    json!({
        "status": status,
        "commit": route.commit,
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
        "seconds": seconds(total),
        "in_series_seconds": in_series(steps).map(seconds),
        "runs": runs,
    })
}

/// How long it would have taken with tests first and a build in place of each promotion; none where nothing was built,
/// or not all of it was done.
fn in_series(steps: &[Step]) -> Option<Duration> {
    let build = steps.iter().find(|step| step.work == Work::Build && step.state == State::Passed)?.time();
    let time = |step: &Step| match (step.work, step.state) {
        (Work::Build, _) => Some(Duration::ZERO),
        (Work::Promotion(_), State::Passed | State::Unchanged) => Some(build),
        (Work::Tests | Work::Smoke(..), State::Passed) => Some(step.time()),
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
