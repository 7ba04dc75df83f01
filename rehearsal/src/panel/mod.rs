//! The panel, `/_rehearsal/…`: tests and demonstrations set faults and data here. It requires no credentials.

mod reviews;
mod settings;
mod stock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use crate::build::deploy_of;
use crate::clock;
use crate::faults::Fault;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::release::{Draft, Release, Status};
use crate::{history, repositories};

pub(crate) fn answer(state: &mut State, call: &Call) -> Answer {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    route(state, call, &segments).unwrap_or_else(|error| error)
}

fn route(state: &mut State, call: &Call, segments: &[&str]) -> Outcome {
    match (&*call.method, segments) {
        ("GET", ["faults"]) => Ok(Answer::ok(json!(state.faults.all()))),
        ("POST", ["faults"]) => add_faults(state, &call.body),
        ("DELETE", ["faults"]) => {
            state.faults.clear();
            Ok(Answer::ok(json!([])))
        }
        ("GET", ["exchanges"]) => Ok(Answer::ok(json!(state.exchanges))),
        ("PATCH", ["apps", app]) => {
            let app = state.app(app)?;
            let facts = call.body.as_object().ok_or_else(|| Answer::usual(400))?;
            state.apps[app].merge(facts, &state.mint);
            Ok(Answer::ok(state.apps[app].json(false)))
        }
        ("POST", ["apps"]) => add_app(state, &call.body),
        ("DELETE", ["apps"]) => {
            state.empty();
            Ok(Answer::ok(json!([])))
        }
        ("POST", ["apps", app, "releases"]) => {
            let app = state.app(app)?;
            add_release(state, app, &call.body)
        }
        ("POST", ["apps", app, "builds"]) => {
            let app = state.app(app)?;
            stock::add_build(state, app, &call.body)
        }
        ("POST", ["apps", app, "addon-attachments"]) => {
            let app = state.app(app)?;
            stock::attach(state, app, &call.body)
        }
        ("PATCH", ["apps", app, "addons", word]) => {
            let app = state.app(app)?;
            stock::set_addon(state, app, word, &call.body)
        }
        ("PATCH", ["apps", app, "config-vars"]) => {
            let app = state.app(app)?;
            stock::set_config(state, app, &call.body)
        }
        ("PUT", ["apps", app, "releases"]) => {
            let app = state.app(app)?;
            stock::generate_releases(state, app, &call.body)
        }
        ("POST", ["apps", app, "domains"]) => {
            let app = state.app(app)?;
            stock::add_domain(state, app, &call.body)
        }
        ("POST", ["apps", app, "transfers"]) => {
            let app = state.app(app)?;
            stock::add_transfer(state, app, &call.body)
        }
        ("POST", ["apps", app, "sql"]) => {
            let app = state.app(app)?;
            stock::run_sql(state, app, &call.body)
        }
        ("POST", ["apps", app, "logs"]) => {
            let app = state.app(app)?;
            add_logs(state, app, &call.body)
        }
        ("PUT", ["apps", app, "logs"]) => {
            let app = state.app(app)?;
            let count = call.body["generate"].as_u64();
            state.apps[app].log.generated =
                count.ok_or_else(|| Answer::invalid("generate must be a number of lines."))?;
            Ok(Answer::ok(json!({ "generate": count })))
        }
        ("PATCH", ["apps", app, "dynos", name]) => {
            let app = state.app(app)?;
            set_dyno(state, app, name, &call.body)
        }
        ("PUT", ["apps", app, "roll-out"]) => {
            let app = state.app(app)?;
            let said = serde_json::from_value(call.body.clone());
            state.apps[app].roll_out = said.map_err(|error| Answer::invalid(&error.to_string()))?;
            Ok(Answer::ok(call.body.clone()))
        }
        ("PUT", ["apps", app, "git"]) => {
            let app = state.app(app)?;
            set_main(state, app, &call.body)
        }
        ("PATCH", ["settings"]) => settings::change(state, &call.body),
        ("PUT", ["eco-quota"]) => stock::set_eco_quota(state, &call.body),
        ("POST", ["review-apps"]) => reviews::add(state, &call.body),
        ("PATCH", ["review-apps", id]) => reviews::change(state, id, &call.body),
        ("PATCH", ["pipelines", pipeline]) => {
            let pipeline = state.pipeline(pipeline)?;
            Ok(reviews::connect(state, pipeline, &call.body))
        }
        ("PATCH", ["slugs", id]) => change_slug(state, id, &call.body),
        _ => Err(Answer::usual(404)),
    }
}

/// One fault or a list of them, as `{"kind": "answer", "route": "GET /apps/*", "status": 503}`.
fn add_faults(state: &mut State, body: &Value) -> Outcome {
    let list = if body.is_array() { body.clone() } else { json!([body]) };
    let faults: Vec<Fault> =
        serde_json::from_value(list).map_err(|error| Answer::invalid(&error.to_string()))?;
    for fault in faults {
        state.faults.add(fault);
    }
    Ok(Answer::created(json!(state.faults.all())))
}

/// `{"name", "pipeline"?, "stage"?, "foreign"?, …}`: adds an empty app; a foreign one is somebody else's.
fn add_app(state: &mut State, body: &Value) -> Outcome {
    let facts = body.as_object().ok_or_else(|| Answer::usual(400))?;
    let name = body["name"].as_str().ok_or_else(|| Answer::invalid("name is required."))?;
    if state.app(name).is_ok() {
        return Err(Answer::invalid("Name is already taken"));
    }
    let app = state.add_app(name, &clock::now());
    if let Some(stage) = body["stage"].as_str() {
        let pipeline = state.pipeline(body["pipeline"].as_str().unwrap_or("playhouse"))?;
        state.couple(app, pipeline, stage, clock::now());
    }
    state.apps[app].foreign = body["foreign"] == true;
    let own = |key: &str| !["pipeline", "stage", "foreign"].contains(&key);
    let facts: Map<String, Value> = facts.clone().into_iter().filter(|(key, _)| own(key)).collect();
    state.apps[app].merge(&facts, &state.mint);
    Ok(Answer::created(state.apps[app].json(false)))
}

/// `{"commit"?, "slug"?, "description"?, "status"?, "pending"?, "release_phase_command"?, "user"?, "created_at"?}`.
/// With a status the release is only added; without one it is made as by a deploy, with its release phase. For a commit
/// of the playhouse's history, `main` of the app's git repository moves to it as well.
fn add_release(state: &mut State, app: usize, body: &Value) -> Outcome {
    let text = |key: &str| body[key].as_str();
    if let Some(commit) = text("commit").filter(|commit| history::holds(commit)) {
        repositories::set_main(state, app, commit);
    }
    let current =
        state.apps[app].releases.iter().find(|entry| Some(entry.version) == state.apps[app].current);
    let current = current.and_then(|release| release.slug.clone());
    let slug = match (text("commit"), text("slug")) {
        (Some(commit), _) => Some(new_slug(state, Some(commit), body, current.as_deref())),
        (None, Some(id)) => Some(id.to_owned()),
        _ if body.get("slug").is_some_and(Value::is_null) => None,
        _ if body["release_phase_command"].is_string() => {
            let commit = current.as_ref().and_then(|id| state.slug(id)?.commit.clone());
            Some(new_slug(state, commit.as_deref(), body, current.as_deref()))
        }
        _ => current,
    };
    let deployed = text("commit").is_some() || text("slug").is_some();
    let description = text("description").map_or_else(|| deploy_of(text("commit")), str::to_owned);
    let status = if body["pending"] == true { Some("pending") } else { text("status") };
    let draft = Draft { description, slug, config: state.apps[app].config.clone(), deployed };
    let id = match status {
        None => state.release(app, draft),
        Some(word) => {
            let status = Status::parse(word)
                .ok_or_else(|| Answer::invalid("status must be pending, succeeded, failed or expired."))?;
            state.place_release(app, draft, status)
        }
    };
    let user = state.mint.uuid();
    if let Some(release) = state.apps[app].releases.last_mut() {
        sign(release, body, &user);
    }
    let release = state.release_of(app, &id)?;
    Ok(Answer::created(release.json(&state.apps[app])))
}

/// Sets the author of a release, by e-mail address, and its time.
fn sign(release: &mut Release, body: &Value, id: &str) {
    if let Some(email) = body["user"].as_str() {
        release.user = json!({ "id": id, "email": email });
    }
    if let Some(time) = body["created_at"].as_str() {
        time.clone_into(&mut release.created_at);
        time.clone_into(&mut release.updated_at);
    }
}

/// Adds a slug with the process types of another one, and optionally a release command.
fn new_slug(state: &mut State, commit: Option<&str>, body: &Value, like: Option<&str>) -> String {
    let mut types = like.and_then(|id| Some(state.slug(id)?.process_types.clone())).unwrap_or_default();
    if types.is_empty() {
        types.insert("web".to_owned(), "node server.js".to_owned());
    }
    if let Some(command) = body["release_phase_command"].as_str() {
        types.insert("release".to_owned(), command.to_owned());
    }
    state.add_slug(commit.map(str::to_owned), types)
}

/// `{"state": "crashed"}`: sets a dyno's state until the next restart.
fn set_dyno(state: &mut State, app: usize, name: &str, body: &Value) -> Outcome {
    let wanted = DYNO_STATES.into_iter().find(|word| body["state"] == **word);
    let wanted = wanted
        .ok_or_else(|| Answer::invalid(&format!("state must be one of {}.", DYNO_STATES.join(", "))))?;
    let app = &mut state.apps[app];
    let at = app.dynos.iter().position(|dyno| dyno.name == name).ok_or_else(|| Answer::missing("dyno"))?;
    app.dynos[at].state = wanted;
    app.dynos[at].updated_at = clock::now();
    Ok(Answer::ok(app.dyno_json(&app.dynos[at])))
}

const DYNO_STATES: [&str; 5] = ["up", "starting", "crashed", "idle", "down"];

/// `{"main": "COMMIT"}`: moves `main` of the app's git repository to a commit of the playhouse's history.
fn set_main(state: &mut State, app: usize, body: &Value) -> Outcome {
    let commit = body["main"].as_str().filter(|commit| history::holds(commit));
    let commit =
        commit.ok_or_else(|| Answer::invalid("main must be a commit of the playhouse's history."))?;
    repositories::set_main(state, app, commit);
    Ok(Answer::ok(json!({ "main": commit })))
}

/// `{"lines": ["…"]}`, or `{"base64": "…"}`, which is split at line feeds: adds log lines byte for byte.
fn add_logs(state: &mut State, app: usize, body: &Value) -> Outcome {
    let log = &mut state.apps[app].log;
    for line in body["lines"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        log.push(line.to_owned());
    }
    if let Some(encoded) = body["base64"].as_str() {
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|error| Answer::invalid(&error.to_string()))?;
        for line in bytes.strip_suffix(b"\n").unwrap_or(&bytes).split(|byte| *byte == b'\n') {
            log.push(line.to_vec());
        }
    }
    Ok(Answer::created(json!({ "last": log.last() })))
}

/// Sets `commit` (null for none) or `process_types` of a slug.
fn change_slug(state: &mut State, id: &str, body: &Value) -> Outcome {
    let slug = state.slugs.iter_mut().find(|slug| slug.id == id).ok_or_else(|| Answer::missing("slug"))?;
    if let Some(commit) = body.get("commit") {
        slug.commit = commit.as_str().map(str::to_owned);
    }
    if let Some(types) = body["process_types"].as_object() {
        let text = |(kind, command): (&String, &Value)| Some((kind.clone(), command.as_str()?.to_owned()));
        slug.process_types = types.iter().filter_map(text).collect();
    }
    Ok(Answer::ok(json!({ "id": slug.id, "commit": slug.commit, "process_types": slug.process_types })))
}
