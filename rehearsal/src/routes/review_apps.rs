//! Review apps, their set-ups, and the settings that a pipeline has for them (`docs/heroku.md#review-apps`).

use serde_json::{Value, json};

use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::review_app::{ReviewApp, ReviewConfig};
use crate::{app_setup, clock, repositories};

pub(super) fn list(state: &State, pipeline: usize) -> Outcome {
    let wanted = state.review_apps.iter().filter(|review| review.pipeline == pipeline);
    Ok(Answer::ok(wanted.map(|review| state.review_app_json(review)).collect()))
}

pub(super) fn show(state: &mut State, id: &str) -> Outcome {
    let review = state.review_app(id)?.clone();
    Ok(Answer::ok(state.review_app_json(&review)))
}

pub(super) fn of_app(state: &State, app: usize) -> Outcome {
    let id = state.apps[app].id();
    let found = state.review_apps.iter().find(|review| review.app.as_deref() == Some(id));
    found.map(|review| Answer::ok(state.review_app_json(review))).ok_or_else(|| Answer::missing("review app"))
}

/// `{"branch", "pipeline", "source_blob", "pr_number"?, "environment"?, "fork_repo_id"?}`: creates a review app from the
/// connected repository; its app is made after the answer.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let text = |key: &str| call.body[key].as_str().unwrap_or_default();
    let pipeline = state.pipeline(text("pipeline"))?;
    let branch = text("branch");
    if branch.is_empty() || !call.body["source_blob"]["url"].is_string() {
        return Err(Answer::invalid("Branch and source_blob are required."));
    }
    if state.pipelines[pipeline].review_config.is_none() {
        return Err(Answer::invalid("Review apps are not enabled for this pipeline."));
    }
    if is_there(state, pipeline, branch) {
        return Err(Answer::error(409, "conflict", "A review app already exists for this branch."));
    }
    let vars = call.body["environment"].as_object().into_iter().flatten();
    let now = clock::now();
    let review = ReviewApp {
        id: state.mint.uuid(),
        pipeline,
        branch: branch.to_owned(),
        number: call.body["pr_number"].as_u64(),
        fork: call.body["fork_repo_id"].as_u64(),
        status: "pending".to_owned(),
        environment: vars
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        created_at: now.clone(),
        updated_at: now,
        ..ReviewApp::default()
    };
    let answer = state.review_app_json(&review);
    let id = review.id.clone();
    state.review_apps.push(review);
    state.spawn(|shared| app_setup::create(shared, id));
    Ok(Answer::created(answer))
}

fn is_there(state: &State, pipeline: usize, branch: &str) -> bool {
    state.review_apps.iter().any(|review| {
        review.pipeline == pipeline
            && review.branch == branch
            && !["deleting", "deleted", "errored"].contains(&&*review.status)
    })
}

/// Answers at once; the app is removed a little later.
pub(super) fn delete(state: &mut State, id: &str) -> Outcome {
    state.review_app(id)?;
    state.set_review_status(id, "deleting", None);
    app_setup::remove(state, id.to_owned());
    show(state, id)
}

pub(super) fn setup(state: &mut State, id: &str) -> Outcome {
    let setup = state.setup(id)?.clone();
    Ok(Answer::ok(setup.json(state)))
}

/// The settings: `POST {"repo", …}` enables review apps, `PATCH` changes some, `DELETE` disables.
pub(super) fn config(state: &mut State, call: &Call, pipeline: usize) -> Outcome {
    let target = &mut state.pipelines[pipeline];
    let id = target.id.clone();
    match &*call.method {
        "POST" if target.review_config.is_some() => {
            return Err(Answer::error(409, "conflict", "Review apps are already enabled for this pipeline."));
        }
        "POST" => {
            call.body["repo"].as_str().ok_or_else(|| Answer::invalid("repo is required."))?;
            let mut config = ReviewConfig::new();
            config.merge(&call.body);
            let answer = Answer::created(config.json(&id));
            target.review_config = Some(config);
            return Ok(answer);
        }
        "GET" | "PATCH" | "DELETE" => {}
        _ => return Err(Answer::unplayed(call)),
    }
    let config = target.review_config.as_mut().ok_or_else(|| Answer::missing("review app config"))?;
    if call.method == "PATCH" {
        config.merge(&call.body);
    }
    let answer = Answer::ok(config.json(&id));
    if call.method == "DELETE" {
        target.review_config = None;
    }
    Ok(answer)
}

/// The config vars that new review apps get: `GET`, and `PATCH` with null for what is removed.
pub(super) fn stage_config(state: &mut State, call: &Call, pipeline: usize) -> Outcome {
    let vars = &mut state.pipelines[pipeline].review_vars;
    if call.method == "PATCH" {
        for (name, value) in call.body.as_object().ok_or_else(|| Answer::usual(400))? {
            match value.as_str() {
                Some(value) => vars.insert(name.clone(), value.to_owned()),
                None => vars.remove(name),
            };
        }
    }
    Ok(Answer::ok(json!(vars)))
}

/// The repository that the pipeline is connected to.
pub(super) fn repository(state: &State, pipeline: usize) -> Outcome {
    let connected = state.pipelines[pipeline].connected.as_ref();
    let connected = connected.ok_or_else(|| Answer::missing("pipeline repo"))?;
    let (owner, name) = connected.full_name.split_once('/').unwrap_or(("", &connected.full_name));
    Ok(Answer::ok(
        json!({ "full_name": connected.full_name, "owner": owner, "name": name, "type": "github" }),
    ))
}

/// A branch of the connected repository, with its newest commit.
pub(super) fn branch(state: &State, pipeline: usize, name: &str) -> Outcome {
    repository(state, pipeline)?;
    let commit: Option<Value> = repositories::tip(state, pipeline, name).map(|sha| json!({ "sha": sha }));
    let commit = commit.ok_or_else(|| Answer::missing("branch"))?;
    Ok(Answer::ok(json!({ "name": name, "commit": commit })))
}
