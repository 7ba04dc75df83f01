//! `run`, `run:detached` and `console`.

use rehearsal::Fault;
use serde_json::{Value, json};

use super::{Case, check};
use crate::scene::Scene;

const STAGING: &str = "playhouse-staging";

/// The CLI discards what comes together with the end of the handshake, so that is kept apart.
fn calm(scene: &Scene) {
    scene.panel("PATCH", "/settings", json!({"rendezvous_pause_ms": 400}));
}

/// A dyno is still starting when the command has ended.
fn slow(scene: &Scene) {
    scene.panel("PATCH", "/settings", json!({"dyno_start_time_ms": 60_000}));
}

/// A process type `console`, here and on the dynos.
fn with_console(scene: &Scene) {
    calm(scene);
    let console = "sh -c 'echo curtain; exit 3'";
    scene.write("Procfile", format!("web: node server.js\nconsole: {console}\n"));
    let types = json!({"web": "node server.js", "console": console});
    scene.change_slug(STAGING, json!({ "process_types": types }));
}

/// What ours sends beyond theirs: the time that bounds an orphan, and with every command what reports its status.
fn beyond(body: &mut Value) {
    let fields = body.as_object_mut().expect("an object");
    fields.remove("time_to_live");
    let command = fields["command"].as_str().expect("a command");
    let command = command.split(" ; echo \"\u{ffff}").next().unwrap_or_default().to_owned();
    fields.insert("command".to_owned(), command.into());
}

/// What ours sends beyond theirs where both report the status.
fn time_to_live(body: &mut Value) {
    body.as_object_mut().expect("an object").remove("time_to_live");
}

#[test]
fn run_prints_what_the_cli_prints() {
    check(&[
        Case::of("run echo to be").given(calm).same_body(beyond),
        Case::of("run -x -- sh -c true").given(calm).same_body(time_to_live),
        Case::of("run --exit-code -- ls no-such-file").given(calm).same_body(time_to_live),
        Case::of_words(vec!["run", "-s", "standard-2x", "--type=worker", "-e", "A=1;B=two words", "env"])
            .given(|scene| {
                calm(scene);
                let types = json!({"web": "node server.js", "env": "echo $A $B"});
                scene.change_slug(STAGING, json!({ "process_types": types }));
            })
            .same_body(beyond),
        Case::of("run --no-tty --no-notify cat").given(calm).same_body(beyond),
        Case::of_words(vec!["run", "-x", "echo naïve 🎭 | tr a-z A-Z"]).given(calm),
    ]);
}

#[test]
fn where_run_differs_the_cli_is_wrong() {
    check(&[
        Case::of("run ls no-such-file").given(calm).differs(
            "a failure is one without -x too",
            ("ls: cannot access 'no-such-file': No such file or directory\n", 0),
            ("ls: cannot access 'no-such-file': No such file or directory\n", 2),
        ),
        Case::of_words(vec!["run", "-x", "exit 7"]).given(calm).differs(
            "a line that ends its shell has a status",
            ("", 1),
            ("", 7),
        ),
        Case::of_words(vec!["run", "echo", "$((6 * 7))"]).given(calm).differs(
            "arguments arrive as they were typed",
            ("42\n", 0),
            ("$((6 * 7))\n", 0),
        ),
        Case::of("run").differs("2 is for bad usage", ("", 1), ("", 2)),
        Case::of_words(vec!["run", "-e", "secret", "true"]).given(calm).differs(
            "a variable without a value is no warning in passing",
            ("", 0),
            ("", 2),
        ),
        Case::of("run echo ready")
            .given(|scene| {
                calm(scene);
                let conflict = json!({ "id": "conflict", "message": "The release is not ready." });
                scene.heroku().inject(Fault::answer("POST /apps/*/dynos", 409).body(conflict).times(3));
            })
            .differs("a release under way is waited for", ("", 2), ("ready\n", 0)),
        Case::of_words(vec!["run", "echo half; sleep 1"])
            .given(|scene| {
                calm(scene);
                scene.heroku().inject(Fault::cut_one_off(STAGING, 6));
            })
            .differs("a session without an exit status is no success", ("half\n", 0), ("half\n", 1)),
    ]);
}

#[test]
fn run_detached_starts_what_the_cli_starts() {
    check(&[
        Case::of("run:detached sleep 600").given(slow).same_body(|_| ()),
        Case::of_words(vec!["run:detached", "-s", "standard-1x", "-e", "A=1;B=two words", "sleep 600"])
            .given(slow)
            .same_body(|_| ()),
        Case::of("run:detached true")
            .given(|scene| {
                scene.panel("PATCH", "/settings", json!({"one_off_limit": 0}));
            })
            .differs("2 is for bad usage only", ("", 2), ("", 1)),
        Case::of("run:detached").differs("2 is for bad usage", ("", 1), ("", 2)),
    ]);
}

#[test]
fn console_is_the_process_type_of_that_name() {
    check(&[
        Case::of("console -s standard-1x").given(with_console).same_body(beyond).differs(
            "the console's exit status is ours",
            ("curtain\n", 0),
            ("curtain\n", 3),
        ),
        Case::of("console")
            .given(|scene| {
                calm(scene);
                scene.write("greenroom.toml", "[commands]\nconsole = \"echo of our own\"\n");
            })
            .differs(
                "a console that is told from the project is opened",
                ("bash: line 1: console: command not found\n", 0),
                ("of our own\n", 0),
            ),
    ]);
}
