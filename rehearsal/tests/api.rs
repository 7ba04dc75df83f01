//! The Platform API: authentication, errors, pages, caching and changes.

mod common;

use std::io;

use common::{SDK, V3, ask, ask_with, get, raw};
use rehearsal::{Rehearsal, Settings};
use serde_json::{Value, json};

#[test]
fn requests_are_authenticated() -> io::Result<()> {
    let rehearsal = Rehearsal::start_with(Settings { token: "of-my-own".to_owned(), ..Settings::default() })?;
    assert_eq!(get(&rehearsal, "/apps/playhouse-staging")?.status, 200);
    let wrong = raw(&rehearsal, "GET", "/apps", &[("Accept", V3), ("Authorization", "Bearer wrong")], "")?;
    assert_eq!((wrong.status, wrong.json()["id"].as_str()), (401, Some("unauthorized")));
    assert_eq!(ask(&rehearsal, "application/json", "GET", "/apps", "")?.status, 406);
    let nowhere = get(&rehearsal, "/nowhere")?;
    assert_eq!((nowhere.status, nowhere.json()["id"].as_str()), (404, Some("not_found")));
    let nobody = get(&rehearsal, "/apps/nobody/dynos")?;
    assert_eq!((nobody.status, nobody.json()["message"].as_str()), (404, Some("Couldn't find that app.")));
    Ok(())
}

#[test]
fn headers_and_caching() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let heard = ask_with(&rehearsal, V3, "GET", "/apps/understudy", &[("Accept-Encoding", "gzip")], "")?;
    assert_eq!(heard.header("content-type"), Some("application/json"));
    assert_eq!(heard.header("content-length"), Some(&*heard.body.len().to_string()));
    assert_eq!(heard.header("ratelimit-remaining"), Some("4499"));
    assert!(heard.header("content-encoding").is_none() && heard.header("request-id").is_some());
    let tag = heard.header("etag").unwrap_or_default().to_owned();
    let again = ask_with(&rehearsal, V3, "GET", "/apps/understudy", &[("If-None-Match", &tag)], "")?;
    assert_eq!((again.status, again.body.len()), (304, 0));
    rehearsal.call("PATCH", "/_rehearsal/apps/understudy", Some(json!({ "maintenance": true })));
    let changed = ask_with(&rehearsal, V3, "GET", "/apps/understudy", &[("If-None-Match", &tag)], "")?;
    assert_eq!((changed.status, &changed.json()["maintenance"]), (200, &json!(true)));
    Ok(())
}

#[test]
fn the_generation_depends_on_the_accept_header() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.call(
        "PATCH",
        "/_rehearsal/apps/understudy",
        Some(json!({ "generation": "fir", "stack": "cnb" })),
    );
    let app = get(&rehearsal, "/apps/understudy")?.json();
    assert_eq!((&app["generation"]["name"], &app["stack"]["name"]), (&json!("fir"), &json!("cnb")));
    assert_eq!(ask(&rehearsal, SDK, "GET", "/apps/understudy", "")?.json()["generation"], "fir");
    let id = app["id"].as_str().unwrap_or_default();
    assert_eq!(get(&rehearsal, &format!("/apps/{id}"))?.json()["name"], "understudy");
    Ok(())
}

#[test]
fn lists_are_paged_by_range() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = "/apps/playhouse-production/releases";
    let versions = |list: &Value| -> Vec<u64> {
        list.as_array().into_iter().flatten().filter_map(|release| release["version"].as_u64()).collect()
    };
    let (mut range, mut seen, mut statuses) =
        ("version ..; max=7, order=desc".to_owned(), Vec::new(), Vec::new());
    loop {
        let page = ask_with(&rehearsal, V3, "GET", path, &[("Range", &range)], "")?;
        seen.extend(versions(&page.json()));
        statuses.push(page.status);
        match page.header("next-range") {
            Some(next) => next.clone_into(&mut range),
            None => break,
        }
    }
    assert_eq!(statuses, [206, 206, 200]);
    assert_eq!(seen, (1..=18).rev().collect::<Vec<_>>());
    assert_eq!(versions(&get(&rehearsal, path)?.json()), (1..=18).collect::<Vec<_>>());
    let odd = ask_with(&rehearsal, V3, "GET", path, &[("Range", "color ..")], "")?;
    assert_eq!((odd.status, odd.json()["id"].as_str()), (416, Some("requested_range_not_satisfiable")));
    Ok(())
}

#[test]
fn changing_config_vars_makes_a_release() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = "/apps/playhouse-staging/config-vars";
    let body = json!({ "LOG_LEVEL": null, "CURTAIN": "up" }).to_string();
    let heard = ask(&rehearsal, V3, "PATCH", path, &body)?.json();
    assert_eq!((heard.get("LOG_LEVEL"), &heard["CURTAIN"]), (None, &json!("up")));
    assert_eq!(get(&rehearsal, path)?.json(), heard);
    let release = get(&rehearsal, "/apps/playhouse-staging/releases/v12")?.json();
    assert_eq!(
        (&release["description"], &release["current"]),
        (&json!("Set CURTAIN config vars"), &json!(true))
    );
    assert_eq!(
        get(&rehearsal, "/apps/playhouse-staging/releases/11/config-vars")?.json()["LOG_LEVEL"],
        "debug"
    );
    let old = rehearsal.call("GET", "/apps/playhouse-staging/releases/11", None).1;
    assert_eq!((&old["current"], &old["slug"]), (&json!(false), &release["slug"]));
    let back = json!({ "release": old["id"] }).to_string();
    let back = ask(&rehearsal, V3, "POST", "/apps/playhouse-staging/releases", &back)?;
    assert_eq!((back.status, &back.json()["description"]), (201, &json!("Rollback to v11")));
    assert_eq!(get(&rehearsal, path)?.json()["LOG_LEVEL"], "debug");
    assert_eq!(ask(&rehearsal, V3, "PATCH", path, "{\"A\": 1}")?.status, 422);
    Ok(())
}

#[test]
fn scaling_and_restarting() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let dynos = || -> Vec<(String, String)> {
        let list = rehearsal.call("GET", "/apps/playhouse-production/dynos", None).1;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        list.as_array().into_iter().flatten().map(|dyno| (text(&dyno["name"]), text(&dyno["id"]))).collect()
    };
    let before = dynos();
    assert_eq!(before.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["web.1", "web.2", "worker.1"]);
    let updates =
        json!({ "updates": [{ "type": "web", "quantity": "+1" }, { "type": "worker", "quantity": "0" }] });
    let path = "/apps/playhouse-production/formation";
    assert_eq!(ask(&rehearsal, V3, "PATCH", path, &updates.to_string())?.json()[0]["quantity"], 3);
    let after = dynos();
    assert_eq!(after.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["web.1", "web.2", "web.3"]);
    assert_eq!(before[..2], after[..2]);
    let restarted = ask(&rehearsal, SDK, "DELETE", "/apps/playhouse-production/dynos/web.2", "")?;
    assert_eq!((restarted.status, restarted.json()), (202, json!({})));
    assert_eq!(dynos()[0], after[0]);
    assert_ne!(dynos()[1], after[1]);
    assert_eq!(ask(&rehearsal, SDK, "DELETE", "/apps/playhouse-production/formations/web", "")?.status, 202);
    assert_ne!(dynos()[0], after[0]);
    let odd = json!({ "updates": [{ "type": "clown", "quantity": 1 }] }).to_string();
    assert_eq!(ask(&rehearsal, V3, "PATCH", path, &odd)?.status, 404);
    Ok(())
}

#[test]
fn the_pipeline_and_its_apps() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    assert_eq!(get(&rehearsal, "/pipelines?eq[name]=playhouse")?.json()[0]["name"], "playhouse");
    assert_eq!(get(&rehearsal, "/pipelines?eq%5Bname%5D=other")?.json(), json!([]));
    let coupling = get(&rehearsal, "/apps/playhouse-prepare/pipeline-couplings")?.json();
    assert_eq!(
        (&coupling["stage"], &coupling["pipeline"]["name"]),
        (&json!("development"), &json!("playhouse"))
    );
    assert_eq!(get(&rehearsal, "/apps/understudy/pipeline-couplings")?.status, 404);
    let reviews = get(&rehearsal, "/pipelines/playhouse/review-apps")?.json();
    assert_eq!((&reviews[0]["pr_number"], &reviews[1]["app"]), (&json!(42), &Value::Null));
    let couplings = get(&rehearsal, "/pipelines/playhouse/pipeline-couplings")?.json();
    let ids: Vec<&Value> =
        couplings.as_array().into_iter().flatten().map(|coupling| &coupling["app"]["id"]).collect();
    let filtered =
        ask(&rehearsal, V3, "POST", "/filters/apps", &json!({ "in": { "id": ids } }).to_string())?.json();
    let names: Vec<_> =
        filtered.as_array().into_iter().flatten().filter_map(|app| app["name"].as_str()).collect();
    assert_eq!(
        names,
        ["playhouse-prepare", "playhouse-staging", "playhouse-production", "playhouse-pr-42-x7k2"]
    );
    let latest = get(&rehearsal, "/pipelines/playhouse/latest-deployments")?.json();
    assert_eq!(latest[2]["description"], "Promote playhouse-staging v6 b293934d");
    Ok(())
}

#[test]
fn unknown_routes_are_named() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    for (method, path) in [
        ("POST", "/apps/understudy/dynos/web.1"),
        ("PUT", "/pipelines/playhouse"),
        ("GET", "/client/v11/databases/postgresql-curved-12345/metrics"),
        ("POST", "/apps/understudy/sni-endpoints"),
        ("DELETE", "/account"),
    ] {
        let heard = ask(&rehearsal, V3, method, path, "")?;
        let message = format!("The rehearsal does not play {method} {path}.");
        assert_eq!((heard.status, &heard.json()["message"]), (404, &json!(message)));
    }
    Ok(())
}
