//! `deploy` while the commit is being built on `prepare`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rehearsal::Fault;
use serde_json::json;

use super::{commit_procfile, redacted};
use crate::pty::Pty;
use crate::scene::{self, Scene, until};

const PREPARE: &str = "playhouse-prepare";

/// A build of this commit on `prepare` that runs until the faults are removed. It then fails: its archive does not exist.
fn begin_build(scene: &Scene, commit: &str) {
    scene.heroku().inject(Fault::StallBuild { app: PREPARE.into() });
    let build = json!({ "source_blob": { "url": "https://example.com/nothing.tgz", "version": commit } });
    scene.ask("POST", "/apps/playhouse-prepare/builds", build);
}

/// `staging` with these words, and where its stderr goes, once it said `word`.
fn saying(scene: &Scene, words: &[&str], word: &str) -> (Child, PathBuf) {
    let log = scene.folder().join("log");
    let mut command = scene.prepared("staging");
    command.args(words).stdout(Stdio::null()).stderr(File::create(&log).expect("a file"));
    let child = command.spawn().expect("a process");
    until(word, || fs::read_to_string(&log).expect("a file").contains(word));
    (child, log)
}

#[test]
fn a_build_on_prepare_is_waited_for_and_promoted() {
    let scene = Scene::playhouse();
    let id = commit_procfile(&scene, "bin/migrate");
    scene.heroku().inject(Fault::StallBuild { app: PREPARE.into() });
    let mut command = scene.prepared("prepare");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut preparing = command.spawn().expect("a process");
    until("the build begins", || super::is_building_on(&scene, PREPARE));
    let (mut deploy, log) = saying(&scene, &["deploy"], "waiting for a build");
    scene.heroku().heal();
    assert!(scene::end(&mut preparing).success());
    let status = scene::end(&mut deploy);
    let said = fs::read_to_string(log).expect("a file").replace(&id[..7], "[commit]");
    assert!(status.success(), "{said}");
    assert!(
        said.starts_with(
            "waiting for a build of [commit] by director@playhouse.example on playhouse-prepare\n"
        ),
        "{said}"
    );
    assert!(
        said.contains("\nfrom playhouse-prepare  v10  [commit] Run something before each release\n"),
        "{said}"
    );
    assert_eq!((scene.pushes(), scene.promotions()), (1, 1), "{said}");
    assert_eq!(scene.runs("playhouse-staging"), (12, id));
}

#[test]
fn a_release_phase_on_prepare_is_waited_for() {
    let scene = Scene::playhouse();
    let id = commit_procfile(&scene, "bin/migrate");
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 6000 }));
    let mut command = scene.prepared("prepare");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut preparing = command.spawn().expect("a process");
    let releases = || scene.look("/apps/playhouse-prepare/releases");
    until("the release phase begins", || {
        releases().as_array().expect("a list").iter().any(|release| release["status"] == "pending")
    });
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 0 }));
    let word = "waiting for playhouse-prepare v10, which is still being released\n";
    let (mut deploy, log) = saying(&scene, &["deploy"], word);
    let status = scene::end(&mut deploy);
    assert!(status.success(), "{}", fs::read_to_string(log).expect("a file"));
    assert!(scene::end(&mut preparing).success());
    assert_eq!((scene.pushes(), scene.promotions()), (1, 1));
    assert_eq!(scene.runs("playhouse-staging"), (12, id));
}

#[test]
fn a_failed_or_endless_build_on_prepare_is_reported() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    begin_build(&scene, &id);
    let dry = scene.run("staging --dry-run deploy");
    assert_eq!(dry.status, Some(0), "{dry}");
    let told = redacted(&dry, &[&id]);
    assert!(
        told.contains(
            "\nthe build of [commit] on playhouse-prepare would be waited for, and its slug promoted"
        ),
        "{told}"
    );
    assert!(dry.stdout.contains("/pipeline-promotions") && dry.stdout.contains("RELEASE_ID"), "{dry}");
    let mut command = scene.prepared("staging");
    command.args(["deploy", "--wait-timeout", "4s"]);
    let mut pty = Pty::start(&command);
    pty.sees("waiting for the build on playhouse-prepare (", 1);
    pty.ends(6).has("the build on playhouse-prepare is still under way and continues at Heroku");
    let (mut deploy, log) = saying(&scene, &["deploy", "--no-build"], "waiting for a build");
    scene.heroku().heal();
    assert_eq!(scene::end(&mut deploy).code(), Some(1));
    let said = fs::read_to_string(log).expect("a file").replace(&id[..7], "[commit]");
    assert!(
        said.contains("\nerror: the build of [commit] on playhouse-prepare failed\nhint: https://"),
        "{said}"
    );
    assert!(said.ends_with("\nhint: staging deploy --build   # builds it again\n"), "{said}");
    assert_eq!((scene.pushes(), scene.promotions()), (0, 0), "{said}");
    // That build is over: it is in nobody's way.
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.pushes(), scene.promotions()), (1, 0), "{outcome}");
}

#[test]
fn waiting_for_a_build_on_prepare_can_be_turned_off() {
    let scene = Scene::playhouse();
    let other = scene.commit("Lower the curtain");
    begin_build(&scene, &other);
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.status, Some(0), "another commit is no reason to wait: {outcome}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-staging")), (1, (12, id.clone())));
    let outcome = scene.run("production deploy --no-wait-prepared --no-build --yes");
    assert_eq!(outcome.status, Some(0), "a slug upstream is promoted: {outcome}");
    let next = scene.commit("Bow");
    scene.heroku().heal();
    until("the build ends", || !super::is_building_on(&scene, PREPARE));
    begin_build(&scene, &next);
    let outcome = scene.run("staging deploy --no-wait-prepared");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-staging")), (2, (13, next)));
}
