//! `review create` and `review wait`.

use rehearsal::Fault;
use serde_json::{Value, json};

use super::super::scene::{signal, until};
use super::{connected, review_app};

const MANIFEST: &str = r#"{"scripts":{"postdeploy":"echo Sold ten seats"}}"#;

#[test]
fn a_review_app_of_the_current_branch_is_created_and_shown() {
    let scene = connected(&[("app.json", MANIFEST)]);
    let outcome = scene.run("review create --pr 44 --env SEATS=9 --env LOG_LEVEL=debug");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(outcome.stdout.starts_with("https://playhouse-pr-44-"), "{outcome}");
    for line in [
        "creating the review app of pull request 44 (branch matinee)",
        "setting up playhouse-pr-44-",
        " | -----> Node.js app detected",
        "postdeploy | Sold ten seats",
        " is up",
    ] {
        assert!(outcome.stderr.contains(line), "{line}: {outcome}");
    }
    let app = scene.run("review which").stdout;
    let vars: Value = serde_json::from_str(&scene.run("review config --json").stdout).expect("JSON");
    assert_eq!((&vars["SEATS"], &vars["LOG_LEVEL"]), (&json!("9"), &json!("debug")), "{app}");
    assert!(scene.run("review list").stdout.contains("matinee *"), "{}", scene.run("review list"));
}

#[test]
fn without_waiting_the_app_is_awaited_later() {
    let scene = connected(&[]);
    let accepted = scene.run("review create --no-wait");
    insta::assert_snapshot!(accepted, @"
    ------- stderr -------
    creating the review app of branch matinee
    hint: review --branch matinee wait
    ");
    let waited = scene.run("review wait --json");
    assert_eq!(waited.status, Some(0), "{waited}");
    let created: Value = serde_json::from_str(&waited.stdout).expect("JSON");
    assert_eq!((&created["branch"], &created["number"]), (&json!("matinee"), &Value::Null));
    let again = scene.run("review wait");
    assert_eq!(again.stdout.trim(), created["url"].as_str().unwrap_or_default(), "{again}");
}

#[test]
fn what_fails_is_a_failure_with_its_reason() {
    let scene = connected(&[("app.json", r#"{"scripts":{"postdeploy":"false"}}"#)]);
    let failed = scene.run("review create");
    assert_eq!(failed.status, Some(1), "{failed}");
    let end = failed.stderr.split_once("error: ").map(|(_, end)| end).unwrap_or_default();
    insta::assert_snapshot!(end, @"
    the review app of branch matinee could not be created: postdeploy command failed
    hint: review --branch matinee destroy   # then create it again
    ");
    insta::assert_snapshot!(scene.run("review which"), @"
    ------- stderr -------
    error: the review app of branch matinee could not be created: postdeploy command failed
    hint: review --branch matinee destroy   # then create it again
    [exit status: 3]
    ");
}

#[test]
fn a_wait_has_a_limit_and_ends_when_the_app_is_deleted() {
    let scene = connected(&[]);
    scene.heroku().inject(Fault::StallReviewApp { branch: "matinee".to_owned() });
    let late = scene.run("review create --wait-timeout 1s");
    assert_eq!(late.status, Some(6), "{late}");
    assert!(late.stderr.contains("is still pending, and goes on at Heroku"), "{late}");
    let mut waiting = scene.prepared("review");
    let mut waiting = waiting.arg("wait").spawn().expect("review wait");
    let id = review_app(&scene, "matinee")["id"].as_str().unwrap_or_default().to_owned();
    scene.ask("DELETE", &format!("/review-apps/{id}"), Value::Null);
    assert_eq!(waiting.wait().expect("its end").code(), Some(1));
    scene.heroku().heal();
}

#[test]
fn code_that_heroku_cannot_take_is_refused_before_anything_is_created() {
    let scene = connected(&[]);
    let before = scene.count("POST /review-apps");
    insta::assert_snapshot!(scene.run("review create nowhere"), @"
    ------- stderr -------
    error: stage/playhouse has no branch nowhere
    hint: git push origin nowhere
    [exit status: 5]
    ");
    scene.panel("PATCH", "/pipelines/playhouse", json!({ "repository": null }));
    let outcome = scene.run("review create");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("pipeline playhouse is not connected to a repository"), "{outcome}");
    assert!(
        outcome.stderr.contains("hint: review create matinee --local   # from this repository"),
        "{outcome}"
    );
    assert_eq!(scene.count("POST /review-apps"), before);
}

#[test]
fn a_dry_run_shows_the_request_without_the_values() {
    let scene = connected(&[]);
    let outcome = scene.run("review create --dry-run --pr 44 --env SECRET=hunter2");
    assert!(outcome.stdout.contains("/review-apps") && outcome.stdout.contains("matinee"), "{outcome}");
    assert!(!outcome.stdout.contains("hunter2"), "{outcome}");
    assert_eq!(scene.count("POST /review-apps"), 0);
}

#[test]
fn a_second_one_of_a_branch_is_refused_by_heroku() {
    let scene = connected(&[]);
    assert_eq!(scene.run("review create").status, Some(0));
    let second = scene.run("review create");
    assert_eq!(second.status, Some(1), "{second}");
    assert!(second.stderr.contains("A review app already exists for this branch."), "{second}");
    assert!(second.stderr.contains("hint: review list"), "{second}");
}

#[test]
fn an_interrupt_leaves_the_creation_to_heroku() {
    let scene = connected(&[]);
    scene.heroku().inject(Fault::StallReviewApp { branch: "matinee".to_owned() });
    let child = scene.prepared("review").arg("create").stderr(std::process::Stdio::piped()).spawn();
    let child = child.expect("review create");
    until("the request", || scene.count("POST /review-apps") == 1);
    until("a look", || scene.heroku().count("GET /review-apps/*") > 0);
    signal("-INT", &child.id().to_string());
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("interrupted: the review app of branch matinee continues at Heroku"), "{said}");
    scene.heroku().heal();
}
