//! Promotions: one slug from one app to others. Each target is pending at first, then has a release, perhaps with a
//! release phase, and then has succeeded or failed (`docs/heroku.md#promotions`).

use serde_json::Value;

use crate::clock;
use crate::faults::Fault;
use crate::http::answer::{Answer, Outcome};
use crate::state::State;
use crate::state::pipeline::{Promotion, Target};
use crate::state::release::{Draft, Status};

/// `POST /pipeline-promotions`.
pub(crate) fn create(state: &mut State, body: &Value) -> Outcome {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pipeline = state.pipeline(&text(&body["pipeline"]["id"]))?;
    let source = member(state, pipeline, &body["source"]["app"]["id"])?;
    let release = match &body["source"]["release"]["id"] {
        Value::Null => {
            state.apps[source].releases.iter().find(|entry| Some(entry.version) == state.apps[source].current)
        }
        id => state.apps[source].releases.iter().find(|entry| Some(&*entry.id) == id.as_str()),
    };
    let release =
        release.ok_or_else(|| Answer::invalid("The source release does not belong to the source app."))?;
    if release.status != Status::Succeeded || release.slug.is_none() {
        return Err(Answer::invalid("The source release has not succeeded and cannot be promoted."));
    }
    let release = release.id.clone();
    let wanted = body["targets"].as_array().filter(|targets| !targets.is_empty());
    let wanted = wanted.ok_or_else(|| Answer::invalid("Promotion targets are required."))?;
    let mut targets = Vec::new();
    for target in wanted {
        let app = member(state, pipeline, &target["app"]["id"])?;
        if app == source {
            return Err(Answer::invalid("An app cannot be promoted to itself."));
        }
        targets.push(Target { id: state.mint.uuid(), app, release: None, status: "pending", error: None });
    }
    let promotion = Promotion {
        id: state.mint.uuid(),
        pipeline,
        source,
        release,
        targets,
        created_at: clock::now(),
        updated_at: None,
    };
    let answer = promotion.json(state);
    for at in 0..promotion.targets.len() {
        let place = state.promotions.len();
        state.later(state.settings.promotion_time, move |state| arrive(state, place, at));
    }
    state.promotions.push(promotion);
    Ok(Answer::created(answer))
}

/// The app with this id, if it is in the pipeline.
fn member(state: &State, pipeline: usize, id: &Value) -> Result<usize, Answer> {
    let app = state.app(id.as_str().unwrap_or_default())?;
    match state.coupling_of(app) {
        Some(coupling) if coupling.pipeline == pipeline => Ok(app),
        _ => Err(Answer::invalid(&format!("{} is not in this pipeline.", state.apps[app].name()))),
    }
}

/// Releases the slug in a target.
fn arrive(state: &mut State, place: usize, at: usize) {
    let promotion = &state.promotions[place];
    let (source, app) = (promotion.source, promotion.targets[at].app);
    let name = state.apps[app].name().to_owned();
    if state.faults.about(|fault| matches!(fault, Fault::StallPromotion { app } if *app == name)).is_some() {
        return;
    }
    let failing =
        state.faults.about(|fault| matches!(fault, Fault::FailPromotion { app, .. } if *app == name));
    if let Some(Fault::FailPromotion { message, .. }) = failing {
        return state.end_target(place, at, Some(message));
    }
    let Some((_, from)) = state.find_release(&promotion.release) else { return };
    let (version, slug) =
        (state.apps[source].releases[from].version, state.apps[source].releases[from].slug.clone());
    let commit = slug.as_ref().and_then(|id| state.slug(id)?.commit.clone()).unwrap_or_default();
    let short = &commit[..commit.len().min(8)];
    let draft = Draft {
        description: format!("Promote {} v{version} {short}", state.apps[source].name()),
        slug,
        config: state.apps[app].config.clone(),
        deployed: true,
    };
    let release = state.release(app, draft);
    state.promotions[place].targets[at].release = Some(release.clone());
    let status = state.find_release(&release).map(|(app, at)| state.apps[app].releases[at].status);
    if status == Some(Status::Succeeded) {
        state.end_target(place, at, None);
    }
}
