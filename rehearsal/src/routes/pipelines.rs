//! Pipelines, couplings and the state of promotions.

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::clock;
use crate::state::State;
use crate::state::pipeline::{Pipeline, Promotion};

const STAGES: [&str; 5] = ["test", "review", "development", "staging", "production"];

/// All, or those with the name in `eq[name]`.
pub(super) fn list(state: &State, call: &Call) -> Outcome {
    let name = call.parameter("eq[name]");
    let wanted =
        state.pipelines.iter().filter(|pipeline| name.as_ref().is_none_or(|name| pipeline.name == *name));
    Ok(Answer::ok(wanted.map(Pipeline::json).collect()))
}

/// `{"name", "owner"}`: a pipeline without apps.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let name = call.body["name"].as_str().ok_or_else(|| Answer::invalid("name is required."))?;
    let pipeline = Pipeline { id: state.mint.uuid(), name: name.to_owned(), created_at: clock::now() };
    let answer = Answer::created(pipeline.json());
    state.pipelines.push(pipeline);
    Ok(answer)
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

pub(super) fn coupling(state: &mut State, call: &Call, method: &str, id: &str) -> Outcome {
    let at = state.couplings.iter().position(|coupling| coupling.id == id);
    let at = at.ok_or_else(|| Answer::missing("pipeline coupling"))?;
    match method {
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
        _ => return Err(Answer::usual(404)),
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
