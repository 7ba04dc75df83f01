//! `--json` and a failure: one object on stderr, and nothing on stdout.

use serde_json::{Value, json};

use super::scene::{Outcome, Scene};

/// The object that tells of the failure: the last line of stderr.
fn told(outcome: &Outcome) -> Value {
    assert_eq!(outcome.stdout, "", "{outcome}");
    let line = outcome.stderr.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {outcome}"))
}

#[test]
fn failures_are_json_objects() {
    let scene = Scene::playhouse();
    let outcome = scene.run("greenroom on demo which --json");
    assert_eq!(outcome.status, Some(3), "{outcome}");
    let object = told(&outcome);
    assert_eq!((&object["kind"], &object["exit_code"]), (&json!("unresolved"), &json!(3)));
    assert_eq!(object["message"], "no app found for demo");
    assert!(object["causes"][0].as_str().is_some_and(|cause| cause.starts_with("looked at: ")), "{object}");
    assert_eq!(object["hints"][0], "git remote add demo https://git.heroku.com/APP.git");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");
}

#[test]
fn each_kind_of_error_has_a_name() {
    let scene = Scene::playhouse();
    for (line, kind, code) in [
        ("staging which --json --frobnicate", "usage", 2),
        ("greenroom --json link UPPER", "usage", 2),
        ("production promote --json", "refused", 5),
        ("staging --json diff nowhere", "usage", 2),
    ] {
        let outcome = scene.run(line);
        let object = told(&outcome);
        assert_eq!(
            (&object["kind"], &object["exit_code"]),
            (&json!(kind), &json!(code)),
            "{line}: {outcome}"
        );
        assert_eq!(outcome.status, Some(code), "{line}: {outcome}");
        assert!(!outcome.stderr.contains("error: "), "{line}: {outcome}");
    }
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(told(&scene.run("staging status --json"))["kind"], "denied");
}

#[test]
fn json_after_two_dashes_is_the_commands() {
    let scene = Scene::playhouse();
    let outcome = scene.run("greenroom on demo run -- ls --json");
    assert!(outcome.stderr.starts_with("error: "), "{outcome}");
}

#[test]
fn control_characters_are_escaped() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging diff --json \u{9b}2J\u{202e}");
    assert!(!outcome.stderr.contains(['\u{9b}', '\u{202e}']), "{outcome}");
    assert!(told(&outcome)["message"].as_str().is_some_and(|message| message.contains("2J")), "{outcome}");
}
