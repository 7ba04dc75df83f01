//! Releases through the API: of a slug, rollbacks, and dyno metadata.

mod common;

use std::io;

use common::{SDK, V3, ask, get, wait};
use rehearsal::{Rehearsal, history};
use serde_json::{Value, json};

const PATH: &str = "/apps/playhouse-staging/releases";

fn release(rehearsal: &Rehearsal, body: &Value) -> io::Result<(u16, Value)> {
    let heard = ask(rehearsal, SDK, "POST", PATH, &body.to_string())?;
    Ok((heard.status, heard.json()))
}

/// A release as the panel adds it.
fn place(rehearsal: &Rehearsal, facts: Value) -> Value {
    let (status, release) = rehearsal.call("POST", &format!("/_rehearsal{PATH}"), Some(facts));
    assert_eq!(status, 201, "{release}");
    release
}

#[test]
fn a_slug_of_another_app_is_released() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let slug = rehearsal.call("GET", "/apps/playhouse-prepare/releases/9", None).1["slug"]["id"].clone();
    let commands = json!({ "process_types": { "web": "node server.js", "release": "echo Moving" } });
    let path = format!("/_rehearsal/slugs/{}", slug.as_str().unwrap_or_default());
    assert_eq!(rehearsal.call("PATCH", &path, Some(commands)).0, 200);
    let (status, made) = release(&rehearsal, &json!({ "slug": slug }))?;
    assert_eq!((status, &made["status"], &made["slug"]["id"]), (201, &json!("pending"), &slug));
    assert_eq!(made["description"], format!("Deploy {}", &history::MAIN[4][..8]));
    assert!(made["output_stream_url"].is_string());
    wait("the release phase", || {
        get(&rehearsal, &format!("{PATH}/12")).is_ok_and(|heard| heard.json()["current"] == true)
    });
    let (_, told) = release(&rehearsal, &json!({ "slug": slug, "description": "Retry of v12" }))?;
    assert_eq!(told["description"], "Retry of v12");
    let nothing = release(&rehearsal, &json!({ "slug": "00000000-0000-4000-8000-000000000000" }))?;
    assert_eq!((nothing.0, &nothing.1["resource"]), (404, &json!("slug")));
    assert_eq!(release(&rehearsal, &json!({}))?.0, 422);
    Ok(())
}

#[test]
fn rollbacks_restore_code_and_config_vars() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let old = rehearsal.call("GET", &format!("{PATH}/6"), None).1;
    let config = get(&rehearsal, &format!("{PATH}/6/config-vars"))?.json();
    assert_ne!(config, get(&rehearsal, "/apps/playhouse-staging/config-vars")?.json());
    let (status, back) = release(&rehearsal, &json!({ "release": old["id"] }))?;
    assert_eq!((status, &back["version"], &back["description"]), (201, &json!(12), &json!("Rollback to v6")));
    assert_eq!((&back["slug"], &back["current"]), (&old["slug"], &json!(true)));
    assert_eq!(get(&rehearsal, "/apps/playhouse-staging/config-vars")?.json(), config);
    assert_eq!(get(&rehearsal, &format!("{PATH}/v12/config-vars"))?.json(), config);
    Ok(())
}

#[test]
fn ineligible_releases_cannot_be_rolled_back_to() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let bare = rehearsal.call("GET", &format!("{PATH}/1"), None).1;
    let mut ineligible = vec![(bare, "it has no slug")];
    for (status, why) in [
        ("pending", "its release command has not ended"),
        ("failed", "its release command failed"),
        ("expired", "its slug has expired"),
    ] {
        ineligible.push((place(&rehearsal, json!({ "status": status })), why));
    }
    for (release_of, why) in ineligible {
        assert_eq!(release_of["eligible_for_rollback"], false);
        let (status, refused) = release(&rehearsal, &json!({ "release": release_of["id"] }))?;
        assert_eq!((status, &refused["id"]), (422, &json!("invalid_params")));
        let version = release_of["version"].as_u64().unwrap_or_default();
        assert_eq!(refused["message"], format!("Cannot roll back to v{version}: {why}."));
    }
    assert_eq!(get(&rehearsal, &format!("{PATH}/11"))?.json()["eligible_for_rollback"], true);
    Ok(())
}

#[test]
fn releases_have_an_author_and_a_time() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let facts = json!({
        "commit": history::MAIN[4],
        "status": "failed",
        "user": "grace@playhouse.example",
        "created_at": "2026-01-02T03:04:05Z",
    });
    let placed = place(&rehearsal, facts);
    let heard = get(&rehearsal, &format!("{PATH}/12"))?.json();
    assert_eq!(heard["user"]["email"], "grace@playhouse.example");
    assert_eq!((&heard["created_at"], &heard["current"]), (&json!("2026-01-02T03:04:05Z"), &json!(false)));
    assert_eq!(heard["id"], placed["id"]);
    assert_eq!(get(&rehearsal, &format!("{PATH}/11"))?.json()["user"]["email"], "director@playhouse.example");
    Ok(())
}

#[test]
fn dyno_metadata_comes_with_the_next_deploy() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let config = || rehearsal.call("GET", "/apps/playhouse-staging/config-vars", None).1;
    for feature in ["runtime-dyno-metadata", "runtime-dyno-build-metadata"] {
        let path = format!("/apps/playhouse-staging/features/{feature}");
        let heard = ask(&rehearsal, V3, "PATCH", &path, "{\"enabled\":true}")?;
        assert_eq!((heard.status, &heard.json()["enabled"]), (200, &json!(true)));
    }
    assert!(config().get("HEROKU_SLUG_COMMIT").is_none(), "not before");
    let deployed = place(&rehearsal, json!({ "commit": history::MAIN[4] }));
    let app = rehearsal.call("GET", "/apps/playhouse-staging", None).1;
    let heard = config();
    for (name, value) in [
        ("HEROKU_APP_ID", app["id"].clone()),
        ("HEROKU_APP_NAME", json!("playhouse-staging")),
        ("HEROKU_RELEASE_VERSION", json!("v12")),
        ("HEROKU_RELEASE_CREATED_AT", deployed["created_at"].clone()),
        ("HEROKU_SLUG_COMMIT", json!(history::MAIN[4])),
        ("HEROKU_SLUG_DESCRIPTION", json!("Deploy 77978f96")),
        ("HEROKU_BUILD_COMMIT", json!(history::MAIN[4])),
        ("HEROKU_BUILD_DESCRIPTION", json!("Deploy 77978f96")),
    ] {
        assert_eq!(heard[name], value, "{name}");
    }
    let versions = rehearsal.call("GET", PATH, None).1;
    assert_eq!(versions.as_array().map(Vec::len), Some(12), "no release of its own");
    let old = rehearsal.call("GET", &format!("{PATH}/11"), None).1["id"].clone();
    assert_eq!(release(&rehearsal, &json!({ "release": old }))?.0, 201);
    assert_eq!(config()["HEROKU_SLUG_COMMIT"], history::MAIN[3]);
    assert_eq!(config()["HEROKU_RELEASE_VERSION"], "v13");
    Ok(())
}
