//! `review create --local`, and what works on such a review app.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::scene::{Scene, end};
use super::connected;

const MANIFEST: &str = r#"{
  "env": {"SEATS": "9", "KEY": {"generator": "secret"}, "TOKEN": {"required": true}},
  "addons": ["heroku-redis:mini"],
  "buildpacks": [{"url": "heroku/nodejs"}],
  "formation": {"web": {"quantity": 1, "size": "eco"}},
  "scripts": {"postdeploy": "echo Sold $SEATS seats", "pr-predestroy": "echo Lights out"},
  "environments": {"review": {"formation": {"web": {"quantity": 2, "size": "standard-1x"}}}}
}"#;

/// A scene whose pipeline is connected to no repository, with an `app.json` on the branch `matinee`.
fn unconnected(manifest: &str) -> Scene {
    let scene = connected(&[("app.json", manifest), ("Procfile", "web: node server.js\n")]);
    scene.panel("PATCH", "/pipelines/playhouse", json!({ "repository": null, "review_apps": false }));
    scene.ask("PATCH", "/pipelines/playhouse/stage/review/config-vars", json!({ "TOKEN": "t0ken" }));
    scene
}

/// The ids of the apps in stage `review` that no review app of Heroku's has.
fn apps(scene: &Scene) -> Vec<String> {
    let all = scene.look("/pipelines/playhouse/review-apps");
    let known: Vec<&Value> =
        all.as_array().expect("a list").iter().map(|review| &review["app"]["id"]).collect();
    let couplings = scene.look("/pipelines/playhouse/pipeline-couplings");
    let local = couplings.as_array().expect("a list").iter();
    let local =
        local.filter(|coupling| coupling["stage"] == "review" && !known.contains(&&coupling["app"]["id"]));
    local.map(|coupling| coupling["app"]["id"].as_str().expect("an id").to_owned()).collect()
}

/// The requests that change something, since `from`.
fn changes(scene: &Scene, from: usize) -> Vec<String> {
    let reads = |line: &String| line.starts_with("GET ") || line.ends_with("/filters/apps");
    scene.requests().into_iter().skip(from).filter(|line| !reads(line)).collect()
}

fn dynos(scene: &Scene) -> usize {
    changes(scene, 0).iter().filter(|line| line.starts_with("POST ") && line.ends_with("/dynos")).count()
}

#[test]
fn it_is_made_from_the_commit_and_found_again() {
    let scene = unconnected(MANIFEST);
    let created = scene.run("review create --local --pr 44 --env LOG_LEVEL=debug");
    assert_eq!(created.status, Some(0), "{created}");
    assert!(created.stdout.starts_with("https://playhouse-pr-44-"), "{created}");
    assert!(!created.stdout.contains("Sold") && created.stderr.contains("Sold 9 seats"), "{created}");
    let [app] = apps(&scene).try_into().expect("one app");
    let vars = scene.look(&format!("/apps/{app}/config-vars"));
    for (name, value) in [
        ("SEATS", "9"),
        ("TOKEN", "t0ken"),
        ("LOG_LEVEL", "debug"),
        ("HEROKU_BRANCH", "matinee"),
        ("HEROKU_PR_NUMBER", "44"),
    ] {
        assert_eq!(vars[name], value, "{vars}");
    }
    assert_eq!(vars["KEY"].as_str().map(str::len), Some(64));
    assert!(vars["REDIS_URL"].is_string(), "{vars}");
    let formation = scene.look(&format!("/apps/{app}/formation"));
    assert_eq!((&formation[0]["quantity"], &formation[0]["size"]), (&json!(2), &json!("Standard-1X")));
    let name = scene.look(&format!("/apps/{app}"))["name"].as_str().expect("a name").to_owned();
    for line in
        ["review 44 which", "review which", "review --branch matinee which", &format!("review {name} which")]
    {
        let which = scene.run(line);
        assert!(which.stdout.contains(&name), "{line}: {which}");
    }
    let listed = scene.run("review list").stdout;
    assert!(
        listed
            .lines()
            .any(|line| line.starts_with("#44") && line.contains(&name) && line.contains("created")),
        "{listed}"
    );
    assert_eq!(dynos(&scene), 1);
    let again = scene.run("review create --local --pr 44");
    assert_eq!((again.status, again.stdout, dynos(&scene)), (Some(0), created.stdout, 1), "{}", again.stderr);
    assert_eq!(apps(&scene).len(), 1);
}

#[test]
fn a_new_commit_is_built_and_the_end_has_its_script() {
    let scene = unconnected(MANIFEST);
    assert_eq!(scene.run("review create --local").status, Some(0));
    let [app] = apps(&scene).try_into().expect("one app");
    for line in ["review redeploy", "review create --local"] {
        scene.commit_here("Dim the lights");
        let head = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        assert!(outcome.stdout.starts_with("https://playhouse-matinee-"), "{outcome}");
        assert_eq!(scene.runs(&app).1, head, "{line}: {outcome}");
    }
    assert_eq!(dynos(&scene), 1, "postdeploy runs once");
    let dry = scene.run("review destroy --dry-run");
    assert!(dry.stdout.contains("/dynos") && dry.stdout.contains("DELETE"), "{dry}");
    assert_eq!(apps(&scene).len(), 1);
    let destroyed = scene.run("review destroy --yes");
    assert_eq!(destroyed.status, Some(0), "{destroyed}");
    assert!(destroyed.stderr.contains("Lights out"), "{destroyed}");
    assert!(apps(&scene).is_empty());
    assert_eq!(scene.run("review which").status, Some(3));
}

#[test]
fn a_script_that_fails_is_a_failure_and_runs_again() {
    let scene = unconnected(r#"{"scripts": {"postdeploy": "exit 7", "pr-predestroy": "exit 3"}}"#);
    let failed = scene.run("review create --local");
    assert_eq!(failed.status, Some(1), "{failed}");
    assert!(failed.stderr.contains("the postdeploy script failed on playhouse-matinee-"), "{failed}");
    assert!(failed.stderr.contains("exit status 7"), "{failed}");
    assert!(failed.stderr.contains("hint: review create matinee --local"), "{failed}");
    assert_eq!(scene.run("review create --local").status, Some(1));
    assert_eq!((dynos(&scene), apps(&scene).len()), (2, 1));
    let kept = scene.run("review destroy --yes");
    assert_eq!((kept.status, apps(&scene).len()), (Some(1), 1), "{kept}");
    let gone = scene.run("review destroy --no-predestroy --yes");
    assert_eq!((gone.status, apps(&scene).len()), (Some(0), 0), "{gone}");
}

#[test]
fn what_heroku_would_refuse_is_refused_before_anything_is_made() {
    let scene = unconnected(MANIFEST);
    scene.ask("PATCH", "/pipelines/playhouse/stage/review/config-vars", json!({ "TOKEN": null }));
    let before = scene.requests().len();
    insta::assert_snapshot!(scene.run("review create --local"), @"
    ------- stderr -------
    error: app.json requires TOKEN, which pipeline playhouse does not give to review apps
    hint: review stage-config TOKEN=VALUE
    hint: or give it to this app alone: --env TOKEN=VALUE
    [exit status: 2]
    ");
    assert_eq!(changes(&scene, before), [""; 0]);
    scene.write("app.json", "{\n  \"formation\": []\n}");
    scene.git(&["commit", "--quiet", "--all", "--message", "Break the manifest"]);
    let refused = scene.run("review create --local");
    assert_eq!(refused.status, Some(2), "{refused}");
    let cause = "caused by: app.json:2: formation must be an object, not a list\n";
    assert!(refused.stderr.contains(" cannot be set up\n") && refused.stderr.contains(cause), "{refused}");
    assert_eq!(changes(&scene, before), [""; 0]);
}

#[test]
fn a_dry_run_lists_every_request_and_no_value() {
    let scene = unconnected(MANIFEST);
    let before = scene.requests().len();
    let dry = scene.run("review create --local --dry-run --env SECRET=hunter2");
    assert_eq!(dry.status, Some(0), "{dry}");
    for path in [
        "/apps",
        "/config-vars",
        "/pipeline-couplings",
        "/buildpack-installations",
        "/addons",
        "/sources",
        "/builds",
        "/formation",
        "/dynos",
    ] {
        assert!(dry.stdout.contains(path), "{path}: {dry}");
    }
    assert!(!dry.stdout.contains("hunter2") && !dry.stdout.contains("t0ken"), "{dry}");
    assert_eq!(changes(&scene, before), [""; 0]);
}

#[test]
fn without_waiting_the_same_line_does_the_rest() {
    let scene = unconnected(MANIFEST);
    let begun = scene.run("review create --local --no-wait");
    assert_eq!((begun.status, begun.stdout.as_str(), dynos(&scene)), (Some(0), "", 0), "{}", begun.stderr);
    assert!(
        begun.stderr.contains("hint: review create matinee --local   # does the rest"),
        "{}",
        begun.stderr
    );
    let done = scene.run("review create --local");
    assert_eq!((done.status, dynos(&scene)), (Some(0), 1), "{}", done.stderr);
    assert_eq!(changes(&scene, 0).iter().filter(|line| line.ends_with("/builds")).count(), 1);
}

#[test]
fn add_ons_are_waited_for_before_the_build() {
    let scene =
        unconnected(r#"{"addons": ["heroku-redis"], "scripts": {"postdeploy": "test -n \"$REDIS_URL\""}}"#);
    scene.panel("PATCH", "/settings", json!({ "addon_time_ms": 300 }));
    let created = scene.run("review create --local");
    assert_eq!(created.status, Some(0), "{created}");
    let late = unconnected(r#"{"addons": ["heroku-redis"]}"#);
    late.panel("PATCH", "/settings", json!({ "addon_time_ms": 60_000 }));
    let given_up = late.run("review create --local --wait-timeout 1s");
    assert_eq!(given_up.status, Some(6), "{given_up}");
    assert!(given_up.stderr.contains("are still being provisioned"), "{given_up}");
    assert_eq!(changes(&late, 0).iter().filter(|line| line.ends_with("/builds")).count(), 0);
}

#[test]
fn a_branch_has_one_review_app() {
    let scene = connected(&[]);
    assert_eq!(scene.run("review create").status, Some(0));
    let before = scene.requests().len();
    insta::assert_snapshot!(scene.run("review create --local"), @"
    ------- stderr -------
    error: the review app of branch matinee is there, made by Heroku
    hint: review --branch matinee redeploy   # builds the branch on it
    [exit status: 5]
    ");
    assert_eq!(changes(&scene, before), [""; 0]);
}

#[test]
fn a_config_var_with_two_values_is_named() {
    let scene = unconnected(MANIFEST);
    scene.ask("PATCH", "/pipelines/playhouse/stage/review/config-vars", json!({ "SEATS": "12" }));
    let told =
        "SEATS is set to the value in app.json, not to the pipeline's; --env SEATS=VALUE sets another\n";
    let chosen = scene.run("review create --local --dry-run --env SEATS=3");
    assert!(!chosen.stderr.contains(told), "{chosen}");
    let created = scene.run("review create --local");
    assert_eq!(created.status, Some(0), "{created}");
    assert!(created.stderr.contains(told), "{created}");
    let [app] = apps(&scene).try_into().expect("one app");
    assert_eq!(scene.look(&format!("/apps/{app}/config-vars"))["SEATS"], "9");
    assert!(!scene.run("review create --local").stderr.contains(told));
}

#[test]
fn a_name_that_somebody_has_is_passed_over() {
    let scene = unconnected("{}");
    let dry = scene.run("review create --local --dry-run").stdout;
    let (_, rest) = dry.split_once("\"name\":\"").expect("a name");
    let name = rest.split('"').next().expect("a name");
    scene.ask("POST", "/apps", json!({ "name": name }));
    scene.ask("PATCH", &format!("/apps/{name}/config-vars"), json!({ "OWN": "1" }));
    let created = scene.run("review create --local");
    assert_eq!(created.status, Some(0), "{created}");
    assert!(!created.stdout.contains(name), "{created}");
}

#[test]
fn one_that_is_killed_at_any_step_is_finished_by_the_same_line() {
    let mut steps = 1;
    loop {
        let scene = unconnected(MANIFEST);
        scene.panel("PATCH", "/settings", json!({ "latency_ms": 40 }));
        let before = scene.requests().len();
        let mut command: Command = scene.prepared("review");
        command.args(["create", "--local", "--pr", "44"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("review create");
        let mut ended = false;
        while !ended && changes(&scene, before).len() < steps {
            ended = child.try_wait().expect("a child").is_some();
            sleep(Duration::from_millis(2));
        }
        if !ended {
            child.kill().expect("a kill");
        }
        end(&mut child);
        scene.panel("PATCH", "/settings", json!({ "latency_ms": 0 }));
        let finished = scene.run("review create --local --pr 44");
        assert_eq!(finished.status, Some(0), "killed at step {steps}: {finished}");
        let [app] = apps(&scene).try_into().expect("one app");
        let vars = scene.look(&format!("/apps/{app}/config-vars"));
        assert_eq!(vars["GREENROOM_REVIEW_STATUS"], "created", "killed at step {steps}: {finished}");
        assert_eq!(scene.look(&format!("/apps/{app}/addons")).as_array().map(Vec::len), Some(1));
        assert_eq!(scene.look(&format!("/apps/{app}/formation"))[0]["quantity"], 2);
        let all = scene.look("/apps");
        let made = all
            .as_array()
            .expect("a list")
            .iter()
            .filter(|app| app["name"].as_str().is_some_and(|name| name.starts_with("playhouse-pr-44-")));
        assert_eq!(made.count(), 1, "killed at step {steps}");
        if ended {
            break;
        }
        steps += 1;
    }
    assert!(steps > 9, "only {steps} steps");
}
