//! Promotions and release phases.

mod common;

use std::io;
use std::time::Duration;

use common::{V3, ask, get, raw, wait};
use rehearsal::{Fault, Rehearsal, Settings};
use serde_json::{Value, json};

fn app(rehearsal: &Rehearsal, name: &str) -> Value {
    json!({ "app": { "id": rehearsal.call("GET", &format!("/apps/{name}"), None).1["id"] } })
}

/// Promotes staging to these apps and returns the path of the promotion.
fn promote(rehearsal: &Rehearsal, targets: &[&str]) -> io::Result<String> {
    let pipeline = rehearsal.call("GET", "/pipelines/playhouse", None).1["id"].clone();
    let body = json!({
        "pipeline": { "id": pipeline },
        "source": app(rehearsal, "playhouse-staging"),
        "targets": targets.iter().map(|name| app(rehearsal, name)).collect::<Vec<_>>(),
    });
    let heard = ask(rehearsal, V3, "POST", "/pipeline-promotions", &body.to_string())?;
    assert_eq!(heard.status, 201, "{}", heard.text());
    assert_eq!(heard.json()["status"], "pending");
    Ok(format!("/pipeline-promotions/{}", heard.json()["id"].as_str().unwrap_or_default()))
}

fn finished(rehearsal: &Rehearsal, path: &str) -> Value {
    wait("the promotion", || rehearsal.call("GET", path, None).1["status"] == "completed");
    rehearsal.call("GET", &format!("{path}/promotion-targets"), None).1
}

fn current(rehearsal: &Rehearsal, name: &str) -> Value {
    let list = rehearsal.call("GET", &format!("/apps/{name}/releases"), None).1;
    let mut current: Vec<Value> =
        list.as_array().into_iter().flatten().filter(|release| release["current"] == true).cloned().collect();
    assert_eq!(current.len(), 1, "{name}");
    current.remove(0)
}

/// Releases a slug with a release command on staging, so that the promotion includes it.
fn declare(rehearsal: &Rehearsal, command: &str) {
    let body = json!({ "release_phase_command": command, "status": "succeeded" });
    let (status, release) = rehearsal.call("POST", "/_rehearsal/apps/playhouse-staging/releases", Some(body));
    assert_eq!((status, &release["current"]), (201, &json!(true)));
}

#[test]
fn targets_are_released_separately() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let second = json!({ "name": "playhouse-matinee", "stage": "production" });
    rehearsal.call("POST", "/_rehearsal/apps", Some(second));
    rehearsal.inject(Fault::FailPromotion {
        app: "playhouse-matinee".to_owned(),
        message: "Stack is gone".to_owned(),
    });
    let path = promote(&rehearsal, &["playhouse-production", "playhouse-matinee"])?;
    let pending = get(&rehearsal, &format!("{path}/promotion-targets"))?.json();
    assert_eq!((&pending[0]["status"], &pending[0]["release"]), (&json!("pending"), &Value::Null));
    let targets = finished(&rehearsal, &path);
    assert_eq!(targets[0]["status"], "succeeded");
    assert_eq!(
        (&targets[1]["status"], &targets[1]["error_message"]),
        (&json!("failed"), &json!("Stack is gone"))
    );
    let release = current(&rehearsal, "playhouse-production");
    assert_eq!(release["id"], targets[0]["release"]["id"]);
    assert_eq!(release["description"], "Promote playhouse-staging v11 23280a3f");
    assert_eq!(release["slug"], current(&rehearsal, "playhouse-staging")["slug"]);
    let config = rehearsal.call("GET", "/apps/playhouse-production/config-vars", None).1;
    assert_eq!(config["LOG_LEVEL"], "warn", "a promotion takes the code and leaves the config");
    Ok(())
}

#[test]
fn a_release_phase_runs_in_the_target() -> io::Result<()> {
    // Long enough to be seen before it starts.
    let settings = Settings { release_phase_time: Duration::from_millis(1500), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    declare(&rehearsal, "echo Moving the scenery");
    let path = promote(&rehearsal, &["playhouse-production"])?;
    wait("the release", || {
        !rehearsal.call("GET", &format!("{path}/promotion-targets"), None).1[0]["release"].is_null()
    });
    let id = rehearsal.call("GET", &format!("{path}/promotion-targets"), None).1[0]["release"]["id"].clone();
    let release = format!("/apps/playhouse-production/releases/{}", id.as_str().unwrap_or_default());
    let pending = rehearsal.call("GET", &release, None).1;
    assert_eq!((&pending["status"], &pending["current"]), (&json!("pending"), &json!(false)));
    let url = pending["output_stream_url"].as_str().unwrap_or_default().replace(&rehearsal.url(), "");
    assert_eq!(raw(&rehearsal, "GET", &url, &[], "")?.status, 404, "not before it has started");
    let mut heard = raw(&rehearsal, "GET", &url, &[], "")?;
    while heard.status == 404 {
        heard = raw(&rehearsal, "GET", &url, &[], "")?;
    }
    assert_eq!(
        heard.text(),
        "Running release command `echo Moving the scenery`...\nMoving the scenery\nDone.\n"
    );
    assert_eq!(rehearsal.call("GET", &release, None).1["status"], "succeeded", "once the output has ended");
    let rest = raw(&rehearsal, "GET", &url, &[("Range", "bytes=72-")], "")?;
    assert_eq!((rest.status, &*rest.text()), (206, "Done.\n"));
    assert_eq!(finished(&rehearsal, &path)[0]["status"], "succeeded");
    Ok(())
}

#[test]
fn a_failed_release_phase_fails_the_target() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let before = current(&rehearsal, "playhouse-production");
    declare(&rehearsal, "bin/migrate && false");
    let path = promote(&rehearsal, &["playhouse-production"])?;
    let targets = finished(&rehearsal, &path);
    assert_eq!(
        (&targets[0]["status"], &targets[0]["error_message"]),
        (&json!("failed"), &json!("Release command failed"))
    );
    assert_eq!(current(&rehearsal, "playhouse-production")["id"], before["id"]);
    Ok(())
}

#[test]
fn promotions_and_release_phases_can_stall() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.inject(Fault::StallPromotion { app: "playhouse-production".to_owned() });
    let path = promote(&rehearsal, &["playhouse-production"])?;
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(get(&rehearsal, &path)?.json()["status"], "pending");
    rehearsal.heal();
    rehearsal.inject(Fault::StallReleasePhase { app: "playhouse-production".to_owned() });
    declare(&rehearsal, "bin/migrate");
    let path = promote(&rehearsal, &["playhouse-production"])?;
    std::thread::sleep(Duration::from_millis(250));
    let targets = get(&rehearsal, &format!("{path}/promotion-targets"))?.json();
    assert_eq!(targets[0]["status"], "pending");
    assert!(targets[0]["release"]["id"].is_string());
    Ok(())
}

#[test]
fn invalid_promotions_are_refused() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let pipeline = rehearsal.call("GET", "/pipelines/playhouse", None).1["id"].clone();
    let ask = |source: Value, target: Value| -> io::Result<(u16, Value)> {
        let body = json!({ "pipeline": { "id": pipeline }, "source": source, "targets": [target] });
        let heard = ask(&rehearsal, V3, "POST", "/pipeline-promotions", &body.to_string())?;
        Ok((heard.status, heard.json()["id"].clone()))
    };
    let [staging, production, understudy] =
        ["playhouse-staging", "playhouse-production", "understudy"].map(|name| app(&rehearsal, name));
    let invalid = (422, json!("invalid_params"));
    assert_eq!(ask(staging.clone(), understudy.clone())?, invalid);
    assert_eq!(ask(understudy, production.clone())?, invalid);
    assert_eq!(ask(staging.clone(), staging.clone())?, invalid);
    let mut bare = staging;
    let first = rehearsal.call("GET", "/apps/playhouse-staging/releases/1", None).1["id"].clone();
    bare["release"] = json!({ "id": first });
    assert_eq!(ask(bare.clone(), production.clone())?, invalid, "a release without a slug");
    bare["release"]["id"] = json!("00000000-0000-4000-8000-000000000000");
    assert_eq!(ask(bare, production)?, invalid, "somebody else's release");
    Ok(())
}
