//! Temporary folders are removed, however a command ends.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use rehearsal::Fault;

use super::scene::{Scene, end, signal, until};

fn left(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}

#[test]
fn files_of_a_killed_push_are_removed_by_the_next() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::hang("POST /playhouse-staging.git/git-receive-pack").times(1));
    let mut command = scene.prepared("staging");
    command.arg("deploy").process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let mut deploy = command.spawn().expect("a process");
    until("git pushes", || scene.pushes() == 1);
    signal("-KILL", &deploy.id().to_string());
    end(&mut deploy);
    assert_ne!(left(&scene.temporary()), 0, "it had no time to tidy up");
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(left(&scene.temporary()), 0);
}
