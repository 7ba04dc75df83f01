//! `ps`, `restart`, `scale`, `ps:stop`, `ps:wait` and `maintenance`: what is not the same as in the Heroku CLI. The rest is in
//! `conformance/dynos.rs`.

use std::thread;
use std::time::Duration;

use rehearsal::Settings;
use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::{Outcome, Scene, until};

const STAGING: &str = "/apps/playhouse-staging";
const PRODUCTION: &str = "/apps/playhouse-production";

/// The playhouse, where staging has two apps.
fn with_two_apps() -> Scene {
    let scene = Scene::playhouse();
    let apps = "[environments.staging]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n";
    scene.write("greenroom.toml", apps);
    scene
}

fn set_state(scene: &Scene, dyno: &str, state: &str) {
    scene.panel("PATCH", &format!("{STAGING}/dynos/{dyno}"), json!({ "state": state }));
}

/// Runs a line, and does something once it has made a request that counts as `begun`.
fn run_while(scene: &Scene, line: &str, begun: &str, act: impl Fn()) -> Outcome {
    thread::scope(|scope| {
        let run = scope.spawn(|| scene.run(line));
        until("it has begun", || scene.count(begun) > 0);
        act();
        run.join().expect("no panic in here")
    })
}

fn quantities(scene: &Scene, app: &str) -> Vec<(String, u64)> {
    let formation = scene.look(&format!("{app}/formation"));
    let entry =
        |kind: &Value| (kind["type"].as_str().unwrap().to_owned(), kind["quantity"].as_u64().unwrap());
    formation.as_array().expect("a list").iter().map(entry).collect()
}

#[test]
fn ps_needs_one_round() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("staging ps").status, Some(0));
    let mut requests = scene.requests();
    requests.sort_unstable();
    assert_eq!(requests, ["GET /apps/playhouse-staging", "GET /apps/playhouse-staging/dynos"]);
}

#[test]
fn other_commands_need_one_request() {
    let scene = Scene::playhouse();
    let lines = [
        ("production scale", "GET /apps/playhouse-production/formation"),
        ("production scale web=3", "PATCH /apps/playhouse-production/formation"),
        ("production restart", "DELETE /apps/playhouse-production/dynos"),
        ("production ps:stop web.1 --yes", "POST /apps/playhouse-production/dynos/web.1/actions/stop"),
        ("production maintenance", "GET /apps/playhouse-production"),
        ("production maintenance:on --yes", "PATCH /apps/playhouse-production"),
        ("production maintenance:off", "PATCH /apps/playhouse-production"),
    ];
    for (before, (line, request)) in lines.into_iter().enumerate() {
        assert_eq!(scene.run(line).status, Some(0), "{line}");
        assert_eq!(scene.requests()[before..], [request], "{line}");
    }
}

#[test]
fn ps_names_each_app_of_an_environment_with_several() {
    let scene = with_two_apps();
    let outcome = scene.run("staging ps");
    let headings: Vec<&str> = outcome.stdout.lines().filter(|line| line.starts_with("playhouse")).collect();
    assert_eq!(headings, ["playhouse-staging", "playhouse-production"], "{outcome}");
    assert_eq!(outcome.stdout.matches("web.1: up").count(), 2, "{outcome}");
    let json: Value = serde_json::from_str(&scene.run("staging ps --json").stdout).expect("JSON");
    assert_eq!(json.as_array().expect("a list").len(), 5, "two and three dynos");
    insta::assert_snapshot!(scene.run("staging scale"), @"
    playhouse-staging: web=1:Basic worker=1:Basic
    playhouse-production: web=2:Basic worker=1:Basic
    ");
    insta::assert_snapshot!(scene.run("staging maintenance"), @"
    playhouse-staging: off
    playhouse-production: off
    ");
    for line in ["restart", "scale web=2", "ps:stop web.1", "maintenance:on", "ps:wait"] {
        assert_eq!(scene.run(&format!("staging {line}")).status, Some(3), "{line} is for one app");
    }
}

#[test]
fn ps_of_a_missing_type_is_an_error() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging ps web typo"), @"
    ------- stderr -------
    error: no typo dynos on playhouse-staging
    hint: staging ps
    [exit status: 1]
    ");
}

#[test]
fn control_sequences_in_commands_are_shown() {
    let scene = Scene::playhouse();
    scene.change_slug(
        "playhouse-staging",
        json!({"process_types": {"web": "node \u{1b}[2J\u{202e}server.js"}}),
    );
    scene.release("playhouse-staging", json!({"description": "Blink"}));
    let outcome = scene.run("staging ps");
    assert!(outcome.stdout.contains("=== web (Basic): node \\u{1b}[2J\\u{202e}server.js (1)"), "{outcome}");
}

#[test]
fn scale_refuses_typos_before_any_request() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging scale web=2 worker3"), @r#"
    ------- stderr -------
    error: invalid value 'worker3' for '[TYPE=NUMBER]...': "worker3" is not a change such as web=2, worker+1 or web=1:standard-2x

    For more information, try '--help'.
    [exit status: 2]
    "#);
    assert_eq!(scene.run("staging scale web=2 web=3").status, Some(2));
    assert_eq!(scene.requests(), [""; 0]);
}

#[test]
fn scale_prints_what_heroku_answered() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging scale web=2:standard-1x worker+1"), @"
    ------- stderr -------
    playhouse-staging now runs web at 2:Standard-1X, worker at 2:Basic
    ");
    assert_eq!(quantities(&scene, STAGING), [("web".to_owned(), 2), ("worker".to_owned(), 2)]);
    insta::assert_snapshot!(scene.run("staging scale web=1 --json"), @r#"
    [
      {
        "app": "playhouse-staging",
        "type": "web",
        "quantity": 1,
        "size": "Standard-1X"
      }
    ]
    "#);
    let empty = scene.run("prepare scale --json");
    assert!(empty.stdout.contains("\"quantity\": 0"), "{empty}");
}

#[test]
fn a_dry_run_prints_the_requests_and_sends_none() {
    let scene = Scene::playhouse();
    for (line, request) in [
        ("restart", "-X DELETE [HEROKU]/apps/playhouse-production/dynos "),
        ("restart -p web --wait", "-X DELETE [HEROKU]/apps/playhouse-production/formations/web "),
        ("ps:stop web.1", "-X POST [HEROKU]/apps/playhouse-production/dynos/web.1/actions/stop "),
        ("scale web=0", r#" -d '{"updates":[{"quantity":0,"type":"web"}]}'"#),
        ("scale web-1:basic", r#"{"dyno_size":{"name":"basic"},"quantity":"-1","type":"web"}"#),
        ("maintenance:on", r#" -d '{"maintenance":true}'"#),
        ("maintenance:off", r#" -d '{"maintenance":false}'"#),
    ] {
        let outcome = scene.run(&format!("production --dry-run {line}"));
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        assert!(outcome.stdout.starts_with("curl ") && outcome.stdout.contains(request), "{line}: {outcome}");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[test]
fn what_takes_a_protected_app_down_asks() {
    let scene = Scene::playhouse();
    for (line, again) in [
        ("ps:stop web.1", "ps:stop --dyno-name web.1"),
        ("kill -p web", "ps:stop --process-type web"),
        ("scale worker=2 web=0:basic", "scale worker=2 web=0:basic"),
        ("ps:scale web-1", "scale web-1"),
        ("maintenance:on", "maintenance:on"),
    ] {
        let outcome = scene.run(&format!("production {line}"));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(5), ""), "{line}: {outcome}");
        assert!(outcome.stderr.ends_with(&format!("hint: production {again} --yes\n")), "{line}: {outcome}");
    }
    assert!(scene.requests().iter().all(|request| request.starts_with("GET ")), "{:?}", scene.requests());
    for line in ["restart", "scale web=3", "scale worker+1", "maintenance:off", "ps:stop web.1 --yes"] {
        let outcome = scene.run(&format!("production {line}"));
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    }
    assert_eq!(scene.run("staging ps:stop web.1").status, Some(0), "staging is not protected");
}

#[test]
fn the_question_says_what_is_done_to_which_app() {
    let scene = Scene::playhouse();
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["scale", "web=0"]));
    pty.sees("Scale playhouse-production to web=0? [y/N] ", 1).types("n\r");
    assert!(pty.ends(5).screen().contains("nothing was changed"));
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["maintenance:on"]));
    pty.sees("Turn on maintenance mode of playhouse-production? [y/N] ", 1).types("y\r");
    pty.ends(0);
    assert_eq!(scene.look(PRODUCTION)["maintenance"], true);
}

#[test]
fn stop_wants_a_dyno() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging ps:stop"), @"
    ------- stderr -------
    error: no dyno or process type given
    hint: staging ps:stop --process-type web
    hint: staging ps   # lists the dynos
    [exit status: 2]
    ");
    for line in ["restart web.1 -p worker", "restart web.1/actions", "ps:stop -d web.1 worker.1"] {
        assert_eq!(scene.run(&format!("staging {line}")).status, Some(2), "{line}");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[test]
fn what_is_not_there_has_a_hint() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging restart web.7"), @"
    ------- stderr -------
    error: Couldn't find that dyno.
      caused by: DELETE /apps/playhouse-staging/dynos/web.7: HTTP 404 not_found
    hint: staging ps
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("staging scale web=1 wokrer=2"), @"
    ------- stderr -------
    error: Couldn't find that process type (wokrer).
      caused by: PATCH /apps/playhouse-staging/formation: HTTP 404 not_found
    hint: staging scale
    [exit status: 1]
    ");
    assert_eq!(quantities(&scene, STAGING), [("web".to_owned(), 1), ("worker".to_owned(), 1)]);
    assert!(scene.run("staging ps:stop -p wbe").stderr.contains("hint: staging ps\n"));
}

#[test]
fn answers_of_changes_are_json() {
    let scene = Scene::playhouse();
    let answer = |line: &str| {
        let outcome = scene.run(&format!("staging {line} --json"));
        serde_json::from_str::<Value>(&outcome.stdout).unwrap_or_else(|_| panic!("{line}: {outcome}"))
    };
    let app = "playhouse-staging";
    assert_eq!(answer("restart"), json!({"app": app, "dynos": "all dynos", "version": null}));
    assert_eq!(answer("restart -p web --wait"), json!({"app": app, "dynos": "all web dynos", "version": 11}));
    assert_eq!(answer("ps:stop web.1"), json!({"app": app, "dynos": "dyno web.1"}));
    assert_eq!(answer("ps:wait"), json!({"app": app, "version": 11}));
    assert_eq!(answer("maintenance:on"), json!({"app": app, "maintenance": true}));
    assert_eq!(answer("maintenance"), json!([{"app": app, "maintenance": true}]));
}

#[test]
fn wait_ends_once_every_dyno_is_up() {
    let scene = Scene::playhouse();
    set_state(&scene, "web.1", "starting");
    let dynos = format!("GET {STAGING}/dynos");
    let outcome = run_while(&scene, "staging ps:wait", &dynos, || {
        thread::sleep(Duration::from_millis(200));
        set_state(&scene, "web.1", "up");
    });
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    playhouse-staging: every dyno is up on v11
    ");
    assert!(scene.count(&dynos) > 2, "{:?}", scene.requests());
}

#[test]
fn a_dyno_that_crashes_while_waiting_is_named() {
    let scene = Scene::playhouse();
    set_state(&scene, "worker.1", "starting");
    let crash = || set_state(&scene, "worker.1", "crashed");
    insta::assert_snapshot!(run_while(&scene, "staging ps:wait", &format!("GET {STAGING}/dynos"), crash), @"
    ------- stderr -------
    error: worker.1 of playhouse-staging crashed on v11
    hint: staging logs --dyno-name worker.1
    [exit status: 1]
    ");
    // Of another process type it does not matter.
    assert_eq!(scene.run("staging ps:wait --type web").status, Some(0));
}

#[test]
fn a_wait_without_end_is_exit_6() {
    let scene = Scene::playhouse();
    set_state(&scene, "web.1", "starting");
    insta::assert_snapshot!(scene.run("staging ps:wait --wait-timeout 1s"), @"
    ------- stderr -------
    error: not every dyno of playhouse-staging is up: web.1 is starting
    hint: staging ps
    [exit status: 6]
    ");
}

#[test]
fn a_wait_for_a_failed_release_fails() {
    let scene = Scene::playhouse();
    scene.release("playhouse-staging", json!({"status": "failed", "description": "Deploy 1a2b3c4d"}));
    insta::assert_snapshot!(scene.run("staging ps:wait"), @"
    ------- stderr -------
    error: playhouse-staging v12 failed: its release phase failed
    hint: staging releases:output v12
    [exit status: 1]
    ");
    scene.release("playhouse-staging", json!({"pending": true, "description": "Deploy 1a2b3c4d"}));
    let outcome = scene.run("staging ps:wait --wait-timeout 1s");
    assert!(outcome.stderr.contains("is up: v13 is still being released\n"), "{outcome}");
}

/// The playhouse, where dynos take as long as this to start.
fn with_slow_dynos(millis: u64) -> Scene {
    Scene::playhouse_with(Settings { dyno_start_time: Duration::from_millis(millis), ..Settings::default() })
}

#[test]
fn restart_waits_until_the_dynos_have_started() {
    let scene = with_slow_dynos(400);
    until("the first dynos are up", || scene.look(&format!("{STAGING}/dynos"))[0]["state"] == "up");
    insta::assert_snapshot!(scene.run("staging restart --wait -p worker"), @"
    ------- stderr -------
    restarting all worker dynos on playhouse-staging
    playhouse-staging: every dyno is up on v11
    ");
    let dynos = scene.look(&format!("{STAGING}/dynos"));
    assert!(dynos.as_array().expect("a list").iter().all(|dyno| dyno["state"] == "up"), "{dynos}");
    // Only what was restarted is waited for.
    set_state(&scene, "web.1", "crashed");
    assert_eq!(scene.run("staging restart worker.1 --wait").status, Some(0));
}

#[test]
fn a_restarted_dyno_that_crashes_is_named() {
    let scene = with_slow_dynos(60_000);
    // By then it has been restarted.
    let restarted = format!("GET {STAGING}/releases");
    let outcome =
        run_while(&scene, "staging restart --wait", &restarted, || set_state(&scene, "web.1", "crashed"));
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    restarting all dynos on playhouse-staging
    error: web.1 of playhouse-staging crashed on v11
    hint: staging logs --dyno-name web.1
    [exit status: 1]
    ");
    let outcome = scene.run("staging restart --wait --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
    assert!(outcome.stderr.contains("web.1 is starting, worker.1 is starting\n"), "{outcome}");
}

#[test]
fn a_restart_that_leaves_fewer_dynos_is_not_done() {
    let scene = Scene::playhouse();
    scene.ask("PATCH", &format!("{STAGING}/formation"), json!({"updates": [{"type": "web", "quantity": 2}]}));
    let few = json!({"kind": "answer", "route": format!("GET {STAGING}/dynos"), "status": 200, "body": [], "times": 99});
    scene.panel("POST", "/faults", few);
    let outcome = scene.run("staging ps:wait --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
    let missing = "2 of 2 web dynos are not there, 1 of 1 worker dynos are not there";
    assert!(outcome.stderr.contains(missing), "{outcome}");
}

#[test]
fn restart_waits_for_other_dynos_in_place_of_the_old_ones() {
    let scene = Scene::playhouse();
    let before = scene.look(&format!("{STAGING}/dynos"));
    insta::assert_snapshot!(scene.run("staging restart --wait --wait-timeout 20s"), @"
    ------- stderr -------
    restarting all dynos on playhouse-staging
    playhouse-staging: every dyno is up on v11
    ");
    let after = scene.look(&format!("{STAGING}/dynos"));
    assert_ne!(before[0]["id"], after[0]["id"]);
    assert_eq!(scene.run("staging restart --wait-timeout 20s").status, Some(2), "it does not wait");
}
