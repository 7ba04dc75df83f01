//! Stacks, regions, add-on services and plans.

use serde_json::{Value, json};

use crate::clock::{ago, hours};
use crate::http::answer::{Answer, Outcome};
use crate::state::addon::{PLANS, Plan};

/// Stacks that an app may be built on; the middle one is the default.
pub(super) const STACKS: [&str; 5] = ["heroku-22", "heroku-24", "heroku-26", "container", "cnb"];

/// Regions outside of Private Spaces: name, country, place, and the infrastructure provider's name of the region.
pub(super) const REGIONS: [(&str, &str, &str, &str); 2] =
    [("us", "United States", "Virginia", "us-east-1"), ("eu", "Ireland", "Dublin", "eu-west-1")];

pub(super) fn stacks() -> Outcome {
    let since = ago(hours(9000));
    let stack = |(at, name): (usize, &&str)| {
        json!({
            "id": format!("0d0d0d0d-57a6-4e00-8000-0000000005{at:02}"),
            "name": name,
            "state": "public",
            "default": *name == "heroku-24",
            "created_at": since,
            "updated_at": since,
        })
    };
    Ok(Answer::ok(STACKS.iter().enumerate().map(stack).collect()))
}

pub(super) fn regions() -> Outcome {
    let since = ago(hours(9000));
    let region = |(at, (name, country, place, theirs)): (usize, &(&str, &str, &str, &str))| {
        json!({
            "id": format!("0d0d0d0d-57a6-4e00-8000-0000000006{at:02}"),
            "name": name,
            "country": country,
            "locale": place,
            "description": format!("{place}, {country}"),
            "private_capable": false,
            "provider": { "name": "amazon-web-services", "region": theirs },
            "created_at": since,
            "updated_at": since,
        })
    };
    Ok(Answer::ok(REGIONS.iter().enumerate().map(region).collect()))
}

pub(super) fn addon_services() -> Outcome {
    let mut services: Vec<Value> = PLANS.iter().map(|plan| service(plan)).collect();
    services.dedup();
    Ok(Answer::ok(services.into()))
}

pub(super) fn addon_service(word: &str) -> Outcome {
    let found = PLANS.iter().find(|plan| plan.service == word || plan.service_id == word);
    found.map(|plan| Answer::ok(service(plan))).ok_or_else(|| Answer::missing("add on service"))
}

/// The plans of one service, the default one first.
pub(super) fn plans(word: &str) -> Outcome {
    let id = addon_service(word)?.body["id"].clone();
    let plans = PLANS.iter().filter(|plan| id == plan.service_id);
    Ok(Answer::ok(plans.enumerate().map(|(at, plan)| shown(plan, at == 0)).collect()))
}

fn service(plan: &Plan) -> Value {
    let since = ago(hours(9000));
    json!({
        "id": plan.service_id,
        "name": plan.service,
        "human_name": plan.human_name,
        "cli_plugin_name": null,
        "state": "ga",
        "supports_multiple_installations": true,
        "supports_sharing": true,
        "supported_generations": [{ "id": "0d0d0d0d-57a6-4e00-8000-0000000000ce", "name": "cedar" }],
        "created_at": since,
        "updated_at": since,
    })
}

fn shown(plan: &Plan, default: bool) -> Value {
    let since = ago(hours(9000));
    let (_, tail) = plan.name.split_once(':').unwrap_or_default();
    json!({
        "id": plan.id,
        "name": plan.name,
        "human_name": tail,
        "description": format!("{} {tail}", plan.human_name),
        "addon_service": { "id": plan.service_id, "name": plan.service },
        "compliance": null,
        "default": default,
        "space_default": false,
        "installable_inside_private_network": false,
        "installable_outside_private_network": true,
        "price": plan.price(),
        "state": "ga",
        "visible": true,
        "created_at": since,
        "updated_at": since,
    })
}
