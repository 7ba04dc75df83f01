//! `prepare wait`: waiting for a slug that is built elsewhere.

use std::process::Stdio;
use std::time::Duration;

use rehearsal::{Fault, Settings};
use serde_json::json;

use super::{commit_procfile, is_building_on, redacted};
use crate::scene::{self, Scene, until};

#[test]
fn wait_ends_with_the_slug() {
    let scene =
        Scene::playhouse_with(Settings { build_time: Duration::from_millis(700), ..Settings::default() });
    insta::assert_snapshot!(scene.run("prepare wait --json"), @r#"
    {
      "app": "playhouse-prepare",
      "version": 9,
      "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb"
    }
    "#);
    let id = scene.commit("Raise the curtain");
    insta::assert_snapshot!(redacted(&scene.run("prepare wait --wait-timeout 1s"), &[&id]), @"
    ------- stderr -------
    waiting for the slug of [commit] on playhouse-prepare
    error: playhouse-prepare got no slug of [commit] in time
    hint: prepare deploy [commit]
    [exit status: 6]
    ");
    let mut command = scene.prepared("prepare");
    command.arg("wait").stdout(Stdio::piped()).stderr(Stdio::null());
    let waiting = command.spawn().expect("a process");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let waited = waiting.wait_with_output().expect("an end");
    assert_eq!(String::from_utf8_lossy(&waited.stdout), format!("playhouse-prepare v10 {}\n", &id[..7]));
    let failing = scene.commit("Break a leg");
    scene.heroku().inject(Fault::FailBuild { app: "playhouse-prepare".into(), output: "no".into() });
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    insta::assert_snapshot!(redacted(&scene.run("prepare wait --wait-timeout 2s"), &[&failing]), @"
    ------- stderr -------
    waiting for the slug of [commit] on playhouse-prepare
    error: the build of [commit] on playhouse-prepare failed
    hint: prepare deploy [commit]   # builds it again
    [exit status: 1]
    ");
    assert_eq!(scene.run("staging wait").status, Some(2), "only prepare waits");
}

/// Starts `prepare wait`, and waits until it has read the existing releases.
fn waiting(scene: &Scene) -> std::process::Child {
    let looks = || scene.count("GET /apps/playhouse-prepare/builds");
    let before = looks();
    let mut command = scene.prepared("prepare");
    command.arg("wait").stdout(Stdio::piped()).stderr(Stdio::piped());
    let waiting = command.spawn().expect("a process");
    // One look is over when the next one begins.
    until("it looks", || looks() >= before + 2);
    waiting
}

/// The outcome of the process.
fn waited(scene: &Scene, mut waiting: std::process::Child) -> scene::Outcome {
    scene::end(&mut waiting);
    scene::Outcome::new(&waiting.wait_with_output().expect("an end"), scene.folder())
}

#[test]
fn wait_ends_with_a_failed_release_phase() {
    let scene = Scene::playhouse();
    let id = commit_procfile(&scene, "bin/migrate");
    let wait = waiting(&scene);
    let fails = Fault::FailReleasePhase { app: "playhouse-prepare".into(), output: "no such table".into() };
    scene.heroku().inject(fails);
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    insta::assert_snapshot!(redacted(&waited(&scene, wait), &[&id]), @"
    ------- stderr -------
    waiting for the slug of [commit] on playhouse-prepare
    error: playhouse-prepare v10 failed: its release phase failed
    hint: prepare releases:output v10
    hint: prepare deploy [commit]   # releases it again
    [exit status: 1]
    ");
    let outcome = scene.run("prepare wait --wait-timeout 2s");
    assert_eq!(outcome.status, Some(1), "it had failed before: {outcome}");
    // It is released again: that may succeed.
    scene.heroku().heal();
    scene.heroku().inject(Fault::StallReleasePhase { app: "playhouse-prepare".into() });
    assert_eq!(scene.run("prepare deploy --wait-timeout 1s").status, Some(6));
    let outcome = scene.run("prepare wait --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
}

#[test]
fn wait_ignores_earlier_failed_builds() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::FailBuild { app: "playhouse-prepare".into(), output: "no".into() });
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    let wait = waiting(&scene);
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    let outcome = waited(&scene, wait);
    assert_eq!(outcome.status, Some(1), "a second failure counts: {outcome}");
    scene.heroku().heal();
    let wait = waiting(&scene);
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let outcome = waited(&scene, wait);
    assert_eq!(outcome.stdout, format!("playhouse-prepare v10 {}\n", &id[..7]), "{outcome}");
}

#[test]
fn wait_for_a_commit_that_is_not_in_the_clone() {
    let scene = Scene::playhouse();
    let elsewhere = "0123456789abcdef0123456789abcdef01234567";
    let build = json!({ "source_blob": { "url": "https://example.com/nothing.tgz", "version": elsewhere } });
    scene.ask("POST", "/apps/playhouse-prepare/builds", build);
    let outcome = scene.run("prepare wait 01234567 --wait-timeout 2s");
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    waiting for the slug of 0123456 on playhouse-prepare
    error: the build of 0123456 on playhouse-prepare failed
    hint: prepare deploy 0123456   # builds it again
    [exit status: 1]
    ");
}

#[test]
fn wait_survives_failed_polls() {
    let settings = Settings { build_time: Duration::from_millis(700), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = scene.commit("Raise the curtain");
    let mut command = scene.prepared("prepare");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut deploy = command.spawn().expect("a process");
    until("the build begins", || is_building_on(&scene, "playhouse-prepare"));
    scene.heroku().inject(Fault::reset("GET /apps/*/builds"));
    let log = scene.folder().join("log");
    let mut command = scene.prepared("prepare");
    command.args(["--verbose", "wait"]).stdout(Stdio::piped());
    let wait = command.stderr(std::fs::File::create(&log).expect("a file")).spawn().expect("a process");
    let said = || std::fs::read_to_string(&log).expect("a file");
    // One request is repeated three times, and that is not enough.
    until("a look has failed", || said().contains("cannot look at it just now: "));
    scene.heroku().heal();
    let outcome = waited(&scene, wait);
    assert_eq!(outcome.stdout, format!("playhouse-prepare v10 {}\n", &id[..7]), "{outcome} {}", said());
    assert!(scene::end(&mut deploy).success());
    scene.commit("Lower the curtain");
    scene.heroku().inject(Fault::answer("GET /apps/*/builds", 403));
    assert_eq!(scene.run("prepare wait").status, Some(4), "a no is not asked for twice");
}
