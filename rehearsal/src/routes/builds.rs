//! Builds: starting from a source blob, reading, canceling.

use serde_json::Value;

use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::sources;
use crate::state::State;
use crate::state::build::Source;
use crate::state::release::Status;

pub(super) fn list(state: &State, call: &Call, app: usize) -> Outcome {
    let builds = state.builds.iter().filter(|build| build.app == app);
    Ok(Answer::ok(builds.map(|build| build.json(state, call.sdk())).collect()))
}

/// The newest build of each app in the pipeline.
pub(super) fn latest(state: &State, pipeline: usize) -> Outcome {
    let is_in = |app: &usize| state.coupling_of(*app).is_some_and(|coupling| coupling.pipeline == pipeline);
    let newest = |app: usize| state.builds.iter().rfind(|build| build.app == app);
    let builds = (0..state.apps.len()).filter(is_in).filter_map(newest);
    Ok(Answer::ok(builds.map(|build| without_generation(build.json(state, false))).collect()))
}

/// In this list the schema does not have the app's generation.
fn without_generation(mut build: Value) -> Value {
    if let Some(fields) = build.as_object_mut() {
        fields.remove("generation");
    }
    build
}

pub(super) fn show(state: &State, call: &Call, app: usize, id: &str) -> Outcome {
    Ok(Answer::ok(state.build_of(app, id)?.json(state, call.sdk())))
}

/// `{"source_blob":{"url",…},"buildpacks"?}`: starts a build, which runs after the answer.
pub(super) fn create(state: &mut State, call: &Call, app: usize) -> Outcome {
    let blob = &call.body["source_blob"];
    let text = |key: &str| blob[key].as_str().map(str::to_owned);
    let source = Source {
        url: text("url").ok_or_else(|| Answer::invalid("source_blob.url is required."))?,
        version: text("version"),
        checksum: text("checksum"),
        description: text("version_description"),
    };
    let word = |entry: &Value| entry["url"].as_str().or_else(|| entry["name"].as_str()).map(str::to_owned);
    let buildpacks = call.body["buildpacks"].as_array().map(|list| list.iter().filter_map(word).collect());
    let id = state
        .begin_build(app, source, buildpacks)
        .ok_or_else(|| Answer::error(409, "conflict", "A build is already in progress for this app."))?;
    let begun = id.clone();
    state.spawn(|shared| sources::build(shared, begun));
    Ok(Answer::created(show(state, call, app, &id)?.body))
}

/// Cancels a pending build.
pub(super) fn cancel(state: &mut State, call: &Call, app: usize, id: &str) -> Outcome {
    if state.build_of(app, id)?.status != Status::Pending {
        return Err(Answer::invalid("Only a pending build can be canceled."));
    }
    state.say_of_build(id, " !     Build canceled");
    state.end_build(id, false);
    show(state, call, app, id)
}
