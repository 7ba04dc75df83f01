//! Review apps that Heroku knows nothing of, made by `review create --local`: apps in stage `review` whose config vars say
//! which branch and pull request they are of.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::heroku::{ApiError, Client, ConfigVars, Coupling, Id, ReviewApp, Secret};
use crate::model::{ReviewAppStatus, Stage};
use crate::parallel::in_parallel;

/// The config var that has the branch of a local review app.
pub const BRANCH: &str = "GREENROOM_REVIEW_BRANCH";

/// The config var that has the number of its pull request.
pub const NUMBER: &str = "GREENROOM_REVIEW_PR";

/// The config var that says whether all of it is there: `creating` or `created`.
pub const STATUS: &str = "GREENROOM_REVIEW_STATUS";

/// The config var that has the script to run before it is destroyed.
pub const PREDESTROY: &str = "GREENROOM_REVIEW_PREDESTROY";

/// The pipeline's local review apps: those in stage `review` that are the app of none of the `known` ones.
///
/// One request for the couplings, and one for the config vars of each.
pub(super) fn all(client: &Client, pipeline: &str, known: &[ReviewApp]) -> Result<Vec<ReviewApp>> {
    among(client, &candidates(&client.pipeline_couplings(pipeline)?, known))
}

/// The apps that may be local review apps: those in stage `review` that are the app of none of the `known` ones.
pub(super) fn candidates(couplings: &[Coupling], known: &[ReviewApp]) -> Vec<Coupling> {
    let known: BTreeSet<&str> =
        known.iter().filter_map(|review| Some(review.app.as_ref()?.id.as_str())).collect();
    let may_be =
        |coupling: &&Coupling| coupling.stage == Stage::Review && !known.contains(coupling.app.id.as_str());
    couplings.iter().filter(may_be).cloned().collect()
}

/// Those of the candidates that are local review apps, with one request for the config vars of each. An app whose config
/// vars the account may not see is left out.
pub(super) fn among(client: &Client, candidates: &[Coupling]) -> Result<Vec<ReviewApp>> {
    let found = in_parallel(candidates, |coupling| match client.config_vars(&coupling.app.id) {
        Ok(vars) => Ok(review_app(coupling, &vars)),
        Err(error) if ApiError::is_refusal(&error) => Ok(None),
        Err(error) => Err(error),
    });
    found.into_iter().filter_map(Result::transpose).collect()
}

/// A local review app as it is now; `None` once its app is gone.
pub fn look_again(client: &Client, review: &ReviewApp) -> Result<Option<ReviewApp>> {
    if client.find_app(&review.id)?.is_none() {
        return Ok(None);
    }
    let vars = client.config_vars(&review.id)?;
    Ok(Some(ReviewApp { status: status(&vars), ..review.clone() }))
}

fn status(vars: &ConfigVars) -> ReviewAppStatus {
    match vars.get(STATUS).map(Secret::reveal) {
        Some("created") => ReviewAppStatus::Created,
        _ => ReviewAppStatus::Creating,
    }
}

/// The review app that the config vars tell of; none where they tell of none.
fn review_app(coupling: &Coupling, vars: &ConfigVars) -> Option<ReviewApp> {
    let text = |name: &str| vars.get(name).map(Secret::reveal);
    Some(ReviewApp {
        id: coupling.app.id.clone(),
        app: Some(Id { id: coupling.app.id.clone() }),
        app_setup: None,
        branch: text(BRANCH)?.to_owned(),
        pr_number: text(NUMBER).and_then(|number| number.parse().ok()),
        status: status(vars),
        message: None,
        error_status: None,
        fork_repo: None,
        created_at: coupling.created_at.clone(),
        is_local: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_config_vars_tell_which_it_is() {
        let coupling = json!({"app": {"id": "1"}, "pipeline": {"id": "2"}, "stage": "review"});
        let coupling: Coupling = serde_json::from_value(coupling).unwrap();
        let of = |vars| review_app(&coupling, &serde_json::from_value(vars).unwrap());
        assert!(of(json!({ "SEATS": "9" })).is_none());
        let begun = of(json!({ BRANCH: "matinee", NUMBER: "x" })).unwrap();
        assert_eq!((begun.status, begun.pr_number), (ReviewAppStatus::Creating, None));
        let done = of(json!({ BRANCH: "matinee", NUMBER: "7", STATUS: "created" })).unwrap();
        assert_eq!((done.status, done.pr_number), (ReviewAppStatus::Created, Some(7)));
        assert!(done.is_local && done.app.is_some_and(|app| app.id == done.id));
    }
}
