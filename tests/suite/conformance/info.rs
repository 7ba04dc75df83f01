//! `apps:info`, `domains`, `addons`, `releases:info` and `releases:output`.

use serde_json::json;

use super::super::scene::{Scene, until};
use super::{Case, check};

/// An app with a value in every field.
fn full(scene: &Scene) {
    let fields = json!({
        "acm": true,
        "archived_at": "2026-03-14T12:00:00Z",
        "build_stack": "heroku-26",
        "create_status": "queued",
        "database_size": 1_610_612_736,
        "internal_routing": true,
        "repo_size": 1535,
        "slug_size": null,
        "space": "loge-de-la-duchesse",
        "team": "troupe",
    });
    scene.panel("PATCH", "/apps/playhouse-staging", fields);
    for name in ["zoe@playhouse.example", "a.very.long.name.of.somebody.who.collaborates@playhouse.example"] {
        scene.ask("POST", "/apps/playhouse-staging/collaborators", json!({ "user": name }));
    }
    scene.ask("PATCH", "/apps/playhouse-staging/formation/web", json!({ "quantity": 12 }));
}

/// An app with neither add-ons nor dynos nor a pipeline, of the generation Fir.
fn empty(scene: &Scene) {
    let addons = scene.look("/apps/playhouse-staging/addons");
    for addon in addons.as_array().expect("a list") {
        let id = addon["id"].as_str().expect("an id");
        scene.ask("DELETE", &format!("/apps/playhouse-staging/addons/{id}"), json!(null));
    }
    for kind in ["web", "worker"] {
        scene.ask("PATCH", &format!("/apps/playhouse-staging/formation/{kind}"), json!({ "quantity": 0 }));
    }
    scene.ask("DELETE", "/apps/playhouse-staging/collaborators/prompter@playhouse.example", json!(null));
    scene.uncouple("playhouse-staging");
    scene.panel("PATCH", "/apps/playhouse-staging", json!({ "generation": "fir" }));
}

#[test]
fn info_prints_what_the_cli_does() {
    check(&[
        Case::of("apps:info").environment("production"),
        Case::of("info").given(full),
        Case::of("info --shell").given(full),
        Case::of("info -s").given(empty),
        Case::of("apps:info").given(empty),
        Case::of("info -j").given(full),
        Case::of("info --extended").environment("production").by_the_cli(),
    ]);
}

/// Releases that failed and that wait, with config vars that are hard to quote.
fn releases(scene: &Scene) {
    let vars = json!({
        "EMPTY": "",
        "LINES": "one\ntwo `$HOME` \"three\"",
        "PLAIN": "a-b.c/d",
        "QUOTES": "it's",
        "UNICODE": "日本 🎭",
        "A_VERY_LONG_NAME_OF_A_CONFIG_VAR_THAT_NEEDS_ROOM": "x".repeat(300),
    });
    scene.panel("PATCH", "/apps/playhouse-staging/config-vars", vars);
    for status in ["failed", "pending"] {
        let description = format!("Deploy 日本 {status} {}", "curtain ".repeat(30));
        scene.release("playhouse-staging", json!({ "status": status, "description": description }));
    }
}

#[test]
fn a_release_is_shown_as_the_cli_does() {
    check(&[
        Case::of("releases:info").environment("production"),
        Case::of("releases:info --shell").given(releases),
        Case::of("releases:info V12").given(releases),
        Case::of("releases:info v3 --json").given(releases),
        Case::of("releases:info v999").differs("2 is for bad usage only", ("", 2), ("", 1)),
    ]);
}

/// A release phase that ended, with and without success.
fn release_phases(scene: &Scene) {
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 0 }));
    for command in ["echo Dimming the lights 🎭", "echo no; exit 1"] {
        let release = json!({ "release_phase_command": command, "description": "Deploy 1a2b3c4d" });
        let made = scene.panel("POST", "/apps/playhouse-staging/releases", release);
        let path = format!("/apps/playhouse-staging/releases/{}", made["version"]);
        until("the release phase ends", || scene.look(&path)["status"] != "pending");
    }
}

#[test]
fn the_output_of_a_release_is_printed_as_the_cli_does() {
    check(&[
        Case::of("releases:output"),
        Case::of("releases:output").given(release_phases),
        Case::of("releases:output v12").given(release_phases),
    ]);
}

/// Domains of every kind: none has a certificate.
fn domains(scene: &Scene) {
    for hostname in ["playhouse.co.uk", "*.playhouse.example", "xn--bhne-0ra.example", &"a".repeat(60)] {
        let hostname =
            if hostname.contains('.') { hostname.to_owned() } else { format!("{hostname}.b.example") };
        scene.panel("POST", "/apps/playhouse-staging/domains", json!({ "hostname": hostname }));
    }
}

#[test]
fn domains_are_listed_as_the_cli_does() {
    check(&[
        Case::of("domains").environment("production"),
        Case::of("domains").given(domains),
        Case::of("domains -c").given(domains),
        Case::of("domains --json"),
        Case::of("domains").environment("prepare"),
        Case::of("domains --extended").environment("prepare").by_the_cli(),
    ]);
}

/// Add-ons in each state, some attached to other apps, and other apps' attached here.
fn addons(scene: &Scene) {
    let attach = |addon: &str, app: &str, name: &str| {
        let attachment = json!({ "addon": addon, "app": app, "name": name });
        scene.ask("POST", "/addon-attachments", attachment);
    };
    attach("postgresql-curved-12346", "understudy", "SCRIPTS");
    attach("postgresql-curved-12346", "playhouse-prepare", "A_LONG_NAME_OF_A_DATABASE");
    attach("postgresql-curved-12346", "playhouse-staging", "ANOTHER");
    attach("postgresql-curved-12347", "playhouse-staging", "HISTORY");
    scene.ask("POST", "/apps/playhouse-staging/addons", json!({ "plan": "cloudamqp:lemur" }));
    for (addon, state) in [("CLOUDAMQP", "provisioning"), ("REDIS", "deprovisioned")] {
        scene.panel("PATCH", &format!("/apps/playhouse-staging/addons/{addon}"), json!({ "state": state }));
    }
}

#[test]
fn addons_are_listed_as_the_cli_does() {
    check(&[
        Case::of("addons").environment("production"),
        Case::of("addons").given(addons),
        Case::of("addons --json").given(addons),
        Case::of("addons").given(empty),
        Case::of("addons --all").environment("prepare").by_the_cli(),
    ]);
}
