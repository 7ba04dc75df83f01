//! Review apps.

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::pipeline::ReviewApp;

pub(super) fn list(state: &State, pipeline: usize) -> Outcome {
    let wanted = state.review_apps.iter().filter(|review| review.pipeline == pipeline);
    Ok(Answer::ok(wanted.map(|review| state.review_app_json(review)).collect()))
}

pub(super) fn show(state: &State, id: &str) -> Outcome {
    let at = place(state, id)?;
    Ok(Answer::ok(state.review_app_json(&state.review_apps[at])))
}

pub(super) fn of_app(state: &State, app: usize) -> Outcome {
    let id = state.apps[app].id();
    let found = state.review_apps.iter().find(|review| review.app.as_deref() == Some(id));
    found.map(|review| Answer::ok(state.review_app_json(review))).ok_or_else(|| Answer::missing("review app"))
}

/// Creates a review app; it stays `creating` until the panel changes it.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let text = |key: &str| call.body[key].as_str().unwrap_or_default();
    let pipeline = state.pipeline(text("pipeline"))?;
    if text("branch").is_empty() || !call.body["source_blob"]["url"].is_string() {
        return Err(Answer::invalid("Branch and source_blob are required."));
    }
    let review = ReviewApp {
        id: state.mint.uuid(),
        app: None,
        pipeline,
        branch: text("branch").to_owned(),
        number: call.body["pr_number"].as_u64(),
        status: "creating".to_owned(),
        message: None,
        created_at: clock::now(),
    };
    let answer = state.review_app_json(&review);
    state.review_apps.push(review);
    Ok(Answer::created(answer))
}

pub(super) fn delete(state: &mut State, id: &str) -> Outcome {
    let at = place(state, id)?;
    "deleting".clone_into(&mut state.review_apps[at].status);
    show(state, id)
}

fn place(state: &State, id: &str) -> Result<usize, Answer> {
    let found = state.review_apps.iter().position(|review| review.id == id);
    found.ok_or_else(|| Answer::missing("review app"))
}
