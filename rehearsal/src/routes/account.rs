//! The account of the token: the user, SSH keys, app transfers, authorizations and features.

use serde_json::{Value, json};

use crate::clock::{self, ago, hours};
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::identity::Mint;
use crate::state::{State, owner};

pub(super) fn show() -> Outcome {
    let since = ago(hours(9000));
    Ok(Answer::ok(json!({
        "id": owner()["id"],
        "email": owner()["email"],
        "name": "Dora Director",
        "allow_tracking": true,
        "beta": false,
        "federated": false,
        "country_of_residence": null,
        "created_at": since,
        "updated_at": since,
        "last_login": since,
        "sms_number": null,
        "suspended_at": null,
        "delinquent_at": null,
        "two_factor_authentication": true,
        "verified": true,
        "identity_provider": null,
        "default_organization": null,
        "default_team": null,
    })))
}

/// The one user, by `~`, id or e-mail address.
pub(super) fn user(word: &str) -> Outcome {
    let account = show()?;
    let is_meant = word == "~" || account.body["id"] == word || account.body["email"] == word;
    if is_meant { Ok(account) } else { Err(Answer::missing("user")) }
}

/// SSH keys: `{"public_key"}` adds one.
pub(super) fn keys(state: &mut State, call: &Call, rest: &[&str]) -> Outcome {
    let key = |mint: &Mint| {
        let text = call.body["public_key"].as_str().unwrap_or_default();
        let mut words = text.split_whitespace();
        let (Some(_), Some(_)) = (words.next(), words.next()) else {
            return Err(Answer::invalid("Public key must be an SSH key."));
        };
        let digits = &mint.secret()[..32];
        let pairs: Vec<&str> = (0..16).map(|at| &digits[2 * at..2 * at + 2]).collect();
        Ok(json!({
            "comment": words.next().unwrap_or_default(),
            "email": owner()["email"],
            "fingerprint": pairs.join(":"),
            "public_key": text,
        }))
    };
    kept(&state.mint, &mut state.keys, call, rest, "key", key)
}

/// Transfers of apps: `{"app","recipient"}` starts one, which is never accepted.
pub(super) fn app_transfers(state: &mut State, call: &Call, rest: &[&str]) -> Outcome {
    let text = |key: &str| call.body[key].as_str().unwrap_or_default();
    let app = if call.method == "POST" { state.apps[state.app(text("app"))?].brief() } else { Value::Null };
    let transfer = |mint: &Mint| {
        let email = Some(text("recipient")).filter(|email| email.contains('@'));
        let email = email.ok_or_else(|| Answer::invalid("Recipient must be an e-mail address."))?;
        let recipient = json!({ "id": mint.uuid(), "email": email });
        Ok(json!({ "app": app, "owner": owner(), "recipient": recipient, "state": "pending" }))
    };
    kept(&state.mint, &mut state.app_transfers, call, rest, "app transfer", transfer)
}

/// Authorizations: `{"scope","description"?,"expires_in"?}` makes one, whose token is not accepted here.
pub(super) fn authorizations(state: &mut State, call: &Call, rest: &[&str]) -> Outcome {
    let authorization = |mint: &Mint| {
        let scope =
            if call.body["scope"].is_array() { call.body["scope"].clone() } else { json!(["global"]) };
        let token = json!({ "id": mint.uuid(), "token": format!("HRKU-{}", mint.uuid()), "expires_in": call.body["expires_in"] });
        Ok(json!({
            "access_token": token,
            "client": null,
            "description": call.body["description"].as_str().unwrap_or("Long-lived user authorization"),
            "grant": null,
            "refresh_token": null,
            "scope": scope,
            "session": null,
            "user": { "id": owner()["id"], "email": owner()["email"], "full_name": "Dora Director" },
        }))
    };
    kept(&state.mint, &mut state.authorizations, call, rest, "authorization", authorization)
}

/// A list of the user's: reads it, adds what `new` makes, or removes an item.
fn kept(
    mint: &Mint,
    list: &mut Vec<Value>,
    call: &Call,
    rest: &[&str],
    resource: &str,
    new: impl Fn(&Mint) -> Result<Value, Answer>,
) -> Outcome {
    let place = |list: &[Value], id: &str| {
        list.iter().position(|item| item["id"] == id).ok_or_else(|| Answer::missing(resource))
    };
    match (&*call.method, rest) {
        ("GET", []) => Ok(Answer::ok(list.clone().into())),
        ("GET", [id]) => Ok(Answer::ok(list[place(list, id)?].clone())),
        ("POST", []) => {
            let mut item = new(mint)?;
            item["id"] = mint.uuid().into();
            for time in ["created_at", "updated_at"] {
                item[time] = clock::now().into();
            }
            list.push(item.clone());
            Ok(Answer::created(item))
        }
        ("DELETE", [id]) => Ok(Answer::ok(list.remove(place(list, id)?))),
        _ => Err(Answer::unplayed(call)),
    }
}

pub(super) fn rate_limits(state: &State) -> Outcome {
    Ok(Answer::ok(json!({ "remaining": state.remaining })))
}

/// The Eco dyno hours of the one user.
pub(super) fn eco_quota(state: &State, id: &str) -> Outcome {
    user(id)?;
    Ok(Answer::ok(state.eco_quota.json()))
}

pub(super) fn features() -> Outcome {
    Ok(Answer::ok(json!([flag("dashboard-repositories-api", true)])))
}

pub(super) fn feature(name: &str) -> Outcome {
    if name == "dashboard-repositories-api" {
        return Ok(Answer::ok(flag(name, true)));
    }
    Err(Answer::missing("feature"))
}

/// A feature of an account or of an app.
pub(super) fn flag(name: &str, enabled: bool) -> Value {
    let since = ago(hours(9000));
    json!({
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000f1",
        "name": name,
        "display_name": name.replace('-', " "),
        "description": format!("Turns on {}.", name.replace('-', " ")),
        "doc_url": format!("https://devcenter.heroku.com/articles/{name}"),
        "feedback_email": "feedback@playhouse.example",
        "enabled": enabled,
        "state": "general",
        "created_at": since,
        "updated_at": since,
    })
}
