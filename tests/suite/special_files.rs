//! Special files in a repository that could be read without end: pipes and devices; and very many git settings.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::scene::{Outcome, Scene};

/// No refusal takes longer, even on a busy machine.
const SOON: Duration = Duration::from_secs(20);

fn run(scene: &Scene, line: &str) -> Outcome {
    let begun = Instant::now();
    let outcome = scene.run(line);
    assert!(begun.elapsed() < SOON, "{line} took {:?}: {outcome}", begun.elapsed());
    outcome
}

fn pipe(at: &Path) {
    _ = fs::remove_file(at);
    assert!(Command::new("mkfifo").arg(at).status().expect("mkfifo").success());
}

/// A repository with a commit.
fn committed() -> Scene {
    let scene = Scene::bare();
    scene.git(&["config", "user.name", "Ada"]);
    scene.git(&["config", "user.email", "ada@example.com"]);
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    scene.remote("staging", "https://git.heroku.com/one-app.git");
    scene
}

#[test]
fn links_to_terminals_and_devices_are_refused() {
    for device in ["/dev/tty", "/dev/zero", "/dev/stdin"] {
        let scene = Scene::bare();
        symlink(device, scene.repository().join("greenroom.toml")).expect("a link");
        let outcome = run(&scene, "staging which");
        assert_eq!(outcome.status, Some(2), "{device}: {outcome}");
        assert!(outcome.stderr.contains("greenroom.toml"), "{device}: {outcome}");
    }
    let scene = Scene::bare();
    pipe(&scene.repository().join("greenroom.toml"));
    insta::assert_snapshot!(run(&scene, "staging which"), @"
    ------- stderr -------
    error: cannot read [SCENE]/playhouse/greenroom.toml
      caused by: it is not a regular file
    [exit status: 2]
    ");
}

#[test]
fn pipes_and_devices_in_the_git_folder_are_refused() {
    for name in ["HEAD", "config", "config.worktree", "commondir", "packed-refs", "index", "shallow"] {
        let scene = committed();
        let at = scene.repository().join(".git").join(name);
        pipe(&at);
        let outcome = run(&scene, "staging which");
        assert_eq!(outcome.status, Some(2), "{name}: {outcome}");
        assert!(outcome.stderr.contains(&format!(".git/{name}")), "{name}: {outcome}");
        fs::remove_file(&at).expect("a file");
        symlink("/dev/zero", &at).expect("a link");
        let outcome = run(&scene, "staging which");
        assert_eq!(outcome.status, Some(2), "{name}: {outcome}");
    }
    let scene = committed();
    fs::rename(scene.repository().join(".git"), scene.folder().join("elsewhere")).expect("a move");
    pipe(&scene.repository().join(".git"));
    assert_eq!(run(&scene, "staging which").status, Some(2));
    fs::remove_file(scene.repository().join(".git")).expect("a file");
    pipe(&scene.folder().join("elsewhere/HEAD"));
    scene.write(".git", format!("gitdir: {}\n", scene.folder().join("elsewhere").display()));
    assert_eq!(run(&scene, "staging which").status, Some(2));
}

#[test]
fn references_that_are_pipes_are_not_read() {
    let scene = committed();
    pipe(&scene.repository().join(".git/refs/heads/main"));
    assert_eq!(run(&scene, "staging which").status, Some(0));
}

#[test]
fn included_git_configuration_is_limited() {
    let scene = committed();
    pipe(&scene.folder().join("pipe"));
    let config = scene.repository().join(".git/config");
    let before = fs::read_to_string(&config).expect("a configuration");
    for include in ["[include]\n\tpath = ../../pipe\n", "[includeIf \"onbranch:main\"]\n\tpath = /dev/zero\n"]
    {
        fs::write(&config, format!("{before}{include}")).expect("a configuration");
        let outcome = run(&scene, "staging which");
        assert_eq!(outcome.status, Some(2), "{include}: {outcome}");
    }
    let nested = "[include]\n\tpath = large\n".to_owned() + &" ".repeat(1 << 20);
    fs::write(scene.repository().join(".git/large"), nested).expect("a configuration");
    fs::write(&config, format!("{before}[include]\n\tpath = large\n")).expect("a configuration");
    let outcome = run(&scene, "staging which");
    assert_eq!(outcome.status, Some(2), "{outcome}");
    assert!(outcome.stderr.contains(".git/large"), "{outcome}");
    // One that is missing is nothing to git either.
    fs::write(&config, format!("{before}[include]\n\tpath = absent\n")).expect("a configuration");
    assert_eq!(run(&scene, "staging which").status, Some(0));
}

/// Lines made from their numbers.
fn numbered(count: u32, line: impl Fn(u32) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn ten_thousand_git_settings_are_read_fast() {
    let scene = committed();
    let config = scene.repository().join(".git/config");
    let before = fs::read_to_string(&config).expect("a configuration");
    let sections: String = numbered(30_000, |n| format!("[url \"{n}\"]\ninsteadOf=x{n}\n"));
    let values: String = numbered(55_000, |n| format!("insteadOf=x{n}\n"));
    fs::write(&config, format!("{before}{sections}")).expect("a configuration");
    let outcome = run(&scene, "staging which");
    assert_eq!(outcome.status, Some(2), "{outcome}");
    assert!(outcome.stderr.contains("has more than 10000 sections"), "{outcome}");
    fs::write(&config, format!("{before}[url \"y\"]\n{values}")).expect("a configuration");
    assert_eq!(run(&scene, "staging which").status, Some(0));

    let scene = Scene::bare();
    let apps: String = numbered(50_000, |n| format!("\"app-{n:05}\","));
    scene.write("greenroom.toml", format!("[environments.staging]\napps = [{apps}]\n"));
    let outcome = run(&scene, "staging features");
    assert_eq!(outcome.status, Some(3), "{}", &outcome.stderr[..200]);
}
