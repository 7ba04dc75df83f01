//! `review list`.

use rehearsal::Fault;
use serde_json::json;

use super::super::scene::Scene;

#[test]
fn the_review_apps_of_the_pipeline_are_listed() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("review list"), @"
    PR   branch        app                   status    age
    #42  curtain-call  playhouse-pr-42-x7k2  created   1 day
    #43  new-lights    -                     creating  1 day
    ");
    let listed: serde_json::Value =
        serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    assert_eq!(listed[0]["app"], "playhouse-pr-42-x7k2");
    assert_eq!((&listed[1]["number"], &listed[1]["app"]), (&json!(43), &json!(null)));
}

#[test]
fn app_names_are_read_in_one_request() {
    let scene = Scene::playhouse();
    let before = scene.requests().len();
    assert_eq!(scene.run("review list").status, Some(0));
    let requests = scene.requests()[before..].to_vec();
    let about_apps = |line: &&String| line.contains("/apps") && !line.ends_with("/pipeline-couplings");
    let asked: Vec<&String> = requests.iter().filter(about_apps).collect();
    assert_eq!(asked, ["POST /filters/apps"], "{requests:?}");
}

#[test]
fn a_branch_named_list_can_be_selected() {
    let scene = Scene::playhouse();
    let outcome = scene.run("review list which");
    assert_eq!(outcome.status, Some(2), "{outcome}");
}

#[test]
fn a_failed_listing_is_reported() {
    let scene = Scene::playhouse();
    let route = "GET /pipelines/*/review-apps".to_owned();
    scene.heroku().inject(Fault::Answer { route, times: None, status: 403, body: None, headers: [].into() });
    assert_eq!(scene.run("review list").status, Some(4));
}
