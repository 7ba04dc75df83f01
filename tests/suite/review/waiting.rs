//! A command on a review app that is still being created.

use std::process::Stdio;

use rehearsal::Fault;

use super::super::pty::Pty;
use super::super::scene::{Scene, until};
use super::connected;

/// A scene whose branch's review app is kept from being created.
fn stalled() -> Scene {
    let scene = connected(&[]);
    scene.heroku().inject(Fault::StallReviewApp { branch: "matinee".to_owned() });
    let accepted = scene.run("review create --pr 44 --no-wait");
    assert_eq!(accepted.status, Some(0), "{accepted}");
    scene
}

#[test]
fn without_a_terminal_the_error_names_the_option() {
    let scene = stalled();
    insta::assert_snapshot!(scene.run("review --dry-run console -e staging"), @"
    ------- stderr -------
    error: the review app of pull request 44 (branch matinee) is pending
    hint: review 44 wait
    hint: review --wait --dry-run console -e staging
    [exit status: 3]
    ");
    let outcome = scene.run("review 44 pg:info --extended");
    assert!(outcome.stderr.ends_with("hint: review --wait 44 pg:info --extended\n"), "{outcome}");
}

#[test]
fn with_the_option_it_is_created_first() {
    for line in ["--wait 44 which", "--wait --dry-run -b matinee features"] {
        let scene = stalled();
        let mut command = scene.prepared("review");
        command.args(line.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped());
        let waiting = command.spawn().expect("review");
        until("a look", || scene.heroku().count("GET /review-apps/*") > 0);
        scene.heroku().heal();
        let output = waiting.wait_with_output().expect("its end");
        let (said, printed) =
            (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
        assert!(output.status.success() && said.contains(" | -----> Node.js app detected"), "{line}: {said}");
        assert!(printed.contains("playhouse-pr-44-"), "{line}: {printed}");
    }
    // One that is there is not waited for.
    let scene = Scene::playhouse();
    assert_eq!(scene.run("review --wait 42 which").stdout, "playhouse-pr-42-x7k2\n");
    assert_eq!(scene.heroku().count("GET /review-apps/*"), 0);
}

#[test]
fn a_person_is_asked() {
    let scene = stalled();
    let mut command = scene.prepared("review");
    command.arg("which");
    let mut terminal = Pty::start(&command);
    terminal.sees("Wait until it is created? [y/N]", 1).types("y\r");
    until("a look", || scene.heroku().count("GET /review-apps/*") > 0);
    scene.heroku().heal();
    let shown = terminal.ends(0).raw();
    assert!(shown.contains("is pending\n") && shown.contains("Node.js app detected"), "{shown}");
    let scene = stalled();
    let mut command = scene.prepared("review");
    command.arg("which");
    let mut terminal = Pty::start(&command);
    terminal.sees("Wait until it is created? [y/N]", 1).types("\r");
    terminal.ends(3);
    assert_eq!(scene.heroku().count("GET /review-apps/*"), 0);
}

#[test]
fn one_that_cannot_be_created_ends_the_wait() {
    let scene = connected(&[]);
    let fault = Fault::FailReviewApp { branch: "matinee".to_owned(), message: "No seats left".to_owned() };
    scene.heroku().inject(fault);
    assert_eq!(scene.run("review create --no-wait").status, Some(0));
    let outcome = scene.run("review --wait which");
    assert!(outcome.stderr.contains("could not be created: No seats left"), "{outcome}");
    assert!(outcome.stdout.is_empty() && matches!(outcome.status, Some(1 | 3)), "{outcome}");
}

#[test]
fn the_log_of_one_that_is_being_created_is_that_of_its_set_up() {
    let scene = stalled();
    let mut command = scene.prepared("review");
    command.args(["44", "logs"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let printing = command.spawn().expect("review");
    until("a look", || scene.heroku().count("GET /review-apps/*") > 0);
    scene.heroku().heal();
    let output = printing.wait_with_output().expect("its end");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains(" | -----> Node.js app detected"), "{printed}");
    // Now it is there, and has a log of its own.
    let own = scene.run("review 44 logs");
    assert!(own.status == Some(0) && !own.stdout.contains("----->"), "{own}");
}

#[test]
fn the_log_of_one_that_could_not_be_created_says_why() {
    let scene = connected(&[("app.json", r#"{"scripts":{"postdeploy":"false"}}"#)]);
    assert_eq!(scene.run("review create").status, Some(1));
    let outcome = scene.run("review logs");
    assert!(outcome.stdout.contains(" | -----> Node.js app detected"), "{outcome}");
    assert!(outcome.stderr.contains("could not be created: postdeploy command failed"), "{outcome}");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert_eq!(scene.run("review logs --json").status, Some(3));
}

#[test]
fn its_log_is_followed_from_the_set_up_on() {
    let scene = stalled();
    let mut command = scene.prepared("review");
    let mut terminal = Pty::start(command.args(["44", "tail"]));
    until("a look", || scene.heroku().count("GET /review-apps/*") > 0);
    scene.heroku().heal();
    terminal.sees(" | -----> Node.js app detected", 1);
    until("its log", || scene.heroku().count("POST /apps/*/log-sessions") > 0);
    terminal.types("\u{3}");
    terminal.end();
}
