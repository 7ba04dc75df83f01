//! Protection: the repository's file cannot remove a protection that is the default or set by the user's file.

use std::fs;
use std::path::PathBuf;

use super::scene::{Outcome, Scene};

/// A checkout without remotes, whose environments are defined by the configuration files alone.
fn without_remotes() -> Scene {
    let scene = Scene::playhouse();
    for remote in ["production", "staging", "prepare"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene
}

fn personal(scene: &Scene, text: &str) {
    let config = scene.variable("XDG_CONFIG_HOME").expect("a folder for configuration");
    let folder = PathBuf::from(config).join("greenroom");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.toml"), text).expect("a file");
}

fn is_asked_about(outcome: &Outcome) -> bool {
    let asked = outcome.stderr.contains("is protected, and confirmation requires a terminal");
    assert_eq!(outcome.status, Some(if asked { 5 } else { 0 }), "{outcome}");
    asked
}

const PERSONAL: &str = "[environments.production]\nprotected = true\n";
const BY_STAGE: &str =
    "pipeline = \"playhouse\"\n[environments.staging]\nstage = \"production\"\nprotected = false\n";

#[test]
fn another_environment_name_for_the_production_stage_stays_protected() {
    let scene = without_remotes();
    scene.write("greenroom.toml", BY_STAGE);
    assert!(is_asked_about(&scene.run("staging rollback")), "by default");
    personal(&scene, PERSONAL);
    assert!(is_asked_about(&scene.run("staging rollback")), "as a person wants it");
    assert_eq!(scene.runs("playhouse-production").0, 18);
}

#[test]
fn another_environment_name_for_the_production_app_stays_protected() {
    let scene = without_remotes();
    let staging = "[environments.staging]\napp = \"playhouse-production\"\nprotected = false\n";
    // The team's file says that production is another app.
    scene.write("greenroom.toml", format!("{staging}[environments.production]\napp = \"understudy\"\n"));
    personal(&scene, "[environments.production]\napp = \"playhouse-production\"\n");
    assert!(is_asked_about(&scene.run("staging rollback")));
    personal(&scene, PERSONAL);
    assert!(is_asked_about(&scene.run("staging rollback")), "to the person, production is its stage");
    scene.remote("live", "https://git.heroku.com/playhouse-production.git");
    personal(&scene, "[environments.production]\nremote = \"live\"\n");
    assert!(is_asked_about(&scene.run("staging rollback")));
    assert_eq!(scene.runs("playhouse-production").0, 18);
}

#[test]
fn turning_protection_off_in_a_repository_is_reported() {
    let scene = without_remotes();
    let off = "pipeline = \"playhouse\"\n[environments.production]\nprotected = false\n";
    scene.write("greenroom.toml", off);
    let warning = "warning: greenroom.toml turns off the protection of production\n";
    for line in ["production rollback", "production promote", "production deploy --build HEAD~1 --any-branch"]
    {
        let outcome = scene.run(&format!("production --dry-run {}", &line["production ".len()..]));
        assert!(outcome.stderr.contains(warning), "{line}: {outcome}");
    }
    let outcome = scene.run("production promote");
    assert!(outcome.stderr.contains(warning), "{outcome}");
    assert!(!is_asked_about(&outcome));
    let outcome = scene.run("staging rollback");
    assert!(!outcome.stderr.contains(warning), "it is not about production: {outcome}");
    // A person's own file decides, and then there is nothing to tell.
    personal(&scene, PERSONAL);
    let outcome = scene.run("production rollback");
    assert!(is_asked_about(&outcome) && !outcome.stderr.contains(warning), "{outcome}");
    personal(&scene, "[environments.production]\nprotected = false\n");
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
    let outcome = scene.run("production rollback");
    assert!(!is_asked_about(&outcome) && !outcome.stderr.contains(warning), "{outcome}");
}

#[test]
fn reading_commands_make_no_extra_requests() {
    let scene = Scene::playhouse();
    personal(&scene, PERSONAL);
    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nprotected = false\n");
    assert_eq!(scene.run("staging which").status, Some(0));
    assert_eq!(scene.requests(), [""; 0]);
}
