//! The data API's routes of one database, `/client/v11/databases/{add-on}/…`.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use super::addons;
use crate::clock;
use crate::databases::{self, Work};
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::addon::{Addon, PROVISIONED};

/// Answers a request about the database of an add-on, by its id or name.
pub(super) fn answer(state: &mut State, call: &Call, word: &str, rest: &[&str]) -> Outcome {
    let (app, at) = addons::place(state, word).map_err(|_| unknown())?;
    let addon = state.apps[app].addons[at].clone();
    if !addon.is_database() {
        return Err(unknown());
    }
    if (&*call.method, rest) == ("GET", &["wait_status"]) {
        let waiting = addon.state != PROVISIONED;
        let message = if waiting { "preparing" } else { "available" };
        return Ok(Answer::ok(json!({ "waiting?": waiting, "error?": false, "message": message })));
    }
    if addon.state != PROVISIONED {
        return Err(unknown());
    }
    match (&*call.method, rest) {
        ("GET", []) => info(state, app, &addon),
        ("POST", ["backups"]) => capture(state, app, &addon),
        ("POST", ["restores"]) => restore(state, call, app, &addon),
        ("POST", ["transfers"]) => copy(state, call, app, &addon),
        ("PUT", ["reset"]) => reset(state, &addon),
        ("POST", ["connection_reset"]) => {
            let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                       where datname = current_database() and pid <> pg_backend_pid()";
            databases::query(state, &addon.id, sql).map_err(broken)?;
            Ok(Answer::ok(json!({ "message": "Connections terminated" })))
        }
        (_, ["transfer-schedules", rest @ ..]) => schedules(state, call, &addon, rest),
        _ => Err(Answer::unplayed(call)),
    }
}

/// `GET /postgres/v0/databases/{name}/credentials`: the default one alone.
pub(super) fn credentials(state: &mut State, word: &str, name: Option<&str>) -> Outcome {
    let (app, at) = addons::place(state, word).map_err(|_| unknown())?;
    let addon = state.apps[app].addons[at].clone();
    databases::make(state, &addon.id).map_err(broken)?;
    let real = state.databases.real.get(&addon.id);
    let (user, password, database) =
        real.map_or(("u", "p4ss", "d"), |one| (&*one.user, &*one.password, &*one.name));
    let port = state.databases.server.map_or(5432, crate::postgres::Server::port);
    let credential = json!({
        "uuid": addon.id, "name": "default", "state": "active", "database": database, "host": "127.0.0.1", "port": port,
        "credentials": [{ "user": user, "password": password, "state": "active" }],
    });
    match name {
        None => Ok(Answer::ok(json!([credential]))),
        Some("default") => Ok(Answer::ok(credential)),
        Some(_) => Err(Answer::missing("credential")),
    }
}

fn unknown() -> Answer {
    Answer::error(404, "not_found", "Database not found.")
}

#[expect(clippy::needless_pass_by_value, reason = "it is the argument of `map_err`")]
pub(super) fn broken(error: io::Error) -> Answer {
    Answer::error(503, "service_unavailable", &format!("PostgreSQL cannot do that: {error}"))
}

fn url_of(state: &State, app: usize, addon: &Addon) -> String {
    state.apps[app].config.get(&addon.config_var()).cloned().unwrap_or_default()
}

fn info(state: &mut State, app: usize, addon: &Addon) -> Outcome {
    const SIZE: &str = "select pg_size_pretty(pg_database_size(current_database())), \
                        (select count(*) from pg_stat_user_tables), current_setting('server_version'), \
                        (select count(*) from pg_stat_activity where datname = current_database()) - 1";
    let told = databases::query(state, &addon.id, SIZE).map_err(broken)?;
    let told = told.unwrap_or_else(|| "8633 kB|4|15.12|0".to_owned());
    let [size, tables, version, connections] = told.split('|').collect::<Vec<_>>()[..] else {
        return Err(broken(io::Error::other(told)));
    };
    let version = version.split(' ').next().unwrap_or_default();
    let url = url_of(state, app, addon);
    let protected = addon.plan.name.contains("standard");
    let databases = state.apps[app].addons.iter().filter(|other| other.is_database());
    let leader = databases.clone().find(|other| !other.follows).map(|leader| url_of(state, app, leader));
    let following = leader.filter(|_| addon.follows);
    let followers: Vec<String> = databases
        .filter(|other| other.follows && !addon.follows)
        .map(|follower| url_of(state, app, follower))
        .collect();
    let row = |name: &str, value: String| json!({ "name": name, "values": [value] });
    let plan = addon.plan.name.split(':').next_back().unwrap_or_default();
    let mut rows = vec![
        row("Plan", title(plan)),
        row("Status", "Available".to_owned()),
        row("Data Size", format!("{size} / {}", if protected { "64 GB" } else { "1 GB" })),
        row("Tables", tables.to_owned()),
        row("PG Version", version.to_owned()),
        row("Connections", format!("{connections}/{}", if protected { 120 } else { 20 })),
        row("Continuous Protection", if protected { "On" } else { "Off" }.to_owned()),
        row("Created", addon.created_at.clone()),
    ];
    if let Some(leader) = &following {
        rows.push(json!({ "name": "Following", "values": [leader], "resolve_db_name": true }));
    }
    if !followers.is_empty() {
        rows.push(json!({ "name": "Followers", "values": followers, "resolve_db_name": true }));
    }
    let mut shown = json!({ "name": addon.name, "resource_url": url, "info": rows });
    if let Some(leader) = following {
        shown["following"] = leader.into();
    }
    Ok(Answer::ok(shown))
}

/// `standard-0` as `Standard 0`.
fn title(plan: &str) -> String {
    let mut letters = plan.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect::<String>().replace('-', " ")
}

fn capture(state: &mut State, app: usize, addon: &Addon) -> Outcome {
    databases::make(state, &addon.id).map_err(broken)?;
    let url = url_of(state, app, addon);
    let facts = databases::ends(("pg_dump", &addon.alias, &url), ("gof3r", "BACKUP", ""));
    begin(state, app, addon, Work::Capture, &facts)
}

/// `{"backup_url"}`: the `to_url` of a transfer, or a signed URL of ours.
fn restore(state: &mut State, call: &Call, app: usize, addon: &Addon) -> Outcome {
    let backup =
        call.body["backup_url"].as_str().ok_or_else(|| Answer::invalid("backup_url is required."))?;
    if addon.follows {
        return Err(Answer::invalid("You cannot restore to a follower database."));
    }
    databases::make(state, &addon.id).map_err(broken)?;
    let all = state.apps.iter().flat_map(|app| &app.resources.transfers);
    let known = all
        .into_iter()
        .find(|transfer| transfer.0["to_url"] == backup)
        .map(|transfer| transfer.0["uuid"].clone());
    let uuid = known.and_then(|uuid| uuid.as_str().map(str::to_owned));
    let uuid = uuid.or_else(|| databases::store::signed(state, backup));
    let url = url_of(state, app, addon);
    let facts = databases::ends(("gof3r", "BACKUP", backup), ("pg_restore", &addon.alias, &url));
    begin(state, app, addon, Work::Restore(uuid), &facts)
}

/// `{"from_name","from_url","to_name","to_url"}`.
fn copy(state: &mut State, call: &Call, app: usize, addon: &Addon) -> Outcome {
    databases::make(state, &addon.id).map_err(broken)?;
    let text =
        |key: &str| call.body[key].as_str().ok_or_else(|| Answer::invalid(&format!("{key} is required.")));
    let (from, to) = (text("from_url")?, text("to_url")?);
    let facts = databases::ends(("pg_dump", text("from_name")?, from), ("pg_restore", text("to_name")?, to));
    let of_url = |url: &str| {
        let owners = state.apps.iter().flat_map(|app| app.addons.iter().map(move |addon| (app, addon)));
        let mut owners =
            owners.filter(|(app, addon)| app.config.get(&addon.config_var()).is_some_and(|own| own == url));
        owners.next().map(|(_, addon)| addon.id.clone())
    };
    let work = Work::Copy(of_url(from), of_url(to));
    begin(state, app, addon, work, &facts)
}

fn begin(state: &mut State, app: usize, addon: &Addon, work: Work, facts: &Value) -> Outcome {
    let transfer = databases::begin(state, app, &addon.id, work, facts).map_err(broken)?;
    Ok(Answer::created(transfer.json(false)))
}

fn reset(state: &mut State, addon: &Addon) -> Outcome {
    if addon.follows {
        return Err(Answer::invalid("You cannot reset a follower database."));
    }
    databases::reset(state, &addon.id).map_err(broken)?;
    Ok(Answer::ok(json!({ "message": "Reset successful." })))
}

/// `{"hour","timezone","schedule_name"}` adds one, or replaces the one of that name.
fn schedules(state: &mut State, call: &Call, addon: &Addon, rest: &[&str]) -> Outcome {
    let uuid = state.mint.uuid();
    let kept = state.databases.schedules.entry(addon.id.clone()).or_default();
    match (&*call.method, rest) {
        ("GET", []) => Ok(Answer::ok(json!(kept))),
        ("POST", []) => {
            let name = &call.body["schedule_name"];
            kept.retain(|schedule| schedule["name"] != *name);
            let now = clock::data_ago(Duration::ZERO);
            let schedule = json!({
                "uuid": uuid, "name": name, "hour": call.body["hour"], "timezone": call.body["timezone"],
                "created_at": now, "updated_at": now, "deleted_at": null, "retain_weeks": 1, "retain_months": 0,
                "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
            });
            kept.push(schedule.clone());
            Ok(Answer::created(schedule))
        }
        ("DELETE", [uuid]) => {
            let at = kept.iter().position(|schedule| schedule["uuid"] == *uuid);
            let at = at.ok_or_else(|| Answer::missing("schedule"))?;
            Ok(Answer::ok(kept.remove(at)))
        }
        _ => Err(Answer::unplayed(call)),
    }
}
