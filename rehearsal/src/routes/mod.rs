//! The routes of the Platform API and of the data API, one table.

#![allow(clippy::unnecessary_wraps, reason = "all rows of the table have one type")]

mod account;
mod addon_changes;
mod addons;
mod apps;
mod attachments;
mod buildpacks;
mod builds;
mod catalog;
mod collaborators;
mod config;
mod databases;
mod dynos;
mod features;
mod pipelines;
mod promotions;
mod releases;
mod resources;
mod review_apps;
mod sessions;
mod teams;
mod transfers;

use serde_json::json;

use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::sources;
use crate::state::{State, dyno_size};

use resources::Kind;

/// Answers an authenticated request.
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
        ("GET", ["accounts", id, "actions", "get-quota"]) => account::eco_quota(state, id),
        (_, ["account", "keys", rest @ ..]) => account::keys(state, call, rest),
        (_, ["account", "app-transfers", rest @ ..]) => account::app_transfers(state, call, rest),
        (_, ["oauth", "authorizations", rest @ ..]) => account::authorizations(state, call, rest),
        ("GET", ["oauth", "clients"]) => Ok(Answer::ok(json!([]))),
        ("GET", ["spaces"]) => teams::spaces(),
        ("GET", ["spaces", word]) => teams::show_space(word),
        ("GET", ["users", word]) => account::user(word),
        ("GET", ["stacks"]) => catalog::stacks(),
        ("GET", ["regions"]) => catalog::regions(),
        ("GET", ["addon-services"]) => catalog::addon_services(),
        ("GET", ["addon-services", name]) => catalog::addon_service(name),
        ("GET", ["addon-services", name, "plans"]) => catalog::plans(name),
        ("GET", ["apps"] | ["users", "~", "apps"]) => apps::list(state, call),
        ("POST", ["apps"]) => apps::create(state, call),
        ("GET", ["teams"]) => teams::list(),
        ("POST", ["teams", "apps"]) => teams::create_app(state, call),
        ("GET", ["teams", name]) => teams::show(name),
        ("GET", ["teams", name, "apps"]) => teams::list_apps(state, call, name),
        ("GET", ["teams", name, "members"]) => teams::members(name),
        ("GET", ["teams", name, "features"]) => teams::features(name),
        ("GET", ["dyno-sizes"]) => Ok(Answer::ok(dyno_size::all(call.sdk()))),
        ("POST", ["filters", "apps"]) => apps::filter(state, call),
        ("POST", ["sources"]) => Ok(sources::create(state)),
        ("GET", ["addons"]) => addons::all(state, call),
        ("GET", ["addons", word]) => addons::find(state, call, word),
        ("GET", ["addons", word, "addon-attachments"]) => attachments::of_addon(state, call, word),
        ("GET", ["addon-attachments"]) => attachments::all(state, call),
        ("POST", ["addon-attachments"]) => attachments::create(state, call),
        ("GET", ["addon-attachments", id]) => attachments::find(state, call, id),
        ("DELETE", ["addon-attachments", id]) => attachments::delete(state, call, id),
        ("POST", ["actions", "addons", "resolve"]) => addons::resolve(state, call),
        ("POST", ["actions", "addon-attachments", "resolve"]) => attachments::resolve(state, call),
        (_, ["client", "v11", "databases", word, rest @ ..]) => databases::answer(state, call, word, rest),
        (_, ["client", "v11", "apps", app, "transfers", rest @ ..]) => {
            let app = state.app(app)?;
            transfers::answer(state, call, app, rest)
        }
        ("GET", ["postgres", "v0", "databases", word, "credentials"]) => {
            databases::credentials(state, word, None)
        }
        ("GET", ["postgres", "v0", "databases", word, "credentials", name]) => {
            databases::credentials(state, word, Some(name))
        }
        (_, ["apps", app, rest @ ..]) => {
            let app = state.app(app)?;
            if state.apps[app].foreign {
                let message = format!("You do not have access to the app {}.", state.apps[app].name());
                return Err(Answer::error(403, "forbidden", &message));
            }
            of_app(state, call, app, rest)
        }
        ("GET", ["pipelines"]) => pipelines::list(state, call),
        ("POST", ["pipelines"]) => pipelines::create(state, call),
        ("POST", ["pipeline-transfers"]) => pipelines::transfer(state, call),
        (_, ["pipelines", pipeline, rest @ ..]) => {
            let pipeline = state.pipeline(pipeline)?;
            of_pipeline(state, call, pipeline, rest)
        }
        ("GET", ["pipeline-couplings"] | ["users", "~", "pipeline-couplings"]) => {
            pipelines::all_couplings(state)
        }
        ("POST", ["pipeline-couplings"]) => pipelines::couple(state, call),
        (_, ["pipeline-couplings", id]) => pipelines::coupling(state, call, id),
        ("POST", ["pipeline-promotions"]) => promotions::create(state, &call.body),
        ("GET", ["pipeline-promotions", id]) => pipelines::promotion(state, id),
        ("GET", ["pipeline-promotions", id, "promotion-targets"]) => pipelines::targets(state, id),
        ("POST", ["review-apps"]) => review_apps::create(state, call),
        ("GET", ["review-apps", id]) => review_apps::show(state, id),
        ("DELETE", ["review-apps", id]) => review_apps::delete(state, id),
        ("GET", ["app-setups", id]) => review_apps::setup(state, id),
        _ => Err(Answer::unplayed(call)),
    }
}

fn of_app(state: &mut State, call: &Call, app: usize, rest: &[&str]) -> Outcome {
    match (&*call.method, rest) {
        ("GET", []) => apps::show(state, call, app),
        ("PATCH", []) => apps::update(state, call, app),
        ("DELETE", []) => apps::delete(state, call, app),
        ("GET", ["addons"]) => addons::list(state, call, app),
        ("POST", ["addons"]) => addon_changes::create(state, call, app),
        ("GET", ["addons", word]) => addons::show(state, call, app, word),
        ("PATCH", ["addons", word]) => addon_changes::update(state, call, app, word),
        ("DELETE", ["addons", word]) => addon_changes::delete(state, call, app, word),
        ("GET", ["addon-attachments"]) => attachments::list(state, call, app),
        ("GET", ["addon-attachments", name]) => attachments::show(state, call, app, name),
        ("GET", ["available-stacks"]) => catalog::stacks(),
        ("GET", ["builds"]) => builds::list(state, call, app),
        ("POST", ["builds"]) => builds::create(state, call, app),
        ("GET", ["builds", id]) => builds::show(state, call, app, id),
        ("DELETE", ["builds", id]) => builds::cancel(state, call, app, id),
        ("GET", ["buildpack-installations"]) => buildpacks::list(state, app),
        ("PUT", ["buildpack-installations"]) => buildpacks::update(state, call, app),
        (_, ["collaborators", rest @ ..]) => collaborators::answer(state, call, app, rest),
        (_, ["domains", rest @ ..]) => resources::answer(state, call, app, Kind::Domain, rest),
        ("GET", ["features"]) => features::list(state, app),
        ("GET", ["features", name]) => features::show(state, app, name),
        ("PATCH", ["features", name]) => features::update(state, call, app, name),
        ("PUT", ["pre-authorizations"]) => apps::preauthorize(state, call, app),
        ("GET", ["pipeline-couplings"]) => pipelines::of_app(state, app),
        ("GET", ["review-app"]) => review_apps::of_app(state, app),
        ("GET", ["config-vars"]) => config::show(state, app),
        ("PATCH", ["config-vars"]) => config::update(state, call, app),
        ("GET", ["dynos"]) => dynos::list(state, app),
        ("POST", ["dynos"]) => dynos::create(state, call, app),
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
        (_, ["log-drains", rest @ ..]) => resources::answer(state, call, app, Kind::LogDrain, rest),
        ("POST", ["log-sessions"]) => sessions::create(state, call, app),
        ("GET", ["releases"]) => releases::list(state, app),
        ("POST", ["releases"]) => releases::create(state, call, app),
        ("GET", ["releases", word]) => releases::show(state, app, word),
        ("GET", ["releases", word, "config-vars"]) => config::of_release(state, app, word),
        ("GET", ["slugs", id]) => releases::slug(state, app, id),
        ("GET", ["oci-images", id]) => releases::images(state, app, id),
        (_, ["sni-endpoints", rest @ ..]) => resources::answer(state, call, app, Kind::SniEndpoint, rest),
        (_, ["webhooks", rest @ ..]) => resources::answer(state, call, app, Kind::Webhook, rest),
        ("GET", ["webhook-deliveries" | "webhook-events"]) => Ok(Answer::ok(json!([]))),
        _ => Err(Answer::unplayed(call)),
    }
}

fn of_pipeline(state: &mut State, call: &Call, pipeline: usize, rest: &[&str]) -> Outcome {
    match (&*call.method, rest) {
        ("GET", []) => Ok(Answer::ok(state.pipelines[pipeline].json())),
        ("PATCH", []) => pipelines::rename(state, call, pipeline),
        ("DELETE", []) => pipelines::delete(state, pipeline),
        ("GET", ["pipeline-couplings"]) => pipelines::couplings(state, pipeline),
        ("GET", ["latest-builds"]) => builds::latest(state, pipeline),
        ("GET", ["latest-releases"]) => releases::latest(state, pipeline, false),
        ("GET", ["latest-deployments"]) => releases::latest(state, pipeline, true),
        ("GET", ["review-apps"]) => review_apps::list(state, pipeline),
        (_, ["review-app-config"]) => review_apps::config(state, call, pipeline),
        ("GET" | "PATCH", ["stage", "review", "config-vars"]) => {
            review_apps::stage_config(state, call, pipeline)
        }
        ("GET", ["repo"]) => review_apps::repository(state, pipeline),
        ("GET", ["repo", "branches", name]) => review_apps::branch(state, pipeline, name),
        _ => Err(Answer::unplayed(call)),
    }
}
