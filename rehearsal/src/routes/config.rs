//! Config vars. Every change is a release.

use serde_json::Value;

use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::release::{ConfigVars, Draft};

pub(super) fn show(state: &State, app: usize) -> Outcome {
    Ok(Answer::ok(json(&state.apps[app].config)))
}

pub(super) fn of_release(state: &State, app: usize, word: &str) -> Outcome {
    Ok(Answer::ok(json(&state.release_of(app, word)?.config)))
}

/// Sets strings, removes nulls, and answers with all config vars.
pub(super) fn update(state: &mut State, call: &Call, app: usize) -> Outcome {
    let changes = call.body.as_object().ok_or_else(|| Answer::usual(400))?;
    let mut config = state.apps[app].config.clone();
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    for (name, value) in changes {
        match value {
            Value::String(value) => {
                config.insert(name.clone(), value.clone());
                set.push(&**name);
            }
            Value::Null => {
                config.remove(name);
                removed.push(&**name);
            }
            _ => return Err(Answer::invalid(&format!("Config var {name} must be a string."))),
        }
    }
    let (verb, names) = if set.is_empty() { ("Remove", removed) } else { ("Set", set) };
    release(state, app, config.clone(), format!("{verb} {} config vars", names.join(", ")));
    Ok(Answer::ok(json(&config)))
}

/// Releases the same slug with these config vars.
pub(super) fn release(state: &mut State, app: usize, config: ConfigVars, description: String) {
    let target = &mut state.apps[app];
    let current = target.releases.iter().find(|release| Some(release.version) == target.current);
    let slug = current.and_then(|release| release.slug.clone());
    target.config.clone_from(&config);
    state.release(app, Draft { description, slug, config, deployed: false });
}

fn json(config: &ConfigVars) -> Value {
    config.iter().map(|(name, value)| (name.clone(), Value::from(&**value))).collect()
}
