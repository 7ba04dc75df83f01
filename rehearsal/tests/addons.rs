//! Add-ons and their attachments: creating, sharing and destroying, each with a release.

mod common;

use std::io;

use common::{V3, ask, get};
use rehearsal::Rehearsal;
use serde_json::{Value, json};

fn newest(rehearsal: &Rehearsal, app: &str) -> Value {
    let (_, releases) = rehearsal.call("GET", &format!("/apps/{app}/releases"), None);
    releases.as_array().and_then(|list| list.last().cloned()).unwrap_or_default()["description"].clone()
}

fn vars(rehearsal: &Rehearsal, app: &str) -> Value {
    rehearsal.call("GET", &format!("/apps/{app}/config-vars"), None).1
}

#[test]
fn addons_add_and_remove_their_config_vars() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let body = json!({ "plan": { "name": "cloudamqp" }, "name": "queue-round-1" }).to_string();
    let made = ask(&rehearsal, V3, "POST", "/apps/understudy/addons", &body)?;
    assert_eq!((made.status, &made.json()["plan"]["name"]), (201, &json!("cloudamqp:lemur")));
    assert_eq!(newest(&rehearsal, "understudy"), "Attach CLOUDAMQP (@queue-round-1)");
    assert!(vars(&rehearsal, "understudy")["CLOUDAMQP_URL"].is_string());
    assert_eq!(
        ask(&rehearsal, V3, "POST", "/apps/understudy/addons", &body)?.status,
        422,
        "the name is taken"
    );

    let shared =
        json!({ "addon": "queue-round-1", "app": "playhouse-prepare", "name": "TICKETS" }).to_string();
    let shared = ask(&rehearsal, V3, "POST", "/addon-attachments", &shared)?;
    assert_eq!((shared.status, &shared.json()["addon"]["app"]["name"]), (201, &json!("understudy")));
    let url = vars(&rehearsal, "understudy")["CLOUDAMQP_URL"].clone();
    assert_eq!(vars(&rehearsal, "playhouse-prepare")["TICKETS_URL"], url);
    let all = get(&rehearsal, "/addons/queue-round-1/addon-attachments")?.json();
    assert_eq!(all.as_array().map(Vec::len), Some(2), "{all}");

    let path = "/apps/understudy/addons/queue-round-1";
    assert_eq!(ask(&rehearsal, V3, "DELETE", path, "")?.status, 422, "it is attached elsewhere");
    let gone = ask(&rehearsal, V3, "DELETE", path, "{\"force\":true}")?;
    assert_eq!((gone.status, &gone.json()["state"]), (200, &json!("deprovisioned")));
    assert_eq!(vars(&rehearsal, "playhouse-prepare")["TICKETS_URL"], Value::Null);
    assert_eq!(vars(&rehearsal, "understudy")["CLOUDAMQP_URL"], Value::Null);
    assert_eq!(newest(&rehearsal, "playhouse-prepare"), "Detach TICKETS (@queue-round-1)");
    assert_eq!(get(&rehearsal, "/addons/queue-round-1")?.status, 404);
    Ok(())
}

#[test]
fn a_second_database_is_attached_under_a_color() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let body = "{\"plan\":\"heroku-postgresql:standard-0\"}";
    let made = ask(&rehearsal, V3, "POST", "/apps/playhouse-production/addons", body)?.json();
    assert_eq!(made["config_vars"], json!(["HEROKU_POSTGRESQL_BLUE_URL"]), "amber is the follower");
    let body = "{\"plan\":\"mongolab\"}";
    let none = ask(&rehearsal, V3, "POST", "/apps/understudy/addons", body)?;
    assert_eq!(none.status, 404, "{}", none.text());
    Ok(())
}
