//! Teams and their apps.

use serde_json::{Value, json};

use super::apps;
use crate::clock::{ago, hours};
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::{State, owner};

/// The only team.
const NAME: &str = "playhouse";

fn team() -> Value {
    let since = ago(hours(9000));
    json!({
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000e1",
        "name": NAME,
        "type": "team",
        "role": "admin",
        "default": false,
        "credit_card_collections": true,
        "provisioned_licenses": false,
        "membership_limit": 25,
        "enterprise_account": null,
        "identity_provider": null,
        "pipeline_cost_consent_at": null,
        "pipeline_cost_consent_user_email": null,
        "created_at": since,
        "updated_at": since,
    })
}

pub(super) fn list() -> Outcome {
    Ok(Answer::ok(json!([team()])))
}

pub(super) fn show(name: &str) -> Outcome {
    find(name).map(Answer::ok)
}

fn find(word: &str) -> Result<Value, Answer> {
    let team = team();
    if word == team["name"] || word == team["id"] { Ok(team) } else { Err(Answer::missing("team")) }
}

/// The only user.
pub(super) fn members(name: &str) -> Outcome {
    find(name)?;
    let since = ago(hours(9000));
    Ok(Answer::ok(json!([{
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000e2",
        "email": owner()["email"],
        "federated": false,
        "identity_provider": null,
        "role": "admin",
        "two_factor_authentication": false,
        "user": { "id": owner()["id"], "email": owner()["email"], "name": "Dora Director" },
        "created_at": since,
        "updated_at": since,
    }])))
}

/// Features of a team: none.
pub(super) fn features(name: &str) -> Outcome {
    find(name)?;
    Ok(Answer::ok(json!([])))
}

pub(super) fn list_apps(state: &State, call: &Call, name: &str) -> Outcome {
    let team = find(name)?;
    let own = state.apps.iter().filter(|app| app.is_visible() && app.fields["team"]["id"] == team["id"]);
    Ok(Answer::ok(own.map(|app| of_team(app.json(call.sdk()))).collect()))
}

/// `{"name"?,"team"?,"region"?,"stack"?,"personal"?,"locked"?}`: an app of a team, or a personal one.
pub(super) fn create_app(state: &mut State, call: &Call) -> Outcome {
    let team = call.body["team"].as_str().filter(|_| call.body["personal"] != true).map(find).transpose()?;
    let space = call.body["space"].as_str().map(find_space).transpose()?;
    let team = team.or_else(|| space.as_ref().map(|_| self::team()));
    let app = apps::new_app(state, call)?;
    if let Some(space) = space {
        let brief = json!({ "id": space["id"], "name": space["name"], "shield": space["shield"] });
        state.apps[app].fields.insert("space".to_owned(), brief);
    }
    if let Some(team) = team {
        let brief = json!({ "id": team["id"], "name": team["name"] });
        let email = format!("{NAME}@herokumanager.com");
        let fields = &mut state.apps[app].fields;
        for key in ["team", "organization"] {
            fields.insert(key.to_owned(), brief.clone());
        }
        fields.insert("owner".to_owned(), json!({ "id": team["id"], "email": email }));
    }
    Ok(Answer::created(of_team(state.apps[app].json(call.sdk()))))
}

/// The only private space, the team's.
pub(super) fn spaces() -> Outcome {
    Ok(Answer::ok(json!([space()])))
}

pub(super) fn show_space(word: &str) -> Outcome {
    find_space(word).map(Answer::ok)
}

fn find_space(word: &str) -> Result<Value, Answer> {
    let space = space();
    if word == space["name"] || word == space["id"] { Ok(space) } else { Err(Answer::missing("space")) }
}

fn space() -> Value {
    let since = ago(hours(9000));
    json!({
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000e3",
        "name": "stalls",
        "organization": { "name": NAME },
        "team": { "id": team()["id"], "name": NAME },
        "region": { "id": "0d0d0d0d-57a6-4e00-8000-000000000046", "name": "dublin" },
        "shield": false,
        "state": "allocated",
        "cidr": "10.0.0.0/16",
        "data_cidr": "10.1.0.0/16",
        "generation": { "id": "0d0d0d0d-57a6-4e00-8000-0000000000ce", "name": "cedar" },
        "created_at": since,
        "updated_at": since,
    })
}

/// Fields that only an app of a team has.
fn of_team(mut app: Value) -> Value {
    app["joined"] = true.into();
    app["locked"] = false.into();
    app
}
