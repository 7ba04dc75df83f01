//! A setup that is killed at each of its requests, and finished by the same line.

use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rehearsal::Fault;
use serde_json::{Value, json};

use super::create::empty;
use super::{changes, done, read, remotes};
use crate::scene::{self, Scene, until};

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
    // Each is killed at another request: once before it is done, once after.
    let cases: Vec<(usize, bool)> = (0..steps.len()).flat_map(|at| [(at, false), (at, true)]).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(&(at, is_done)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let scene = empty();
                    kill_at(&scene, &steps[..=at], is_done);
                    _ = done(&scene, RUN);
                    assert_eq!(state(&scene), end, "{} {is_done}", steps[at]);
                    let last = done(&scene, RUN);
                    assert!(last.stderr.contains("\nnothing to do\n"), "{} {is_done}: {last}", steps[at]);
                }
            });
        }
    });
}

/// Runs the line, and kills it at the last of these requests: before it is carried out, or after.
fn kill_at(scene: &Scene, requests: &[String], is_done: bool) {
    let before = scene.requests();
    let route = requests.last().expect("a request");
    let earlier = requests.iter().filter(|request| *request == route).count() - 1;
    let fault = if is_done { Fault::late(route, Duration::ZERO) } else { Fault::hang(route) };
    scene.heroku().inject(fault.after(u32::try_from(earlier).expect("a few")));
    let mut words = RUN.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut run = command.spawn().expect("a process");
    let asked = before.iter().filter(|request| *request == route).count() + earlier;
    until(route, || scene.count(route) > asked);
    scene::signal("-KILL", &format!("-{}", run.id()));
    run.wait().expect("an end");
    scene.heroku().heal();
    if is_done {
        // The rehearsal carries it out a moment later.
        thread::sleep(Duration::from_millis(50));
    }
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
