//! Collaborators of an app.

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::identity::Mint;
use crate::state::State;
use crate::state::collaborator::collaborator;

pub(super) fn answer(state: &mut State, call: &Call, app: usize, rest: &[&str]) -> Outcome {
    let brief = state.apps[app].brief();
    let shown = |person: &Value| {
        let mut person = person.clone();
        person["app"] = brief.clone();
        person
    };
    let people = &mut state.apps[app].collaborators;
    let place = |people: &[Value], word: &str| {
        let is_meant = |person: &Value| person["user"]["email"] == word || person["id"] == word;
        people.iter().position(is_meant).ok_or_else(|| Answer::missing("collaborator"))
    };
    match (&*call.method, rest) {
        ("GET", []) => Ok(Answer::ok(people.iter().map(shown).collect())),
        ("GET", [word]) => Ok(Answer::ok(shown(&people[place(people, word)?]))),
        ("POST", []) => {
            let person = invited(&state.mint, call, people)?;
            people.push(person.clone());
            Ok(Answer::created(shown(&person)))
        }
        ("DELETE", [word]) => {
            let at = place(people, word)?;
            if people[at]["role"] == "owner" {
                return Err(Answer::error(403, "forbidden", "The owner of an app cannot be removed."));
            }
            Ok(Answer::ok(shown(&people.remove(at))))
        }
        _ => Err(Answer::unplayed(call)),
    }
}

/// `{"user": "e-mail address"}`.
fn invited(mint: &Mint, call: &Call, people: &[Value]) -> Result<Value, Answer> {
    let email = call.body["user"].as_str().filter(|email| email.contains('@'));
    let email = email.ok_or_else(|| Answer::invalid("User must be an e-mail address."))?;
    if people.iter().any(|person| person["user"]["email"] == email) {
        return Err(Answer::invalid("User is already a collaborator on this app."));
    }
    let user = json!({ "id": mint.uuid(), "email": email });
    Ok(collaborator(&mint.uuid(), user, "collaborator", &clock::now()))
}
