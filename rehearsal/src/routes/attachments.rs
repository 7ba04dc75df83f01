//! Add-on attachments: the names under which an app has add-ons, its own and those of other apps.

use serde_json::Value;

use super::databases::broken;
use super::{addons, config};
use crate::clock;
use crate::databases;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::addon::Addon;
use crate::state::app::App;

pub(super) fn list(state: &State, call: &Call, app: usize) -> Outcome {
    Ok(include(Answer::ok(of_app(&state.apps[app]).into()), call))
}

pub(super) fn all(state: &State, call: &Call) -> Outcome {
    Ok(include(Answer::ok(state.apps.iter().flat_map(of_app).collect()), call))
}

/// `{"addon_attachment":…,"app":…}`.
///
/// The attachments that this name refers to, as `app::name` or in the app of the field `app`; else in all.
pub(super) fn resolve(state: &mut State, call: &Call) -> Outcome {
    databases::make_real(state).map_err(broken)?;
    let word = call.body["addon_attachment"].as_str().unwrap_or_default();
    let (place, word) = match word.split_once("::") {
        Some((app, word)) => (Some(app), word),
        None => (call.body["app"].as_str(), word),
    };
    let missing = || Answer::missing("add on attachment");
    let place = place.map(|app| state.app(app).map_err(|_| missing())).transpose()?;
    let apps = state.apps.iter().enumerate().filter(|(at, _)| place.is_none_or(|place| place == *at));
    let all = apps.flat_map(|(_, app)| of_app(app));
    let found: Vec<Value> = all.filter(|attachment| is_called(attachment, word)).collect();
    if found.is_empty() {
        return Err(missing());
    }
    let meant: Vec<String> =
        found.iter().filter_map(|attachment| attachment["addon"]["id"].as_str().map(str::to_owned)).collect();
    for addon in meant {
        databases::make(state, &addon).map_err(broken)?;
    }
    Ok(include(Answer::ok(found.into()), call))
}

/// Whether a word names this attachment: by its name, config var or id, or by its add-on's name or id.
fn is_called(attachment: &Value, word: &str) -> bool {
    let addon = &attachment["addon"];
    let names = [&attachment["name"], &attachment["id"], &addon["name"], &addon["id"]];
    let vars = attachment["config_vars"].as_array().into_iter().flatten();
    names.into_iter().chain(vars).filter_map(Value::as_str).any(|name| name.eq_ignore_ascii_case(word))
}

/// An attachment of an app, by name.
pub(super) fn show(state: &State, call: &Call, app: usize, name: &str) -> Outcome {
    one(of_app(&state.apps[app]), call, |attachment| attachment["name"] == name)
}

pub(super) fn find(state: &State, call: &Call, id: &str) -> Outcome {
    one(state.apps.iter().flat_map(of_app).collect(), call, |attachment| attachment["id"] == id)
}

/// All attachments of one add-on.
pub(super) fn of_addon(state: &State, call: &Call, word: &str) -> Outcome {
    let (app, at) = addons::place(state, word)?;
    let id = state.apps[app].addons[at].id.clone();
    let attachments = state.apps.iter().flat_map(of_app);
    Ok(include(Answer::ok(attachments.filter(|attachment| attachment["addon"]["id"] == id).collect()), call))
}

/// `{"addon","app","name"?}`: attaches another app's add-on under this name.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    // The official CLI sends `{"name"}` where the schema has a string.
    let text = |key: &str| call.body[key].as_str().or_else(|| call.body[key]["name"].as_str());
    let (owner, at) = addons::place(state, text("addon").unwrap_or_default())?;
    let app = state.app(text("app").unwrap_or_default())?;
    let addon = &state.apps[owner].addons[at];
    let alias = text("name").map_or_else(|| addon.alias.clone(), str::to_owned);
    check_alias(&state.apps[app], &alias)?;
    let attached = Addon { attachment: state.mint.uuid(), alias, created_at: clock::now(), ..addon.clone() };
    let mut attachment = state.apps[app].attachment_json(&attached);
    attachment["addon"]["app"] = state.apps[owner].brief();
    if let Some(namespace) = text("namespace") {
        attachment["namespace"] = namespace.into();
    }
    let mut vars = state.apps[app].config.clone();
    let url = state.apps[owner].config.get(&addon.config_var()).cloned().unwrap_or_default();
    vars.insert(attached.config_var(), url);
    state.apps[app].attached.push(attachment.clone());
    config::release(state, app, vars, format!("Attach {} (@{})", attached.alias, attached.name));
    let mut answer = include(Answer::ok(Value::Array(vec![attachment])), call);
    Ok(Answer::created(answer.body[0].take()))
}

/// Detaches another app's add-on. An app's own can only be destroyed.
pub(super) fn delete(state: &mut State, call: &Call, id: &str) -> Outcome {
    let answer = find(state, call, id)?;
    let place = |app: &App| app.attached.iter().position(|attachment| attachment["id"] == id);
    let found = state.apps.iter().enumerate().find_map(|(app, entry)| Some((app, place(entry)?)));
    let Some((app, at)) = found else {
        return Err(Answer::invalid(
            "The add-on's last attachment cannot be removed. Destroy the add-on instead.",
        ));
    };
    detach(state, app, at);
    Ok(answer)
}

/// Removes an attachment of another app's add-on and its config vars.
pub(super) fn detach(state: &mut State, app: usize, at: usize) {
    let gone = state.apps[app].attached.remove(at);
    let mut vars = state.apps[app].config.clone();
    for name in gone["config_vars"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        vars.remove(name);
    }
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let description = format!("Detach {} (@{})", word(&gone["name"]), word(&gone["addon"]["name"]));
    config::release(state, app, vars, description);
}

/// Checks that an app has no attachment of this name.
pub(super) fn check_alias(app: &App, alias: &str) -> Result<(), Answer> {
    if of_app(app).iter().any(|attachment| attachment["name"] == alias) {
        return Err(Answer::invalid(&format!(
            "Name {alias} is already used by another attachment of {}.",
            app.name()
        )));
    }
    Ok(())
}

/// The attachments of each app: its own add-ons, and those of other apps.
fn of_app(app: &App) -> Vec<Value> {
    let own = app.addons.iter().map(|addon| app.attachment_json(addon));
    own.chain(app.attached.iter().cloned()).collect()
}

fn one(attachments: Vec<Value>, call: &Call, is_meant: impl Fn(&Value) -> bool) -> Outcome {
    let found: Vec<Value> = attachments.into_iter().filter(is_meant).take(1).collect();
    let mut answer = include(Answer::ok(found.into()), call);
    match answer.body.get_mut(0) {
        Some(attachment) => Ok(Answer::ok(attachment.take())),
        None => Err(Answer::missing("add on attachment")),
    }
}

/// Removes the optional parts that `Accept-Inclusion` does not name.
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
