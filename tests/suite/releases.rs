//! `releases`: the Heroku CLI's columns, and the commits' subjects.

use rehearsal::{Fault, history};
use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::{Outcome, Scene, install_script};

/// The output without times, which depend on the machine.
fn timeless(outcome: &Outcome) -> String {
    let time = regex_lite::Regex::new(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [+-]\d{4}").expect("a pattern");
    let rule = regex_lite::Regex::new("─+").expect("a pattern");
    let text = outcome.to_string().replace(" (~ 0s ago)", "").replace(" (~ 3h ago)", "");
    rule.replace_all(&time.replace_all(&text, "[time]"), "───").into_owned()
}

#[test]
fn releases_show_commit_subjects() {
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
fn fifteen_releases_are_shown_by_default() {
    let scene = Scene::playhouse();
    let lines = |line: &str| scene.run(line).stdout.lines().filter(|line| line.contains("director@")).count();
    assert_eq!(lines("production releases"), 15);
    assert_eq!(lines("production releases --num 3"), 3);
    for bad in ["0", "many", "1001", "-1"] {
        let outcome = scene.run(&format!("production releases --num={bad}"));
        assert_eq!(outcome.status, Some(2), "{bad}");
        let said =
            format!("error: invalid value '{bad}' for '--num <RELEASES>': must be a number from 1 to 1000");
        assert!(outcome.stderr.starts_with(&said), "{outcome}");
    }
    let outcome = scene.run("production logs --num many");
    assert!(outcome.stderr.contains("'--num <LINES>': expected a number of lines, such as 100"), "{outcome}");
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

/// The screen of a command in a terminal of this width.
fn at_columns(scene: &Scene, columns: u16) -> String {
    let mut command = scene.prepared("staging");
    let shown = Pty::with_columns(command.args(["releases", "-n", "7"]), columns).end();
    let screen = shown.screen();
    assert_eq!(shown.raw().trim_end().lines().count(), screen.lines().count(), "no line wraps: {screen}");
    screen
}

#[test]
fn releases_fit_60_80_100_and_120_columns() {
    let scene = Scene::quiet();
    let earlier = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(3)).to_string();
    let failed = json!({
        "status": "failed",
        "commit": history::MAIN[4],
        "description": "Deploy 77978f96",
        "created_at": earlier,
    });
    scene.release("playhouse-staging", failed);
    let time = regex_lite::Regex::new(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [+-]\d{4}").expect("a pattern");
    let at =
        |columns| time.replace_all(&at_columns(&scene, columns), "yyyy/mm/dd hh:mm:ss +0000").into_owned();
    insta::assert_snapshot!(at(60), @"
    === playhouse-staging Releases - Current: v11

      v     description                      subject
     ───────────────────────────────────────────────────────────
      v12   Deploy… release command failed   Print tickets at…
      v11   Set SEATS_PER_ROW config vars
      v10   Set LOG_LEVEL config vars
      v9    Promote playhouse-prepare v8…    Dim the house lig…
      v8    Promote playhouse-prepare v7…    Remember the inte…
      v7    Set WEB_CONCURRENCY config va…
      v6    Deploy b293934d                  Sell seats by row
    ");
    insta::assert_snapshot!(at(80), @"
    === playhouse-staging Releases - Current: v11

      v     description                           created_at   subject
     ───────────────────────────────────────────────────────────────────────────────
      v12   Deploy 7797… release command failed   3 h ago      Print tickets at ho…
      v11   Set SEATS_PER_ROW config vars         3 h ago
      v10   Set LOG_LEVEL config vars             1 day ago
      v9    Promote playhouse-prepare v8 23280…   2 days ago   Dim the house lights
      v8    Promote playhouse-prepare v7 2e1c9…   3 days ago   Remember the interv…
      v7    Set WEB_CONCURRENCY config vars       5 days ago
      v6    Deploy b293934d                       6 days ago   Sell seats by row
    ");
    insta::assert_snapshot!(at(100), @"
    === playhouse-staging Releases - Current: v11

      v     description                              created_at   subject
     ───────────────────────────────────────────────────────────────────────────────────
      v12   Deploy 77978f96 release command failed   3 h ago      Print tickets at home
      v11   Set SEATS_PER_ROW config vars            3 h ago
      v10   Set LOG_LEVEL config vars                1 day ago
      v9    Promote playhouse-prepare v8 23280a3f    2 days ago   Dim the house lights
      v8    Promote playhouse-prepare v7 2e1c93d3    3 days ago   Remember the interval
      v7    Set WEB_CONCURRENCY config vars          5 days ago
      v6    Deploy b293934d                          6 days ago   Sell seats by row
    ");
    insta::assert_snapshot!(at(120), @"
    === playhouse-staging Releases - Current: v11

      v     description                              created_at                             subject
     ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
      v12   Deploy 77978f96 release command failed   yyyy/mm/dd hh:mm:ss +0000 (~ 3h ago)   Print tickets at home
      v11   Set SEATS_PER_ROW config vars            yyyy/mm/dd hh:mm:ss +0000 (~ 3h ago)
      v10   Set LOG_LEVEL config vars                yyyy/mm/dd hh:mm:ss +0000
      v9    Promote playhouse-prepare v8 23280a3f    yyyy/mm/dd hh:mm:ss +0000              Dim the house lights
      v8    Promote playhouse-prepare v7 2e1c93d3    yyyy/mm/dd hh:mm:ss +0000              Remember the interval
      v7    Set WEB_CONCURRENCY config vars          yyyy/mm/dd hh:mm:ss +0000
      v6    Deploy b293934d                          yyyy/mm/dd hh:mm:ss +0000              Sell seats by row
    ");
    for columns in (40..=160).step_by(6) {
        assert!(at(columns).contains("release command failed"), "{columns}: {}", at(columns));
    }
}

#[test]
fn failed_releases_are_red_and_the_current_one_green() {
    let scene = Scene::quiet();
    scene.release("playhouse-staging", json!({"status": "failed", "description": "Deploy 77978f96"}));
    let shown = |colors: &str| {
        let mut command = scene.prepared("staging");
        Pty::start(command.args(["releases", "-n", "2"]).env(colors, "1")).end().raw()
    };
    let colored = shown("CLICOLOR");
    for part in
        ["\u{1b}[31mv12\u{1b}[0m", "\u{1b}[31m release command failed\u{1b}[0m", "\u{1b}[32mv11\u{1b}[0m"]
    {
        assert!(colored.contains(part), "{part:?} in {colored:?}");
    }
    assert!(!shown("NO_COLOR").contains('\u{1b}'));
}

#[test]
fn missing_credentials_fall_back_to_the_cli() {
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
    assert_eq!(told("staging releases -n 3"), "heroku releases --app=playhouse-staging -n 3\n");
    assert_eq!(scene.run("staging releases --json").status, Some(4), "it is not asked for JSON");
    assert_eq!(
        told("staging releases --extended -n 3"),
        "heroku releases --app=playhouse-staging --extended -n 3\n"
    );
}

#[test]
fn refusals_of_heroku_are_exit_4() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer("GET /apps/playhouse-staging/releases", 403));
    assert_eq!(scene.run("staging releases").status, Some(4));
}

#[test]
fn control_sequences_from_heroku_are_escaped() {
    let scene = Scene::playhouse();
    scene.release(
        "playhouse-staging",
        json!({"status": "succeeded", "description": "Deploy \u{1b}]0;x\u{7}"}),
    );
    let outcome = scene.run("staging releases");
    assert!(!outcome.stdout.contains(['\u{1b}', '\u{7}']), "{outcome}");
}

#[test]
fn all_subjects_are_read_by_one_process() {
    let mut scene = Scene::playhouse();
    let (tools, log) = (scene.folder().join("spying"), scene.folder().join("git.log"));
    std::fs::create_dir(&tools).expect("a folder");
    let git = which::which("git").expect("git");
    let script = format!("echo \"$*\" >> '{}'\nexec '{}' \"$@\"", log.display(), git.display());
    install_script(&tools.join("git"), &script);
    scene.put_on_path(tools);
    let outcome = scene.run("staging releases -n 11");
    assert!(outcome.stdout.contains("Sell seats by row"), "{outcome}");
    let started = std::fs::read_to_string(&log).expect("git was started");
    assert_eq!(started.lines().count(), 1, "{started}");
}
