//! Review apps in every state that Heroku may show them in.

use std::time::Duration;

use rehearsal::{Fault, Settings};
use serde_json::{Value, json};

use super::super::scene::Scene;
use super::review_app;

#[test]
fn one_that_is_being_deleted_works_until_its_app_is_gone() {
    let scene =
        Scene::playhouse_with(Settings { review_app_time: Duration::from_secs(3600), ..Settings::default() });
    let id = review_app(&scene, "curtain-call")["id"].as_str().unwrap_or_default().to_owned();
    scene.ask("DELETE", &format!("/review-apps/{id}"), Value::Null);
    assert_eq!(scene.run("review 42 which").stdout, "playhouse-pr-42-x7k2\n");
    assert!(!scene.run("review list").stdout.contains("curtain-call"));
    assert!(scene.run("review list --all").stdout.contains("deleting"));
    scene.heroku().inject(Fault::answer("GET /apps/*", 404));
    let gone = scene.run("review 42 which");
    assert_eq!(gone.status, Some(3), "{gone}");
    let error = "error: the review app of pull request 42 (branch curtain-call) has lost its app\n";
    assert!(gone.stderr.starts_with(error), "{gone}");
    // The list has the review app still, and the filter its app no more.
    scene.heroku().heal();
    scene.heroku().inject(Fault::Answer {
        route: "POST /filters/apps".to_owned(),
        times: None,
        status: 200,
        body: Some(json!([])),
        headers: [].into(),
    });
    let listed: Value = serde_json::from_str(&scene.run("review list --all --json").stdout).expect("JSON");
    let of = |key: &str| listed[0][key].clone();
    assert_eq!((of("number"), of("app"), of("url")), (json!(42), Value::Null, Value::Null));
}

#[test]
fn one_that_is_deleted_is_named_as_such() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("review 42 destroy --yes").status, Some(0));
    for selector in ["42", "curtain-call", "--branch=curtain-call"] {
        let gone = scene.run(&format!("review {selector} which"));
        assert_eq!(gone.status, Some(3), "{gone}");
        let error = "error: the review app of pull request 42 (branch curtain-call) is deleted\n";
        assert!(gone.stderr.starts_with(error), "{gone}");
    }
    let again = scene.run("review 42 destroy --yes");
    assert!(again.status == Some(0) && again.stderr.contains("nothing to destroy"), "{again}");
}

#[test]
fn one_without_a_pull_request_and_one_of_a_fork_are_told_apart() {
    let scene = Scene::playhouse();
    let add = |name: &str, body: Value| {
        scene.panel("POST", "/apps", json!({"name": name, "pipeline": "playhouse", "stage": "review"}));
        scene.panel("POST", "/review-apps", body);
    };
    let body = json!({"branch": "curtain-call", "pr_number": 45, "status": "created", "app": "playhouse-fork", "fork": 7});
    add("playhouse-fork", body);
    add("playhouse-plain", json!({"branch": "overture", "status": "created", "app": "playhouse-plain"}));
    let which = |selector: &str| scene.run(&format!("review {selector} which")).stdout;
    assert_eq!(which("curtain-call"), "playhouse-pr-42-x7k2\n", "the branch's own goes first");
    assert_eq!(which("45"), "playhouse-fork\n");
    assert_eq!(which("playhouse-fork"), "playhouse-fork\n");
    assert_eq!(which("overture"), "playhouse-plain\n");
    scene.git(&["checkout", "--quiet", "curtain-call"]);
    assert_eq!(which(""), "playhouse-pr-42-x7k2\n");
    let listed: Value = serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    let of =
        |app: &str| listed.as_array().and_then(|all| all.iter().find(|one| one["app"] == app)).expect("one");
    assert_eq!(of("playhouse-plain")["number"], Value::Null);
    let fork = of("playhouse-fork");
    assert_eq!((&fork["current"], &fork["behind"]), (&json!(false), &Value::Null));
    assert_eq!(of("playhouse-pr-42-x7k2")["current"], true);
    // Without the own one the fork's is meant.
    scene.panel("PATCH", "/review-apps/42", json!({"status": "deleted"}));
    assert_eq!(which("curtain-call"), "playhouse-fork\n");
}

#[test]
fn the_newest_wins_over_those_that_failed_or_are_gone() {
    let scene = Scene::playhouse();
    scene.panel(
        "POST",
        "/apps",
        json!({"name": "playhouse-new", "pipeline": "playhouse", "stage": "review"}),
    );
    for (status, app) in [("errored", None), ("deleted", None), ("created", Some("playhouse-new"))] {
        let body =
            json!({"branch": "encore", "pr_number": 50, "status": status, "app": app, "message": "No seats"});
        scene.panel("POST", "/review-apps", body);
    }
    for selector in ["50", "encore"] {
        assert_eq!(scene.run(&format!("review {selector} which")).stdout, "playhouse-new\n", "{selector}");
    }
    scene.panel("POST", "/review-apps", json!({"branch": "encore", "pr_number": 50, "status": "created"}));
    insta::assert_snapshot!(scene.run("review 50 which"), @"
    ------- stderr -------
    error: pipeline playhouse has 2 review apps for pull request 50: pull request 50, pull request 50
    hint: review list   # names their apps, for: review APP COMMAND
    [exit status: 3]
    ");
}

#[test]
fn review_apps_are_read_page_by_page() {
    let scene = Scene::playhouse();
    for number in 1000..2010 {
        scene.panel("POST", "/review-apps", json!({"branch": format!("act-{number}"), "pr_number": number}));
    }
    let before = scene.requests().len();
    let listed: Value = serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(1012));
    let pages = scene.requests()[before..].iter().filter(|line| line.ends_with("/review-apps")).count();
    assert_eq!(pages, 2);
    for number in [1000, 1500, 2009] {
        let outcome = scene.run(&format!("review {number} which"));
        assert!(outcome.stderr.contains("is pending"), "{outcome}");
    }
}

#[test]
fn a_branch_that_origin_no_longer_has_keeps_its_review_app() {
    let scene = super::connected(&[]);
    assert_eq!(scene.run("review create").status, Some(0));
    scene.git(&["push", "--quiet", "origin", "--delete", "matinee"]);
    scene.git(&["fetch", "--quiet", "--prune", "origin"]);
    assert!(scene.run("review which").stdout.starts_with("playhouse-"));
    scene.git(&["checkout", "--quiet", "main"]);
    scene.git(&["branch", "--quiet", "-D", "matinee"]);
    assert!(scene.run("review matinee which").stdout.starts_with("playhouse-"));
    let listed: Value = serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    assert_eq!((&listed[0]["branch"], &listed[0]["behind"]), (&json!("matinee"), &Value::Null));
}
