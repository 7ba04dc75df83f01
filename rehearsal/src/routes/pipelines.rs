//! Pipelines, couplings and the state of promotions.

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::pipeline::{Pipeline, Promotion};

const STAGES: [&str; 5] = ["test", "review", "development", "staging", "production"];

/// All pipelines, or those with the name in `eq[name]`.
pub(super) fn list(state: &State, call: &Call) -> Outcome {
    let name = call.parameter("eq[name]");
    let wanted =
        state.pipelines.iter().filter(|pipeline| name.as_ref().is_none_or(|name| pipeline.name == *name));
    Ok(Answer::ok(wanted.filter(|pipeline| !pipeline.deleted).map(Pipeline::json).collect()))
}

/// `{"name", "owner"}`: a pipeline without apps.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let name = free_name(state, call)?;
    let mut pipeline = Pipeline::new(state.mint.uuid(), name, clock::now());
    if call.body["owner"].is_object() {
        pipeline.owner = owner(&call.body["owner"])?;
    }
    let answer = Answer::created(pipeline.json());
    state.pipelines.push(pipeline);
    Ok(answer)
}

/// `{"name"}`.
pub(super) fn rename(state: &mut State, call: &Call, pipeline: usize) -> Outcome {
    state.pipelines[pipeline].name = free_name(state, call)?;
    Ok(Answer::ok(state.pipelines[pipeline].json()))
}

/// Deletes a pipeline, but not its apps.
pub(super) fn delete(state: &mut State, pipeline: usize) -> Outcome {
    state.couplings.retain(|coupling| coupling.pipeline != pipeline);
    state.review_apps.retain(|review| review.pipeline != pipeline);
    state.pipelines[pipeline].deleted = true;
    Ok(Answer::ok(state.pipelines[pipeline].json()))
}

/// `{"pipeline":{"id"},"new_owner":{"id","type"}}`.
pub(super) fn transfer(state: &mut State, call: &Call) -> Outcome {
    let pipeline = state.pipeline(call.body["pipeline"]["id"].as_str().unwrap_or_default())?;
    let new = owner(&call.body["new_owner"])?;
    let pipeline = &mut state.pipelines[pipeline];
    let previous = std::mem::replace(&mut pipeline.owner, new);
    Ok(Answer::created(json!({
        "pipeline": { "id": pipeline.id },
        "previous_owner": previous,
        "new_owner": pipeline.owner,
    })))
}

/// The owner of a pipeline: a user or a team, by id.
fn owner(body: &Value) -> Result<Value, Answer> {
    if body["id"].is_string() && [json!("user"), json!("team")].contains(&body["type"]) {
        return Ok(json!({ "id": body["id"], "type": body["type"] }));
    }
    Err(Answer::invalid("Owner must have an id and the type user or team."))
}

fn free_name(state: &State, call: &Call) -> Result<String, Answer> {
    let name = call.body["name"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Answer::invalid("Name is required."))?;
    if state.pipeline(name).is_ok() {
        return Err(Answer::invalid("Name has already been taken"));
    }
    Ok(name.to_owned())
}

pub(super) fn couplings(state: &State, pipeline: usize) -> Outcome {
    let wanted = state.couplings.iter().filter(|coupling| coupling.pipeline == pipeline);
    Ok(Answer::ok(wanted.map(|coupling| state.coupling_json(coupling)).collect()))
}

pub(super) fn all_couplings(state: &State) -> Outcome {
    Ok(Answer::ok(state.couplings.iter().map(|coupling| state.coupling_json(coupling)).collect()))
}

/// One object, not a list: an app is in one pipeline at most.
pub(super) fn of_app(state: &State, app: usize) -> Outcome {
    let coupling = state.coupling_of(app).ok_or_else(|| Answer::missing("pipeline coupling"))?;
    Ok(Answer::ok(state.coupling_json(coupling)))
}

pub(super) fn couple(state: &mut State, call: &Call) -> Outcome {
    let text = |key: &str| call.body[key].as_str().unwrap_or_default();
    let (app, pipeline) = (state.app(text("app"))?, state.pipeline(text("pipeline"))?);
    let wanted = known_stage(text("stage"))?;
    if state.coupling_of(app).is_some() {
        return Err(Answer::invalid("App is already coupled to a pipeline."));
    }
    let coupling = state.couple(app, pipeline, wanted, clock::now());
    Ok(Answer::created(state.coupling_json(&coupling)))
}

pub(super) fn coupling(state: &mut State, call: &Call, id: &str) -> Outcome {
    let at = state.couplings.iter().position(|coupling| coupling.id == id);
    let at = at.ok_or_else(|| Answer::missing("pipeline coupling"))?;
    match &*call.method {
        "GET" => {}
        "PATCH" => {
            let wanted = known_stage(call.body["stage"].as_str().unwrap_or_default())?;
            wanted.clone_into(&mut state.couplings[at].stage);
        }
        "DELETE" => {
            let answer = state.coupling_json(&state.couplings[at]);
            state.couplings.remove(at);
            return Ok(Answer::ok(answer));
        }
        _ => return Err(Answer::unplayed(call)),
    }
    Ok(Answer::ok(state.coupling_json(&state.couplings[at])))
}

fn known_stage(word: &str) -> Result<&str, Answer> {
    let known = STAGES.contains(&word).then_some(word);
    known.ok_or_else(|| {
        Answer::invalid("Stage must be one of test, review, development, staging, production.")
    })
}

pub(super) fn promotion(state: &State, id: &str) -> Outcome {
    Ok(Answer::ok(find(state, id)?.json(state)))
}

pub(super) fn targets(state: &State, id: &str) -> Outcome {
    Ok(Answer::ok(find(state, id)?.targets_json(state)))
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Promotion, Answer> {
    let found = state.promotions.iter().find(|promotion| promotion.id == id);
    found.ok_or_else(|| Answer::missing("pipeline promotion"))
}
