//! The rounds of requests that a command waits for, one after the other: over a distance they are its whole time.

use std::time::Duration;

use rehearsal::{Settings, rounds};
use serde_json::json;

use super::scene::Scene;

/// The rounds that a command line takes, once what it remembers of the app is warm.
fn rounds_of(line: &str) -> usize {
    let settings = Settings { latency: Duration::from_millis(150), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
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
