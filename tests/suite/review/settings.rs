//! `review settings`, `review enable` and `review disable`.

use rehearsal::Fault;
use serde_json::json;

use super::super::scene::Scene;
use super::connected;

const CONFIG: &str = "/pipelines/playhouse/review-app-config";

#[test]
fn settings_are_shown_changed_and_read_again() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("review settings --automatic on --stale-days 7 --base-name matinee"), @"
    repository   stage/playhouse
    automatic    on
    stale-days   7
    wait-for-ci  off
    base-name    matinee
    ");
    let config = scene.look(CONFIG);
    assert_eq!((&config["automatic_review_apps"], &config["stale_days"]), (&json!(true), &json!(7)));
    assert!(scene.run("review settings --stale-days off").stdout.contains("stale-days   off\n"));
    let wrong = scene.run("review settings --stale-days 99");
    assert_eq!(wrong.status, Some(2), "{wrong}");
}

#[test]
fn a_change_that_did_not_arrive_is_a_failure() {
    let scene = Scene::playhouse();
    let route = "PATCH /pipelines/*/review-app-config".to_owned();
    let body = Some(json!({}));
    scene.heroku().inject(Fault::Answer { route, times: None, status: 200, body, headers: [].into() });
    insta::assert_snapshot!(scene.run("review settings --wait-for-ci on"), @"
    ------- stderr -------
    error: pipeline playhouse does not have the new settings
    hint: review settings
    [exit status: 1]
    ");
}

#[test]
fn review_apps_are_disabled_and_enabled() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("review disable").status, Some(5));
    insta::assert_snapshot!(scene.run("review disable --yes"), @"
    ------- stderr -------
    review apps are disabled for pipeline playhouse
    ");
    insta::assert_snapshot!(scene.run("review settings"), @"
    ------- stderr -------
    error: review apps are not enabled for pipeline playhouse
    hint: review enable
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("review enable --automatic on"), @"
    ------- stderr -------
    review apps are enabled for pipeline playhouse (stage/playhouse)
    ");
    assert_eq!(scene.look(CONFIG)["automatic_review_apps"], true);
    assert!(scene.run("review enable").stderr.contains("enabled already"));
    assert_eq!(scene.run("review enable --stale-days 3").status, Some(0));
    assert_eq!(scene.look(CONFIG)["stale_days"], 3);
    scene.panel("PATCH", "/pipelines/playhouse", json!({ "repository": null }));
    assert_eq!(scene.run("review enable").status, Some(5));
}

#[test]
fn the_pipelines_config_vars_go_into_new_review_apps() {
    let scene = connected(&[]);
    insta::assert_snapshot!(scene.run("review stage-config"), @"
    ------- stderr -------
    pipeline playhouse has no config vars for review apps
    ");
    let hidden = scene.run("review stage-config PIN=1606 --dry-run");
    assert!(
        hidden.stdout.contains("/stage/review/config-vars") && !hidden.stdout.contains("1606"),
        "{hidden}"
    );
    assert_eq!(scene.run("review stage-config").stdout, "");
    let set = scene.run("review stage-config PIN=1606 SEATS=9");
    assert!(set.status == Some(0) && !set.to_string().contains("1606"), "{set}");
    insta::assert_snapshot!(scene.run("review stage-config"), @"
    PIN:   1606
    SEATS: 9
    ");
    assert_eq!(scene.run("review create").status, Some(0));
    assert_eq!(scene.run("review config:get SEATS").stdout, "9\n");
    assert_eq!(scene.run("review stage-config --unset SEATS").stdout, "PIN: [hidden]\n");
    assert_eq!(scene.run("review config:get SEATS").stdout, "9\n");
    assert_eq!(scene.run("review stage-config =9").status, Some(2));
}

#[test]
fn where_they_are_not_enabled_the_way_there_is_told() {
    let scene = connected(&[]);
    assert_eq!(scene.run("review disable --yes").status, Some(0));
    let refused = scene.run("review create");
    assert!(refused.status == Some(1) && refused.stderr.contains("\nhint: review enable\n"), "{refused}");
    insta::assert_snapshot!(scene.run("review settings --automatic on"), @"
    ------- stderr -------
    error: review apps are not enabled for pipeline playhouse
    hint: review enable
    [exit status: 1]
    ");
}
