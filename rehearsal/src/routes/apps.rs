//! Apps and the small things that belong to them.

use serde_json::{Value, json};

use super::account::flag;
use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::clock::{ago, hours};
use crate::faults::Fault;
use crate::state::{State, metadata, owner};

pub(super) fn list(state: &State, call: &Call) -> Outcome {
    Ok(Answer::ok(state.apps.iter().map(|app| app.json(call.sdk())).collect()))
}

/// `{"in":{"id":[…]}}`: how couplings become names.
pub(super) fn filter(state: &State, call: &Call) -> Outcome {
    let ids = call.body["in"]["id"].as_array().ok_or_else(|| Answer::invalid("in.id is required."))?;
    let wanted = state.apps.iter().filter(|app| ids.iter().any(|id| id == app.id()));
    Ok(Answer::ok(wanted.map(|app| app.json(call.sdk())).collect()))
}

pub(super) fn show(state: &State, call: &Call, app: usize) -> Outcome {
    Ok(Answer::ok(state.apps[app].json(call.sdk())))
}

pub(super) fn update(state: &mut State, call: &Call, app: usize) -> Outcome {
    let facts = call.body.as_object().ok_or_else(|| Answer::usual(400))?;
    if facts.get("maintenance").is_some_and(|value| !value.is_boolean()) {
        return Err(Answer::invalid("Maintenance must be true or false."));
    }
    let known = ["maintenance", "name", "build_stack"];
    let facts = facts.clone().into_iter().filter(|(key, _)| known.contains(&&**key)).collect();
    state.apps[app].merge(&facts, &state.mint);
    show(state, call, app)
}

pub(super) fn buildpacks() -> Outcome {
    Ok(Answer::ok(
        json!([{ "ordinal": 0, "buildpack": { "url": "urn:buildpack:heroku/nodejs", "name": "heroku/nodejs" } }]),
    ))
}

pub(super) fn collaborators(state: &State, app: usize) -> Outcome {
    let since = ago(hours(1950));
    let mut user = owner();
    user["federated"] = false.into();
    Ok(Answer::ok(json!([{
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000c1",
        "app": state.apps[app].brief(),
        "user": user,
        "role": "owner",
        "permissions": [],
        "created_at": since,
        "updated_at": since,
    }])))
}

pub(super) fn domains(state: &State, app: usize) -> Outcome {
    let since = ago(hours(1950));
    let app = &state.apps[app];
    Ok(Answer::ok(json!([{
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000d1",
        "app": app.brief(),
        "hostname": app.host(),
        "cname": null,
        "kind": "heroku",
        "status": "succeeded",
        "acm_status": null,
        "acm_status_reason": null,
        "sni_endpoint": null,
        "created_at": since,
        "updated_at": since,
    }])))
}

const FEATURES: [&str; 4] = ["preboot", metadata::RUNTIME, metadata::BUILD, "log-runtime-metrics"];

/// What is a labs feature is not generally available.
fn app_flag(name: &str, enabled: bool) -> Value {
    let mut shown = flag(name, enabled);
    if name != "preboot" {
        shown["state"] = "public".into();
    }
    shown
}

pub(super) fn features(state: &State, app: usize) -> Outcome {
    let on = |name: &str| state.apps[app].features.iter().any(|feature| feature == name);
    Ok(Answer::ok(FEATURES.iter().map(|name| app_flag(name, on(name))).collect()))
}

pub(super) fn feature(state: &State, app: usize, name: &str) -> Outcome {
    let Value::Array(features) = features(state, app)?.body else { return Err(Answer::usual(500)) };
    let found = features.into_iter().find(|feature| feature["name"] == name);
    found.map(Answer::ok).ok_or_else(|| Answer::missing("feature"))
}

pub(super) fn set_feature(state: &mut State, call: &Call, app: usize, name: &str) -> Outcome {
    feature(state, app, name)?;
    let enabled =
        call.body["enabled"].as_bool().ok_or_else(|| Answer::invalid("Enabled must be true or false."))?;
    state.apps[app].features.retain(|feature| feature != name);
    if enabled {
        state.apps[app].features.push(name.to_owned());
    }
    feature(state, app, name)
}

/// Takes a second factor for what is asked of this app next.
pub(super) fn preauthorize(state: &mut State, call: &Call, app: usize) -> Outcome {
    let given = call.header("heroku-two-factor-code");
    let wrong =
        state.faults.about(|fault| matches!(fault, Fault::TwoFactor { code, .. } if Some(&**code) != given));
    if given.is_none() || wrong.is_some() {
        return Err(Answer::error(403, "two_factor", "The second authentication factor is not right."));
    }
    let name = state.apps[app].name().to_owned();
    state.preauthorized.insert(name);
    Ok(Answer::ok(json!({})))
}
