//! `status --watch`: drawing the screen again, keys, signals, and the terminal afterwards.

use std::num::NonZeroU16;

use rehearsal::{Fault, history};
use serde_json::json;

use crate::pty::{Pty, Shown};
use crate::scene::Scene;

#[test]
fn watch_requires_a_terminal() {
    let scene = Scene::quiet();
    insta::assert_snapshot!(scene.run("production status --watch"), @"
    ------- stderr -------
    error: --watch draws on a terminal, and stdout is none that can be drawn on
    hint: while sleep 5; do production status; done
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("production status --watch --json"), @r#"
    ------- stderr -------
    {"kind":"usage","exit_code":2,"message":"--watch is for a person, and --json for a script","causes":[],"hints":["while sleep 5; do production status --json; done"]}
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

/// Asserts that the terminal is as it was before.
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
fn ctrl_z_restores_the_terminal_until_the_watch_continues() {
    let scene = Scene::quiet();
    let mut pty = watched(&scene);
    pty.types("\u{1a}").sees("\u{1b}[?1049l", 1);
    assert_eq!(pty.modes(), Pty::modes_of_a_new_one());
    pty.signal("-CONT");
    pty.sees("\u{1b}[?1049h", 2).types("q");
    assert_clean(&pty.ends(0));
}

#[test]
fn resizing_redraws_the_watch() {
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

/// Run by the next test in a terminal of its own.
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
    command.args(["--exact", "status::watch::a_panic_with_a_screen", "--nocapture"]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("PANIC_WITH_A_SCREEN", "1");
    let shown = Pty::start(&command).end();
    let terminal = shown.terminal();
    assert!(!terminal.screen().alternate_screen() && !terminal.screen().hide_cursor());
    shown.has("the show must not go on");
    assert_eq!(shown.modes, Pty::modes_of_a_new_one());
}

#[test]
fn new_apps_appear_in_the_watch_without_wrapped_lines() {
    let scene = Scene::quiet();
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["status", "--watch", "--interval", "1s"]));
    pty.sees("playhouse-staging is 2 commits ahead of playhouse-production", 1);
    scene.panel("POST", "/apps", json!({"name": "matinee", "pipeline": "playhouse", "stage": "staging"}));
    pty.sees("how far playhouse-prepare is from matinee", 1).types("q");
    assert_clean(&pty.ends(0));
}

#[test]
fn the_watch_survives_an_outage() {
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
fn control_sequences_from_heroku_are_escaped() {
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
