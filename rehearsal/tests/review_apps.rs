//! The life of a review app, and the official CLI's `reviewapps` commands.

mod common;

use std::io;
use std::process::Stdio;

use common::{V3, ask, cli, command, commit, get, git, wait};
use rehearsal::{Fault, Rehearsal, Sandbox};
use serde_json::{Value, json};

const CREATE: &str = r#"{"branch":"matinee","pr_number":44,"pipeline":"playhouse",
    "source_blob":{"url":"resolve","version":null},"environment":{"SEATS":"9"}}"#;

/// A sandbox whose origin, with the branch `matinee`, is the repository that the pipeline is connected to.
fn connected(rehearsal: &Rehearsal, files: &[(&str, &str)]) -> io::Result<Sandbox> {
    let sandbox = Sandbox::new(rehearsal)?;
    git(&sandbox, &["checkout", "--quiet", "-b", "matinee"])?;
    commit(&sandbox, files, "Play in the afternoon")?;
    git(&sandbox, &["push", "--quiet", "origin", "matinee"])?;
    Ok(sandbox)
}

fn review(rehearsal: &Rehearsal, id: &Value) -> Value {
    rehearsal.call("GET", &format!("/review-apps/{}", id.as_str().unwrap_or_default()), None).1
}

fn ended(rehearsal: &Rehearsal, id: &Value) -> Value {
    wait("the review app", || {
        !["pending", "creating"].map(Value::from).contains(&review(rehearsal, id)["status"])
    });
    review(rehearsal, id)
}

#[test]
fn a_review_app_is_created_built_and_removed() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let manifest = r#"{"env":{"TICKETS":"paper","SECRET":{"generator":"secret"}},
        "scripts":{"postdeploy":"echo Sold ten seats"}}"#;
    let sandbox = connected(&rehearsal, &[("app.json", manifest), ("Procfile", "web: node matinee.js\n")])?;
    ask(
        &rehearsal,
        V3,
        "PATCH",
        "/pipelines/playhouse/stage/review/config-vars",
        "{\"LOG_LEVEL\":\"debug\"}",
    )?;
    let made = ask(&rehearsal, V3, "POST", "/review-apps", CREATE)?;
    assert_eq!(
        (made.status, &made.json()["status"], &made.json()["app"]),
        (201, &json!("pending"), &Value::Null)
    );
    assert_eq!(ask(&rehearsal, V3, "POST", "/review-apps", CREATE)?.status, 409, "one for each branch");
    let created = ended(&rehearsal, &made.json()["id"]);
    assert_eq!(created["status"], "created", "{created}");
    let app = rehearsal
        .call("GET", &format!("/apps/{}", created["app"]["id"].as_str().unwrap_or_default()), None)
        .1;
    let name = app["name"].as_str().unwrap_or_default().to_owned();
    assert!(name.starts_with("playhouse-pr-44-"), "{name}");
    let vars = get(&rehearsal, &format!("/apps/{name}/config-vars"))?.json();
    for (key, value) in [
        ("HEROKU_APP_NAME", &*name),
        ("HEROKU_BRANCH", "matinee"),
        ("HEROKU_PR_NUMBER", "44"),
        ("LOG_LEVEL", "debug"),
        ("SEATS", "9"),
        ("TICKETS", "paper"),
    ] {
        assert_eq!(vars[key], value, "{key}");
    }
    assert!(vars["SECRET"].is_string());
    let setup = created["app_setup"]["id"].as_str().unwrap_or_default();
    let setup = get(&rehearsal, &format!("/app-setups/{setup}"))?.json();
    assert_eq!((&setup["status"], &setup["build"]["status"]), (&json!("succeeded"), &json!("succeeded")));
    assert_eq!(setup["postdeploy"], json!({ "output": "Sold ten seats\nDone.\n", "exit_code": 0 }));
    let head = String::from_utf8_lossy(&git(&sandbox, &["rev-parse", "HEAD"])?.stdout).trim().to_owned();
    let releases = get(&rehearsal, &format!("/apps/{name}/releases"))?.json();
    let deployed = releases.as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
    assert_eq!(deployed["description"], format!("Deploy {}", &head[..8]));

    let id = created["id"].as_str().unwrap_or_default();
    let going = ask(&rehearsal, V3, "DELETE", &format!("/review-apps/{id}"), "")?.json();
    assert_eq!(going["status"], "deleting");
    wait("its end", || review(&rehearsal, &created["id"])["status"] == "deleted");
    assert_eq!(get(&rehearsal, &format!("/apps/{name}"))?.status, 404);
    Ok(())
}

#[test]
fn a_failed_script_a_fault_and_a_missing_branch_end_in_an_error() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let _sandbox = connected(&rehearsal, &[("app.json", r#"{"scripts":{"postdeploy":"false"}}"#)])?;
    let make = |branch: &str| {
        let body = json!({ "branch": branch, "pipeline": "playhouse", "source_blob": { "url": "resolve", "version": null } });
        let made = ask(&rehearsal, V3, "POST", "/review-apps", &body.to_string())?.json();
        io::Result::Ok(ended(&rehearsal, &made["id"]))
    };
    rehearsal.inject(Fault::FailReviewApp { branch: "main".to_owned(), message: "No room".to_owned() });
    for (branch, message) in [
        ("matinee", "postdeploy command failed"),
        ("main", "No room"),
        ("nowhere", "The branch nowhere does not exist."),
    ] {
        let review = make(branch)?;
        assert_eq!((&review["status"], &review["message"]), (&json!("errored"), &json!(message)));
    }
    Ok(())
}

#[test]
fn settings_are_enabled_changed_and_disabled() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = "/pipelines/playhouse/review-app-config";
    assert_eq!(get(&rehearsal, path)?.json()["automatic_review_apps"], false);
    assert_eq!(ask(&rehearsal, V3, "POST", path, "{\"repo\":\"stage/playhouse\"}")?.status, 409);
    let body = r#"{"automatic_review_apps":true,"stale_days":3,"base_name":"matinee"}"#;
    let changed = ask(&rehearsal, V3, "PATCH", path, body)?.json();
    assert_eq!((&changed["stale_days"], &changed["base_name"]), (&json!(3), &json!("matinee")));
    assert_eq!(ask(&rehearsal, V3, "DELETE", path, "")?.status, 200);
    assert_eq!(get(&rehearsal, path)?.status, 404);
    assert_eq!(ask(&rehearsal, V3, "POST", "/review-apps", CREATE)?.status, 422);
    assert_eq!(ask(&rehearsal, V3, "POST", path, "{\"repo\":\"stage/playhouse\"}")?.status, 201);
    Ok(())
}

#[test]
fn the_official_cli_creates_waits_and_sets() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = connected(&rehearsal, &[("matinee.js", "")])?;
    let heroku = |line: &str| {
        let mut command = command(&sandbox, &cli.to_string_lossy());
        let output = command.args(line.split(' ')).stdin(Stdio::null()).output()?;
        let text = [output.stdout, output.stderr].concat();
        io::Result::Ok((output.status.code(), String::from_utf8_lossy(&text).into_owned()))
    };
    let created = heroku("reviewapps:create -p playhouse -b matinee --wait --wait-interval 1")?;
    assert_eq!(created.0, Some(0), "{}", created.1);
    let missing = heroku("reviewapps:create -p playhouse -b nowhere")?;
    assert!(missing.0 != Some(0) && missing.1.contains("doesn't exist"), "{}", missing.1);
    let reviews = get(&rehearsal, "/pipelines/playhouse/review-apps")?.json();
    let review =
        reviews.as_array().and_then(|all| all.iter().find(|review| review["branch"] == "matinee")).cloned();
    let review = review.unwrap_or_default();
    assert_eq!(review["status"], "created", "{review}");
    let app = review["app"]["id"].as_str().unwrap_or_default();
    assert_eq!(heroku(&format!("reviewapps:wait {app}"))?.0, Some(0));
    let set = heroku("reviewapps:enable -p playhouse --autodeploy --wait-for-ci")?;
    assert_eq!(set.0, Some(0), "{}", set.1);
    let config = get(&rehearsal, "/pipelines/playhouse/review-app-config")?.json();
    assert_eq!((&config["automatic_review_apps"], &config["wait_for_ci"]), (&json!(true), &json!(true)));
    let disabled = heroku("reviewapps:disable -p playhouse")?;
    assert_eq!(disabled.0, Some(0), "{}", disabled.1);
    assert_eq!(get(&rehearsal, "/pipelines/playhouse/review-app-config")?.status, 404);
    Ok(())
}
