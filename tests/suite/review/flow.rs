//! The whole life of a review app, and the official CLI beside it.

use serde_json::Value;

use super::super::official_cli::with_the_cli;
use super::{connected, review_app};

#[test]
fn a_branch_is_reviewed_from_its_first_push_to_its_merge() {
    let scene = connected(&[("Procfile", "web: node server.js\nmigrate: echo Tables are set\n")]);
    let run = |line: &str| {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        outcome
    };
    let url = run("review create --pr 44").stdout;
    assert_eq!(run("review url").stdout, url);
    assert!(run("review list").stdout.contains("matinee *"));
    assert!(run("review 44 migrate").stdout.contains("Tables are set"));
    scene.commit_here("Dim the lights");
    let head = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    scene.git(&["push", "--quiet", "origin", "matinee"]);
    assert_eq!(run("review redeploy").stdout, url);
    let app = review_app(&scene, "matinee")["app"]["id"].as_str().expect("an app").to_owned();
    assert_eq!(scene.runs(&app).1, head);
    scene.git(&["push", "--quiet", "origin", "HEAD:main", ":matinee"]);
    let destroyed = run("review destroy --merged --yes");
    assert!(destroyed.stderr.contains("destroyed the review app of pull request 44"), "{destroyed}");
    assert_eq!(scene.run("review 44 which").status, Some(3));
}

#[test]
fn the_official_cli_sees_the_same_review_apps() {
    let Some(scene) = with_the_cli() else { return };
    scene.git(&["checkout", "--quiet", "-b", "matinee"]);
    scene.commit_here("Play in the afternoon");
    scene.git(&["push", "--quiet", "origin", "matinee"]);
    let heroku = |line: &str| {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    };
    heroku("heroku reviewapps:create -p playhouse -b matinee --wait --wait-interval 1");
    let listed: Value = serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    let of_branch = |review: &&Value| review["branch"] == "matinee";
    let listed = listed.as_array().expect("a list").iter().find(of_branch).expect("the review app");
    assert_eq!(listed["status"], "created", "{listed}");
    heroku(&format!("heroku reviewapps:wait {}", listed["app"].as_str().expect("an app")));
    let settings =
        || -> Value { serde_json::from_str(&scene.run("review settings --json").stdout).unwrap_or_default() };
    heroku("heroku reviewapps:enable -p playhouse --autodeploy --wait-for-ci");
    let set = settings();
    assert!(set["automatic_review_apps"] == true && set["wait_for_ci"] == true, "{set}");
    heroku("heroku reviewapps:disable -p playhouse");
    assert_eq!(scene.run("review settings").status, Some(1));
}
