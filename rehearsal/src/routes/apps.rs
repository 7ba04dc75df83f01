//! Apps, maintenance mode and two-factor pre-authorizations.

use serde_json::{Value, json};

use super::catalog::{REGIONS, STACKS};
use crate::faults::Fault;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;

pub(super) fn list(state: &State, call: &Call) -> Outcome {
    Ok(Answer::ok(state.apps.iter().filter(|app| app.is_visible()).map(|app| app.json(call.sdk())).collect()))
}

/// `{"in":{"id":[…]}}`: many apps by id (`docs/heroku.md#apps-and-pipelines`).
pub(super) fn filter(state: &State, call: &Call) -> Outcome {
    let ids = call.body["in"]["id"].as_array().ok_or_else(|| Answer::invalid("in.id is required."))?;
    let wanted = state.apps.iter().filter(|app| app.is_visible() && ids.iter().any(|id| id == app.id()));
    Ok(Answer::ok(wanted.map(|app| app.json(call.sdk())).collect()))
}

/// `{"name"?,"region"?,"stack"?}`: an app with two releases and no code.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let app = new_app(state, call)?;
    Ok(Answer::created(show(state, call, app)?.body))
}

pub(super) fn new_app(state: &mut State, call: &Call) -> Result<usize, Answer> {
    let text = |key: &str| call.body[key].as_str();
    let generated = || format!("velvet-curtain-{}", &state.mint.secret()[..5]);
    let name = text("name").map_or_else(generated, str::to_owned);
    check_name(state, &name)?;
    let region = known(text("region").unwrap_or("us"), &REGIONS.map(|(name, ..)| name), "Region")?;
    let stack = known(text("stack").unwrap_or("heroku-24"), &STACKS, "Stack")?;
    Ok(state.create_app(&name, region, stack))
}

fn known<'a>(word: &'a str, words: &[&str], what: &str) -> Result<&'a str, Answer> {
    let found = words.contains(&word).then_some(word);
    found.ok_or_else(|| Answer::invalid(&format!("{what} {word} does not exist.")))
}

/// Checks the name of an app (`docs/heroku.md#apps-and-pipelines`).
fn check_name(state: &State, name: &str) -> Result<(), Answer> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(3..=30).contains(&name.len()) {
        return Err(Answer::invalid("Name must be 3 to 30 characters long"));
    }
    if !name.bytes().all(letters)
        || !name.starts_with(|first: char| first.is_ascii_lowercase())
        || name.ends_with('-')
    {
        return Err(Answer::invalid(
            "Name must start with a letter, end with a letter or digit and can only contain lowercase letters, \
             digits, and dashes.",
        ));
    }
    match state.app(name) {
        Ok(_) => Err(Answer::invalid(&format!("Name {name} is already taken"))),
        Err(_) => Ok(()),
    }
}

/// Deletes an app, and its coupling.
pub(super) fn delete(state: &mut State, call: &Call, app: usize) -> Outcome {
    let answer = show(state, call, app)?;
    state.remove_app(app);
    Ok(answer)
}

pub(super) fn show(state: &State, call: &Call, app: usize) -> Outcome {
    Ok(Answer::ok(state.apps[app].json(call.sdk())))
}

pub(super) fn update(state: &mut State, call: &Call, app: usize) -> Outcome {
    let facts = call.body.as_object().ok_or_else(|| Answer::usual(400))?;
    if facts.get("maintenance").is_some_and(|value| !value.is_boolean()) {
        return Err(Answer::invalid("Maintenance must be true or false."));
    }
    if let Some(name) = facts.get("name").and_then(Value::as_str) {
        check_name(state, name)?;
    }
    if let Some(stack) = facts.get("build_stack").and_then(Value::as_str) {
        known(stack, &STACKS, "Stack")?;
    }
    let own = ["maintenance", "name", "build_stack"];
    let facts = facts.clone().into_iter().filter(|(key, _)| own.contains(&&**key)).collect();
    state.apps[app].merge(&facts, &state.mint);
    let git_url = format!("https://git.heroku.com/{}.git", state.apps[app].name());
    state.apps[app].fields.insert("git_url".to_owned(), git_url.into());
    show(state, call, app)
}

/// Accepts a two-factor code for the next requests about this app.
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
