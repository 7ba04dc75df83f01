//! Forwarded commands that change a protected app: confirmation.

use std::fs;

use super::{TELL, put_recorder};
use crate::pty::Pty;
use crate::scene::Scene;

fn playhouse() -> Scene {
    let mut scene = Scene::playhouse();
    put_recorder(&mut scene, TELL);
    scene
}

/// Asserts that without a terminal the CLI is not started, and that the hint is the line with `--yes`.
fn refused(scene: &Scene, line: &str) {
    let outcome = scene.run(line);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(5), ""), "{line}: {outcome}");
    let (environment, command) = line.split_once(' ').expect("an environment");
    let hint = format!("hint: {environment} --yes {command}\n");
    assert!(outcome.stderr.ends_with(&hint), "{line}: {outcome}");
    let agreed = scene.run(&format!("{environment} --yes {command}"));
    assert_eq!(agreed.status, Some(0), "{line}: {agreed}");
}

fn passed_on(scene: &Scene, line: &str) {
    let outcome = scene.run(line);
    assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    assert!(outcome.stdout.starts_with('<'), "{line}: {outcome}");
}

#[test]
fn destructive_commands_and_their_aliases_require_confirmation() {
    let scene = playhouse();
    for command in [
        "dyno:stop web",
        "dyno:kill web.1",
        "dyno:scale worker=2 web=0",
        "domains:clear",
        "apps:destroy --confirm playhouse-production",
        "destroy",
        "releases:rollback v3",
    ] {
        refused(&scene, &format!("production {command}"));
        passed_on(&scene, &format!("staging {command}"));
    }
    for command in ["dyno:scale web=2", "dyno:stop --help", "features", "run:inside web.1 true"] {
        passed_on(&scene, &format!("production {command}"));
    }
    insta::assert_snapshot!(scene.run("production domains:clear"), @"
    ------- stderr -------
    error: production is protected, and confirmation requires a terminal
    hint: production --yes domains:clear
    [exit status: 5]
    ");
    insta::assert_snapshot!(scene.run("production --dry-run dyno:stop web"), @"heroku dyno:stop --app=playhouse-production web");
}

#[test]
fn destructive_commands_are_known_without_a_manifest() {
    let scene = playhouse();
    fs::write(scene.folder().join("node_modules/heroku/oclif.manifest.json"), "{ cut").expect("a file");
    for command in ["dyno:kill web.1", "dyno:scale web=0", "apps:delete"] {
        refused(&scene, &format!("production {command}"));
        passed_on(&scene, &format!("staging {command}"));
    }
}

#[test]
fn forwarded_promotions_are_confirmed_for_their_target() {
    let scene = playhouse();
    refused(&scene, "staging pipelines:promote");
    refused(&scene, "prepare pipelines:promote --to playhouse-production");
    passed_on(&scene, "prepare pipelines:promote");
}

#[test]
fn production_apps_are_protected_under_any_environment_name() {
    let mut scene = playhouse();
    scene.matinee("production");
    scene.write("greenroom.toml", "[environments.matinee]\napp = \"playhouse-matinee\"\n");
    let outcome = scene.run("greenroom on matinee dyno:stop web");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("playhouse-matinee is protected"), "{outcome}");
    // Without a login nobody tells the stage.
    scene.set("HEROKU_API_KEY", "");
    let outcome = scene.run("greenroom on matinee dyno:stop web");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("cannot tell whether the app is protected"), "{outcome}");
}

#[test]
fn declining_is_exit_5_without_an_error() {
    let scene = playhouse();
    let answered = |keys: &str, code: u32| {
        let mut command = scene.prepared("production");
        let mut pty = Pty::start(command.args(["dyno:stop", "web"]));
        pty.sees("Run heroku dyno:stop --app=playhouse-production web? [y/N] ", 1).types(keys);
        pty.ends(code).screen()
    };
    let told = answered("n\r", 5);
    assert!(told.contains("nothing was changed") && !told.contains("error:"), "{told}");
    let told = answered("y\r", 0);
    assert!(told.contains("<dyno:stop><--app=playhouse-production><web>"), "{told}");
}
