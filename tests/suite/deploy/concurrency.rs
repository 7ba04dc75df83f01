//! Signals and other deploys during a deploy.

use std::process::Stdio;
use std::time::Duration;

use rehearsal::{Fault, Settings};

use super::{is_building, redacted};
use crate::scene::{self, Scene, until};

#[test]
fn an_interrupt_ends_the_wait_but_not_the_build() {
    scene::heed_hangups();
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    for (signal, code, waiting) in
        [("INT", 130, ""), ("TERM", 143, "for a build"), ("HUP", 129, "for a build")]
    {
        let log = scene.folder().join(signal);
        let mut command = scene.prepared("staging");
        command.arg("deploy").stdout(Stdio::null()).stderr(std::fs::File::create(&log).expect("a file"));
        let mut deploy = command.spawn().expect("a process");
        let said = || std::fs::read_to_string(&log).expect("a file");
        until("it waits", || is_building(&scene) && said().contains(waiting));
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
        assert_eq!(scene::end(&mut deploy).code(), Some(code), "{}", said());
        let last = said();
        let last = last.lines().last().unwrap_or_default();
        assert!(last.starts_with("interrupted: ") && last.ends_with(" continues at Heroku"), "{}", said());
    }
    let left: Vec<_> = std::fs::read_dir(scene.temporary()).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
    scene.heroku().heal();
    until("the build ends", || scene.runs("playhouse-staging").0 == 12);
}

#[test]
fn ignored_signals_stay_ignored() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let prepared = scene.prepared("staging");
    // As `nohup` does it.
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" deploy"]).arg(prepared.get_program());
    let variables = prepared.get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(variables).current_dir(scene.repository());
    let mut deploy = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
    until("the build begins", || is_building(&scene));
    for signal in ["HUP", "TERM"] {
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
    }
    assert_eq!(scene::end(&mut deploy).code(), Some(143));
}

#[test]
fn two_deploys_at_once() {
    let settings = Settings { build_time: Duration::from_millis(800), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = scene.commit("Raise the curtain");
    let mut command = scene.prepared("staging");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut first = command.spawn().expect("a process");
    until("the build begins", || is_building(&scene));
    let second = scene.run("staging deploy");
    assert!(scene::end(&mut first).success());
    insta::assert_snapshot!(redacted(&second, &[&id]), @"
    ------- stderr -------
    waiting for a build of [commit] by director@playhouse.example on playhouse-staging
    commit [commit] Raise the curtain
         playhouse-staging  runs it already
    nothing to do
    ");
    assert_eq!((scene.pushes(), scene.runs("playhouse-staging").0), (1, 12));
}

#[test]
fn waiting_for_a_build_times_out() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let outcome = scene.run("staging deploy --wait-timeout 2s");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n").replace(&id[..7], "[commit]"), @"
    hint: staging releases
    error: the build of [commit] on playhouse-staging is still under way and continues at Heroku
    ");
    assert_eq!(outcome.status, Some(6));
    // It is still under way: the next one waits for it.
    let outcome = scene.run("staging deploy --wait-timeout 1s");
    insta::assert_snapshot!(redacted(&outcome, &[&id]), @"
    ------- stderr -------
    waiting for a build of [commit] by director@playhouse.example on playhouse-staging
    error: the build on playhouse-staging is still under way and continues at Heroku
    hint: staging releases
    [exit status: 6]
    ");
    let dry = scene.run("staging --dry-run deploy");
    assert!(dry.stderr.contains("is being deployed by someone else"), "{dry}");
}
