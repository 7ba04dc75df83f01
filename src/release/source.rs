//! The choice of the app whose slug is promoted.

use super::pipeline_state::{PipelineState, StageApp};
use super::requested::RequestedCommit;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{CommitId, CommitName, Stage};

/// Chooses the source for targets in the stage of `target`.
///
/// In this order: the app named by `from`; the first upstream app, `development` first, whose slug is of the requested
/// commit; the app in `development` that runs `head`; the only app in the nearest stage before.
pub fn choose<'a>(
    stages: &'a PipelineState,
    target: &StageApp,
    from: Option<&str>,
    requested: Option<&RequestedCommit>,
    head: Option<&CommitId>,
) -> Result<&'a StageApp> {
    let stage = target.stage_name();
    let upstream = stages.upstream(target);
    if upstream.is_empty() {
        return Err(Error::failed(format!("pipeline {} has no app in a stage before {stage}", stages.name))
            .hint(Hint::pipeline("pipelines:info", &stages.name)));
    }
    if let Some(from) = from {
        return named(stages, from, requested);
    }
    if let Some(requested) = requested {
        return upstream
            .iter()
            .copied()
            .find(|running| running.runs(&requested.commit))
            .ok_or_else(|| nowhere(requested, &upstream));
    }
    let holds_head = |running: &&&StageApp| {
        running.stage == Some(Stage::Development) && head.is_some_and(|head| running.runs(head))
    };
    if let Some(prepared) = upstream.iter().find(holds_head) {
        return Ok(prepared);
    }
    match stages.before(target).as_slice() {
        [only] => Ok(only),
        several => {
            let names: Vec<&str> = several.iter().map(|running| running.app.name.as_ref()).collect();
            Err(Error::usage(format!(
                "pipeline {} has several apps in the stage before {stage}: {}",
                stages.name,
                names.join(", ")
            ))
            .hint_line(["--from", names.first().unwrap_or(&"APP")]))
        }
    }
}

fn named<'a>(
    stages: &'a PipelineState,
    from: &str,
    requested: Option<&RequestedCommit>,
) -> Result<&'a StageApp> {
    let source = stages.app(from).ok_or_else(|| {
        let names: Vec<&str> = stages.apps.iter().map(|running| running.app.name.as_ref()).collect();
        Error::usage(format!("{from} is not in pipeline {}", stages.name))
            .hint(Hint::text(format!("its apps: {}", names.join(", "))))
    })?;
    match requested.filter(|requested| requested.requested_by == "--commit") {
        Some(requested) if !source.runs(&requested.commit) => Err(nowhere(requested, &[source])),
        _ => Ok(source),
    }
}

/// Exit 1: no app has the commit. Lists what each runs, with the command that builds it as a hint.
fn nowhere(requested: &RequestedCommit, looked_at: &[&StageApp]) -> Error {
    let held: Vec<String> = looked_at
        .iter()
        .map(|running| {
            let commit = running.commit.as_ref().map_or("no known commit", CommitName::short);
            format!("{} holds {commit}", running.app.name)
        })
        .collect();
    let error = Error::failed(format!(
        "commit {} ({}) is not prepared: {}",
        requested.commit.short(),
        requested.requested_by,
        held.join(", ")
    ));
    let Some(builder) = looked_at.first() else { return error };
    let environment = match &builder.stage {
        Some(Stage::Development) => "prepare",
        _ => builder.stage_name(),
    };
    error.hint(
        Hint::line([environment, "deploy", requested.commit.as_str()])
            .note(format!("builds it on {}", builder.app.name)),
    )
}
