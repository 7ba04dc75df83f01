//! The buildpacks of an app, in their order.

use std::iter;

use serde_json::{Value, json};

use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::{State, buildpack};

pub(super) fn list(state: &State, app: usize) -> Outcome {
    let installation =
        |(ordinal, word): (u64, &String)| json!({ "ordinal": ordinal, "buildpack": buildpack::json(word) });
    Ok(Answer::ok(iter::zip(0.., &state.apps[app].buildpacks).map(installation).collect()))
}

/// `{"updates":[{"buildpack":…}]}`: replaces all buildpacks.
pub(super) fn update(state: &mut State, call: &Call, app: usize) -> Outcome {
    let updates = call.body["updates"].as_array().ok_or_else(|| Answer::invalid("Updates are required."))?;
    let word =
        |update: &Value| update["buildpack"].as_str().filter(|word| !word.is_empty()).map(str::to_owned);
    let words: Option<Vec<String>> = updates.iter().map(word).collect();
    state.apps[app].buildpacks = words.ok_or_else(|| Answer::invalid("A buildpack is a name or a URL."))?;
    list(state, app)
}
