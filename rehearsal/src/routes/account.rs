//! Who is asking.

use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::clock::{ago, hours};
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
        "two_factor_authentication": false,
        "verified": true,
        "identity_provider": null,
        "default_organization": null,
        "default_team": null,
    })))
}

pub(super) fn rate_limits(state: &State) -> Outcome {
    Ok(Answer::ok(json!({ "remaining": state.remaining })))
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
