//! Local review apps in `review list` and at Tab, beside those that Heroku made.

use rehearsal::Fault;
use serde_json::Value;

use super::super::scene::{Scene, until};
use super::connected;

/// The values that fish is offered at the end of a line.
fn offered(scene: &Scene, line: &str) -> Vec<String> {
    let output = scene.prepared("greenroom").args(["__complete", "fish", line]).output().expect("an answer");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // The first line tells of paths.
    text.lines().skip(1).map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn one_without_a_build_is_listed_beside_those_of_heroku() {
    let scene = connected(&[("app.json", r#"{"addons": ["heroku-redis"]}"#)]);
    assert_eq!(scene.run("review list --json").status, Some(0));
    let route = "POST /apps/*/addons".to_owned();
    scene.heroku().inject(Fault::Answer { route, times: None, status: 403, body: None, headers: [].into() });
    assert_ne!(scene.run("review create --local --pr 44").status, Some(0));
    let listed: Value = serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    let ours = listed.as_array().and_then(|all| all.iter().find(|one| one["branch"] == "matinee"));
    let ours = ours.unwrap_or_else(|| panic!("{listed}"));
    assert_eq!(
        (&ours["number"], &ours["status"], &ours["commit"]),
        (&44.into(), &"creating".into(), &Value::Null)
    );
    assert!(ours["app"].as_str().is_some_and(|app| app.starts_with("playhouse-pr-44-")), "{ours}");
    assert_eq!(ours["current"], true);
    assert_eq!(listed.as_array().map(Vec::len), Some(3), "{listed}");
}

#[test]
fn tab_offers_them_as_soon_as_they_are_there() {
    let scene = connected(&[]);
    until("the first list", || offered(&scene, "review --pr ") == ["42", "43"]);
    assert_eq!(scene.run("review create --local --pr 44").status, Some(0));
    until("the local one", || offered(&scene, "review --pr ").contains(&"44".to_owned()));
    assert!(offered(&scene, "review -b mat").contains(&"matinee".to_owned()));
    assert!(offered(&scene, "review 4").contains(&"44".to_owned()));
    assert_eq!(scene.run("review 44 destroy --yes").status, Some(0));
    until("its end", || offered(&scene, "review --pr ") == ["42", "43"]);
}
