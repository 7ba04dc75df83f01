//! `ps`, `ps:scale`, `ps:restart`, `ps:stop`, `ps:wait` and `maintenance`.

use serde_json::{Value, json};

use super::{Case, check};
use crate::scene::{Scene, until};

const STAGING: &str = "playhouse-staging";

fn app(scene: &Scene, facts: Value) {
    scene.panel("PATCH", &format!("/apps/{STAGING}"), facts);
}

/// Ten web dynos, one of which crashed, and another process type with the same command.
fn many(scene: &Scene) {
    let types =
        json!({"web": "node server.js", "standby": "node server.js", "worker": "node worker.js --play 🎭"});
    scene.change_slug(STAGING, json!({ "process_types": types }));
    scene.release(STAGING, json!({"description": "Add a standby"}));
    let updates = json!([
        {"type": "web", "quantity": 10},
        {"type": "standby", "quantity": 2},
        {"type": "worker", "quantity": 1, "dyno_size": {"name": "standard-2x"}},
    ]);
    scene.ask("PATCH", &format!("/apps/{STAGING}/formation"), json!({ "updates": updates }));
    scene.panel("PATCH", &format!("/apps/{STAGING}/dynos/web.2"), json!({"state": "crashed"}));
    scene.panel("PATCH", &format!("/apps/{STAGING}/dynos/web.10"), json!({"state": "starting"}));
}

/// The same, and two one-off dynos.
fn many_and_one_offs(scene: &Scene) {
    many(scene);
    let dynos = format!("/apps/{STAGING}/dynos");
    for command in ["sleep 600; echo 🎭", "sleep 601"] {
        scene.ask("POST", &dynos, json!({"command": command, "attach": false}));
    }
    let is_up = |dyno: &&Value| dyno["type"] == "run" && dyno["state"] == "up";
    until("both run", || scene.look(&dynos).as_array().expect("a list").iter().filter(is_up).count() == 2);
}

#[test]
fn ps_lists_what_the_cli_lists() {
    check(&[
        Case::of("ps").environment("production"),
        Case::of("ps").environment("prepare"),
        Case::of("ps").given(many_and_one_offs),
        Case::of("ps worker standby run").given(many_and_one_offs),
        Case::of("ps --json").given(many_and_one_offs),
        Case::of("ps web typo"),
        Case::of("ps").given(|scene| {
            app(scene, json!({"process_tier": "eco"}));
            let used =
                json!({"account_quota": 3_600_000, "apps": {STAGING: 25_325, "playhouse-prepare": 271_828}});
            scene.panel("PUT", "/eco-quota", used);
        }),
        Case::of("ps --json").given(|scene| {
            app(scene, json!({"generation": "fir", "space": {"name": "stage", "shield": true}}));
            let updates = json!([{"type": "web", "dyno_size": {"name": "private-m"}}]);
            scene.ask("PATCH", &format!("/apps/{STAGING}/formation"), json!({ "updates": updates }));
        }),
        Case::of("ps --extended").by_the_cli(),
    ]);
}

#[test]
fn scale_changes_what_the_cli_changes() {
    check(&[
        Case::of("ps:scale").given(many),
        Case::of("scale web=3 worker+1").given(many),
        Case::of("scale web=0 worker=2:standard-1x"),
        Case::of("scale web3").differs(
            "a typo is not a question",
            ("web=1:Basic worker=1:Basic\n", 0),
            ("", 2),
        ),
    ]);
}

#[test]
fn restart_and_stop_ask_for_what_the_cli_asks_for() {
    check(&[
        Case::of("restart"),
        Case::of("ps:restart web.1"),
        Case::of("restart -p worker"),
        Case::of("restart --dyno-name web.7").differs("2 is for bad usage only", ("", 2), ("", 1)),
        Case::of("ps:stop -p web"),
        Case::of("kill web.1"),
        Case::of("ps:stop"),
        Case::of("ps:wait --type web"),
    ]);
}

#[test]
fn maintenance_mode_is_what_the_cli_says() {
    check(&[
        Case::of("maintenance"),
        Case::of("maintenance:on"),
        Case::of("maintenance:off").given(|scene| app(scene, json!({"maintenance": true}))),
    ]);
}
