//! Dyno metadata: config vars that Heroku sets at each deploy of an app with one of two labs features.

use crate::state::State;
use crate::state::release::Draft;

/// The feature that adds variables about the app, the release and its slug.
pub(crate) const RUNTIME: &str = "runtime-dyno-metadata";

/// The feature that adds variables about the build.
pub(crate) const BUILD: &str = "runtime-dyno-build-metadata";

/// Adds the variables of the app's features to a deploy.
pub(crate) fn add(state: &State, app: usize, version: u64, time: &str, draft: &mut Draft) {
    let target = &state.apps[app];
    let is_on = |name: &str| target.features.iter().any(|feature| feature == name);
    let commit = draft.slug.as_ref().and_then(|id| state.slug(id)?.commit.clone()).unwrap_or_default();
    let description = draft.description.clone();
    let mut set = |name: &str, value: &str| draft.config.insert(name.to_owned(), value.to_owned());
    if is_on(RUNTIME) {
        set("HEROKU_APP_ID", target.id());
        set("HEROKU_APP_NAME", target.name());
        set("HEROKU_RELEASE_VERSION", &format!("v{version}"));
        set("HEROKU_RELEASE_CREATED_AT", time);
        set("HEROKU_SLUG_COMMIT", &commit);
        set("HEROKU_SLUG_DESCRIPTION", &description);
    }
    if is_on(BUILD) {
        set("HEROKU_BUILD_COMMIT", &commit);
        set("HEROKU_BUILD_DESCRIPTION", &description);
    }
}
