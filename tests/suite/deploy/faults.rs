//! Failed builds, interrupted pushes and lost answers.

use std::process::Stdio;
use std::time::Duration;

use rehearsal::{Fault, Settings};
use serde_json::json;

use super::{commit_procfile, is_building};
use crate::scene::{self, Scene, until};

#[test]
fn a_failed_build_is_a_failure() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let fails =
        Fault::FailBuild { app: "playhouse-staging".into(), output: "npm ERR! missing script".into() };
    scene.heroku().inject(fails);
    let outcome = scene.run("staging deploy");
    assert!(outcome.stderr.contains("npm ERR! missing script"), "{outcome}");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n").replace(&id[..7], "[commit]"), @"
    hint: https://dashboard.heroku.com/apps/playhouse-staging/activity/builds/b31d9178-09e4-47f0-bf9c-197225215be0
    error: the build of [commit] on playhouse-staging failed
    ");
    assert_eq!(outcome.status, Some(1));
    let outcome = scene.run("staging deploy --source");
    assert!(outcome.stderr.contains("npm ERR! missing script"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").0), (Some(1), 11));
}

#[test]
fn a_push_that_loses_its_connection_is_followed_through_the_api() {
    let scene =
        Scene::playhouse_with(Settings { build_time: Duration::from_millis(600), ..Settings::default() });
    let id = commit_procfile(&scene, "echo migrated");
    scene.heroku().inject(Fault::CutPush { app: "playhouse-staging".into(), after_lines: 5 });
    let outcome = scene.run("staging deploy");
    assert!(
        outcome.stderr.contains("the connection to git was lost; following the build, which continues"),
        "{outcome}"
    );
    assert!(outcome.stderr.contains("playhouse-staging | -----> Build succeeded!"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-staging")), (Some(0), (12, id)), "{outcome}");
}

#[test]
fn a_push_that_never_arrives_is_a_failure() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::Reset { route: "POST /*.git/git-receive-pack".into(), times: Some(1) });
    let outcome = scene.run("staging deploy");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n"), @"
    hint: see git's message above; the command can be repeated
    error: git push to playhouse-staging failed (exit code 1)
    ");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").0), (Some(1), 11));
    // Over a connection that it had used before, git's library would have sent it again by itself.
    let requests = scene.requests();
    let sent = requests.iter().filter(|request| request.ends_with(".git/git-receive-pack"));
    assert_eq!(sent.count(), 1, "{requests:?}");
    assert_eq!(scene.run("staging deploy").status, Some(0), "and can be repeated");
}

#[test]
fn broken_streams_and_failed_polls_are_retried() {
    let settings = Settings { release_phase_time: Duration::from_millis(600), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = commit_procfile(&scene, "echo migrated");
    scene.heroku().inject(Fault::DropStream {
        route: "GET /streams/*".into(),
        after_lines: 3,
        times: Some(2),
    });
    scene.heroku().inject(Fault::Reset { route: "GET /apps/*/builds/*".into(), times: Some(2) });
    scene.heroku().inject(Fault::Reset { route: "GET /apps/*/releases/*".into(), times: Some(2) });
    let outcome = scene.run("prepare deploy --source");
    let lines = |text: &str| outcome.stderr.lines().filter(|line| line.ends_with(text)).count();
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((lines("-----> Build succeeded!"), lines("-----> Compressing...")), (1, 1), "{outcome}");
    scene.heroku().heal();
    scene.heroku().inject(Fault::Reset {
        route: "GET /pipeline-promotions/*/promotion-targets".into(),
        times: Some(2),
    });
    let outcome = scene.run("staging deploy");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").1), (Some(0), id), "{outcome}");
}

#[test]
fn finding_the_release_of_a_push_is_retried() {
    let settings = Settings { build_time: Duration::from_millis(600), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = scene.commit("Raise the curtain");
    let mut command = scene.prepared("staging");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut deploy = command.spawn().expect("a process");
    until("the build begins", || is_building(&scene));
    // One request is repeated three times, and that is not enough.
    scene.heroku().inject(Fault::reset("GET /apps/*/releases").times(5));
    assert!(scene::end(&mut deploy).success());
    assert_eq!(scene.runs("playhouse-staging"), (12, id));
}

/// Runs a deploy whose change was made but whose answer was lost.
fn lost_answers(route: &str) -> Vec<(Fault, i32)> {
    let html = json!("<html>Application Error</html>");
    vec![
        (Fault::reset(route), 1),
        (Fault::truncate(route), 1),
        (Fault::hang(route), 6),
        (Fault::answer(route, 500), 1),
        (Fault::answer(route, 503).body(html), 1),
    ]
}

#[test]
fn a_build_with_a_lost_answer_may_have_started() {
    let route = "POST /apps/playhouse-staging/builds";
    for (fault, code) in lost_answers(route) {
        let mut scene = Scene::playhouse();
        scene.set("GREENROOM_TIMEOUT", "1");
        scene.commit("Raise the curtain");
        scene.heroku().inject(fault);
        let outcome = scene.run("staging deploy --source");
        assert_eq!((outcome.status, scene.count(route)), (Some(code), 1), "{outcome}");
        assert!(
            outcome.stderr.contains("error: the build may have gone through; check before retrying"),
            "{outcome}"
        );
        assert!(outcome.stderr.contains("hint: staging releases"), "{outcome}");
    }
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer(route, 409));
    let outcome = scene.run("staging deploy --source");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("error: playhouse-staging is being built by someone else"), "{outcome}");
}

#[test]
fn a_release_with_a_lost_answer_may_have_been_created() {
    let mut scene = Scene::playhouse();
    commit_procfile(&scene, "exit 1");
    assert_eq!(scene.run("staging deploy").status, Some(1));
    scene.set("GREENROOM_TIMEOUT", "1");
    let route = "POST /apps/*/releases";
    for (fault, code) in lost_answers(route) {
        scene.heroku().inject(fault);
        let outcome = scene.run("staging deploy");
        assert_eq!(outcome.status, Some(code), "{outcome}");
        assert!(outcome.stderr.contains("releasing the slug of v1"), "{outcome}");
        assert!(
            outcome.stderr.contains("error: the release may have gone through; check before retrying"),
            "{outcome}"
        );
        assert!(outcome.stderr.contains("hint: staging releases"), "{outcome}");
        scene.heroku().heal();
    }
    scene.heroku().inject(Fault::answer(route, 422));
    let outcome = scene.run("staging deploy");
    assert!(outcome.status == Some(1) && !outcome.stderr.contains("it is not known"), "{outcome}");
}
