//! Features of an app, labs features among them.

use serde_json::Value;

use super::account::flag;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::{State, metadata};

const FEATURES: [&str; 4] = ["preboot", metadata::RUNTIME, metadata::BUILD, "log-runtime-metrics"];

/// Labs features are not generally available.
fn app_flag(name: &str, enabled: bool) -> Value {
    let mut shown = flag(name, enabled);
    if name != "preboot" {
        shown["state"] = "public".into();
    }
    shown
}

pub(super) fn list(state: &State, app: usize) -> Outcome {
    let on = |name: &str| state.apps[app].features.iter().any(|feature| feature == name);
    Ok(Answer::ok(FEATURES.iter().map(|name| app_flag(name, on(name))).collect()))
}

pub(super) fn show(state: &State, app: usize, name: &str) -> Outcome {
    let Value::Array(features) = list(state, app)?.body else { return Err(Answer::usual(500)) };
    let found = features.into_iter().find(|feature| feature["name"] == name);
    found.map(Answer::ok).ok_or_else(|| Answer::missing("feature"))
}

pub(super) fn update(state: &mut State, call: &Call, app: usize, name: &str) -> Outcome {
    show(state, app, name)?;
    let enabled =
        call.body["enabled"].as_bool().ok_or_else(|| Answer::invalid("Enabled must be true or false."))?;
    state.apps[app].features.retain(|feature| feature != name);
    if enabled {
        state.apps[app].features.push(name.to_owned());
    }
    show(state, app, name)
}
