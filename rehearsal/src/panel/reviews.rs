//! Review apps, and the repository that a pipeline is connected to.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::state::State;
use crate::state::review_app::{Connected, ReviewApp, ReviewConfig};

/// `{"branch", "pr_number"?, "status"?, "app"?, "fork"?, "created_at"?}`: adds a review app; `app` is a name or a UUID,
/// `fork` a repository's number.
pub(super) fn add(state: &mut State, body: &Value) -> Outcome {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let app = match body["app"].as_str() {
        Some(word) => Some(state.app(word)?),
        None => None,
    };
    let created_at = text("created_at").unwrap_or_else(clock::now);
    let review = ReviewApp {
        id: state.mint.uuid(),
        app: app.map(|app| state.apps[app].id().to_owned()),
        pipeline: state.pipeline(body["pipeline"].as_str().unwrap_or("playhouse"))?,
        branch: text("branch").unwrap_or_else(|| "main".to_owned()),
        number: body["pr_number"].as_u64(),
        fork: body["fork"].as_u64(),
        status: text("status").unwrap_or_else(|| "pending".to_owned()),
        message: text("message"),
        updated_at: created_at.clone(),
        created_at,
        ..ReviewApp::default()
    };
    if let Some(app) = app.filter(|app| state.coupling_of(*app).is_none()) {
        state.couple(app, review.pipeline, "review", clock::now());
    }
    let answer = state.review_app_json(&review);
    state.review_apps.push(review);
    Ok(Answer::created(answer))
}

/// Sets `status`, `message` or `app` of the review app with this id or PR number.
pub(super) fn change(state: &mut State, id: &str, body: &Value) -> Outcome {
    let number = id.parse::<u64>().ok();
    let mut reviews = state.review_apps.iter();
    let at = reviews.position(|review| review.id == id || (number.is_some() && review.number == number));
    let at = at.ok_or_else(|| Answer::missing("review app"))?;
    if let Some(status) = body["status"].as_str() {
        status.clone_into(&mut state.review_apps[at].status);
    }
    if let Some(message) = body["message"].as_str() {
        state.review_apps[at].message = Some(message.to_owned());
    }
    if let Some(word) = body["app"].as_str() {
        let app = state.app(word)?;
        state.review_apps[at].app = Some(state.apps[app].id().to_owned());
    }
    Ok(Answer::ok(state.review_app_json(&state.review_apps[at])))
}

/// `{"repository": {"full_name", "path"?} | null, "review_apps"?: bool}`: connects a pipeline to a bare repository on this
/// machine, or to none, and enables or disables review apps.
pub(super) fn connect(state: &mut State, pipeline: usize, body: &Value) -> Answer {
    let target = &mut state.pipelines[pipeline];
    if let Some(repository) = body.get("repository") {
        target.connected = repository["full_name"].as_str().map(|name| Connected {
            full_name: name.to_owned(),
            path: repository["path"].as_str().map(PathBuf::from),
        });
    }
    if let Some(enabled) = body["review_apps"].as_bool() {
        target.review_config = enabled.then(ReviewConfig::new);
    }
    Answer::ok(json!({ "connected": target.connected.as_ref().map(|connected| &connected.full_name) }))
}
