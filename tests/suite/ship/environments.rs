//! `ship`: its environments and their apps.

use std::fs;
use std::thread;

use rehearsal::history;
use serde_json::json;

use super::{gate, last_words, redacted, ship, theatre};
use crate::scene::{Outcome, Scene, until};

#[test]
fn every_app_is_promoted_and_smoke_tested() {
    let scene = theatre();
    scene.matinee("staging");
    let apps = "[environments.staging]\napps = [\"playhouse-matinee\", \"playhouse-staging\"]\n";
    scene.write("greenroom.toml", apps);
    let notes = scene.folder().join("notes");
    let smoke = format!("echo $GREENROOM_ENVIRONMENT >> {}", notes.display());
    let outcome = ship(&scene, "production", &["--test", "true", "--smoke", &smoke, "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    insta::assert_snapshot!(redacted(&outcome.stdout, history::MAIN[4]), @"
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-matinee v1, playhouse-staging v12
    staging smoke playhouse-matinee [s]
    staging smoke playhouse-staging [s]
    production [s]  playhouse-production v19
    production smoke [s]
    total [s]  [commit]
    ");
    assert_eq!(fs::read_to_string(notes).expect("notes"), "staging\nstaging\nproduction\n");
    assert_eq!((scene.runs("playhouse-matinee").1, scene.promotions()), (history::MAIN[4].to_owned(), 2));
}

#[test]
fn only_the_apps_of_staging_are_promoted() {
    let scene = theatre();
    scene.matinee("staging");
    scene.write("greenroom.toml", "[environments.staging]\napp = \"playhouse-staging\"\n");
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    insta::assert_snapshot!(redacted(&outcome.stdout, history::MAIN[4]), @"
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-staging v12
    production [s]  playhouse-production v19
    total [s]  [commit]
    ");
    let releases = scene.look("/apps/playhouse-matinee/releases");
    assert_eq!(releases, json!([]));
}

#[test]
fn staging_defaults_to_the_pipeline_stage() {
    // Its apps are asked side by side, and the first that does not answer ends it: only one of them does not.
    let told = |silent: &str| {
        let scene = theatre();
        scene.matinee("staging");
        for remote in scene.git(&["remote"]).lines().filter(|remote| *remote != "origin") {
            scene.git(&["remote", "remove", remote]);
        }
        let apps = "[environments.production]\napp = \"playhouse-production\"\n
            [environments.prepare]\napp = \"playhouse-prepare\"\n";
        scene.write("greenroom.toml", apps);
        assert_eq!(scene.run("staging which").status, Some(3));
        let smoke = format!("case $APP_URL in *{silent}*) exit 7; esac");
        let outcome = ship(&scene, "production", &["--test", "true", "--smoke", &smoke, "--yes"]);
        assert_eq!(outcome.status, Some(1), "{outcome}");
        let begun = "  begins: heroku pipelines:promote --app playhouse-prepare --to playhouse-matinee,playhouse-staging\n";
        assert!(outcome.stderr.contains(begun), "{outcome}");
        redacted(&last_words(&outcome), history::MAIN[4])
    };
    insta::assert_snapshot!(told("matinee"), @"
    playhouse-matinee runs [commit] (v1), playhouse-staging runs [commit] (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'case $APP_URL in *matinee*) exit 7; esac' ended with exit code 7
    hint: production ship --test true --smoke 'case $APP_URL in *matinee*) exit 7; esac'
    ");
    insta::assert_snapshot!(told("playhouse-staging"), @"
    playhouse-matinee runs [commit] (v1), playhouse-staging runs [commit] (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'case $APP_URL in *playhouse-staging*) exit 7; esac' ended with exit code 7
    hint: heroku rollback v11 --app playhouse-staging   # which ran before
    hint: production ship --test true --smoke 'case $APP_URL in *playhouse-staging*) exit 7; esac'
    ");
}

#[test]
fn the_rollback_hint_names_the_previous_release() {
    let scene = theatre();
    let (gate, lasts) = gate(&scene);
    let begun = scene.folder().join("begun");
    let test = format!("echo > {}; {lasts}", begun.display());
    let words = ["--test", &test, "--smoke", "exit 7", "--wait-timeout", "10m", "--yes"];
    let outcome = thread::scope(|scope| {
        let shipping = scope.spawn(|| ship(&scene, "staging", &words));
        until("the tests", || begun.exists());
        let release = json!({"status": "succeeded", "commit": history::MAIN[3], "description": "Set ROWS"});
        scene.release("playhouse-staging", release);
        fs::write(&gate, "").expect("a file");
        shipping.join().expect("an outcome")
    });
    insta::assert_snapshot!(last_words(&outcome), @"
    staging runs 77978f9 (v13)
    error: the smoke command failed on staging: 'exit 7' ended with exit code 7
    hint: staging rollback v12   # which ran before
    hint: staging ship --test 'echo > [SCENE]/begun; while ! test -e [SCENE]/gate; do sleep 0.01; done' --smoke 'exit 7' --wait-timeout 10m
    ");
    let again = ship(&scene, "staging", &["--test", "true", "--smoke", "exit 7"]);
    assert_eq!(again.status, Some(1), "what runs there does not answer yet: {again}");
}

#[test]
fn no_rollback_hint_for_an_unchanged_app() {
    let scene = theatre();
    assert_eq!(scene.run("staging promote").status, Some(0));
    let outcome = ship(&scene, "production", &["--test", "true", "--smoke", "exit 7", "--yes"]);
    insta::assert_snapshot!(last_words(&outcome), @"
    staging still runs 77978f9 (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'exit 7' ended with exit code 7
    hint: production ship --test true --smoke 'exit 7'
    ");
}

#[test]
fn ship_works_without_staging() {
    let scene = theatre();
    scene.uncouple("playhouse-staging");
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.runs("playhouse-production").1, scene.promotions()), (history::MAIN[4].to_owned(), 1));
    assert_eq!(scene.runs("playhouse-staging").0, 11);
}

/// Ships to production, and does something during the smoke test on staging.
fn shipped_and_meanwhile(scene: &Scene, id: &str, happens: impl FnOnce()) -> Outcome {
    let (gate, smoke) = gate(scene);
    let words = ["--test", "true", "--smoke", &smoke, "--yes"];
    thread::scope(|threads| {
        let shipping = threads.spawn(|| ship(scene, "production", &words));
        until("staging", || scene.runs("playhouse-staging").1 == id);
        happens();
        fs::write(&gate, "").expect("a file");
        shipping.join().expect("an outcome")
    })
}

#[test]
fn a_newer_build_on_prepare_does_not_replace_the_commit() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    let release = json!({"status": "succeeded", "commit": history::MAIN[2]});
    let outcome = shipped_and_meanwhile(&scene, &id, || scene.release("playhouse-prepare", release));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-prepare").1, history::MAIN[2]);
    assert_eq!(scene.runs("playhouse-production").1, id);
}

#[test]
fn a_concurrent_release_on_production_is_not_overwritten() {
    let scene = theatre();
    let release =
        json!({"status": "succeeded", "commit": history::MAIN[3], "description": "Deploy 23280a3f"});
    let outcome = shipped_and_meanwhile(&scene, history::MAIN[4], || {
        scene.release("playhouse-production", release);
    });
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("playhouse-production got another commit meanwhile"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production"), (19, history::MAIN[3].to_owned()));
}
