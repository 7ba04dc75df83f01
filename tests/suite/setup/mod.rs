//! `greenroom setup`.

use super::pty::Pty;
use super::scene::{Outcome, Scene};

mod clone;
mod create;
mod files;
mod interrupted;
mod login;
mod questions;
mod tutorial;

/// A clone with `origin` alone.
fn fresh_clone() -> Scene {
    let scene = Scene::playhouse();
    for remote in ["production", "staging", "prepare"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene
}

/// The remotes of the clone with their URLs, but for `origin`.
fn remotes(scene: &Scene) -> String {
    let listed = scene.git(&["remote", "-v"]);
    let lines = listed.lines().filter(|line| line.ends_with("(fetch)") && !line.starts_with("origin\t"));
    lines.map(|line| line.replace('\t', " ").replace(" (fetch)", "\n")).collect()
}

/// The requests of a run that change something.
fn changes(scene: &Scene, since: usize) -> Vec<String> {
    let asks = |line: &String| !line.starts_with("GET ") && !line.starts_with("POST /filters/");
    scene.requests().into_iter().skip(since).filter(asks).collect()
}

fn read(scene: &Scene, name: &str) -> String {
    std::fs::read_to_string(scene.repository().join(name)).unwrap_or_default()
}

fn at_a_terminal(scene: &Scene, line: &str) -> Pty {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words);
    Pty::start(&command)
}

/// Runs a line, which must succeed.
fn done(scene: &Scene, line: &str) -> Outcome {
    let outcome = scene.run(line);
    assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    outcome
}
