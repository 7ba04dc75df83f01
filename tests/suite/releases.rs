//! `releases`: what the Heroku CLI prints, and the subjects of what came.

use rehearsal::{Fault, history};
use serde_json::{Value, json};

use super::scene::{Outcome, Scene, install_script};

/// Without the times, which are this machine's.
fn timeless(outcome: &Outcome) -> String {
    let time = regex_lite::Regex::new(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [+-]\d{4}").expect("a pattern");
    let rule = regex_lite::Regex::new("─+").expect("a pattern");
    let text = outcome.to_string().replace(" (~ 0s ago)", "").replace(" (~ 3h ago)", "");
    rule.replace_all(&time.replace_all(&text, "[time]"), "───").into_owned()
}

#[test]
fn releases_have_the_subjects_of_what_came() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging releases -n 6");
    insta::assert_snapshot!(timeless(&outcome), @"
    === playhouse-staging Releases - Current: v11

      v     description                             user                         created_at                             subject
     ───
      v11   Set SEATS_PER_ROW config vars           director@playhouse.example   [time]
      v10   Set LOG_LEVEL config vars               director@playhouse.example   [time]
      v9    Promote playhouse-prepare v8 23280a3f   director@playhouse.example   [time]              Dim the house lights
      v8    Promote playhouse-prepare v7 2e1c93d3   director@playhouse.example   [time]              Remember the interval
      v7    Set WEB_CONCURRENCY config vars         director@playhouse.example   [time]
      v6    Deploy b293934d                         director@playhouse.example   [time]              Sell seats by row
    ");
    assert_eq!(scene.requests(), ["GET /apps/playhouse-staging/releases"]);
    let releases = scene.look("/apps/playhouse-staging/releases/v6");
    let back = json!({"release": releases["id"]});
    scene.ask("POST", "/apps/playhouse-staging/releases", back);
    let failed = json!({"status": "failed", "commit": history::MAIN[4], "description": "Deploy 77978f96"});
    scene.release("playhouse-staging", failed);
    insta::assert_snapshot!(timeless(&scene.run("staging releases -n 8")), @"
    === playhouse-staging Releases - Current: v12

      v     description                              user                         created_at                             subject
     ───
      v13   Deploy 77978f96 release command failed   director@playhouse.example   [time]   Print tickets at home
      v12   Rollback to v6                           director@playhouse.example   [time]   Sell seats by row
      v11   Set SEATS_PER_ROW config vars            director@playhouse.example   [time]
      v10   Set LOG_LEVEL config vars                director@playhouse.example   [time]
      v9    Promote playhouse-prepare v8 23280a3f    director@playhouse.example   [time]              Dim the house lights
      v8    Promote playhouse-prepare v7 2e1c93d3    director@playhouse.example   [time]              Remember the interval
      v7    Set WEB_CONCURRENCY config vars          director@playhouse.example   [time]
      v6    Deploy b293934d                          director@playhouse.example   [time]              Sell seats by row
    ");
}

#[test]
fn fifteen_are_shown_unless_a_number_is_given() {
    let scene = Scene::playhouse();
    let lines = |line: &str| scene.run(line).stdout.lines().filter(|line| line.contains("director@")).count();
    assert_eq!(lines("production releases"), 15);
    assert_eq!(lines("production releases --num 3"), 3);
    for bad in ["0", "many", "1001"] {
        assert_eq!(scene.run(&format!("production releases -n {bad}")).status, Some(2), "{bad}");
    }
}

#[test]
fn an_app_without_releases_says_so() {
    let scene = Scene::playhouse();
    let app = json!({"name": "playhouse-empty"});
    scene.panel("POST", "/apps", app);
    scene.write("greenroom.toml", "[environments.both]\napps = [\"playhouse-empty\", \"understudy\"]\n");
    insta::assert_snapshot!(timeless(&scene.run("greenroom on both releases")), @"
    playhouse-empty has no releases.
    === understudy Releases - Current: v4

      v    description                                      user                         created_at                             subject
     ───
      v4   Deploy d4e6408a                                  director@playhouse.example   [time]   Open the box office
      v3   Attach DATABASE (@ref:postgresql-curved-12345)   director@playhouse.example   [time]
      v2   Enable Logplex                                   director@playhouse.example   [time]
      v1   Initial release                                  director@playhouse.example   [time]
    ");
    let all: Value =
        serde_json::from_str(&scene.run("greenroom on both releases --json").stdout).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(4));
}

#[test]
fn subjects_are_cut_to_the_width() {
    let mut scene = Scene::playhouse();
    scene.set("COLUMNS", "130");
    let outcome = scene.run("staging releases -n 4");
    assert!(outcome.stdout.contains("Dim the h"), "{outcome}");
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 140), "{outcome}");
}

#[test]
fn without_a_login_the_cli_is_asked() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    let outcome = scene.run("staging releases");
    assert_eq!(outcome.status, Some(4), "{outcome}");
    let tools = scene.folder().join("cli");
    std::fs::create_dir(&tools).expect("a folder");
    install_script(&tools.join("heroku"), "echo heroku \"$@\"");
    scene.put_on_path(tools);
    let told = |line: &str| scene.run(line).stdout;
    assert_eq!(told("staging releases"), "heroku releases --app=playhouse-staging\n");
    assert_eq!(told("staging releases -n 3"), "heroku releases --app=playhouse-staging --num=3\n");
    assert_eq!(scene.run("staging releases --json").status, Some(4), "it is not asked for JSON");
    assert_eq!(
        told("staging releases --extended -n 3"),
        "heroku releases --app=playhouse-staging --extended -n 3\n"
    );
}

#[test]
fn what_heroku_refuses_is_passed_on() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer("GET /apps/playhouse-staging/releases", 403));
    assert_eq!(scene.run("staging releases").status, Some(4));
}

#[test]
fn what_heroku_says_cannot_drive_the_terminal() {
    let scene = Scene::playhouse();
    scene.release(
        "playhouse-staging",
        json!({"status": "succeeded", "description": "Deploy \u{1b}]0;x\u{7}"}),
    );
    let outcome = scene.run("staging releases");
    assert!(!outcome.stdout.contains(['\u{1b}', '\u{7}']), "{outcome}");
}
