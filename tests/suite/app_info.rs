//! What an app is: `info`, `url`, `open`, `dashboard`, `domains`, `addons`, `releases:info` and `releases:output`.
//! `conformance/info.rs` compares them with the official CLI.

use std::fs;
use std::time::Duration;

use rehearsal::{Fault, Settings, rounds};
use serde_json::{Value, json};

use super::official_cli::with_the_cli;
use super::pty::Pty;
use super::scene::{Scene, install_script};

/// `staging` is staging's app and production's.
const BOTH: &str = "[environments.staging]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n";

fn json_of(scene: &Scene, line: &str) -> Value {
    let outcome = scene.run(line);
    assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

fn web_url(scene: &Scene, app: &str) -> String {
    scene.look(&format!("/apps/{app}"))["web_url"].as_str().expect("a URL").to_owned()
}

/// A scene with a browser that writes down its arguments, a line for each.
fn with_a_browser(variable: bool) -> Scene {
    let mut scene = Scene::playhouse();
    let folder = scene.folder().join("browsers");
    fs::create_dir(&folder).expect("a folder");
    let script = format!("printf '%s\\n' \"$@\" > {}", scene.folder().join("opened").display());
    let name = if variable { "my-browser" } else { "xdg-open" };
    install_script(&folder.join(name), &script);
    scene.put_on_path(folder);
    if variable {
        scene.set("BROWSER", "no-such-browser:my-browser --new %s");
    }
    scene
}

fn opened(scene: &Scene) -> String {
    fs::read_to_string(scene.folder().join("opened")).unwrap_or_default()
}

#[test]
fn each_app_of_an_environment_is_shown() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", BOTH);
    let headings = |line: &str| {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        outcome.stdout.lines().filter(|line| line.starts_with("===")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(headings("staging info"), ["=== playhouse-staging", "=== playhouse-production"]);
    assert_eq!(
        headings("staging domains"),
        [
            "=== playhouse-staging Heroku Domain",
            "=== playhouse-staging Custom Domains",
            "=== playhouse-production Heroku Domain",
            "=== playhouse-production Custom Domains"
        ]
    );
    assert_eq!(headings("staging addons"), ["=== playhouse-staging", "=== playhouse-production"]);
    assert_eq!(
        headings("staging releases:info v3"),
        [
            "=== playhouse-staging",
            "=== Release v3",
            "=== v3 Config vars",
            "=== playhouse-production",
            "=== Release v3",
            "=== v3 Config vars"
        ]
    );
    assert_eq!(scene.run("staging info --shell").stdout.matches("git_url=").count(), 2);
    assert_eq!(json_of(&scene, "staging info --json").as_array().map(Vec::len), Some(2));
    assert_eq!(json_of(&scene, "staging addons --json").as_array().map(Vec::len), Some(5));
    assert_eq!(json_of(&scene, "staging domains --json").as_array().map(Vec::len), Some(5));
    let versions: Vec<Value> =
        serde_json::from_value(json_of(&scene, "staging releases:info --json")).unwrap();
    assert_eq!(versions.iter().map(|one| &one["version"]).collect::<Vec<_>>(), [11, 18]);
}

#[test]
fn reading_takes_as_few_rounds_as_can_be() {
    let latency = Duration::from_millis(150);
    for (line, expected) in [
        ("staging info", 1),
        ("staging addons", 1),
        ("staging domains", 1),
        ("staging url", 1),
        ("staging --dry-run open", 1),
        ("staging --dry-run dashboard", 0),
        ("staging releases:info v3", 1),
        ("staging releases:info", 2),
        ("staging releases:output", 1),
    ] {
        let scene = Scene::playhouse_with(Settings { latency, ..Settings::default() });
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        assert_eq!(rounds(&scene.heroku().exchanges()), expected, "{line}: {:?}", scene.requests());
    }
}

#[test]
fn what_the_api_refuses_is_left_out_of_info_but_not_what_it_cannot_say() {
    let scene = Scene::playhouse();
    for part in ["dynos", "collaborators", "pipeline-couplings"] {
        scene.heroku().inject(Fault::answer(&format!("GET /apps/playhouse-staging/{part}"), 403));
    }
    let shown = scene.run("staging info");
    assert_eq!(shown.status, Some(0), "{shown}");
    assert!(!shown.stdout.contains("Collaborators") && !shown.stdout.contains("Pipeline"), "{shown}");
    scene.heroku().heal();
    for part in ["addons", "collaborators"] {
        scene
            .heroku()
            .inject(Fault::Garble { route: format!("GET /apps/playhouse-staging/{part}"), times: None });
        assert_eq!(scene.run("staging info").status, Some(1), "{part}");
        scene.heroku().heal();
    }
    scene.heroku().inject(Fault::answer("GET /apps/playhouse-staging/addons", 403));
    assert_eq!(scene.run("staging info").status, Some(4));
}

#[test]
fn urls_are_printed_one_a_line() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", BOTH);
    let urls = ["playhouse-staging", "playhouse-production"].map(|app| web_url(&scene, app));
    assert_eq!(scene.run("staging url").stdout, format!("{}\n{}\n", urls[0], urls[1]));
    assert_eq!(
        json_of(&scene, "staging url --json"),
        json!([{"app": "playhouse-staging", "url": urls[0]}, {"app": "playhouse-production", "url": urls[1]}])
    );
    scene.panel("PATCH", "/apps/playhouse-staging", json!({ "web_url": null }));
    insta::assert_snapshot!(scene.run("staging url"), @"
    ------- stderr -------
    error: playhouse-staging has no web URL
    [exit status: 1]
    ");
}

#[test]
fn pages_are_opened_in_the_chosen_browser() {
    let scene = with_a_browser(true);
    let web = web_url(&scene, "playhouse-staging");
    let shown = scene.run("staging open");
    assert_eq!((&*shown.stdout, shown.status), (&*format!("Opening {web}...\n"), Some(0)), "{shown}");
    assert_eq!(opened(&scene), format!("--new\n{web}\n"));
    let path = "/seats?row=7&x=a b#$(touch 'x');`id`";
    let page = format!("{web}seats?row=7&x=a%20b#$(touch%20'x');%60id%60");
    assert_eq!(scene.run_words("staging", &["apps:open", path]).stdout, format!("Opening {page}...\n"));
    assert_eq!(opened(&scene), format!("--new\n{page}\n"), "no shell reads it");
    assert_eq!(
        json_of(&scene, "staging open seats --json"),
        json!({
            "environment": "staging",
            "app": "playhouse-staging",
            "url": format!("{web}seats"),
            "opened": true
        })
    );
    fs::remove_file(scene.folder().join("opened")).expect("a file");
    assert_eq!(scene.run("staging --dry-run open").stdout, format!("{web}\n"));
    for elsewhere in ["https://evil.example/", "//evil.example/", "javascript:alert(1)"] {
        let refused = scene.run_words("staging", &["open", elsewhere]);
        assert_eq!((&*refused.stdout, refused.status), ("", Some(2)), "{refused}");
    }
    assert_eq!(opened(&scene), "");
    scene.panel("PATCH", "/apps/playhouse-staging", json!({ "web_url": web.replace("https:", "http:") }));
    assert_eq!(scene.run("staging open").stdout, format!("Opening {web}...\n"), "over TLS only");
}

#[test]
fn the_systems_opener_needs_a_display() {
    let mut scene = with_a_browser(false);
    let web = web_url(&scene, "playhouse-staging");
    insta::assert_snapshot!(scene.run("staging open").to_string().replace(&web, "[web]"), @"
    [web]
    ------- stderr -------
    no browser was opened: there is no display (set BROWSER to one that needs none)
    ");
    scene.set("DISPLAY", ":0");
    assert_eq!(scene.run("staging open").stdout, format!("Opening {web}...\n"));
    assert_eq!(opened(&scene), format!("{web}\n"));
    install_script(&scene.folder().join("browsers/xdg-open"), "exit 3");
    let failed = scene.run("staging open");
    assert_eq!((&*failed.stdout, failed.status), (&*format!("{web}\n"), Some(0)), "{failed}");
    assert!(failed.stderr.contains("xdg-open failed (exit status: 3)"), "{failed}");
    fs::remove_file(scene.folder().join("browsers/xdg-open")).expect("a file");
    let absent = scene.run("staging open");
    assert!(absent.stderr.contains("wslview or xdg-open was not found on PATH"), "{absent}");
    scene.set("BROWSER", "no-such-browser");
    let absent = scene.run("staging open");
    assert_eq!(absent.stdout, format!("{web}\n"));
    assert!(absent.stderr.contains("BROWSER names no program on PATH: no-such-browser"), "{absent}");
}

#[test]
fn one_app_is_opened() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", BOTH);
    for line in ["staging open", "staging dashboard"] {
        let refused = scene.run(line);
        assert_eq!(refused.status, Some(3), "{refused}");
        assert!(refused.stderr.contains("hint: staging --only playhouse-staging COMMAND"), "{refused}");
    }
    let one = scene.run("staging --dry-run --only playhouse-staging dashboard").stdout;
    assert_eq!(one, "https://dashboard.heroku.com/apps/playhouse-staging\n");
}

#[test]
fn a_stage_with_several_apps_opens_the_pipelines_page() {
    let scene = with_a_browser(true);
    assert_eq!(
        scene.run("staging dashboard").stdout,
        "Opening https://dashboard.heroku.com/apps/playhouse-staging...\n"
    );
    assert_eq!(scene.requests(), [""; 0]);
    scene.git(&["remote", "remove", "staging"]);
    scene.matinee("staging");
    let pipeline = scene.look("/pipelines/playhouse");
    let page = format!("https://dashboard.heroku.com/pipelines/{}", pipeline["id"].as_str().expect("an id"));
    assert_eq!(scene.run("staging dashboard").stdout, format!("Opening {page}...\n"));
    assert_eq!(opened(&scene), format!("--new\n{page}\n"));
    assert_eq!(json_of(&scene, "staging dashboard --json")["app"], Value::Null);
}

#[test]
fn the_official_cli_opens_the_same_page() {
    let Some(mut scene) = with_the_cli() else { return };
    let script = format!("printf '%s\\n' \"$@\" > {}", scene.folder().join("opened").display());
    let browser = scene.folder().join("my-browser");
    install_script(&browser, &script);
    scene.set("BROWSER", &browser);
    for words in [vec!["open"], vec!["apps:open", "../a b/語?x=\"y\"#z"]] {
        let theirs =
            scene.run_words("heroku", &[&words[..1], &["-a", "playhouse-staging"], &words[1..]].concat());
        let ours = scene.run_words("staging", &words);
        assert_eq!((&ours.stdout, ours.status), (&theirs.stdout, theirs.status), "{words:?}");
        let opened = opened(&scene);
        assert_eq!(format!("Opening {}...\n", opened.trim_end()), ours.stdout);
    }
}

#[test]
fn wide_tables_are_wrapped_on_a_terminal_as_the_cli_does() {
    let Some(scene) = with_the_cli() else { return };
    for (command, columns) in [("domains", 70), ("addons", 60)] {
        let screen = |program: &str, words: &[&str]| {
            let shown = Pty::with_columns(scene.prepared(program).args(words), columns).end().screen();
            shown.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
        };
        let ours = screen("production", &[command]);
        // On a terminal it marks the names of apps.
        let theirs = screen("heroku", &[command, "-a", "playhouse-production"]).replace("⬢ ", "");
        assert_eq!(ours, theirs, "{ours}");
    }
}

/// A release of staging's app whose release phase says something and ends.
fn release_phase(scene: &Scene, command: &str) -> u64 {
    let release = json!({ "release_phase_command": command, "description": "Deploy 1a2b3c4d" });
    scene.panel("POST", "/apps/playhouse-staging/releases", release)["version"].as_u64().expect("a number")
}

#[test]
fn the_output_of_a_release_phase_is_followed_from_before_its_start() {
    let scene = Scene::quiet();
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 2500 }));
    release_phase(&scene, "echo Migrated the seats");
    let outcome = scene.run("staging releases:output");
    insta::assert_snapshot!(outcome, @"
    Running release command `echo Migrated the seats`...
    Migrated the seats
    Done.
    ");
    assert!(scene.count("GET /apps/playhouse-staging/releases/12") == 0, "by its id: {:?}", scene.requests());
    let again = &json_of(&scene, "staging releases:output v12 --json")[0];
    assert_eq!((&again["version"], &again["status"]), (&json!(12), &json!("succeeded")));
    assert!(again["output"].as_str().expect("a text").ends_with("Migrated the seats\nDone.\n"), "{again}");
}

#[test]
fn a_failed_release_phase_is_said_and_the_exit_code_is_the_clis() {
    let scene = Scene::quiet();
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 300 }));
    release_phase(&scene, "bin/check && false");
    insta::assert_snapshot!(scene.run("staging releases:output"), @"
    Running release command `bin/check && false`...
    Starting bin/check
    Exited with status 1
    ------- stderr -------
    the release phase of v12 of playhouse-staging failed
    ");
}

#[test]
fn an_output_that_drops_is_opened_again_and_nothing_is_printed_twice() {
    let scene = Scene::quiet();
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 0 }));
    release_phase(&scene, "echo Migrated the seats");
    let drop = |times| Fault::DropStream { route: "GET /streams/*".into(), after_lines: 1, times };
    scene.heroku().inject(drop(Some(2)));
    let outcome = scene.run("staging releases:output");
    assert_eq!(outcome.stdout.lines().count(), 3, "{outcome}");
    scene.heroku().heal();
    scene.heroku().inject(drop(None));
    let outcome = scene.run("staging releases:output");
    assert_eq!((outcome.stdout.lines().count(), outcome.status), (1, Some(1)), "{outcome}");
    assert!(
        outcome.stderr.contains("error: the output of v12 of playhouse-staging drops each time"),
        "{outcome}"
    );
}

#[test]
fn a_release_without_output_says_so() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging releases:output"), @"
    ------- stderr -------
    warning: v11 of playhouse-staging has no output of a release phase
    ");
    assert_eq!(json_of(&scene, "staging releases:output v3 --json")[0]["output"], Value::Null);
    release_phase(&scene, "echo Migrated the seats");
    scene.heroku().inject(Fault::answer("GET /streams/*", 404));
    let outcome = scene.run("staging releases:output");
    assert_eq!((&*outcome.stdout, outcome.status), ("", Some(0)), "{outcome}");
    assert!(outcome.stderr.contains("warning: the output of v12 of playhouse-staging is gone"), "{outcome}");
}

#[test]
fn the_outputs_of_several_apps_have_prefixes() {
    let scene = Scene::quiet();
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 0 }));
    release_phase(&scene, "echo Migrated the seats");
    scene.write("greenroom.toml", BOTH);
    insta::assert_snapshot!(scene.run("staging releases:output"), @"
    playhouse-staging | Running release command `echo Migrated the seats`...
    playhouse-staging | Migrated the seats
    playhouse-staging | Done.
    ------- stderr -------
    warning: v18 of playhouse-production has no output of a release phase
    ");
}

#[test]
fn an_output_does_not_drive_the_terminal() {
    let scene = Scene::quiet();
    scene.panel("PATCH", "/settings", json!({ "release_phase_time_ms": 0 }));
    let output = "\u{1b}[31mred\u{1b}[0m \u{1b}]0;mine\u{7}\u{1b}[2J";
    let fault = Fault::FailReleasePhase { app: "playhouse-staging".into(), output: output.into() };
    scene.heroku().inject(fault);
    release_phase(&scene, "bin/check");
    let piped = scene.run("staging releases:output");
    assert!(piped.stdout.contains(output), "a program gets it as it is: {piped}");
    let shown = Pty::start(scene.prepared("staging").arg("releases:output")).end().raw();
    assert!(shown.contains("red") && shown.contains(r"\u{1b}]0;mine\u{7}\u{1b}[2J"), "{shown:?}");
    assert!(!shown.contains("\u{1b}]0") && !shown.contains("\u{1b}[2J"), "{shown:?}");
}

#[test]
fn a_release_that_does_not_exist_is_exit_1() {
    let scene = Scene::playhouse();
    for line in ["staging releases:info v999", "staging releases:output v999"] {
        assert_eq!(scene.run(line).status, Some(1), "{line}");
    }
    assert_eq!(scene.run("staging releases:info ../config-vars").status, Some(2));
    scene.panel("POST", "/apps", json!({ "name": "playhouse-empty" }));
    scene.write("greenroom.toml", "[environments.staging]\napp = \"playhouse-empty\"\n");
    insta::assert_snapshot!(scene.run("staging releases:info"), @"
    ------- stderr -------
    error: playhouse-empty has no releases
    [exit status: 1]
    ");
}
