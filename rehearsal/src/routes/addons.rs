//! Add-ons and attachments: each app's own, and what the panel attached.

use serde_json::Value;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::state::State;
use crate::state::addon::Addon;
use crate::state::app::App;

/// What an app shows of its add-on.
type Shown = fn(&App, &Addon) -> Value;

pub(super) fn list(state: &State, call: &Call, app: usize) -> Outcome {
    gather(&state.apps[app..=app], call)
}

pub(super) fn attachments(state: &State, call: &Call, app: usize) -> Outcome {
    attached(&state.apps[app..=app], call)
}

pub(super) fn all(state: &State, call: &Call) -> Outcome {
    gather(&state.apps, call)
}

pub(super) fn all_attachments(state: &State, call: &Call) -> Outcome {
    attached(&state.apps, call)
}

/// `{"addon":…,"app":…}`: what this name means, seen from that app.
pub(super) fn resolve(state: &State, call: &Call) -> Outcome {
    named(state, call, "addon", App::addon_json).ok_or_else(|| Answer::missing("add on"))
}

/// `{"addon_attachment":…,"app":…}`.
pub(super) fn resolve_attachment(state: &State, call: &Call) -> Outcome {
    let found = named(state, call, "addon_attachment", App::attachment_json);
    found.map(|answer| include(answer, call)).ok_or_else(|| Answer::missing("add on attachment"))
}

/// Leaves in only those extras that `Accept-Inclusion` names.
fn include(mut answer: Answer, call: &Call) -> Answer {
    let named = |word: &str| call.header("accept-inclusion").is_some_and(|words| words.contains(word));
    for attachment in answer.body.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if !named("config_vars") {
            attachment.remove("config_vars");
        }
        let addon = attachment.get_mut("addon").and_then(Value::as_object_mut);
        if let Some(addon) = addon.filter(|_| !named("addon:plan")) {
            addon.remove("plan");
        }
    }
    answer
}

/// Each app's own add-ons, and what is attached to it from other apps.
fn attached(apps: &[App], call: &Call) -> Outcome {
    let own = |app: &App| app.addons.iter().map(|addon| app.attachment_json(addon)).collect::<Vec<_>>();
    let attachments = apps.iter().flat_map(|app| own(app).into_iter().chain(app.attached.iter().cloned()));
    Ok(include(Answer::ok(attachments.collect()), call))
}

/// With the price of each plan for those who ask that plans be shown whole (`Accept-Expansion`).
fn gather(apps: &[App], call: &Call) -> Outcome {
    let priced = call.header("accept-expansion").is_some_and(|words| words.contains("plan"));
    let shown = |app: &App, addon: &Addon| {
        let mut shown = app.addon_json(addon);
        if priced {
            shown["plan"]["price"] = shown["billed_price"].clone();
        }
        shown
    };
    let addons = apps.iter().flat_map(|app| app.addons.iter().map(move |addon| shown(app, addon)));
    Ok(Answer::ok(addons.collect()))
}

fn named(state: &State, call: &Call, key: &str, shown: Shown) -> Option<Answer> {
    let word = call.body[key].as_str()?;
    let (owner, word) = match word.split_once("::") {
        Some((app, word)) => (Some(app), word),
        None => (call.body["app"].as_str(), word),
    };
    let place = owner.map(|owner| state.app(owner).ok()).map_or(Some(None), |place| place.map(Some))?;
    let apps = state.apps.iter().enumerate().filter(|(at, _)| place.is_none_or(|place| place == *at));
    let found = apps.flat_map(|(_, app)| {
        app.addons.iter().filter(|addon| addon.is_called(word)).map(|addon| shown(app, addon))
    });
    let found: Vec<Value> = found.collect();
    (!found.is_empty()).then(|| Answer::ok(found.into()))
}
