//! `review destroy`.

use rehearsal::Fault;
use serde_json::json;

use super::super::scene::Scene;
use super::{connected, review_app};

#[test]
fn a_review_app_is_destroyed_with_its_app() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("review 42 destroy"), @"
    ------- stderr -------
    #42  curtain-call  created
    error: review apps are destroyed with their data, and confirmation requires a terminal
    hint: review 42 destroy --yes
    [exit status: 5]
    ");
    assert_eq!(scene.count("DELETE /review-apps"), 0);
    insta::assert_snapshot!(scene.run("review 42 destroy --yes"), @"
    ------- stderr -------
    #42  curtain-call  created
    destroyed the review app of pull request 42 (branch curtain-call)
    ");
    assert_eq!(review_app(&scene, "curtain-call")["status"], "deleted");
    assert_eq!(scene.heroku().call("GET", "/apps/playhouse-pr-42-x7k2", None).0, 404);
    let again = scene.run("review 42 destroy --yes");
    assert_eq!((again.status, &*again.stderr), (Some(0), "nothing to destroy\n"));
}

#[test]
fn those_of_branches_that_are_gone_are_destroyed_but_not_those_of_forks() {
    let scene = connected(&[]);
    assert_eq!(scene.run("review create").status, Some(0));
    let fork = json!({"branch": "lost", "pr_number": 50, "status": "created", "fork": 7});
    scene.panel("POST", "/review-apps", fork);
    insta::assert_snapshot!(scene.run("review destroy --merged --yes --json"), @r#"
    [
      {
        "number": 43,
        "branch": "new-lights"
      }
    ]
    ------- stderr -------
    #43  new-lights  branch new-lights is gone
    destroyed the review app of pull request 43 (branch new-lights)
    "#);
    scene.git(&["push", "--quiet", "origin", "--delete", "matinee"]);
    let outcome = scene.run("review destroy --merged --yes");
    assert!(outcome.stderr.contains("branch matinee is gone"), "{outcome}");
    assert_eq!(review_app(&scene, "lost")["status"], "created");
    assert_eq!(review_app(&scene, "curtain-call")["status"], "created");
}

#[test]
fn what_had_no_release_for_days_is_destroyed() {
    let scene = Scene::playhouse();
    let old =
        json!({"branch": "old", "pr_number": 51, "status": "errored", "created_at": "2026-01-01T00:00:00Z"});
    scene.panel("POST", "/review-apps", old);
    let plan = scene.run("review destroy --stale 30 --dry-run");
    assert_eq!(plan.stdout.lines().count(), 1, "{plan}");
    let outcome = scene.run("review destroy --stale 30 --yes");
    assert!(outcome.stderr.contains("#51  old  no release for 30 days"), "{outcome}");
    assert_eq!(review_app(&scene, "old")["status"], "deleted");
    assert_eq!(review_app(&scene, "curtain-call")["status"], "created");
}

#[test]
fn an_origin_without_branches_dooms_nothing() {
    let scene = Scene::playhouse();
    let empty = scene.folder().join("empty.git");
    scene.git(&["init", "--quiet", "--bare", &empty.display().to_string()]);
    scene.git(&["remote", "set-url", "origin", &empty.display().to_string()]);
    let outcome = scene.run("review destroy --merged --yes");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("has no branches"), "{outcome}");
    assert_eq!(scene.count("DELETE /review-apps"), 0);
}

#[test]
fn a_refused_deletion_is_a_failure_and_a_lost_answer_is_not() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer("DELETE /review-apps/*", 403));
    let refused = scene.run("review 42 destroy --yes");
    assert_eq!(refused.status, Some(4), "{refused}");
    assert!(refused.stderr.contains("was not deleted"), "{refused}");
    scene.heroku().heal();
    let route = "DELETE /review-apps/*".to_owned();
    scene.heroku().inject(Fault::Truncate { route, times: Some(1) });
    let lost = scene.run("review 42 destroy --yes");
    assert_eq!(lost.status, Some(0), "{lost}");
    assert_eq!(review_app(&scene, "curtain-call")["status"], "deleted");
}
