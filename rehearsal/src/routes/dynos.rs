//! Dynos and the formation.

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::one_off;
use crate::state::app::Dyno;
use crate::state::one_off::Request;
use crate::state::{State, dyno_size};

pub(super) fn list(state: &State, app: usize) -> Outcome {
    let app = &state.apps[app];
    Ok(Answer::ok(app.dynos.iter().map(|dyno| app.dyno_json(dyno)).collect()))
}

pub(super) fn show(state: &State, app: usize, word: &str) -> Outcome {
    let app = &state.apps[app];
    let found = app.dynos.iter().find(|dyno| dyno.name == word || dyno.id == word);
    found.map(|dyno| Answer::ok(app.dyno_json(dyno))).ok_or_else(|| Answer::missing("dyno"))
}

/// Starts a one-off dyno.
pub(super) fn create(state: &mut State, call: &Call, app: usize) -> Outcome {
    let request = Request::parse(&call.body, &state.apps[app])?;
    Ok(Answer::created(one_off::launch(state, app, request)?))
}

/// All dynos of the formation, or the one with this name. A one-off dyno is stopped.
pub(super) fn restart(state: &mut State, app: usize, word: Option<&str>) -> Outcome {
    end(state, app, word, "Restarting")
}

pub(super) fn restart_type(state: &mut State, app: usize, kind: &str) -> Outcome {
    end_type(state, app, kind, "Restarting")
}

/// A stopped dyno of the formation is started again, as on Cedar.
pub(super) fn stop(state: &mut State, app: usize, word: &str) -> Outcome {
    end(state, app, Some(word), STOPPING)
}

pub(super) fn stop_type(state: &mut State, app: usize, kind: &str) -> Outcome {
    end_type(state, app, kind, STOPPING)
}

const STOPPING: &str = "Stopping all processes with SIGTERM";

fn end(state: &mut State, app: usize, word: Option<&str>, said: &str) -> Outcome {
    if let Some(word) = word {
        show(state, app, word)?;
    }
    let meant = |dyno: &Dyno| match word {
        Some(word) => dyno.name == word || dyno.id == word,
        None => dyno.one_off.is_none(),
    };
    end_all(state, app, meant, said);
    Ok(Answer::accepted())
}

fn end_type(state: &mut State, app: usize, kind: &str, said: &str) -> Outcome {
    // One-off dynos are of a type that is not in the formation.
    if state.apps[app].dynos.iter().all(|dyno| dyno.kind != kind) {
        place(state, app, kind)?;
    }
    end_all(state, app, |dyno| dyno.kind == kind, said);
    Ok(Answer::accepted())
}

/// Ends the selected dynos; those of the formation start again.
fn end_all(state: &mut State, app: usize, meant: impl Fn(&Dyno) -> bool, said: &str) {
    let target = &mut state.apps[app];
    for dyno in target.dynos.iter().filter(|dyno| meant(dyno)) {
        if let Some(one_off) = &dyno.one_off {
            one_off.stopped.send_replace(true);
        } else {
            target.log.say("heroku", &dyno.name, said);
            let changed = format!("State changed from {} to starting", dyno.state);
            target.log.say("heroku", &dyno.name, &changed);
        }
    }
    state.restart(app, meant);
}

pub(super) fn formation(state: &State, app: usize) -> Outcome {
    let app = &state.apps[app];
    Ok(Answer::ok(app.formation.iter().map(|formation| app.formation_json(formation)).collect()))
}

pub(super) fn formation_of(state: &State, app: usize, kind: &str) -> Outcome {
    let at = place(state, app, kind)?;
    let app = &state.apps[app];
    Ok(Answer::ok(app.formation_json(&app.formation[at])))
}

/// `{"updates":[{"type","quantity","size"}]}`, all of them or none.
pub(super) fn scale(state: &mut State, call: &Call, app: usize) -> Outcome {
    let updates = call.body["updates"].as_array().ok_or_else(|| Answer::invalid("Updates are required."))?;
    let mut places = Vec::new();
    for update in updates {
        let kind = update["type"].as_str().or_else(|| update["process"].as_str()).unwrap_or_default();
        let at = place(state, app, kind)?;
        quantity(&update["quantity"], state.apps[app].formation[at].quantity)?;
        places.push(at);
    }
    for (at, update) in places.iter().zip(updates) {
        set(state, app, *at, update)?;
    }
    state.restart(app, |_| false);
    let app = &state.apps[app];
    Ok(Answer::ok(places.iter().map(|at| app.formation_json(&app.formation[*at])).collect()))
}

pub(super) fn scale_one(state: &mut State, call: &Call, app: usize, kind: &str) -> Outcome {
    let at = place(state, app, kind)?;
    set(state, app, at, &call.body)?;
    state.restart(app, |_| false);
    formation_of(state, app, kind)
}

fn place(state: &State, app: usize, kind: &str) -> Result<usize, Answer> {
    let found =
        state.apps[app].formation.iter().position(|formation| formation.kind == kind || formation.id == kind);
    found.ok_or_else(|| {
        let message = format!("Couldn't find that process type ({kind}).");
        Answer::new(404, json!({ "id": "not_found", "message": message, "resource": "process_type" }))
    })
}

fn set(state: &mut State, app: usize, at: usize, update: &Value) -> Result<(), Answer> {
    let formation = &mut state.apps[app].formation[at];
    let quantity = quantity(&update["quantity"], formation.quantity)?;
    let size = update["size"].as_str().or_else(|| update["dyno_size"]["name"].as_str());
    if let Some(size) = size.or_else(|| update["dyno_size"].as_str()) {
        let shown = dyno_size::shown(size);
        formation.size = shown.ok_or_else(|| Answer::invalid(&format!("No such size as {size}.")))?;
    }
    formation.quantity = quantity;
    formation.updated_at = clock::now();
    Ok(())
}

/// `2`, `"2"`, `"+1"` or `"-1"`; without a quantity it stays the same.
fn quantity(wanted: &Value, now: u64) -> Result<u64, Answer> {
    let refused = || Answer::invalid("Quantity must be a number from 0 to 100.");
    let new = match wanted {
        Value::Null => Some(now),
        Value::String(text) if text.starts_with(['+', '-']) => {
            text.parse::<i64>().ok().and_then(|change| now.checked_add_signed(change))
        }
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    new.filter(|new| *new <= 100).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_absolute_or_relative() {
        let ask = |wanted: Value| quantity(&wanted, 2).ok();
        assert_eq!(ask(json!(5)), Some(5));
        assert_eq!(ask(json!("5")), Some(5));
        assert_eq!(ask(json!("+1")), Some(3));
        assert_eq!(ask(json!("-2")), Some(0));
        assert_eq!(ask(json!("-3")), None);
        assert_eq!(ask(json!("many")), None);
        assert_eq!(ask(Value::Null), Some(2));
    }
}
