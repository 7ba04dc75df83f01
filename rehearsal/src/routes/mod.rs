//! The routes of the Platform API and of the data API, one table.

#![allow(clippy::unnecessary_wraps, reason = "all rows of the table have one type")]

mod account;
mod addons;
mod apps;
mod buildpacks;
mod builds;
mod config;
mod dynos;
mod features;
mod fittings;
mod pipelines;
mod releases;
mod review_apps;
mod sessions;
mod teams;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::state::{State, dyno_size};
use crate::{promotion, sources};

/// Answers a call that was let in.
pub(crate) fn answer(state: &mut State, call: &Call) -> Answer {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    route(state, call, &segments).unwrap_or_else(|error| error)
}

fn route(state: &mut State, call: &Call, segments: &[&str]) -> Outcome {
    match (&*call.method, segments) {
        ("GET", ["account"]) => account::show(),
        ("GET", ["account", "rate-limits"]) => account::rate_limits(state),
        ("GET", ["account", "features"]) => account::features(),
        ("GET", ["account", "features", name]) => account::feature(name),
        ("GET", ["apps"] | ["users", "~", "apps"]) => apps::list(state, call),
        ("POST", ["apps"]) => apps::create(state, call),
        ("GET", ["teams"]) => teams::list(),
        ("POST", ["teams", "apps"]) => teams::create_app(state, call),
        ("GET", ["teams", name]) => teams::show(name),
        ("GET", ["teams", name, "apps"]) => teams::list_apps(state, call, name),
        ("GET", ["dyno-sizes"]) => Ok(Answer::ok(dyno_size::all(call.sdk()))),
        ("POST", ["filters", "apps"]) => apps::filter(state, call),
        ("POST", ["sources"]) => Ok(sources::create(state)),
        ("GET", ["addons"]) => addons::all(state, call),
        ("GET", ["addon-attachments"]) => addons::all_attachments(state, call),
        ("POST", ["actions", "addons", "resolve"]) => addons::resolve(state, call),
        ("POST", ["actions", "addon-attachments", "resolve"]) => addons::resolve_attachment(state, call),
        ("GET", ["client", "v11", "apps", app, "transfers"]) => fittings::transfers(state, state.app(app)?),
        ("GET", ["client", "v11", "apps", app, "transfers", word]) => {
            fittings::transfer(state, call, state.app(app)?, word)
        }
        (_, ["apps", app, rest @ ..]) => {
            let app = state.app(app)?;
            of_app(state, call, app, rest)
        }
        ("GET", ["pipelines"]) => pipelines::list(state, call),
        ("POST", ["pipelines"]) => pipelines::create(state, call),
        ("GET", ["pipelines", pipeline, rest @ ..]) => {
            let pipeline = state.pipeline(pipeline)?;
            of_pipeline(state, pipeline, rest)
        }
        ("GET", ["pipeline-couplings"] | ["users", "~", "pipeline-couplings"]) => {
            pipelines::all_couplings(state)
        }
        ("POST", ["pipeline-couplings"]) => pipelines::couple(state, call),
        (method, ["pipeline-couplings", id]) => pipelines::coupling(state, call, method, id),
        ("POST", ["pipeline-promotions"]) => promotion::create(state, &call.body),
        ("GET", ["pipeline-promotions", id]) => pipelines::promotion(state, id),
        ("GET", ["pipeline-promotions", id, "promotion-targets"]) => pipelines::targets(state, id),
        ("POST", ["review-apps"]) => review_apps::create(state, call),
        ("GET", ["review-apps", id]) => review_apps::show(state, id),
        ("DELETE", ["review-apps", id]) => review_apps::delete(state, id),
        _ => Err(Answer::usual(404)),
    }
}

fn of_app(state: &mut State, call: &Call, app: usize, rest: &[&str]) -> Outcome {
    match (&*call.method, rest) {
        ("GET", []) => apps::show(state, call, app),
        ("PATCH", []) => apps::update(state, call, app),
        ("DELETE", []) => apps::delete(state, call, app),
        ("GET", ["addons"]) => addons::list(state, call, app),
        ("GET", ["addon-attachments"]) => addons::attachments(state, call, app),
        ("GET", ["builds"]) => builds::list(state, call, app),
        ("POST", ["builds"]) => builds::create(state, call, app),
        ("GET", ["builds", id]) => builds::show(state, call, app, id),
        ("DELETE", ["builds", id]) => builds::cancel(state, call, app, id),
        ("GET", ["buildpack-installations"]) => buildpacks::list(state, app),
        ("PUT", ["buildpack-installations"]) => buildpacks::update(state, call, app),
        ("GET", ["collaborators"]) => apps::collaborators(state, app),
        ("GET", ["domains"]) => fittings::domains(state, app),
        ("GET", ["features"]) => features::list(state, app),
        ("GET", ["features", name]) => features::show(state, app, name),
        ("PATCH", ["features", name]) => features::update(state, call, app, name),
        ("PUT", ["pre-authorizations"]) => apps::preauthorize(state, call, app),
        ("GET", ["pipeline-couplings"]) => pipelines::of_app(state, app),
        ("GET", ["review-app"]) => review_apps::of_app(state, app),
        ("GET", ["config-vars"]) => config::show(state, app),
        ("PATCH", ["config-vars"]) => config::update(state, call, app),
        ("GET", ["dynos"]) => dynos::list(state, app),
        ("GET", ["dynos", name]) => dynos::show(state, app, name),
        ("DELETE", ["dynos"]) => dynos::restart(state, app, None),
        ("DELETE", ["dynos", word]) => dynos::restart(state, app, Some(word)),
        ("DELETE", ["formations", kind]) => dynos::restart_type(state, app, kind),
        ("POST", ["dynos", word, "actions", "stop"]) => dynos::stop(state, app, word),
        ("POST", ["formations", kind, "actions", "stop"]) => dynos::stop_type(state, app, kind),
        ("GET", ["formation"]) => dynos::formation(state, app),
        ("PATCH", ["formation"]) => dynos::scale(state, call, app),
        ("GET", ["formation", kind]) => dynos::formation_of(state, app, kind),
        ("PATCH", ["formation", kind]) => dynos::scale_one(state, call, app, kind),
        ("GET", ["log-drains"]) => fittings::log_drains(state, app),
        ("POST", ["log-sessions"]) => sessions::create(state, call, app),
        ("GET", ["releases"]) => releases::list(state, app),
        ("POST", ["releases"]) => releases::create(state, call, app),
        ("GET", ["releases", word]) => releases::show(state, app, word),
        ("GET", ["releases", word, "config-vars"]) => config::of_release(state, app, word),
        ("GET", ["slugs", id]) => releases::slug(state, app, id),
        ("GET", ["sni-endpoints"]) => fittings::sni_endpoints(state, app),
        ("GET", ["webhooks"]) => fittings::webhooks(state, app),
        _ => Err(Answer::usual(404)),
    }
}

fn of_pipeline(state: &State, pipeline: usize, rest: &[&str]) -> Outcome {
    match rest {
        [] => Ok(Answer::ok(state.pipelines[pipeline].json())),
        ["pipeline-couplings"] => pipelines::couplings(state, pipeline),
        ["latest-releases"] => releases::latest(state, pipeline, false),
        ["latest-deployments"] => releases::latest(state, pipeline, true),
        ["review-apps"] => review_apps::list(state, pipeline),
        _ => Err(Answer::usual(404)),
    }
}
