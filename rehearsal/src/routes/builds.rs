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
