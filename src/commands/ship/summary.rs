//! What came of it, for a person and for a script.

use std::time::Duration;

use serde_json::{Value, json};

use super::flow::Flow;
use super::remote::Remote;
use super::route::Route;
use super::step::{State, Step, Work, shown};
use super::{Args, Context};
use crate::error::{Error, Kind, Result};
use crate::release::{Running, short};

/// Every app runs the commit already.
pub(super) fn nothing_to_do(context: &Context, route: &Route) -> Result<()> {
    context.terminal.status("nothing to do");
    if context.options.json {
        let answer = answer(route, &[], "unchanged", Duration::ZERO, &json_of(route.apps()));
        return context.terminal.print_json(&answer);
    }
    Ok(())
}

/// It is done: the time of each step and of all.
pub(super) fn success(context: &Context, route: &Route, flow: &mut Flow<'_>) -> Result<()> {
    let total = flow.begun.elapsed();
    if context.options.json {
        let answer = answer(route, &flow.steps, "succeeded", total, &route.json(&flow.steps));
        return context.terminal.print_json(&answer);
    }
    if context.terminal.stdout_is_terminal() {
        flow.view.clear();
    }
    let width = flow.steps.iter().map(|step| step.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for step in &flow.steps {
        let releases: Vec<String> =
            step.releases.iter().map(|(app, version)| format!("{app} v{version}")).collect();
        let line = format!("{:width$}  {:>7}  {}", step.name, shown(step.time()), releases.join(", "));
        text.extend([line.trim_end(), "\n"]);
    }
    let series = in_series(&flow.steps).map_or_else(String::new, |series| {
        let saved = shown(series.saturating_sub(total));
        format!("; in series about {}, saved {saved}", shown(series))
    });
    let commit = short(&route.commit);
    context.terminal.print(&format!("{text}{:width$}  {:>7}  {commit}{series}\n", "total", shown(total)))
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
        flow.view.tail(failed);
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
    let again = format!("{} {}", context.name, args.line());
    let hints: Vec<String> =
        failed.and_then(|failed| way_on(route, &flow.steps, failed)).into_iter().chain([again]).collect();
    if interrupted {
        for hint in hints {
            context.terminal.hint(hint);
        }
        return error;
    }
    hints.into_iter().fold(error, Error::hint)
}

/// The line for what failed alone.
fn way_on(route: &Route, steps: &[Step], failed: &Step) -> Option<String> {
    match failed.work {
        Work::Promotion(stop) => {
            let options = format!("--commit {}", short(&route.commit));
            let line = route.stops[stop].promotion(route.source(), &options);
            Some(format!("{line}   # this step alone"))
        }
        Work::Smoke(place, app) => {
            let stop = &route.stops[place];
            let app = stop.apps[app].app.name.as_ref();
            let promotion = steps.iter().find(|step| step.work == Work::Promotion(place))?;
            let (_, version) = promotion.replaced.iter().find(|(replaced, _)| replaced == app)?;
            let line = if stop.is_known && stop.apps.len() == 1 {
                format!("{} rollback v{version}", stop.environment)
            } else {
                format!("heroku rollback v{version} --app {app}")
            };
            Some(format!("{line}   # which ran before"))
        }
        Work::Tests | Work::Build => None,
    }
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
