//! Creates, changes and destroys add-ons. A new one is available at once, or after the time that the settings have for it; a
//! release sets or removes the app's config var.

use super::{addons, attachments, config};
use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::identity::Mint;
use crate::state::State;
use crate::state::addon::{Addon, PROVISIONED, PROVISIONING, Plan};
use crate::state::app::App;

/// `{"plan", "name"?, "attachment"?: {"name"}}`, the plan as `SERVICE` or `SERVICE:PLAN`.
pub(super) fn create(state: &mut State, call: &Call, app: usize) -> Outcome {
    let plan = plan(call)?;
    let name = match call.body["name"].as_str() {
        Some(name) => free_name(state, name)?,
        None => generated(&state.mint, plan),
    };
    let alias = match call.body["attachment"]["name"].as_str() {
        Some(alias) => alias.to_owned(),
        None => usual(&state.apps[app], plan),
    };
    attachments::check_alias(&state.apps[app], &alias)?;
    let (id, attachment) = (state.mint.uuid(), state.mint.uuid());
    let wait = state.settings.addon_time;
    let addon = Addon {
        id,
        name,
        plan,
        attachment,
        alias,
        state: if wait.is_zero() { PROVISIONED } else { PROVISIONING },
        follows: false,
        created_at: clock::now(),
    };
    state.apps[app].addons.push(addon.clone());
    let answer = Answer::created(addons::shown(&state.apps[app], &addon, call));
    if wait.is_zero() {
        attach(state, app, &addon);
    } else {
        state.later(wait, move |state| {
            let mut addons = state.apps[app].addons.iter_mut();
            if let Some(found) = addons.find(|found| found.id == addon.id) {
                found.state = PROVISIONED;
                attach(state, app, &addon);
            }
        });
    }
    Ok(answer)
}

/// Sets the config var of an add-on that is provisioned.
fn attach(state: &mut State, app: usize, addon: &Addon) {
    let mut vars = state.apps[app].config.clone();
    vars.insert(addon.config_var(), addon.url());
    config::release(state, app, vars, format!("Attach {} (@{})", addon.alias, addon.name));
}

/// `{"plan": {"name"}}` or `{"name"}`.
pub(super) fn update(state: &mut State, call: &Call, app: usize, word: &str) -> Outcome {
    let at = place(&state.apps[app], word)?;
    if !call.body["plan"].is_null() {
        let wanted = plan(call)?;
        let addon = &mut state.apps[app].addons[at];
        if addon.plan.service != wanted.service {
            return Err(Answer::invalid("The plan must be one of the add-on's own service."));
        }
        addon.plan = wanted;
    }
    if let Some(name) = call.body["name"].as_str() {
        state.apps[app].addons[at].name = free_name(state, name)?;
    }
    Ok(Answer::ok(addons::shown(&state.apps[app], &state.apps[app].addons[at], call)))
}

/// Destroys an add-on; if it is attached to another app, only with `force`.
pub(super) fn delete(state: &mut State, call: &Call, app: usize, word: &str) -> Outcome {
    let at = place(&state.apps[app], word)?;
    let id = state.apps[app].addons[at].id.clone();
    let elsewhere = |app: &App| app.attached.iter().position(|attachment| attachment["addon"]["id"] == id);
    let places: Vec<(usize, usize)> =
        state.apps.iter().enumerate().filter_map(|(app, entry)| Some((app, elsewhere(entry)?))).collect();
    if !places.is_empty() && call.body["force"] != true {
        return Err(Answer::invalid(
            "The add-on is attached to other apps. Use --force to destroy it all the same",
        ));
    }
    for (other, at) in places {
        attachments::detach(state, other, at);
    }
    let addon = state.apps[app].addons.remove(at);
    let mut shown = addons::shown(&state.apps[app], &addon, call);
    shown["state"] = "deprovisioned".into();
    let mut vars = state.apps[app].config.clone();
    vars.remove(&addon.config_var());
    config::release(state, app, vars, format!("Detach {} (@{})", addon.alias, addon.name));
    Ok(Answer::ok(shown))
}

/// The schema has a string for the plan; the official CLI sends `{"name"}`.
fn plan(call: &Call) -> Result<&'static Plan, Answer> {
    let plan = &call.body["plan"];
    let word = plan.as_str().or_else(|| plan["name"].as_str()).unwrap_or_default();
    let message = format!("Couldn't find either the add-on service or the add-on plan of \"{word}\".");
    Plan::find(word).ok_or_else(|| Answer::error(404, "not_found", &message))
}

fn place(app: &App, word: &str) -> Result<usize, Answer> {
    app.addons.iter().position(|addon| addon.is_called(word)).ok_or_else(|| Answer::missing("add on"))
}

fn free_name(state: &State, name: &str) -> Result<String, Answer> {
    match addons::place(state, name) {
        Ok(_) => Err(Answer::invalid(&format!("Name {name} is already taken"))),
        Err(_) => Ok(name.to_owned()),
    }
}

/// A name as Heroku generates it: `postgresql-velvet-12345`.
fn generated(mint: &Mint, plan: &Plan) -> String {
    let number = u64::from_str_radix(&mint.secret()[..8], 16).unwrap_or_default() % 90_000 + 10_000;
    format!("{}-velvet-{number}", plan.service.trim_start_matches("heroku-"))
}

/// The default name of an attachment: the service's, with a color if that is taken.
fn usual(app: &App, plan: &Plan) -> String {
    let service = plan.service.to_uppercase().replace('-', "_");
    let first = match plan.service {
        "heroku-postgresql" => "DATABASE",
        "heroku-redis" => "REDIS",
        _ => &service,
    };
    let colors = ["AMBER", "BLUE", "CRIMSON", "GOLD", "GREEN", "IVORY", "JADE", "ONYX", "ROSE", "SILVER"];
    let names = colors.map(|color| format!("{service}_{color}"));
    let all = std::iter::once(first.to_owned()).chain(names);
    all.into_iter()
        .find(|name| attachments::check_alias(app, name).is_ok())
        .unwrap_or_else(|| first.to_owned())
}
