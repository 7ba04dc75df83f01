//! Releases and slugs.

use serde_json::{Value, json};

use crate::build::deploy_of;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::release::{ConfigVars, Draft, Slug};

pub(super) fn list(state: &State, app: usize) -> Outcome {
    let app = &state.apps[app];
    Ok(Answer::ok(app.releases.iter().map(|release| release.json(app)).collect()))
}

pub(super) fn show(state: &State, app: usize, word: &str) -> Outcome {
    Ok(Answer::ok(state.release_of(app, word)?.json(&state.apps[app])))
}

/// `{"slug":…}`, or for a Fir app `{"oci_image":…}`, releases a build of any app; `{"release":…}` rolls back to an earlier release with its config vars.
pub(super) fn create(state: &mut State, call: &Call, app: usize) -> Outcome {
    let text = |key: &str| call.body[key].as_str();
    let draft = if let Some(word) = text("release") {
        let release = state.release_of(app, word)?;
        if let Some(why) = release.ineligible() {
            return Err(Answer::invalid(&format!("Cannot roll back to v{}: {why}.", release.version)));
        }
        Draft {
            description: format!("Rollback to v{}", release.version),
            slug: release.slug.clone(),
            config: ConfigVars::clone(&release.config),
            deployed: true,
        }
    } else {
        let kind = if state.apps[app].is_fir() { "oci_image" } else { "slug" };
        let id = text(kind).ok_or_else(|| Answer::invalid(&format!("A {kind} or a release is required.")))?;
        let slug = state.slug(id).ok_or_else(|| Answer::missing("slug"))?;
        Draft {
            description: text("description").map_or_else(|| deploy_of(slug.commit.as_deref()), str::to_owned),
            slug: Some(slug.id.clone()),
            config: state.apps[app].config.clone(),
            deployed: true,
        }
    };
    let id = state.release(app, draft);
    Ok(Answer::created(show(state, app, &id)?.body))
}

pub(super) fn slug(state: &State, app: usize, id: &str) -> Outcome {
    let slug = built(state, app, id).filter(|_| !state.apps[app].is_fir());
    Ok(Answer::ok(slug.ok_or_else(|| Answer::missing("slug"))?.json(&state.apps[app])))
}

/// The images of a build, one for each architecture.
pub(super) fn images(state: &State, app: usize, id: &str) -> Outcome {
    let image = built(state, app, id).filter(|_| state.apps[app].is_fir());
    let image = image.ok_or_else(|| Answer::missing("oci_image"))?;
    Ok(Answer::ok(json!(["amd64", "arm64"].map(|architecture| image.image_json(architecture)))))
}

/// What was built, if the app released it.
fn built<'s>(state: &'s State, app: usize, id: &str) -> Option<&'s Slug> {
    let released = state.apps[app].releases.iter().any(|release| release.slug.as_deref() == Some(id));
    state.slug(id).filter(|_| released)
}

/// The newest release of each app in the pipeline, or the newest one with a new slug.
pub(super) fn latest(state: &State, pipeline: usize, deployed: bool) -> Outcome {
    let apps =
        state.apps.iter().enumerate().filter(|(place, _)| {
            state.coupling_of(*place).is_some_and(|coupling| coupling.pipeline == pipeline)
        });
    let newest = apps.filter_map(|(_, app)| {
        let mut releases = app.releases.iter().rev();
        releases.find(|release| release.deployed || !deployed).map(|release| release.json(app))
    });
    Ok(Answer::ok(newest.map(one_artifact).collect()))
}

/// In these two lists the schema has one artifact in place of a list, so both are omitted.
fn one_artifact(mut release: Value) -> Value {
    if let Some(fields) = release.as_object_mut() {
        fields.remove("artifacts");
    }
    release
}
