//! Candidates are valid arguments, whatever the repository contains.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::scene::{Scene, end, until};

/// fish's question at the end of a line.
fn asked(scene: &Scene, line: &str) -> Command {
    let mut command = scene.prepared("greenroom");
    command.args(["__complete", "fish", line]);
    command
}

/// The candidates at the end of a line.
fn words(scene: &Scene, line: &str) -> Vec<String> {
    let output = asked(scene, line).output().expect("an answer");
    assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // The first line tells of paths.
    text.lines().skip(1).map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

/// Waits until there are candidates besides the options that stand in for names which are still being read.
fn words_soon(scene: &Scene, line: &str) -> Vec<String> {
    let mut offered = Vec::new();
    until(line, || {
        offered = words(scene, line);
        offered.iter().any(|word| !word.starts_with('-'))
    });
    offered
}

#[test]
fn used_flags_are_not_offered_again() {
    let scene = Scene::playhouse();
    assert_eq!(
        words(&scene, "staging --json --"),
        ["--dry-run", "--yes", "--verbose", "--no-color", "--only", "--help", "--version"]
    );
    assert_eq!(words(&scene, "review --json 42 -v --j"), [""; 0]);
    assert_eq!(words(&scene, "review --json 42 -v --v"), ["--version"]);
    assert_eq!(words(&scene, "greenroom -vy --ye"), [""; 0]);
    assert_eq!(scene.run("staging --json --json which").status, Some(2));
    // Behind the command's name it may stand once more.
    assert_eq!(words(&scene, "staging --json which --j"), ["--json"]);
    assert_eq!(scene.run("staging --json which --json").status, Some(0));
}

#[test]
fn a_name_with_a_blank_in_place_of_its_colon_is_completed() {
    let scene = Scene::playhouse();
    assert_eq!(words(&scene, "staging config p"), ["pull", "push"]);
    assert_eq!(words(&scene, "staging maintenance o"), ["off", "on"]);
    assert_eq!(words(&scene, "staging config diff prod"), ["production"]);
    assert_eq!(words(&scene, "review 42 config diff --sh"), ["--show"]);
    let all = words(&scene, "staging config ");
    assert!(all.starts_with(&["diff".to_owned()]) && all.contains(&"--shell".to_owned()), "{all:?}");
    assert_eq!(words(&scene, "staging config --s"), ["--shell"]);
}

#[test]
fn conflicting_flags_are_not_offered() {
    let scene = Scene::playhouse();
    assert_eq!(words(&scene, "staging tail --p"), ["--process-type"]);
    assert_eq!(words(&scene, "staging tail --dyno=web.1 --p"), [""; 0]);
    assert_eq!(words(&scene, "staging tail -pweb --dy"), [""; 0]);
    assert_eq!(scene.run("staging tail -pweb --dyno web.1").status, Some(2));
}

#[test]
fn pull_request_numbers_keep_their_hash_sign() {
    let scene = Scene::playhouse();
    assert_eq!(words_soon(&scene, "review '#"), ["#42", "#43"]);
    assert_eq!(words(&scene, "review '#42"), ["#42"]);
    assert!(words(&scene, "review '#42' ").contains(&"tail".to_owned()));
}

#[test]
fn options_that_select_a_review_app_offer_what_there_is() {
    let scene = Scene::playhouse();
    assert_eq!(words_soon(&scene, "review --pr "), ["42", "43"]);
    assert_eq!(words(&scene, "review -b "), ["curtain-call", "new-lights"]);
    assert_eq!(words(&scene, "review --branch=cu"), ["--branch=curtain-call"]);
    assert_eq!(words(&scene, "review --b"), ["--branch"]);
    assert_eq!(words(&scene, "review -b curtain-call --w"), ["--wait"]);
    assert_eq!(words(&scene, "review -b curtain-call --p"), [""; 0]);
    assert_eq!(words(&scene, "review 42 --b"), [""; 0]);
    assert_eq!(words(&scene, "review --wait -p 42 config:g"), ["config:get"]);
    assert_eq!(words_soon(&scene, "review --wait -p 42 config:get NO"), ["NODE_ENV"]);
    assert_eq!(words(&scene, "pr_app --pr 4"), ["42", "43"]);
}

#[test]
fn lists_and_patterns_of_environments_are_completed() {
    let scene = Scene::playhouse();
    for list in ["'stag*'", "'stag*',production", "production,", "' staging'"] {
        assert_eq!(words(&scene, &format!("greenroom on {list} ti")), [""; 0], "{list}");
        assert_eq!(words(&scene, &format!("greenroom on {list} ta")), ["tail"], "{list}");
    }
    for list in ["'nowhere-*'", "Staging", "''"] {
        assert_eq!(words(&scene, &format!("greenroom on {list} ta")), [""; 0], "{list}");
    }
}

#[test]
fn hostile_names_in_a_repository_are_not_offered() {
    let scene = Scene::playhouse();
    scene.git(&["update-ref", "refs/tags/--yes", "HEAD"]);
    let odd = OsStr::from_bytes(b"refs/heads/caf\xe9");
    let mut git = scene.prepared("git");
    assert!(git.args(["update-ref".as_ref(), odd, "HEAD".as_ref()]).status().expect("git").success());
    let offered = words(&scene, "staging deploy ");
    assert!(offered.contains(&"main".to_owned()), "{offered:?}");
    assert!(!offered.iter().any(|word| word.starts_with('-') || word.starts_with("caf")), "{offered:?}");
}

#[test]
fn rollback_offers_eligible_releases_only() {
    let scene = Scene::playhouse();
    scene.release("playhouse-staging", json!({ "description": "Deploy 1234567", "status": "failed" }));
    let offered = words_soon(&scene, "staging rollback ");
    for refused in ["v1", "v2"] {
        assert!(!offered.contains(&refused.to_owned()), "{offered:?}");
    }
    for version in &offered {
        let outcome = scene.run(&format!("staging rollback {version} --dry-run"));
        assert_eq!(outcome.status, Some(0), "{outcome}");
    }
}

#[test]
fn cached_names_are_kept_per_account() {
    let mut scene = Scene::playhouse();
    assert!(!words_soon(&scene, "prepare setup --pipeline ").is_empty());
    scene.set("HEROKU_API_KEY", "of-somebody-else");
    assert_eq!(words(&scene, "prepare setup --pipeline "), [""; 0]);
}

#[test]
fn a_named_pipe_does_not_block_tab() {
    let scene = Scene::playhouse();
    let fifo = scene.repository().join("greenroom.toml");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    // It waits for somebody who writes, and nobody does.
    let mut child = asked(&scene, "staging promote --to ").stdout(Stdio::null()).spawn().expect("a program");
    assert_eq!(end(&mut child).code(), Some(0));
    fs::remove_file(fifo).expect("a file");
}

#[test]
fn a_failed_write_prints_nothing() {
    let scene = Scene::playhouse();
    let full = fs::File::options().write(true).open("/dev/full").expect("a full disk");
    let output = asked(&scene, "staging ").stdout(full).stderr(Stdio::piped()).output().expect("an answer");
    assert!(output.stderr.is_empty(), "{output:?}");
}
