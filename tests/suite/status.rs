//! `status`: the whole pipeline on one screen.

use std::num::NonZeroU16;
use std::time::Duration;

use rehearsal::{Fault, Settings, history};
use serde_json::{Value, json};

use super::pty::{Pty, Shown};
use super::scene::Scene;

fn id(scene: &Scene, app: &str) -> String {
    let app = scene.look(&format!("/apps/{app}"));
    app["id"].as_str().expect("an id").to_owned()
}

#[test]
fn the_pipeline_is_on_one_screen() {
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
fn it_asks_for_as_little_as_possible() {
    let scene = Scene::quiet();
    let outcome = scene.run("production status");
    let requests = scene.requests();
    let count = |part: &str| requests.iter().filter(|line| line.contains(part)).count();
    assert_eq!((count("pipeline-couplings"), count("latest-releases"), count("/filters/apps")), (2, 1, 1));
    assert_eq!((count("/slugs/"), count("/dynos"), count("/builds")), (3, 3, 3));
    assert_eq!(requests.len(), 13, "{outcome}\n{requests:#?}");
}

#[test]
fn what_is_special_is_told() {
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
    playhouse-staging v12 failed, and is not what runs
    playhouse-production is in maintenance mode

    playhouse-prepare is 1 commit ahead of playhouse-staging
    how far playhouse-staging is from playhouse-production is not known here
    ");
}

#[test]
fn json_has_everything() {
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

/// What a person sees of it at a terminal of this width.
fn at_columns(scene: &Scene, line: &str, columns: u16) -> String {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    let shown = Pty::with_columns(command.args(words), columns).end();
    let screen = shown.screen();
    assert_eq!(shown.raw().lines().count(), screen.lines().count(), "no line wraps: {screen}");
    screen
}

/// What is out of the ordinary, of each kind.
fn troubled() -> Scene {
    let scene = Scene::quiet();
    scene.release("playhouse-staging", json!({"status": "failed", "commit": history::MAIN[4]}));
    scene.panel("PATCH", "/apps/playhouse-production/dynos/web.2", json!({"state": "crashed"}));
    scene.release("playhouse-prepare", json!({"status": "succeeded", "commit": history::MAIN[3], "user": "a-very-long-name-indeed-abc@playhouse.example"}));
    scene
}

#[test]
fn it_fits_60_80_100_and_120_columns() {
    let scene = troubled();
    let at = |columns| at_columns(&scene, "production status", columns);
    insta::assert_snapshot!(at(60), @"
    APP                   RELEASE  COMMIT   DYNOS
    playhouse-prepare     v10      23280a3  no dynos
    playhouse-staging     v11      23280a3  2/2 up
    playhouse-production  v18      b293934  2/3 up, 1 crashed

    playhouse-staging v12 failed, and is not what runs

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(at(80), @"
    APP                   RELEASE  COMMIT                DYNOS
    playhouse-prepare     v10      23280a3 Dim the hou…  no dynos
    playhouse-staging     v11      23280a3 Dim the hou…  2/2 up
    playhouse-production  v18      b293934 Sell seats…   2/3 up, 1 crashed

    playhouse-staging v12 failed, and is not what runs

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(at(100), @"
    STAGE        APP                   RELEASE  COMMIT                        DYNOS
    development  playhouse-prepare     v10      23280a3 Dim the house lights  no dynos
    staging      playhouse-staging     v11      23280a3 Dim the house lights  2/2 up
    production   playhouse-production  v18      b293934 Sell seats by row     2/3 up, 1 crashed

    playhouse-staging v12 failed, and is not what runs

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(at(120), @"
    STAGE        APP                   RELEASE  COMMIT                        DYNOS
    development  playhouse-prepare     v10      23280a3 Dim the house lights  no dynos
    staging      playhouse-staging     v11      23280a3 Dim the house lights  web 1/1 up, worker 1/1 up
    production   playhouse-production  v18      b293934 Sell seats by row     web 1/2 up and 1 crashed, worker 1/1 up

    playhouse-staging v12 failed, and is not what runs

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(at_columns(&Scene::quiet(), "production status", 160), @"
    STAGE        APP                   RELEASE  COMMIT                         RELEASED  BY                          DYNOS
    development  playhouse-prepare     v9       77978f9 Print tickets at home  3 h ago   director@playhouse.example  no dynos
    staging      playhouse-staging     v11      23280a3 Dim the house lights   3 h ago   director@playhouse.example  web 1/1 up, worker 1/1 up
    production   playhouse-production  v18      b293934 Sell seats by row      3 h ago   director@playhouse.example  web 2/2 up, worker 1/1 up

    playhouse-prepare is 1 commit ahead of playhouse-staging
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    for columns in (45..=160).step_by(6) {
        let screen = at(columns);
        for stays in ["playhouse-production", "v18", "b293934", "1 crashed"] {
            assert!(screen.contains(stays), "{stays} at {columns}: {screen}");
        }
    }
}

#[test]
fn a_wide_subject_has_room_too() {
    let scene = Scene::quiet();
    let commit = scene.commit_here("舞台の照明を暗くして幕を上げる 🎭🎭🎭🎭🎭🎭🎭🎭");
    scene.release("playhouse-staging", json!({"status": "succeeded", "commit": &commit}));
    let screen = at_columns(&scene, "production status", 80);
    insta::assert_snapshot!(screen.replace(&commit[..7], "1234567"), @"
    STAGE        APP                   RELEASE  COMMIT                     DYNOS
    development  playhouse-prepare     v9       77978f9 Print tickets at…  no dynos
    staging      playhouse-staging     v12      1234567 舞台の照明を暗く…  2/2 up
    production   playhouse-production  v18      b293934 Sell seats by row  3/3 up

    playhouse-prepare is 1 commit behind playhouse-staging
    playhouse-staging is 4 commits ahead of playhouse-production
    ");
}

#[test]
fn a_pipe_gets_every_column_in_full() {
    let mut scene = Scene::quiet();
    let whole = scene.run("production status").to_string();
    scene.set("COLUMNS", "60");
    assert_eq!(scene.run("production status").to_string(), whole);
    let mut command = scene.prepared("production");
    let shown = Pty::start(command.arg("status")).end();
    assert!(!shown.screen().contains("RELEASED"), "COLUMNS counts at a terminal: {}", shown.screen());
}

#[test]
fn health_and_failures_have_colors() {
    let scene = troubled();
    let mut command = scene.prepared("production");
    let shown = Pty::start(command.arg("status")).end().raw();
    for colored in [
        "\u{1b}[31mweb 1/2 up and 1 crashed, worker 1/1 up\u{1b}[0m",
        "\u{1b}[32mweb 1/1 up, worker 1/1 up\u{1b}[0m",
        "\u{1b}[31mplayhouse-staging v12 failed, and is not what runs\u{1b}[0m",
    ] {
        assert!(shown.contains(colored), "{colored:?} in {shown:?}");
    }
    let mut command = scene.prepared("production");
    let plain = Pty::start(command.arg("status").env("NO_COLOR", "1")).end().raw();
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let mut command = scene.prepared("production");
    let forced = scene.finish(command.arg("status").env("CLICOLOR_FORCE", "1")).stdout;
    assert!(forced.contains("\u{1b}[32mweb 1/1 up, worker 1/1 up\u{1b}[0m"), "{forced:?}");
}

#[test]
fn a_running_build_shows() {
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
fn builds_that_may_not_be_seen_are_not_missed() {
    let scene = Scene::quiet();
    let whole = scene.run("production status").to_string();
    scene.heroku().inject(Fault::answer("GET /apps/*/builds", 403).times(3));
    assert_eq!(scene.run("production status").to_string(), whole);
}

#[test]
fn an_app_that_cannot_be_read_does_not_hide_the_others() {
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
fn outside_of_a_pipeline_it_is_the_environments_own_apps() {
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
fn without_a_login_it_is_exit_4() {
    let mut scene = Scene::quiet();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(scene.run("production status").status, Some(4));
}

#[test]
fn watching_wants_a_terminal() {
    let scene = Scene::quiet();
    insta::assert_snapshot!(scene.run("production status --watch"), @"
    ------- stderr -------
    error: --watch draws on a terminal, and stdout is none that can be drawn on
    hint: while sleep 5; do production status; done
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("production status --watch --json"), @r#"
    ------- stderr -------
    {"causes":[],"exit_code":2,"hints":["while sleep 5; do production status --json; done"],"kind":"usage","message":"--watch is for a person, and --json for a script"}
    [exit status: 2]
    "#);
    assert_eq!(scene.run("production status --interval 5s").status, Some(2), "it is for --watch");
    assert_eq!(scene.run("production status --watch --interval 0").status, Some(2));
    assert_eq!(scene.requests(), [""; 0]);
    let mut dumb = scene.prepared("production");
    Pty::start(dumb.args(["status", "--watch"]).env("TERM", "dumb")).ends(2);
}

/// A watch that has shown its first screen.
fn watched(scene: &Scene) -> Pty {
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["status", "--watch", "--interval", "1s"]));
    pty.sees("playhouse-staging is 2 commits ahead of playhouse-production", 1);
    assert_ne!(pty.modes(), Pty::modes_of_a_new_one(), "keys are read as they are typed");
    pty
}

/// The terminal is as it was found.
fn assert_clean(shown: &Shown) {
    let terminal = shown.terminal();
    let screen = terminal.screen();
    assert!(!screen.hide_cursor() && !screen.alternate_screen(), "{}", shown.raw());
    assert_eq!(shown.screen(), "", "nothing is left");
    assert!(shown.raw().rfind("\u{1b}[?7h") > shown.raw().rfind("\u{1b}[?7l"), "{}", shown.raw());
    assert_eq!(shown.modes, Pty::modes_of_a_new_one());
}

#[test]
fn a_watch_is_redrawn_until_ctrl_c() {
    let scene = Scene::quiet();
    let mut pty = watched(&scene);
    let first = scene.requests().len();
    scene.panel("PATCH", "/apps/playhouse-production", json!({"maintenance": true}));
    pty.sees("playhouse-production is in maintenance mode", 1);
    let staging =
        json!({"status": "succeeded", "commit": history::MAIN[1], "description": "Deploy b293934d"});
    scene.release("playhouse-staging", staging);
    pty.sees("playhouse-staging and playhouse-production run the same commit", 1);
    let mut terminal = Pty::screen();
    terminal.process(&pty.written_since(0));
    let screen = terminal.screen().contents();
    assert!(terminal.screen().alternate_screen() && terminal.screen().hide_cursor());
    assert_eq!(screen.matches("playhouse-prepare  ").count(), 1, "one screen, drawn again: {screen}");
    assert!(!screen.contains("2 commits ahead of playhouse-production"), "{screen}");
    let head =
        regex_lite::Regex::new(r"^playhouse at \d\d:\d\d:\d\d, every 1 s; q ends it\n").expect("a pattern");
    assert!(head.is_match(&screen), "{screen}");
    pty.types("\u{3}");
    let shown = pty.end();
    assert!(shown.was_interrupted(), "{:?}", shown.status);
    assert_clean(&shown);
    let again = &scene.requests()[first..];
    let asked = |part: &str| again.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        (asked("pipeline-couplings") > 0, asked("/slugs/")),
        (true, 1),
        "apps may come and go, and slugs never change: {again:#?}"
    );
}

#[test]
fn q_ends_a_watch_at_once() {
    let scene = Scene::quiet();
    let mut pty = watched(&scene);
    scene.heroku().inject(Fault::hang("POST /filters/apps"));
    pty.types("xyzq");
    assert_clean(&pty.ends(0));
}

#[test]
fn signals_leave_a_clean_terminal() {
    for (name, signal) in [("-TERM", "Terminated"), ("-HUP", "Hangup")] {
        let scene = Scene::quiet();
        let pty = watched(&scene);
        pty.signal(name);
        let shown = pty.end();
        assert_eq!(shown.status.signal(), Some(signal));
        assert_clean(&shown);
    }
}

#[test]
fn a_watch_that_is_stopped_gives_the_terminal_back_and_takes_it_again() {
    let scene = Scene::quiet();
    let mut pty = watched(&scene);
    pty.types("\u{1a}").sees("\u{1b}[?1049l", 1);
    assert_eq!(pty.modes(), Pty::modes_of_a_new_one());
    pty.signal("-CONT");
    pty.sees("\u{1b}[?1049h", 2).types("q");
    assert_clean(&pty.ends(0));
}

#[test]
fn a_watch_fits_the_terminal_as_it_is_now() {
    let scene = Scene::quiet();
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["status", "--watch", "--interval", "1h"]));
    pty.sees("RELEASED", 1).resize(60).sees("3/3 up", 1);
    let mut terminal =
        vt100::Parser::new(NonZeroU16::new(40).expect("rows"), NonZeroU16::new(60).expect("columns"), 0);
    terminal.process(&pty.written_since(0));
    let screen = terminal.screen().contents();
    assert!(screen.contains("3/3 up") && !screen.contains("RELEASED"), "{screen}");
    pty.types("q");
    pty.ends(0);
}

/// Run by the test below, at a terminal of its own.
#[test]
fn a_panic_with_a_screen() {
    if std::env::var_os("PANIC_WITH_A_SCREEN").is_some() {
        let terminal = greenroom::terminal::Terminal::new(false, false);
        let _screen =
            std::mem::ManuallyDrop::new(greenroom::terminal::Screen::open(&terminal).expect("a screen"));
        panic!("the show must not go on");
    }
}

#[test]
fn a_panic_leaves_a_clean_terminal_and_its_message() {
    let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "suite::status::a_panic_with_a_screen", "--nocapture"]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("PANIC_WITH_A_SCREEN", "1");
    let shown = Pty::start(&command).end();
    let terminal = shown.terminal();
    assert!(!terminal.screen().alternate_screen() && !terminal.screen().hide_cursor());
    shown.has("the show must not go on");
    assert_eq!(shown.modes, Pty::modes_of_a_new_one());
}

#[test]
fn a_watch_sees_an_app_come_and_lets_no_line_wrap() {
    let scene = Scene::quiet();
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["status", "--watch", "--interval", "1s"]));
    pty.sees("playhouse-staging is 2 commits ahead of playhouse-production", 1);
    scene.panel("POST", "/apps", json!({"name": "matinee", "pipeline": "playhouse", "stage": "staging"}));
    pty.sees("how far playhouse-prepare is from matinee", 1).types("q");
    assert_clean(&pty.ends(0));
}

#[test]
fn a_watch_outlives_an_outage() {
    let scene = Scene::quiet();
    let mut command = scene.prepared("production");
    let mut pty =
        Pty::start(command.args(["status", "--watch", "--interval", "1s"]).env("GREENROOM_TIMEOUT", "1"));
    pty.sees("playhouse-staging is 2 commits ahead of playhouse-production", 1);
    scene.heroku().inject(Fault::garble("POST /filters/apps").times(4));
    pty.sees("as it was when it could be read last", 1);
    scene.panel("PATCH", "/apps/playhouse-production", json!({"maintenance": true}));
    pty.sees("playhouse-production is in maintenance mode", 1);
    scene.heroku().inject(Fault::answer("GET /pipelines/*/latest-releases", 401));
    pty.ends(4);
}

#[test]
fn what_heroku_says_cannot_drive_the_terminal() {
    let scene = Scene::quiet();
    let evil = json!({"status": "succeeded", "commit": "\u{1b}]0;title\u{7}"});
    scene.release("playhouse-staging", evil);
    let outcome = scene.run("production status");
    assert!(!outcome.stdout.contains(['\u{1b}', '\u{7}']), "{outcome}");
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["status", "--watch", "--interval", "1s"]));
    pty.sees("playhouse-production", 2).types("\u{3}");
    assert!(!pty.end().raw().contains("\u{1b}]"), "no title was set");
}
