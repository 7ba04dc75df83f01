//! `ship` and the dynos: each step waits until they run the new code.

use std::time::Duration;

use rehearsal::Settings;
use serde_json::json;

use super::{ship, theatre, theatre_with};
use crate::scene::{link_tool, until};

const ROLL_OUT: &str = "/apps/playhouse-staging/roll-out";

#[test]
fn the_smoke_command_starts_once_the_dynos_are_up() {
    let settings = Settings { dyno_start_time: Duration::from_millis(600), ..Settings::default() };
    let scene = theatre_with(settings);
    link_tool(&scene.folder().join("stage-tools"), "tr");
    let is_up = || scene.look("/apps/playhouse-staging/dynos")[0]["state"] == "up";
    until("the first dynos are up", is_up);
    scene.panel("PUT", ROLL_OUT, json!({"order": "preboot", "overlap_ms": 800}));
    // What the smoke command sees, as a person would.
    let smoke = "staging ps --json | tr -d ' \n'";
    let outcome = ship(&scene, "staging", &["--test", "true", "--smoke", smoke]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let seen = outcome.stderr.split_once("staging smoke | ").expect("its output").1;
    assert_eq!(seen.matches("\"state\":\"up\"").count(), 2, "{outcome}");
    assert_eq!(seen.matches("\"version\":12}").count(), 2, "{outcome}");
}

#[test]
fn a_crash_on_staging_stops_before_production() {
    let scene = theatre();
    scene.panel("PUT", ROLL_OUT, json!({"starts": {"worker": ["crash"]}}));
    let words = ["--test", "true", "--smoke", "echo smoked", "--yes"];
    let outcome = ship(&scene, "production", &words);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("error: playhouse-staging v12 failed: worker.1 crashed\n"), "{outcome}");
    assert!(outcome.stderr.contains("hint: staging logs --dyno-name worker.1\n"), "{outcome}");
    assert!(!outcome.stderr.contains("staging smoke "), "{outcome}");
    assert_eq!(scene.promotions(), 1, "production keeps its release: {outcome}");
    // Staging runs the commit by now: its dynos are looked at again before anything moves on.
    let outcome = ship(&scene, "production", &words);
    assert_eq!((outcome.status, scene.promotions()), (Some(1), 1), "{outcome}");
    let unchecked = [&words[..], &["--no-wait-dynos"]].concat();
    assert_eq!(ship(&scene, "production", &unchecked).status, Some(0));
}
