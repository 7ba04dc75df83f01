//! The app of a local review app: found again, or created.

use super::create::Maker;
use super::name::name;
use crate::environment::{self, REVIEW_BRANCH};
use crate::error::{Error, Result};
use crate::heroku::{ApiError, App, create_app};
use crate::hint::Hint;
use crate::model::{AppName, Stage};

/// So many names are tried.
const ATTEMPTS: u32 = 5;

/// The app that was found, or the name for a new one.
pub(super) struct Found {
    /// The app, where it is there.
    pub(super) app: Option<App>,
    name: AppName,
    attempt: u32,
}

/// Finds the app of the branch: by the config vars of those in stage `review`, else by its name, which one that was left
/// before it was coupled has too.
pub(super) fn find(maker: &Maker<'_>) -> Result<Found> {
    let client = maker.client;
    let known = client.review_apps(&maker.pipeline.id)?;
    let theirs = known
        .iter()
        .find(|review| review.branch == maker.request.branch && review.is_alive() && !review.is_of_fork());
    if let Some(review) = theirs {
        return Err(Error::refused(format!("{} is there, made by Heroku", review.described()))
            .hint(environment::review_command(review, "redeploy").note("builds the branch on it")));
    }
    let locals = environment::local_review_apps(client, &maker.pipeline.id, &known)?;
    let request = maker.request;
    let is_meant =
        |number: Option<u64>| request.number.is_none() || number.is_none() || number == request.number;
    let found = locals.iter().find(|review| review.branch == request.branch && is_meant(review.pr_number));
    if let Some(review) = found {
        let app = client.app(&review.id)?;
        return Ok(Found { name: app.name.clone(), app: Some(app), attempt: 0 });
    }
    free(maker, 0)
}

/// The first name from this attempt on that is free, or that an app has which we left.
fn free(maker: &Maker<'_>, first: u32) -> Result<Found> {
    for attempt in first..ATTEMPTS {
        let (pipeline, request) = (maker.pipeline, maker.request);
        let name = name(&pipeline.name, &pipeline.id, &request.branch, request.number, attempt);
        let Some(name) = name else { continue };
        match maker.client.find_app(name.as_ref()) {
            Ok(None) => return Ok(Found { app: None, name, attempt }),
            Ok(Some(app)) if is_ours(maker, &app)? => return Ok(Found { app: Some(app), name, attempt }),
            Ok(Some(_)) => {}
            // Somebody else's.
            Err(error) if ApiError::is_refusal(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::failed(format!("all names for a review app of branch {} are taken", maker.request.branch)))
}

/// Whether an app of the right name was left by an interrupted creation: it says so, or has nothing at all.
fn is_ours(maker: &Maker<'_>, app: &App) -> Result<bool> {
    let vars = maker.client.config_vars(app.name.as_ref())?;
    match vars.get(REVIEW_BRANCH) {
        Some(branch) => Ok(branch.reveal() == maker.request.branch),
        None => Ok(vars.is_empty()
            && maker.client.builds(app.name.as_ref(), 1)?.is_empty()
            && maker.client.coupling_of(&app.name)?.is_none()),
    }
}

/// Creates the app where there is none: in the team, the region and on the stack of the pipeline's others. Its name.
pub(super) fn create(maker: &Maker<'_>, found: &Found) -> Result<AppName> {
    if let Some(app) = &found.app {
        maker.context.terminal.status(&format!("found {}", app.name));
        return Ok(app.name.clone());
    }
    let model = model(maker)?;
    let mut free_name = found.name.clone();
    let mut attempt = found.attempt;
    loop {
        match maker.send(&create_app(&free_name, &model)) {
            Ok(()) if maker.is_dry() => return Ok(free_name),
            Ok(()) => {
                maker.context.terminal.status(&format!("created {free_name}"));
                return Ok(free_name);
            }
            // Somebody whose apps we cannot see has it.
            Err(error) if ApiError::is_about_a_taken_name(&error) => {
                let next = free(maker, attempt + 1)?;
                if next.app.is_some() {
                    return Ok(next.name);
                }
                (free_name, attempt) = (next.name, next.attempt);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The app whose team, region and stack a new one gets: of staging, else of another stage.
fn model(maker: &Maker<'_>) -> Result<App> {
    let couplings = maker.client.pipeline_couplings(&maker.pipeline.id)?;
    let rank = |stage: &Stage| match stage {
        Stage::Staging => 0,
        Stage::Production => 1,
        Stage::Development => 2,
        _ => 3,
    };
    let chosen = couplings.iter().min_by_key(|coupling| rank(&coupling.stage)).ok_or_else(|| {
        let pipeline = &maker.pipeline.name;
        Error::refused(format!("pipeline {pipeline} has no app whose team and region a review app could get"))
            .hint(Hint::pipeline("pipelines:info", pipeline))
    })?;
    let mut model = maker.client.app(&chosen.app.id)?;
    if let Some(stack) = &maker.setup.stack {
        let stack = crate::heroku::Stack { name: stack.clone() };
        model.build_stack = Some(stack);
    }
    Ok(model)
}
