//! Which review app is meant, in every form that it can be named in.

use std::fs;

use serde_json::json;

use super::super::pty::Pty;
use super::super::scene::{Scene, binaries, install_program};

const APP: &str = "playhouse-pr-42-x7k2\n";

#[test]
fn options_name_a_branch_or_a_pull_request_whatever_it_is_called() {
    let scene = Scene::playhouse();
    for words in [
        &["-b", "curtain-call", "which"][..],
        &["--branch=curtain-call", "which"],
        &["-p", "42", "which"],
        &["--pr", "https://github.com/stage/playhouse/pull/42", "which"],
        &["--dry-run", "-p42", "--no-color", "which"],
        &["playhouse-pr-42-x7k2", "which"],
        &["https://gitlab.com/stage/playhouse/-/merge_requests/42", "which"],
        &["https://bitbucket.org/stage/playhouse/pull-requests/42/a-title", "which"],
    ] {
        let outcome = scene.run_words("review", words);
        assert_eq!(outcome.stdout, APP, "{words:?}: {outcome}");
    }
    // Branches that are called as commands are.
    let app = json!({"name": "playhouse-tail", "pipeline": "playhouse", "stage": "review"});
    scene.panel("POST", "/apps", app);
    let body = json!({"branch": "tail", "status": "created", "app": "playhouse-tail"});
    scene.panel("POST", "/review-apps", body);
    assert_eq!(scene.run("review --branch tail which").stdout, "playhouse-tail\n");
    assert_eq!(scene.run("review playhouse-tail which").stdout, "playhouse-tail\n");
    insta::assert_snapshot!(scene.run("review -b tail -p 42 which"), @"
    ------- stderr -------
    error: branch tail and pull request 42 are both given
    hint: review --help
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("review --pr which"), @r#"
    ------- stderr -------
    error: --pr is "which", which is no pull request's number
    hint: review --pr 42 COMMAND
    [exit status: 2]
    "#);
}

#[test]
fn a_name_that_nothing_has_is_answered_with_the_nearest() {
    let scene = Scene::playhouse();
    for number in 50..60 {
        let body = json!({"branch": format!("act-{number}"), "pr_number": number, "status": "created"});
        scene.panel("POST", "/review-apps", body);
    }
    insta::assert_snapshot!(scene.run("review act-5 which"), @"
    ------- stderr -------
    error: pipeline playhouse has no review app for branch or app act-5
    hint: the nearest of its review apps: 50 (act-50), 51 (act-51), 52 (act-52), 53 (act-53), 54 (act-54)
    hint: review list   # lists them and 7 more
    [exit status: 3]
    ");
    let near = scene.run("review 44 which").stderr;
    assert!(
        near.contains("the nearest of its review apps: 43 (new-lights), 42 (curtain-call), 50 (act-50)"),
        "{near}"
    );
}

#[test]
fn the_branch_is_meant_by_the_name_that_it_was_pushed_under() {
    let scene = Scene::playhouse();
    scene.git(&["checkout", "--quiet", "--no-track", "-b", "fix", "origin/curtain-call"]);
    scene.commit_here("Bow twice");
    scene.git(&["push", "--quiet", "-u", "origin", "HEAD:curtain-call"]);
    assert_eq!(scene.run("review which").stdout, APP);
    // One that was begun at another's branch is not that branch's once it was pushed itself.
    scene.git(&["push", "--quiet", "origin", "HEAD:fix"]);
    scene.git(&["fetch", "--quiet", "origin"]);
    let app = json!({"name": "playhouse-fix", "pipeline": "playhouse", "stage": "review"});
    scene.panel("POST", "/apps", app);
    let body = json!({"branch": "fix", "status": "created", "app": "playhouse-fix"});
    scene.panel("POST", "/review-apps", body);
    assert_eq!(scene.run("review which").stdout, "playhouse-fix\n");
    // As gh checks out the pull request of a fork.
    scene.git(&["checkout", "--quiet", "-b", "theirs"]);
    scene.git(&["config", "branch.theirs.remote", "origin"]);
    scene.git(&["config", "branch.theirs.merge", "refs/pull/42/head"]);
    assert_eq!(scene.run("review which").stdout, APP);
    // The default branch is where a branch begins, not what it is.
    scene.panel("PATCH", "/review-apps/42", json!({"status": "deleted"}));
    let body = json!({"branch": "main", "pr_number": 9, "status": "created", "app": "playhouse-fix"});
    scene.panel("POST", "/review-apps", body);
    scene.git(&["checkout", "--quiet", "-b", "begun", "origin/main"]);
    let begun = scene.run("review which");
    assert_eq!(begun.status, Some(3), "{begun}");
}

#[test]
fn ci_means_what_it_builds() {
    let mut scene = Scene::playhouse();
    scene.git(&["checkout", "--quiet", "--detach"]);
    insta::assert_snapshot!(scene.run("review which"), @"
    ------- stderr -------
    error: no branch is checked out, so a review app must be named
    hint: review 42 which   # by the pull request's number
    [exit status: 3]
    ");
    scene.set("GITHUB_ACTIONS", "true").set("GITHUB_REF", "refs/heads/curtain-call");
    assert_eq!(scene.run("review which").stdout, APP);
    scene.set("GITHUB_REF", "refs/pull/42/merge").set("GITHUB_HEAD_REF", "elsewhere");
    assert_eq!(scene.run("review which").stdout, APP);
    // The number is not known at Heroku, and the fork's branch has the name of one of ours.
    scene.set("GITHUB_REF", "refs/pull/77/merge").set("GITHUB_HEAD_REF", "curtain-call");
    insta::assert_snapshot!(scene.run("review which"), @"
    ------- stderr -------
    error: pipeline playhouse has no review app for pull request 77 or branch curtain-call
    hint: its review apps: 43 (new-lights), 42 (curtain-call)
    [exit status: 3]
    ");
    assert_eq!(scene.run("review 42 which").stdout, APP);
}

#[test]
fn a_person_chooses_between_several() {
    let scene = Scene::playhouse();
    let body =
        json!({"branch": "curtain-call", "pr_number": 45, "status": "created", "app": "playhouse-staging"});
    scene.panel("POST", "/review-apps", body);
    let mut command = scene.prepared("review");
    command.args(["curtain-call", "which"]);
    let mut terminal = Pty::start(&command);
    terminal.sees("Which one? [1-2]", 1).types("2\r");
    let shown = terminal.ends(0).raw();
    assert!(shown.contains("pipeline playhouse has 2 review apps for branch or app curtain-call"), "{shown}");
    assert!(shown.contains("  2  pull request 45, created, 0 s old"), "{shown}");
    assert!(shown.contains("\nplayhouse-staging\n"), "{shown}");
    let mut terminal = Pty::start(&command);
    terminal.sees("Which one? [1-2]", 1).types("3\r");
    let shown = terminal.ends(5).raw();
    assert!(shown.contains("none of them was chosen"), "{shown}");
}

#[test]
fn paritys_name_for_it_can_be_linked() {
    let mut scene = Scene::playhouse();
    let folder = scene.folder().join("linked");
    fs::create_dir_all(&folder).expect("a folder");
    install_program(&binaries().join("greenroom"), &folder.join("greenroom"));
    scene.put_on_path(folder);
    assert_eq!(scene.run("greenroom link pr_app").status, Some(0));
    assert_eq!(scene.run("pr_app 42 which").stdout, APP);
    assert_eq!(scene.run("pr_app -b curtain-call which").stdout, APP);
    let listed = scene.run("pr_app list --json");
    assert!(listed.stdout.contains("\"curtain-call\""), "{listed}");
}
