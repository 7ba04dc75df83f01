//! Maintenance mode during a deploy: it ends in every case, and the messages about it are true.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use rehearsal::Fault;
use serde_json::json;

use super::{commit_procfile, is_building};
use crate::scene::{self, Scene, until};

const APP: &str = "/apps/playhouse-staging";
const PATCH: &str = "PATCH /apps/playhouse-staging";

fn is_maintained(scene: &Scene) -> bool {
    scene.look(APP)["maintenance"] == true
}

/// The reminder that the next command prints.
fn reminder(scene: &Scene, environment: &str) -> String {
    let outcome = scene.run(&format!("{environment} which"));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let lines = outcome.stderr.lines().filter(|line| !line.starts_with("git remote "));
    lines.collect::<Vec<_>>().join("\n")
}

/// A deploy in maintenance mode whose build does not end; its stderr goes to a file.
fn stalled(scene: &Scene) -> (Child, PathBuf) {
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let log = scene.folder().join("log");
    let mut command = scene.prepared("staging");
    command.args(["deploy", "--maintenance"]).stdout(Stdio::null());
    let deploy = command.stderr(fs::File::create(&log).expect("a file")).spawn().expect("a process");
    until("the build begins", || is_building(scene));
    assert!(is_maintained(scene));
    (deploy, log)
}

/// Such a deploy, killed; `fault` affects the requests that follow.
fn killed(scene: &Scene, fault: Fault) -> PathBuf {
    let (mut deploy, log) = stalled(scene);
    scene.heroku().inject(fault);
    deploy.kill().expect("a process");
    deploy.wait().expect("an end");
    log
}

#[test]
fn maintenance_mode_is_on_during_the_deploy() {
    let scene = Scene::playhouse();
    let maintained = |app: &str| scene.look(&format!("/apps/{app}"))["maintenance"] == true;
    let outcome = scene.run("production deploy --yes --maintenance");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(
        outcome.stderr.contains("maintenance mode is on\n")
            && outcome.stderr.ends_with("maintenance mode is off\n")
    );
    assert_eq!(scene.count("PATCH /apps/playhouse-production"), 2);
    assert!(!maintained("playhouse-production"));
    // A deploy that fails ends it as well.
    commit_procfile(&scene, "exit 1");
    assert_eq!(scene.run("staging deploy --maintenance").status, Some(1));
    assert_eq!((scene.count("PATCH /apps/playhouse-staging"), maintained("playhouse-staging")), (2, false));
    // One that cannot be ended is a failure, whatever became of the deploy.
    scene.git(&["rm", "--quiet", "Procfile"]);
    scene.commit("Without a release phase");
    let outcome = in_maintenance_that_stays(&scene);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("error: playhouse-staging is still in maintenance mode"), "{outcome}");
    assert!(outcome.stderr.contains("hint: staging maintenance:off"), "{outcome}");
    assert!(outcome.stdout.starts_with("playhouse-staging v"), "{outcome}");
    scene.heroku().heal();
    let off = json!({ "maintenance": false });
    scene.ask("PATCH", "/apps/playhouse-staging", off);
    // One that somebody turned on before stays.
    let on = json!({ "maintenance": true });
    scene.ask("PATCH", "/apps/playhouse-staging", on);
    scene.commit("Something else");
    let outcome = scene.run("staging deploy --maintenance");
    assert!(outcome.stderr.contains("is in maintenance mode already and stays in it"), "{outcome}");
    assert!(maintained("playhouse-staging"));
}

/// A deploy that can enable maintenance mode, but not disable it.
fn in_maintenance_that_stays(scene: &Scene) -> scene::Outcome {
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let mut command = scene.prepared("staging");
    command.args(["deploy", "--maintenance"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let deploy = command.spawn().expect("a process");
    until("the build begins", || is_building(scene));
    scene.heroku().heal();
    scene.heroku().inject(Fault::answer("PATCH /apps/playhouse-staging", 403));
    scene::Outcome::new(&deploy.wait_with_output().expect("an end"), scene.folder())
}

#[test]
fn maintenance_mode_ends_after_the_deploy_is_killed() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    for signal in ["KILL", "INT", "TERM"] {
        let mut command = scene.prepared("staging");
        command.args(["deploy", "--maintenance"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut deploy = command.spawn().expect("a process");
        until("the build begins", || is_building(&scene));
        assert!(is_maintained(&scene));
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
        assert!(!scene::end(&mut deploy).success());
        until("maintenance mode ends", || !is_maintained(&scene));
        scene.heroku().heal();
        until("the build ends", || !is_building(&scene));
        scene.commit(signal);
        scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    }
}

#[test]
fn ending_maintenance_mode_is_retried_during_an_outage() {
    let scene = Scene::playhouse();
    let before = scene.count(&format!("GET {APP}"));
    killed(&scene, Fault::reset(&format!("* {APP}")));
    // More than one request is repeated.
    until("it is tried again and again", || scene.count(&format!("GET {APP}")) >= before + 10);
    assert!(is_maintained(&scene));
    scene.heroku().heal();
    until("maintenance mode ends", || !is_maintained(&scene));
}

#[test]
fn maintenance_mode_left_on_is_reported_until_it_ends() {
    let scene = Scene::playhouse();
    let log = killed(&scene, Fault::answer(PATCH, 403));
    let said = || fs::read_to_string(&log).expect("a file");
    let hint = "hint: heroku maintenance:off --app playhouse-staging\n";
    until("it gives up", || said().ends_with(hint));
    assert!(said().contains("\nwarning: playhouse-staging is still in maintenance mode: "), "{}", said());
    // Whoever works on the app next is told, and only then.
    assert_eq!(reminder(&scene, "production"), "");
    insta::assert_snapshot!(reminder(&scene, "staging"), @"
    warning: playhouse-staging is still in maintenance mode: a deploy turned it on and could not turn it off (You do not have access to that resource.: PATCH /apps/playhouse-staging: HTTP 403 forbidden)
    hint: heroku maintenance:off --app playhouse-staging
    ");
    scene.heroku().inject(Fault::reset(&format!("GET {APP}")));
    let unsure = reminder(&scene, "staging");
    assert!(unsure.starts_with("warning: playhouse-staging may still be in maintenance mode: "), "{unsure}");
    scene.heroku().heal();
    scene.ask("PATCH", APP, json!({ "maintenance": false }));
    for requests in [1, 0] {
        let before = scene.requests().len();
        assert_eq!(reminder(&scene, "staging"), "");
        assert_eq!(scene.requests().len(), before + requests, "the note is gone by then");
    }
}

#[test]
fn the_background_process_gives_up_eventually() {
    let mut scene = Scene::playhouse();
    // It is as patient as answers may be slow.
    scene.set("GREENROOM_TIMEOUT", "0.1");
    scene.heroku().inject(Fault::reset(&format!("* {APP}")));
    let outcome = scene.run("greenroom __end-maintenance playhouse-staging");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let said = "warning: playhouse-staging may still be in maintenance mode: ";
    assert!(outcome.stderr.starts_with(said), "{outcome}");
    assert!(outcome.stderr.ends_with("hint: heroku maintenance:off --app playhouse-staging\n"), "{outcome}");
    assert!(scene.count(&format!("GET {APP}")) > 4, "{outcome}");
}

#[test]
fn the_background_process_ends_maintenance_mode() {
    let mut scene = Scene::playhouse();
    scene.set("GREENROOM_TIMEOUT", "1");
    let (mut deploy, log) = stalled(&scene);
    scene.heroku().heal();
    scene.heroku().inject(Fault::reset(PATCH));
    assert_eq!(scene::end(&mut deploy).code(), Some(1));
    let said = fs::read_to_string(log).expect("a file");
    assert!(said.contains("\nplayhouse-staging: greenroom keeps trying in the background\n"), "{said}");
    assert!(said.contains("\nerror: playhouse-staging is still in maintenance mode\n"), "{said}");
    assert!(said.ends_with("hint: staging maintenance:off\n"), "{said}");
    assert!(is_maintained(&scene));
    scene.heroku().heal();
    until("maintenance mode ends", || !is_maintained(&scene));
}

#[test]
fn failing_to_enable_maintenance_mode_leaves_no_note() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer(PATCH, 403));
    let outcome = scene.run("staging deploy --maintenance");
    assert_eq!((outcome.status, scene.count(PATCH)), (Some(4), 1), "{outcome}");
    assert!(!outcome.stderr.contains("maintenance mode"), "{outcome}");
    assert_eq!(reminder(&scene, "staging"), "");
}

#[test]
fn a_lost_answer_to_enabling_maintenance_mode_is_followed_up() {
    let scene = Scene::playhouse();
    // It was done, but nobody heard of it.
    scene.heroku().inject(Fault::truncate(PATCH).times(1));
    let outcome = scene.run("staging deploy --maintenance");
    assert_eq!((outcome.status, scene.count(PATCH)), (Some(0), 2), "{outcome}");
    assert!(outcome.stderr.ends_with("playhouse-staging: maintenance mode is off\n"), "{outcome}");
    assert!(!is_maintained(&scene));
    // Nor of the one that ends it.
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::answer(PATCH, 503).times(1));
    let outcome = scene.run("staging deploy --maintenance");
    assert_eq!((outcome.status, is_maintained(&scene)), (Some(0), false), "{outcome}");
}

#[test]
fn a_delayed_request_cannot_leave_maintenance_mode_on() {
    let mut scene = Scene::playhouse();
    scene.set("GREENROOM_TIMEOUT", "1");
    scene.heroku().inject(Fault::late(PATCH, Duration::from_millis(2500)).times(1));
    let outcome = scene.run("staging deploy --maintenance");
    assert_eq!((outcome.status, is_maintained(&scene)), (Some(0), false), "{outcome}");
    assert!(scene.count(PATCH) >= 3, "{:?}", scene.requests());
    // Nor where the deploy does not even begin.
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::late(PATCH, Duration::from_millis(1500)).times(3));
    let outcome = scene.run("staging deploy --maintenance");
    assert!(!is_maintained(&scene), "{outcome}");
}
