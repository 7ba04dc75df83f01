//! Apps: creating, names, teams, buildpacks, the first push, the formation, deleting.

mod common;

use std::io;

use common::{SDK, V3, ask, get, git};
use rehearsal::{Rehearsal, Sandbox};
use serde_json::{Value, json};

fn create(rehearsal: &Rehearsal, path: &str, body: &Value) -> io::Result<(u16, Value)> {
    let heard = ask(rehearsal, V3, "POST", path, &body.to_string())?;
    Ok((heard.status, heard.json()))
}

fn releases(rehearsal: &Rehearsal, app: &str) -> Vec<(u64, String)> {
    let list = rehearsal.call("GET", &format!("/apps/{app}/releases"), None).1;
    let told = |release: &Value| {
        let words = release["description"].as_str().unwrap_or_default().to_owned();
        (release["version"].as_u64().unwrap_or_default(), words)
    };
    list.as_array().into_iter().flatten().map(told).collect()
}

#[test]
fn a_new_app_waits_for_its_first_push() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let body = json!({ "name": "playhouse-matinee", "region": "eu", "stack": "heroku-22" });
    let (status, app) = create(&rehearsal, "/apps", &body)?;
    assert_eq!(
        (status, &app["region"]["name"], &app["stack"]["name"]),
        (201, &json!("eu"), &json!("heroku-22"))
    );
    assert_eq!((&app["team"], &app["slug_size"]), (&Value::Null, &Value::Null));
    let bare = [(1, "Initial release".to_owned()), (2, "Enable Logplex".to_owned())];
    assert_eq!(releases(&rehearsal, "playhouse-matinee"), bare);
    for list in ["formation", "dynos", "builds", "buildpack-installations"] {
        assert_eq!(get(&rehearsal, &format!("/apps/playhouse-matinee/{list}"))?.json(), json!([]), "{list}");
    }
    let pipeline = rehearsal.call("GET", "/pipelines/playhouse", None).1["id"].clone();
    let coupling = json!({ "app": app["id"], "pipeline": pipeline, "stage": "production" });
    assert_eq!(create(&rehearsal, "/pipeline-couplings", &coupling)?.0, 201);
    let remote = "https://git.heroku.com/playhouse-matinee.git";
    let url = format!("{}/playhouse-matinee.git", rehearsal.url());
    assert_eq!(git(&sandbox, &["ls-remote", &url])?.stdout, b"");
    let push = git(&sandbox, &["push", remote, "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(push.status.success() && said.contains("Building on the Heroku-22 stack"), "{said}");
    assert_eq!(releases(&rehearsal, "playhouse-matinee")[2], (3, "Deploy 77978f96".to_owned()));
    let formation = get(&rehearsal, "/apps/playhouse-matinee/formation")?.json();
    assert_eq!((&formation[0]["type"], &formation[0]["quantity"]), (&json!("web"), &json!(1)));
    let found = get(&rehearsal, "/apps/playhouse-matinee/buildpack-installations")?.json();
    assert_eq!(found[0]["buildpack"]["name"], "heroku/nodejs");
    Ok(())
}

#[test]
fn app_names_are_validated() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let (status, taken) = create(&rehearsal, "/apps", &json!({ "name": "playhouse-staging" }))?;
    assert_eq!((status, &taken["id"]), (422, &json!("invalid_params")));
    assert_eq!(taken["message"], "Name playhouse-staging is already taken");
    for name in ["Playhouse", "9-lives", "matinee-", "a_b", "no", &"long".repeat(8)] {
        assert_eq!(create(&rehearsal, "/apps", &json!({ "name": name }))?.0, 422, "{name}");
    }
    assert_eq!(create(&rehearsal, "/apps", &json!({ "region": "atlantis" }))?.0, 422);
    assert_eq!(create(&rehearsal, "/apps", &json!({ "stack": "cedar-14" }))?.0, 422);
    let (_, named) = create(&rehearsal, "/apps", &json!({}))?;
    let path = format!("/apps/{}", named["name"].as_str().unwrap_or_default());
    assert_eq!(get(&rehearsal, &path)?.json()["id"], named["id"]);
    let heard = ask(&rehearsal, V3, "PATCH", &path, "{\"name\":\"matinee\"}")?.json();
    assert_eq!(
        (&heard["name"], &heard["git_url"]),
        (&json!("matinee"), &json!("https://git.heroku.com/matinee.git"))
    );
    assert_eq!(ask(&rehearsal, V3, "PATCH", "/apps/matinee", "{\"name\":\"understudy\"}")?.status, 422);
    Ok(())
}

#[test]
fn apps_of_a_team() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    assert_eq!(get(&rehearsal, "/teams")?.json()[0]["name"], "playhouse");
    let body = json!({ "name": "playhouse-matinee", "team": "playhouse", "region": "us" });
    let (status, app) = create(&rehearsal, "/teams/apps", &body)?;
    assert_eq!((status, &app["team"]["name"], &app["joined"]), (201, &json!("playhouse"), &json!(true)));
    assert_eq!(get(&rehearsal, "/apps/playhouse-matinee")?.json()["team"]["name"], "playhouse");
    let apps = get(&rehearsal, "/teams/playhouse/apps")?.json();
    assert_eq!((apps.as_array().map(Vec::len), &apps[0]["id"]), (Some(1), &app["id"]));
    let (status, other) = create(&rehearsal, "/teams/apps", &json!({ "team": "opera" }))?;
    assert_eq!((status, &other["resource"]), (404, &json!("team")));
    let (_, own) = create(&rehearsal, "/teams/apps", &json!({ "team": "playhouse", "personal": true }))?;
    assert_eq!(own["team"], Value::Null);
    Ok(())
}

#[test]
fn an_app_is_deleted() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let gone = ask(&rehearsal, V3, "DELETE", "/apps/playhouse-staging", "")?;
    assert_eq!((gone.status, &gone.json()["name"]), (200, &json!("playhouse-staging")));
    assert_eq!(get(&rehearsal, "/apps/playhouse-staging")?.status, 404);
    let id = gone.json()["id"].clone();
    let couplings = get(&rehearsal, "/pipelines/playhouse/pipeline-couplings")?.json();
    assert!(couplings.as_array().into_iter().flatten().all(|coupling| coupling["app"]["id"] != id));
    let filter = json!({ "in": { "id": [id] } }).to_string();
    assert_eq!(ask(&rehearsal, V3, "POST", "/filters/apps", &filter)?.json(), json!([]));
    assert!(!get(&rehearsal, "/apps")?.text().contains("playhouse-staging"));
    assert_eq!(create(&rehearsal, "/apps", &json!({ "name": "playhouse-staging" }))?.0, 201);
    Ok(())
}

#[test]
fn maintenance_and_build_stack() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let path = "/apps/playhouse-staging";
    let body = json!({ "maintenance": true, "build_stack": "heroku-26" }).to_string();
    let heard = ask(&rehearsal, V3, "PATCH", path, &body)?.json();
    assert_eq!((&heard["maintenance"], &heard["build_stack"]["name"]), (&json!(true), &json!("heroku-26")));
    assert_eq!(heard["stack"]["name"], "heroku-24", "until the next build");
    assert_eq!(ask(&rehearsal, V3, "PATCH", path, "{\"build_stack\":\"cedar\"}")?.status, 422);
    assert_eq!(ask(&rehearsal, V3, "PATCH", path, "{\"maintenance\":\"on\"}")?.status, 422);
    let push = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(said.contains("Building on the Heroku-26 stack"), "{said}");
    assert_eq!(get(&rehearsal, path)?.json()["stack"]["name"], "heroku-26");
    Ok(())
}

#[test]
fn buildpacks_keep_their_order_and_are_used() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let path = "/apps/playhouse-staging/buildpack-installations";
    let own = "https://github.com/playhouse/stage-machinery";
    let updates = json!({ "updates": [{ "buildpack": own }, { "buildpack": "heroku/nodejs" }] }).to_string();
    let heard = ask(&rehearsal, V3, "PUT", path, &updates)?;
    let wanted = json!([
        { "ordinal": 0, "buildpack": { "url": own, "name": own } },
        { "ordinal": 1, "buildpack": { "url": "urn:buildpack:heroku/nodejs", "name": "heroku/nodejs" } },
    ]);
    assert_eq!((heard.status, heard.json()), (200, wanted.clone()));
    assert_eq!(get(&rehearsal, path)?.json(), wanted);
    let push = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    let at = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words} in {said}"));
    assert!(at(&format!("Using buildpack: {own}")) < at("Using buildpack: heroku/nodejs"), "{said}");
    assert_eq!(ask(&rehearsal, V3, "PUT", path, "{}")?.status, 422);
    assert_eq!(ask(&rehearsal, V3, "PUT", path, "{\"updates\":[{\"buildpack\":7}]}")?.status, 422);
    assert_eq!(ask(&rehearsal, V3, "PUT", path, "{\"updates\":[]}")?.json(), json!([]));
    Ok(())
}

#[test]
fn scaling_to_zero_removes_dynos() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = "/apps/playhouse-production/formation";
    for (quantity, left) in [(json!(0), 0), (json!(3), 3), (json!("0"), 0), (json!("+2"), 2), (json!("1"), 1)]
    {
        let body = json!({ "updates": [{ "type": "web", "quantity": quantity }] }).to_string();
        assert_eq!(ask(&rehearsal, SDK, "PATCH", path, &body)?.json()[0]["quantity"], left);
        let dynos = get(&rehearsal, "/apps/playhouse-production/dynos")?.json();
        let web = dynos.as_array().into_iter().flatten().filter(|dyno| dyno["type"] == "web").count();
        assert_eq!(web, left, "{quantity}");
    }
    Ok(())
}
