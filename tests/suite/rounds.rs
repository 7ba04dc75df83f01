//! The rounds of requests that a command waits for, one after the other: over a distance they are its whole time.

use std::time::Duration;

use rehearsal::{Settings, rounds};
use serde_json::json;

use super::scene::Scene;

/// A playhouse that is far away.
fn far_away() -> Scene {
    Scene::playhouse_with(Settings { latency: Duration::from_millis(150), ..Settings::default() })
}

/// The rounds that a command line takes, once what it remembers of the app is warm.
fn rounds_of(line: &str) -> usize {
    rounds_in(&far_away(), line)
}

fn rounds_in(scene: &Scene, line: &str) -> usize {
    let first = scene.run(line);
    assert_eq!(first.status, Some(0), "{line}: {first}");
    let before = scene.heroku().exchanges().len();
    let again = scene.run(line);
    assert_eq!(again.status, Some(0), "{line}: {again}");
    rounds(&scene.heroku().exchanges()[before..])
}

#[test]
fn everyday_commands_take_one_round() {
    let wrong: Vec<String> = [
        "staging ps",
        "staging open --dry-run",
        "staging url",
        "staging restart",
        "staging releases",
        "staging maintenance",
        "staging info",
        "staging config",
        "staging config:get LOG_LEVEL",
        "staging domains",
        "staging addons",
    ]
    .into_iter()
    .map(|line| (line, rounds_of(line)))
    .filter(|(_, rounds)| *rounds != 1)
    .map(|(line, rounds)| format!("{line}: {rounds}"))
    .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_change_of_config_vars_takes_three_rounds() {
    // Whether the app is protected; the change; the release that it made.
    assert_eq!(rounds_of("staging config:set LOG_LEVEL=debug"), 3);
    assert_eq!(rounds_of("staging config:unset LOG_LEVEL"), 3);
}

#[test]
fn an_environment_that_is_found_by_its_stage_takes_one_round_more() {
    let scene = far_away();
    scene.git(&["remote", "remove", "staging"]);
    assert_eq!(rounds_in(&scene, "staging ps"), 2);
    assert_eq!(rounds_in(&scene, "review 42 ps"), 3);
    scene.git(&["remote", "remove", "production"]);
    scene.git(&["remote", "remove", "prepare"]);
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
    assert_eq!(rounds_in(&scene, "production url"), 2);
}

#[test]
fn an_app_is_found_in_the_stage_that_it_is_in_now() {
    let scene = Scene::quiet();
    scene.git(&["remote", "remove", "staging"]);
    let app = || scene.run("staging which").stdout.split_whitespace().next().unwrap_or_default().to_owned();
    assert_eq!([app(), app()], ["playhouse-staging"; 2]);
    scene.ask("PATCH", "/apps/playhouse-staging", json!({ "name": "playhouse-stage" }));
    assert_eq!(app(), "playhouse-stage");
    scene.uncouple("playhouse-stage");
    let none = scene.run("staging which");
    assert!(none.status == Some(3) && none.stderr.contains("has no app in stage staging"), "{none}");
    let couple = |app, pipeline| {
        scene.ask(
            "POST",
            "/pipeline-couplings",
            json!({ "app": app, "pipeline": pipeline, "stage": "staging" }),
        );
    };
    scene.uncouple("playhouse-prepare");
    couple("playhouse-prepare", "playhouse");
    assert_eq!(app(), "playhouse-prepare");
    // The project's other apps move to another pipeline.
    scene.ask("POST", "/pipelines", json!({ "name": "opera" }));
    scene.git(&["remote", "remove", "prepare"]);
    scene.uncouple("playhouse-production");
    let production = json!({ "app": "playhouse-production", "pipeline": "opera", "stage": "production" });
    scene.ask("POST", "/pipeline-couplings", production);
    couple("playhouse-stage", "opera");
    assert_eq!(app(), "playhouse-stage");
}

#[test]
fn the_plan_of_a_promotion_takes_two_rounds() {
    assert_eq!(rounds_of("production promote --dry-run"), 2);
    assert_eq!(rounds_of("staging deploy --no-build --dry-run"), 2);
}

#[test]
fn an_app_that_moved_to_another_pipeline_is_read_there() {
    let scene = Scene::quiet();
    assert_eq!(scene.run("production promote --dry-run").status, Some(0));
    scene.ask("POST", "/pipelines", json!({ "name": "opera" }));
    for (app, stage) in [("playhouse-production", "production"), ("playhouse-staging", "staging")] {
        scene.uncouple(app);
        scene.ask("POST", "/pipeline-couplings", json!({ "app": app, "pipeline": "opera", "stage": stage }));
    }
    let moved = scene.run("production promote --dry-run");
    assert_eq!(moved.status, Some(0), "{moved}");
    assert!(moved.stderr.contains("from playhouse-staging"), "{moved}");
    scene.uncouple("playhouse-production");
    let alone = scene.run("production promote --dry-run");
    assert!(alone.stderr.contains("playhouse-production is in no pipeline"), "{alone}");
}
