//! `run` and `run:detached`, against one-off dynos with a real shell.

mod arguments;
mod faults;
mod terminal;

use std::io::Write as _;
use std::process::Stdio;

use rehearsal::Settings;
use serde_json::{Value, json};

use super::scene::{Outcome, Scene};

const APP: &str = "playhouse-staging";

/// Runs a command of `staging` with some input on a pipe.
fn piped(scene: &Scene, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut command = scene.prepared("staging");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("staging");
    child.stdin.take().expect("a pipe").write_all(input).expect("a reader");
    Outcome::new(&child.wait_with_output().expect("an end"), scene.folder())
}

/// The bodies of the requests that made dynos.
fn made(scene: &Scene) -> Vec<Value> {
    let exchanges = scene.heroku().exchanges();
    let posts = exchanges.iter().filter(|exchange| exchange.line() == format!("POST /apps/{APP}/dynos"));
    posts.map(|exchange| exchange.body.clone()).collect()
}

/// The one-off dynos that run.
fn running(scene: &Scene) -> usize {
    let dynos = scene.look(&format!("/apps/{APP}/dynos"));
    dynos.as_array().expect("a list").iter().filter(|dyno| dyno["type"] == "run").count()
}

#[test]
fn the_exit_code_is_the_commands() {
    let scene = Scene::quiet();
    for (line, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("kill -9 $$", 137),
        ("false & wait $!", 1),
        ("exit 3 # it's over", 3),
        ("sleep 0 &", 0),
        ("cat <<EOF >/dev/null; exit 9\n$HOME\nEOF\n", 9),
        ("printf 'no newline'; exit 24", 24),
        ("no-such-program", 127),
        ("true;", 0),
    ] {
        let outcome = scene.run_words("staging", &["run", line]);
        assert_eq!(outcome.status, Some(code), "{line:?}: {outcome}");
        assert!(!outcome.stdout.contains("heroku-command-exit-status"), "{line:?}: {outcome}");
    }
    let outcome = scene.run("staging run -x --no-notify false");
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""), "{outcome}");
}

#[test]
fn it_takes_two_rounds_to_the_api() {
    let scene = Scene::quiet();
    assert_eq!(scene.run("staging run --no-tty true").status, Some(0));
    let requests = [format!("GET /apps/{APP}"), format!("POST /apps/{APP}/dynos")];
    assert_eq!(scene.requests(), requests);
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let scene = Scene::quiet();
    let outcome = piped(&scene, &["run", "--no-tty", "wc", "-l"], b"one\ntwo\nthree\n");
    assert_eq!((outcome.stdout.trim(), outcome.status), ("3", Some(0)), "{outcome}");
    // A line without an end, through the dyno's terminal.
    let outcome = piped(&scene, &["run", "cat | tr a-z A-Z; exit 5"], b"unfinished");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stdout.ends_with("UNFINISHED"), "{outcome}");
}

#[test]
fn a_console_that_reads_keys_finds_the_end_of_stdin_too() {
    let scene = Scene::quiet();
    // What came while it started is lost to it, as with the consoles of Node and Ruby.
    let console = r"sleep 0.3; stty -icanon -echo min 1; printf '> '
        while key=$(dd bs=1 count=1 2>/dev/null | od -An -to1); do case $key in *004) exit 5;; esac; done";
    let outcome = scene.run_words("staging", &["run", console]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("> ", Some(5)), "{outcome}");
    let outcome = piped(&scene, &["run", console], b"1 + 1\n");
    assert_eq!(outcome.status, Some(5), "{outcome}");
}

#[test]
fn the_dyno_is_what_the_options_say() {
    let scene = Scene::quiet();
    let outcome = scene.run_words(
        "staging",
        &[
            "run",
            "-s",
            "standard-2x",
            "--type=worker",
            "-e",
            "A=1;B=two words",
            "--time-to-live",
            "10m",
            "echo $A $B",
        ],
    );
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("1 two words\n", Some(0)), "{outcome}");
    let body = made(&scene).remove(0);
    assert_eq!((&body["size"], &body["type"]), (&json!("standard-2x"), &json!("worker")));
    assert_eq!((&body["attach"], &body["time_to_live"]), (&json!(true), &json!(600)));
    assert_eq!(scene.run("staging run true").status, Some(0));
    assert_eq!(made(&scene)[1]["time_to_live"], json!(86_400));
    let outcome = scene.run_words("staging", &["run", "-e", "A=1;secret", "true"]);
    assert_eq!((outcome.status, outcome.stderr.contains("secret")), (Some(2), false), "{outcome}");
}

#[test]
fn a_dry_run_prints_the_request() {
    let scene = Scene::quiet();
    insta::assert_snapshot!(scene.run_words("staging", &["--dry-run", "run", "-e", "PIN=1606", "echo", "it's"]), @r#"curl -X POST [HEROKU]/apps/playhouse-staging/dynos -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"attach":true,"command":"echo '\''it'\''\\'\'''\''s'\'' ; echo \"￿ heroku-command-exit-status: $?\"","env":{"PIN":"[hidden]"},"time_to_live":86400}'"#);
    let outcome = scene.run("staging run:detached --dry-run true");
    assert!(outcome.stdout.contains(r#"{"attach":false,"command":"true","env":{}}"#), "{outcome}");
    assert!(made(&scene).is_empty());
}

#[test]
fn a_protected_environment_is_named_first() {
    let scene = Scene::quiet();
    let outcome = scene.run("production run echo on");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("on\n", Some(0)), "{outcome}");
    let said = outcome.stderr.lines().next();
    assert_eq!(said, Some("production: playhouse-production is protected"), "{outcome}");
}

#[test]
fn one_of_several_apps_is_asked_for() {
    let scene = Scene::quiet();
    scene.write(
        "greenroom.toml",
        "[environments.staging]\napps = [\"playhouse-staging\", \"playhouse-prepare\"]\n",
    );
    let outcome = scene.run("staging run true");
    assert_eq!(outcome.status, Some(3), "{outcome}");
    assert!(outcome.stderr.contains("playhouse-staging, playhouse-prepare"), "{outcome}");
    assert_eq!(scene.run("staging --only playhouse-staging run true").status, Some(0));
}

#[test]
fn detached_commands_write_to_the_log() {
    let scene = Scene::quiet();
    let outcome = scene.run("staging run:detached echo quietly");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let dyno = outcome.stderr.trim_end().rsplit(' ').next().unwrap_or_default().to_owned();
    assert_eq!(outcome.stderr, format!("Running echo quietly on {APP}... done, {dyno}\n"));
    let said = format!("Run heroku logs --app {APP} --dyno {dyno} to view the output.\n\n");
    assert_eq!(outcome.stdout, said);
    let body = made(&scene).remove(0);
    assert_eq!((&body["attach"], &body["command"]), (&json!(false), &json!("echo quietly")));
    super::scene::until("the line is in the log", || {
        scene.run(&format!("staging logs --dyno {dyno}")).stdout.contains(": quietly\n")
    });
}

#[test]
fn apps_that_are_attached_to_otherwise_go_to_the_cli_before_a_dyno_is_made() {
    for facts in
        [json!({ "generation": "fir" }), json!({ "space": { "name": "stalls" } }), json!({ "stack": "cnb" })]
    {
        let scene = Scene::quiet();
        scene.panel("PATCH", &format!("/apps/{APP}"), facts.clone());
        let run = scene.run_words("staging", &["--dry-run", "run", "-s", "basic", "npm", "run", "a b"]);
        let line = "heroku run --app=playhouse-staging --size=basic --exit-code -- 'npm run '\\''a b'\\'''\n";
        assert_eq!((run.stdout.as_str(), run.status), (line, Some(0)), "{facts}: {run}");
        let detached = scene.run_words("staging", &["--dry-run", "run:detached", "true"]);
        assert_eq!(detached.stdout, "heroku run:detached --app=playhouse-staging -- true\n", "{detached}");
        let ours = scene.run_words("staging", &["run", "--time-to-live", "1h", "true"]);
        assert_eq!(ours.status, Some(2), "{ours}");
        assert!(made(&scene).is_empty(), "{facts}");
    }
}

#[test]
fn a_limit_names_what_runs() {
    let scene = Scene::playhouse_with(Settings {
        one_off_limit: Some(1),
        log_interval: std::time::Duration::from_secs(3600),
        ..Settings::default()
    });
    assert_eq!(scene.run_words("staging", &["run:detached", "sleep", "600"]).status, Some(0));
    let outcome = scene.run("staging run true");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(
        outcome.stderr.contains("error: cannot run another dyno of playhouse-staging besides run."),
        "{outcome}"
    );
    assert!(outcome.stderr.contains("hint: staging ps:stop run."), "{outcome}");
}
