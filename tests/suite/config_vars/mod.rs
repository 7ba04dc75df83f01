//! Config vars: what is printed, what is changed, and what is asked.

mod edit;
mod files;

use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::Scene;

/// An app's config vars.
fn vars(scene: &Scene, app: &str) -> Value {
    scene.look(&format!("/apps/{app}/config-vars"))
}

fn set(scene: &Scene, app: &str, vars: Value) {
    scene.panel("PATCH", &format!("/apps/{app}/config-vars"), vars);
}

/// Takes all config vars from the app, and sets these.
fn only(scene: &Scene, app: &str, known: Value) {
    let gone = vars(scene, app);
    let gone: Value =
        gone.as_object().expect("config vars").keys().map(|name| (name.clone(), Value::Null)).collect();
    set(scene, app, gone);
    set(scene, app, known);
}

/// The requests that changed something.
fn changes(scene: &Scene) -> usize {
    scene.requests().iter().filter(|line| !line.starts_with("GET ")).count()
}

#[test]
fn settings_go_in_one_request_and_their_values_are_not_shown() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging config:set LOG_LEVEL=macbeth MOTTO=a=b");
    insta::assert_snapshot!(outcome, @"
    LOG_LEVEL: [hidden]
    MOTTO:     [hidden]
    ------- stderr -------
    Setting LOG_LEVEL, MOTTO and restarting playhouse-staging... done, v12
    ");
    assert_eq!(vars(&scene, "playhouse-staging")["MOTTO"], "a=b");
    assert_eq!(changes(&scene), 1);
    let shown = scene.run("staging config:set LOG_LEVEL=macbeth --show");
    assert_eq!(shown.stdout, "LOG_LEVEL: macbeth\n", "{shown}");
    insta::assert_snapshot!(scene.run("staging config:unset MOTTO LOG_LEVL"), @"
    ------- stderr -------
    warning: LOG_LEVL is not set on playhouse-staging
    hint: did you mean LOG_LEVEL?
    Unsetting MOTTO, LOG_LEVL and restarting playhouse-staging... done, v14
    ");
    assert_eq!(vars(&scene, "playhouse-staging")["MOTTO"], Value::Null);
    insta::assert_snapshot!(scene.run("staging config:set --json MODE=macbeth").stdout, @r#"
    {
      "app": "playhouse-staging",
      "version": 15,
      "set": [
        "MODE"
      ],
      "unset": []
    }
    "#);
}

#[test]
fn what_is_no_setting_is_bad_usage_and_is_not_repeated() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging config:set MOTTO=break macbeth"), @"
    ------- stderr -------
    error: a word without = is not a setting; a value with blanks needs quotes
    hint: staging config:set NAME=VALUE
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging config:set =macbeth"), @"
    ------- stderr -------
    error: a setting has no name before its =
    hint: staging config:set NAME=VALUE
    [exit status: 2]
    ");
    assert_eq!(changes(&scene), 0);
}

#[test]
fn a_dry_run_sends_nothing_and_shows_no_value() {
    let scene = Scene::playhouse();
    for line in ["config:set MODE=macbeth", "config:unset LOG_LEVEL"] {
        let outcome = scene.run(&format!("production --dry-run {line}"));
        assert_eq!(outcome.status, Some(0), "{outcome}");
        assert!(outcome.stdout.starts_with("curl -X PATCH [HEROKU]/apps/playhouse-production/config-vars "));
        assert!(!outcome.to_string().contains("macbeth"), "{outcome}");
    }
    assert_eq!(changes(&scene), 0);
}

#[test]
fn production_asks_first() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production config:set MODE=macbeth"), @"
    ------- stderr -------
    error: production is protected, and confirmation requires a terminal
    hint: production config:set MODE=VALUE --yes
    [exit status: 5]
    ");
    insta::assert_snapshot!(scene.run("production config:unset LOG_LEVEL"), @"
    ------- stderr -------
    error: production is protected, and confirmation requires a terminal
    hint: production config:unset LOG_LEVEL --yes
    [exit status: 5]
    ");
    assert_eq!(changes(&scene), 0);
    for (answer, code, sent) in [("n\r", 5, 0), ("y\r", 0, 1)] {
        let mut pty = Pty::start(scene.prepared("production").args(["config:set", "MODE=macbeth"]));
        pty.sees("Set MODE on playhouse-production? [y/N] ", 1).types(answer);
        let shown = pty.ends(code);
        assert!(!shown.raw().contains("macbeth"), "{}", shown.raw());
        assert_eq!(changes(&scene), sent);
    }
}

#[test]
fn values_are_exact_in_a_pipe_and_harmless_on_a_terminal() {
    let scene = Scene::playhouse();
    let hostile = "\u{1b}]0;mine\u{7}\u{1b}[31mred\r\u{202e}";
    set(&scene, "playhouse-staging", json!({ "HOSTILE": hostile }));
    assert_eq!(scene.run("staging config:get HOSTILE").stdout, format!("{hostile}\n"));
    assert_eq!(scene.run("staging config -s").stdout.matches(hostile).count(), 1);
    for line in [&["config:get", "HOSTILE"][..], &["config"], &["config", "-s"], &["config", "-j"]] {
        let shown = Pty::start(scene.prepared("staging").args(line)).ends(0);
        assert!(shown.raw().contains("]0;mine"), "{}", shown.raw());
        assert_eq!(shown.sequences(), [""; 0], "{line:?}");
    }
}

#[test]
fn a_failed_release_phase_is_a_failure() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-staging", "exit 3");
    insta::assert_snapshot!(scene.run("staging config:set LOG_LEVEL=debug"), @"
    ------- stderr -------
    playhouse-staging | Running release command `exit 3`...
    playhouse-staging | Starting exit
    playhouse-staging | Exited with status 3
    error: playhouse-staging v12 failed: its release phase failed
    hint: staging releases:output v12
    [exit status: 1]
    ");
    scene.with_release_phase("playhouse-staging", "bin/migrate");
    let outcome = scene.run("staging config:set LOG_LEVEL=info");
    assert_eq!(outcome.status, Some(0), "{outcome}");
}

#[test]
fn what_heroku_did_not_do_is_not_reported_as_done() {
    let scene = Scene::playhouse();
    let lost = json!({"kind": "answer", "route": "PATCH /apps/*/config-vars", "status": 200, "body": {}, "times": 1});
    scene.panel("POST", "/faults", lost);
    insta::assert_snapshot!(scene.run("staging config:set LOG_LEVEL=debug"), @"
    ------- stderr -------
    error: LOG_LEVEL was not changed: Heroku's answer has it otherwise
    hint: staging config:get LOG_LEVEL
    [exit status: 1]
    ");
    let unchanged = vars(&scene, "playhouse-staging");
    let none = json!({"kind": "answer", "route": "PATCH /apps/*/config-vars", "status": 200, "body": unchanged, "times": 1});
    scene.panel("POST", "/faults", none);
    let level = unchanged["LOG_LEVEL"].as_str().expect("a value");
    insta::assert_snapshot!(scene.run(&format!("staging config:set LOG_LEVEL={level}")), @"
    LOG_LEVEL: [hidden]
    ------- stderr -------
    Setting LOG_LEVEL on playhouse-staging... nothing changed, and Heroku made no release
    ");
}

#[test]
fn reading_works_on_all_apps_and_changes_work_on_one() {
    let scene = Scene::playhouse();
    scene.write(
        "greenroom.toml",
        "[environments.staging]\napps = [\"playhouse-staging\", \"playhouse-prepare\"]\n",
    );
    let outcome = scene.run("staging config");
    for app in ["playhouse-staging", "playhouse-prepare"] {
        assert!(outcome.stdout.contains(&format!("=== {app} Config Vars\n\n")), "{outcome}");
    }
    for line in ["config -s", "config:get A", "config:set A=1", "config:unset A"] {
        assert_eq!(scene.run(&format!("staging {line}")).status, Some(3), "{line}");
    }
}

#[test]
fn a_difference_is_told_by_name() {
    let scene = Scene::playhouse();
    only(&scene, "playhouse-production", json!({}));
    only(&scene, "playhouse-staging", json!({}));
    assert_eq!(scene.run("staging config:diff production --exit-code").status, Some(0));
    set(&scene, "playhouse-staging", json!({ "A": "macbeth", "SAME": "1", "X": "macbeth" }));
    set(&scene, "playhouse-production", json!({ "B": "hamlet", "SAME": "1", "X": "hamlet" }));
    let outcome = scene.run("staging config diff production --exit-code");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("- A\n+ B\n! X\n", Some(1)), "{outcome}");
    let shown = scene.run("staging config:diff playhouse-production --show");
    let lines = "- A=\"macbeth\"\n+ B=\"hamlet\"\n- X=\"macbeth\"\n+ X=\"hamlet\"\n";
    assert_eq!((shown.stdout.as_str(), shown.status), (lines, Some(0)), "{shown}");
    let answer = scene.run("staging config:diff production --json");
    assert!(!answer.stdout.contains("macbeth") && answer.stdout.contains("\"here\""), "{answer}");
}
