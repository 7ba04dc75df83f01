//! `status`: the whole pipeline on one screen.

use std::time::Duration;

use rehearsal::{Fault, Settings, history};
use serde_json::{Value, json};

use super::scene::Scene;

mod layout;
mod watch;

fn id(scene: &Scene, app: &str) -> String {
    let app = scene.look(&format!("/apps/{app}"));
    app["id"].as_str().expect("an id").to_owned()
}

#[test]
fn status_shows_the_whole_pipeline() {
    let scene = Scene::quiet();
    let outcome = scene.run("production status");
    insta::assert_snapshot!(outcome, @"
    development  playhouse-prepare     v9   77978f9 Print tickets at home  3 h ago  director@playhouse.example  no dynos
    staging      playhouse-staging     v11  23280a3 Dim the house lights   3 h ago  director@playhouse.example  web 1/1 up, worker 1/1 up
    production   playhouse-production  v18  b293934 Sell seats by row      3 h ago  director@playhouse.example  web 2/2 up, worker 1/1 up

    playhouse-prepare is 1 commit ahead of playhouse-staging
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    for environment in ["staging", "prepare"] {
        let other = scene.run(&format!("{environment} status"));
        assert_eq!(other.to_string(), outcome.to_string(), "it is the same pipeline");
    }
}

#[test]
fn status_makes_few_requests() {
    let scene = Scene::quiet();
    let outcome = scene.run("production status");
    let requests = scene.requests();
    let count = |part: &str| requests.iter().filter(|line| line.contains(part)).count();
    assert_eq!((count("pipeline-couplings"), count("latest-releases"), count("/filters/apps")), (2, 1, 1));
    assert_eq!((count("/slugs/"), count("/dynos"), count("/builds")), (3, 3, 3));
    assert_eq!(requests.len(), 13, "{outcome}\n{requests:#?}");
}

#[test]
fn unusual_states_are_listed() {
    let scene = Scene::quiet();
    scene.panel("PATCH", "/apps/playhouse-production", json!({"maintenance": true}));
    scene.release("playhouse-staging", json!({"status": "failed", "commit": history::MAIN[4]}));
    scene.release("playhouse-prepare", json!({"pending": true, "commit": history::MAIN[4]}));
    let signed = json!({
        "status": "succeeded",
        "commit": "1234567890123456789012345678901234567890",
        "user": "understudy@playhouse.example",
        "created_at": "2020-01-01T00:00:00Z",
    });
    scene.release("playhouse-production", signed);
    scene.panel("PATCH", "/apps/playhouse-production/dynos/web.2", json!({"state": "crashed"}));
    scene.panel("PATCH", "/apps/playhouse-production/dynos/worker.1", json!({"state": "starting"}));
    let shown = scene.run("production status").to_string();
    let days = regex_lite::Regex::new(r"\d+ days ago").expect("a pattern");
    insta::assert_snapshot!(days.replace_all(&shown, "[days] ago"), @"
    development  playhouse-prepare     v9   77978f9 Print tickets at home  3 h ago        director@playhouse.example    no dynos
    staging      playhouse-staging     v11  23280a3 Dim the house lights   3 h ago        director@playhouse.example    web 1/1 up, worker 1/1 up
    production   playhouse-production  v19  1234567                        [days] ago  understudy@playhouse.example  web 1/2 up and 1 crashed, worker 1 starting

    playhouse-prepare v10 is still being released
    playhouse-staging v12 failed, and does not run
    playhouse-production is in maintenance mode

    playhouse-prepare is 1 commit ahead of playhouse-staging
    how far playhouse-staging is from playhouse-production is not known here
    ");
}

#[test]
fn json_output() {
    let scene = Scene::quiet();
    let signed = json!({
        "status": "succeeded",
        "commit": history::MAIN[4],
        "created_at": "2026-01-01T00:00:00Z",
    });
    scene.release("playhouse-staging", signed);
    let outcome = scene.run("production status --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["apps", "environment", "pipeline", "steps"]);
    insta::assert_snapshot!(format!("{:#}", answer["apps"][1]), @r#"
    {
      "app": "playhouse-staging",
      "build": null,
      "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb",
      "dynos": [
        {
          "states": {
            "up": 1
          },
          "type": "web"
        },
        {
          "states": {
            "up": 1
          },
          "type": "worker"
        }
      ],
      "errors": [],
      "maintenance": false,
      "newest": {
        "status": "succeeded",
        "version": 12
      },
      "released_at": "2026-01-01T00:00:00Z",
      "released_by": "director@playhouse.example",
      "stage": "staging",
      "subject": "Print tickets at home",
      "version": 12
    }
    "#);
    insta::assert_snapshot!(format!("{:#}", answer["steps"][1]), @r#"
    {
      "ahead": 3,
      "behind": 0,
      "from": "playhouse-staging",
      "to": "playhouse-production"
    }
    "#);
    assert_eq!((&answer["environment"], &answer["pipeline"]), (&json!("production"), &json!("playhouse")));
}

#[test]
fn a_running_build_is_shown() {
    let scene = Scene::playhouse_with(Settings {
        log_interval: Duration::from_secs(3600),
        build_time: Duration::from_secs(3600),
        ..Settings::default()
    });
    let body =
        json!({ "source_blob": { "url": "https://playhouse.example/x.tgz", "version": history::MAIN[4] } });
    scene.ask("POST", "/apps/playhouse-prepare/builds", body);
    let shown = scene.run("production status").stdout;
    assert!(
        shown.contains("playhouse-prepare has been building 77978f9 Print tickets at home for "),
        "{shown}"
    );
    let answer: Value = serde_json::from_str(&scene.run("production status --json").stdout).expect("JSON");
    assert_eq!(answer["apps"][0]["build"]["commit"], history::MAIN[4]);
    assert_eq!(answer["apps"][1]["build"], Value::Null);
}

#[test]
fn forbidden_builds_are_ignored() {
    let scene = Scene::quiet();
    let whole = scene.run("production status").to_string();
    scene.heroku().inject(Fault::answer("GET /apps/*/builds", 403).times(3));
    assert_eq!(scene.run("production status").to_string(), whole);
}

#[test]
fn an_unreadable_app_does_not_hide_the_others() {
    let scene = Scene::quiet();
    let staging = id(&scene, "playhouse-staging");
    scene.heroku().inject(Fault::answer(&format!("GET /apps/{staging}/slugs/*"), 403));
    scene
        .heroku()
        .inject(Fault::answer(&format!("GET /apps/{}/dynos", id(&scene, "playhouse-production")), 403));
    let shown = scene.run("production status").to_string();
    insta::assert_snapshot!(shown.replace(&staging, "[staging]"), @"
    development  playhouse-prepare     v9   77978f9 Print tickets at home  3 h ago  director@playhouse.example  no dynos
    staging      playhouse-staging          not known                                                           web 1/1 up, worker 1/1 up
    production   playhouse-production  v18  b293934 Sell seats by row      3 h ago  director@playhouse.example  not known

    playhouse-staging: what it runs cannot be read: You do not have access to that resource.: GET /apps/[staging]/slugs/21a31823-a58d-4e3f-bf67-09782215a48a: HTTP 403 forbidden
    playhouse-production: its dynos cannot be read: You do not have access to that resource.: GET /apps/d85f219d-b5c5-44e1-aa27-ff807441bcd2/dynos: HTTP 403 forbidden

    how far playhouse-prepare is from playhouse-staging is not known here
    how far playhouse-staging is from playhouse-production is not known here
    ------- stderr -------
    error: 2 of 3 apps could not be read completely
    [exit status: 1]
    ");
    scene.heroku().inject(Fault::answer(&format!("GET /apps/{staging}/slugs/*"), 403));
    let outcome = scene.run("production status --json");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let app = answer["apps"].as_array().expect("apps").iter().find(|app| app["app"] == "playhouse-staging");
    let app = app.expect("staging");
    assert_eq!((app["errors"].as_array().map(Vec::len), &app["version"]), (Some(1), &Value::Null));
}

#[test]
fn apps_without_a_pipeline_are_shown_alone() {
    let scene = Scene::quiet();
    scene.remote("qa", "https://git.heroku.com/understudy.git");
    insta::assert_snapshot!(scene.run("greenroom on qa status"), @"understudy  v4  d4e6408 Open the box office  3 h ago  director@playhouse.example  web 1/1 up, worker 1/1 up");
    scene.panel("POST", "/apps", json!({"name": "playhouse-empty"}));
    scene.write("greenroom.toml", "[environments.both]\napps = [\"understudy\", \"playhouse-empty\"]\n");
    insta::assert_snapshot!(scene.run("greenroom on both status"), @"
    playhouse-empty      no release yet                                                    no dynos
    understudy       v4  d4e6408 Open the box office  3 h ago  director@playhouse.example  web 1/1 up, worker 1/1 up
    ");
    insta::assert_snapshot!(scene.run("review 42 status"), @"
    development  playhouse-prepare     v9   77978f9 Print tickets at home         3 h ago  director@playhouse.example  no dynos
    staging      playhouse-staging     v11  23280a3 Dim the house lights          3 h ago  director@playhouse.example  web 1/1 up, worker 1/1 up
    production   playhouse-production  v18  b293934 Sell seats by row             3 h ago  director@playhouse.example  web 2/2 up, worker 1/1 up
    review       playhouse-pr-42-x7k2  v5   aeab951 Bring the orchestra on stage  3 h ago  director@playhouse.example  web 1/1 up, worker 1/1 up

    playhouse-prepare is 1 commit ahead of playhouse-staging
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
}

#[test]
fn outside_of_a_repository_commits_have_no_subjects() {
    let scene = Scene::quiet();
    let home = scene.folder().join("home");
    std::fs::write(home.join("greenroom.toml"), "[environments.staging]\napp = \"playhouse-staging\"\n")
        .expect("a file");
    let mut command = scene.prepared("staging");
    insta::assert_snapshot!(scene.finish(command.arg("status").current_dir(&home)), @"
    development  playhouse-prepare     v9   77978f9  3 h ago  director@playhouse.example  no dynos
    staging      playhouse-staging     v11  23280a3  3 h ago  director@playhouse.example  web 1/1 up, worker 1/1 up
    production   playhouse-production  v18  b293934  3 h ago  director@playhouse.example  web 2/2 up, worker 1/1 up

    how far playhouse-prepare is from playhouse-staging is not known here
    how far playhouse-staging is from playhouse-production is not known here
    ");
}

#[test]
fn status_requires_a_login() {
    let mut scene = Scene::quiet();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(scene.run("production status").status, Some(4));
}
