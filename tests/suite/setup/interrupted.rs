//! A setup that is killed at each of its requests, and finished by the same line.

use serde_json::{Value, json};

use super::create::empty;
use super::{changes, done, read, remotes};
use crate::scene::{Scene, at_each_request, kill_at};

const RUN: &str = "greenroom setup --create opera --prepare --write-files --ci gitlab --yes";

/// All that a setup makes, without ids and times.
fn state(scene: &Scene) -> Value {
    let apps = ["opera-production", "opera-staging", "opera-prepare"].map(|app| {
        let buildpacks = scene.look(&format!("/apps/{app}/buildpack-installations"));
        json!([app, scene.look(&format!("/apps/{app}/pipeline-couplings"))["stage"], buildpacks])
    });
    let files = ["greenroom.toml", "Procfile", "app.json", ".gitlab-ci.yml"].map(|name| read(scene, name));
    json!({
        "apps": apps,
        "count": scene.look("/apps").as_array().map(Vec::len),
        "pipelines": scene.look("/pipelines").as_array().map(Vec::len),
        "feature": scene.look("/apps/opera-prepare/features/runtime-dyno-metadata")["enabled"],
        "remotes": remotes(scene),
        "files": files,
    })
}

#[test]
fn a_killed_setup_is_finished_by_the_same_line() {
    let undisturbed = empty();
    let before = undisturbed.requests().len();
    _ = done(&undisturbed, RUN);
    let steps = changes(&undisturbed, before);
    assert_eq!(steps.len(), 11, "{steps:?}");
    let end = state(&undisturbed);
    at_each_request(steps.len(), |at, is_done| {
        let scene = empty();
        kill_at(&scene, RUN, &steps[..=at], is_done);
        _ = done(&scene, RUN);
        assert_eq!(state(&scene), end, "{} {is_done}", steps[at]);
        let last = done(&scene, RUN);
        assert!(last.stderr.contains("\nnothing to do\n"), "{} {is_done}: {last}", steps[at]);
    });
}

#[test]
fn what_is_missing_on_this_machine_alone_is_made_again() {
    let whole = empty();
    _ = done(&whole, RUN);
    let end = state(&whole);
    // What is made locally, in its order: as if a run had ended after each of them.
    for cut in 0..7 {
        let scene = empty();
        _ = done(&scene, RUN);
        let undo: [&dyn Fn(); 7] = [
            &|| drop(scene.git(&["remote", "remove", "production"])),
            &|| drop(scene.git(&["remote", "remove", "staging"])),
            &|| drop(scene.git(&["remote", "remove", "prepare"])),
            &|| remove(&scene, "greenroom.toml"),
            &|| remove(&scene, "Procfile"),
            &|| remove(&scene, "app.json"),
            &|| remove(&scene, ".gitlab-ci.yml"),
        ];
        undo[cut..].iter().for_each(|undo| undo());
        let before = scene.requests().len();
        _ = done(&scene, RUN);
        assert_eq!(state(&scene), end, "{cut}");
        assert_eq!(changes(&scene, before), [""; 0]);
    }
}

fn remove(scene: &Scene, name: &str) {
    std::fs::remove_file(scene.repository().join(name)).expect("a file");
}
