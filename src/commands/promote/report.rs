//! What became of a move of code, for a person and for a script.

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::release::{self, Outcome, Plan, StageApp, short};

/// Nothing was to be done; `how` is that word for a script.
pub(in crate::commands) fn nothing_to_do(context: &Context, how: &str, plan: &Plan<'_>) -> Result<()> {
    context.terminal.status("nothing to do");
    if context.options.json {
        return context.terminal.print_json(&answer(how, plan, &[]));
    }
    Ok(())
}

/// Prints each target's release; exit 1 with each target's message where any failed. `how` tells a script how it was
/// done.
pub(in crate::commands) fn print(
    context: &Context,
    how: &str,
    plan: &Plan<'_>,
    outcomes: &[Outcome],
) -> Result<()> {
    if context.options.json {
        context.terminal.print_json(&answer(how, plan, outcomes))?;
    } else {
        let commit = plan.source.commit().map_or("", short);
        let line = |outcome: &Outcome| match (&outcome.failure, &outcome.release) {
            (None, Some(release)) => Some(format!("{} v{} {commit}\n", outcome.app, release.version)),
            _ => None,
        };
        let done: String = outcomes.iter().filter_map(line).collect();
        context.terminal.print_lines(&done)?;
    }
    failures(outcomes)?;
    release::show_urls(&context.terminal, plan.targets.iter().map(|step| step.app));
    Ok(())
}

/// Exit 1 with each failure and where to read more of it, if there is any.
pub(in crate::commands) fn failures(outcomes: &[Outcome]) -> Result<()> {
    let failed: Vec<(&Outcome, &str)> =
        outcomes.iter().filter_map(|outcome| Some((outcome, outcome.failure.as_deref()?))).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let message = |(outcome, why): &(&Outcome, &str)| match &outcome.release {
        Some(release) => format!("{} v{} failed: {why}", outcome.app, release.version),
        None => format!("{} failed: {why}", outcome.app),
    };
    let hint = |(outcome, _): &(&Outcome, &str)| match &outcome.release {
        Some(release) => Hint::about(&outcome.app, ["releases:output", &format!("v{}", release.version)]),
        None => Hint::about(&outcome.app, ["releases"]),
    };
    let error = Error::failed(failed.iter().map(message).collect::<Vec<_>>().join("; "));
    Err(failed.iter().map(hint).fold(error, Error::hint))
}

/// The outcome for a script.
fn answer(how: &str, plan: &Plan<'_>, outcomes: &[Outcome]) -> Value {
    let version = |running: &StageApp| running.release.as_ref().map(|release| release.version);
    let done = plan.done.iter().map(|running| {
        json!({ "app": running.app.name, "status": "unchanged", "version": version(running), "error": null })
    });
    let moved = outcomes.iter().map(|outcome| {
        json!({
            "app": outcome.app,
            "status": if outcome.failure.is_none() { "succeeded" } else { "failed" },
            "version": outcome.release.as_ref().map(|release| release.version),
            "error": outcome.failure,
        })
    });
    let source = plan
        .source
        .slug()
        .map(|source| json!({ "app": source.app.name, "version": version(source), "commit": source.commit }));
    json!({
        "how": how,
        "commit": plan.source.commit(),
        "source": source,
        "targets": moved.chain(done).collect::<Vec<_>>(),
    })
}
