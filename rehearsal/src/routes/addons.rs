//! Add-ons, by all the names they are found by.

use serde_json::Value;

use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::addon::Addon;
use crate::state::app::App;

/// An add-on as its app shows it.
pub(super) type Shown = fn(&App, &Addon) -> Value;

pub(super) fn list(state: &State, call: &Call, app: usize) -> Outcome {
    gather(&state.apps[app..=app], call)
}

pub(super) fn all(state: &State, call: &Call) -> Outcome {
    gather(&state.apps, call)
}

/// `{"addon":…,"app":…}`: the add-ons that this name refers to in that app.
pub(super) fn resolve(state: &State, call: &Call) -> Outcome {
    named(state, call, "addon", App::addon_json).ok_or_else(|| Answer::missing("add on"))
}

/// An add-on of an app, by any of its names.
pub(super) fn show(state: &State, call: &Call, app: usize, word: &str) -> Outcome {
    let addon = state.apps[app].addons.iter().find(|addon| addon.is_called(word));
    let addon = addon.ok_or_else(|| Answer::missing("add on"))?;
    Ok(Answer::ok(shown(&state.apps[app], addon, call)))
}

/// An add-on by its name or id.
pub(super) fn find(state: &State, call: &Call, word: &str) -> Outcome {
    let (app, at) = place(state, word)?;
    Ok(Answer::ok(shown(&state.apps[app], &state.apps[app].addons[at], call)))
}

/// The indices of the app and of its add-on with this name or id.
pub(super) fn place(state: &State, word: &str) -> Result<(usize, usize), Answer> {
    let place = |app: &App| app.addons.iter().position(|addon| [&*addon.name, &addon.id].contains(&word));
    let mut places = state.apps.iter().enumerate().map(|(app, entry)| Some((app, place(entry)?)));
    places.find_map(|place| place).ok_or_else(|| Answer::missing("add on"))
}

fn gather(apps: &[App], call: &Call) -> Outcome {
    let addons = apps.iter().flat_map(|app| app.addons.iter().map(move |addon| shown(app, addon, call)));
    Ok(Answer::ok(addons.collect()))
}

/// Adds the price of the plan if `Accept-Expansion` asks for plans.
pub(super) fn shown(app: &App, addon: &Addon, call: &Call) -> Value {
    let mut shown = app.addon_json(addon);
    if call.header("accept-expansion").is_some_and(|words| words.contains("plan")) {
        shown["plan"]["price"] = shown["billed_price"].clone();
    }
    shown
}

/// The add-on that the field `key` names, as `app::name`, or in the app of the field `app`.
pub(super) fn named(state: &State, call: &Call, key: &str, shown: Shown) -> Option<Answer> {
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
