//! `staging addons`: prints the app's add-ons and attachments as the Heroku CLI does.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::error::Result;
use crate::model::AppName;
use crate::parallel::{both, in_parallel};
use crate::terminal::{heading, listing};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "List the app's add-ons: plans, prices, states, and where they are attached";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production addons
  staging addons --json | jq -r '.[].plan.name'

It is what `heroku addons` prints; `--all` lists those of all apps.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["addons"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// There are no options.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// An add-on and its attachments, as `--json` prints it.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    addon: Map<String, Value>,
    /// The Heroku CLI prints them behind what the API sent of the add-on, and among what it made up itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<Vec<Value>>,
}

impl Listed {
    fn attachments(&self) -> &[Value] {
        let own = || self.addon.get("attachments")?.as_array().map(Vec::as_slice);
        self.attachments.as_deref().or_else(own).unwrap_or_default()
    }
}

/// Prints the add-ons of the environment's apps.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let lists = in_parallel(&target.apps, |app| {
        let (addons, attachments) = both(|| client.addons_as_told(app), || client.attachments_as_told(app));
        Ok(listed(app, addons?, attachments?))
    });
    let lists: Vec<Vec<Listed>> = lists.into_iter().collect::<Result<_>>()?;
    if context.options.json {
        return context.terminal.print_json(&lists.into_iter().flatten().collect::<Vec<_>>());
    }
    for (app, addons) in target.apps.iter().zip(lists) {
        let heading = if target.apps.len() > 1 { heading(app.as_ref()) } else { String::new() };
        let block = block(app, addons, context.terminal.width());
        context.terminal.print_lines(&format!("{heading}{block}"))?;
    }
    Ok(())
}

/// The add-ons that are the app's or attached to it, each with its attachments. Of another app's, which the account may
/// not see, only the attachments tell.
fn listed(app: &AppName, addons: Vec<Value>, attachments: Vec<Value>) -> Vec<Listed> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for attachment in attachments {
        let id = attachment["addon"]["id"].clone();
        match groups.iter_mut().find(|(known, _)| *known == id) {
            Some((_, group)) => group.push(attachment),
            None => groups.push((id, vec![attachment])),
        }
    }
    let mut listed = Vec::new();
    for mut addon in addons {
        let at = groups.iter().position(|(id, _)| *id == addon["id"]);
        let attachments = at.map(|at| groups.remove(at).1).unwrap_or_default();
        if addon["plan"].is_object() {
            addon["plan"]["price"] = price(&addon);
        }
        if let Value::Object(addon) = addon {
            listed.push(Listed { addon, attachments: Some(attachments) });
        }
    }
    listed.extend(groups.into_iter().map(|(_, attachments)| {
        let told = &attachments[0]["addon"];
        let (app, name) = (&told["app"], &told["name"]);
        let fields = json!({
            "addon_service": {}, "app": app, "attachments": attachments, "name": name, "plan": {},
        });
        Listed { addon: fields.as_object().cloned().unwrap_or_default(), attachments: None }
    }));
    listed.retain(|one| {
        is_of(app, &one.addon["app"]) || one.attachments().iter().any(|it| is_of(app, &it["app"]))
    });
    listed
}

/// The plan's price with what is really billed, which is less for an old add-on.
fn price(addon: &Value) -> Value {
    let mut price = addon["plan"]["price"].as_object().cloned().unwrap_or_default();
    for key in ["cents", "contract"] {
        match addon["billed_price"].get(key) {
            Some(value) => _ = price.insert(key.to_owned(), value.clone()),
            None => _ = price.remove(key),
        }
    }
    price.into()
}

fn is_of(app: &AppName, told: &Value) -> bool {
    told["name"] == app.as_ref()
}

/// One app's add-ons as the Heroku CLI prints them.
fn block(app: &AppName, mut addons: Vec<Listed>, room: Option<usize>) -> String {
    if addons.is_empty() {
        return format!("No add-ons for app {app}.\n");
    }
    // Without a plan an add-on comes last.
    addons.sort_by_cached_key(|one| {
        let plan = text(&one.addon["plan"]["name"]);
        (!is_of(app, &one.addon["app"]), plan.is_empty(), plan, text(&one.addon["name"]))
    });
    let rows: Vec<Vec<String>> = addons.iter().map(|one| row(app, one)).collect();
    let table = listing(&["Add-on", "Plan", "Price", "Max Price", "State"], &rows, room);
    format!(
        "\n{table}\nThe table above shows add-ons and the attachments to the current app ({app}) or other apps.\n  \n"
    )
}

fn row(app: &AppName, one: &Listed) -> Vec<String> {
    let addon = &one.addon;
    let mut attachments: Vec<&Value> = one.attachments().iter().collect();
    attachments
        .sort_by_cached_key(|it| (!is_of(app, &it["app"]), text(&it["app"]["name"]), text(&it["name"])));
    let service = addon["addon_service"]["name"].as_str().unwrap_or("?");
    let mut names = format!("{service} ({})\n", text(&addon["name"]));
    for (at, attachment) in attachments.iter().enumerate() {
        let branch = if at + 1 == attachments.len() { "└─" } else { "├─" };
        _ = write!(names, " {branch} as {}", text(&attachment["name"]));
        if !is_of(app, &attachment["app"]) {
            _ = write!(names, " on {} app", text(&attachment["app"]["name"]));
        }
        names.push('\n');
    }
    let plan = addon["plan"]["name"].as_str().unwrap_or("?");
    let plan = plan.split_once(':').map_or(plan, |(_, plan)| plan).to_owned();
    let state = match addon.get("state").and_then(Value::as_str) {
        Some("deprovisioned") => "errored",
        Some("deprovisioning") => "destroying",
        Some("provisioned") => "created",
        Some("provisioning") => "creating",
        _ => "",
    };
    let prices = [true, false].map(|hourly| {
        if is_of(app, &addon["app"]) {
            return shown_price(&addon["plan"]["price"], hourly);
        }
        format!("(billed to {} app)", text(&addon["app"]["name"]))
    });
    [vec![names, plan], prices.to_vec(), vec![state.to_owned()]].concat()
}

/// A price by the hour, of 720 in a month, or as it is billed at most.
fn shown_price(price: &Value, hourly: bool) -> String {
    let is = |key: &str| price[key] == true;
    match price["cents"].as_f64() {
        _ if is("contract") => "contract".to_owned(),
        _ if is("metered") => "metered".to_owned(),
        None => String::new(),
        Some(0.0) => "free".to_owned(),
        Some(cents) if hourly => format!("~${:.3}/hour", cents / 100.0 / 720.0),
        Some(cents) => {
            let places = if cents % 100.0 == 0.0 { 0 } else { 2 };
            format!("${:.places$}/{}", cents / 100.0, text(&price["unit"]))
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_shown_by_the_hour_and_at_most() {
        let shown = |price: Value| [true, false].map(|hourly| shown_price(&price, hourly));
        assert_eq!(shown(json!({"cents": 750, "unit": "month"})), ["~$0.010/hour", "$7.50/month"]);
        assert_eq!(shown(json!({"cents": 20_000, "unit": "month"})), ["~$0.278/hour", "$200/month"]);
        assert_eq!(shown(json!({"cents": 0})), ["free"; 2]);
        assert_eq!(shown(json!({"cents": 1, "contract": true})), ["contract"; 2]);
        assert_eq!(shown(json!({"cents": 0, "metered": true})), ["metered"; 2]);
        assert_eq!(shown(json!(null)), [""; 2]);
    }
}
