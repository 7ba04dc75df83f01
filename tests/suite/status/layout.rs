//! The columns and colors of `status` at terminals of different widths.

use rehearsal::history;
use serde_json::json;

use crate::pty::Pty;
use crate::scene::Scene;

/// The screen of a command in a terminal of this width.
fn at_columns(scene: &Scene, line: &str, columns: u16) -> String {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    let shown = Pty::with_columns(command.args(words), columns).end();
    let screen = shown.screen();
    assert_eq!(shown.raw().lines().count(), screen.lines().count(), "no line wraps: {screen}");
    screen
}

/// A pipeline with each kind of unusual state.
fn troubled() -> Scene {
    let scene = Scene::quiet();
    scene.release("playhouse-staging", json!({"status": "failed", "commit": history::MAIN[4]}));
    scene.panel("PATCH", "/apps/playhouse-production/dynos/web.2", json!({"state": "crashed"}));
    scene.release("playhouse-prepare", json!({"status": "succeeded", "commit": history::MAIN[3], "user": "a-very-long-name-indeed-abc@playhouse.example"}));
    scene
}

#[test]
fn status_fits_60_80_100_and_120_columns() {
    let scene = troubled();
    let at = |columns| at_columns(&scene, "production status", columns);
    insta::assert_snapshot!(at(60), @"
    APP                   RELEASE  COMMIT   DYNOS
    playhouse-prepare     v10      23280a3  no dynos
    playhouse-staging     v11      23280a3  2/2 up
    playhouse-production  v18      b293934  2/3 up, 1 crashed

    playhouse-staging v12 failed, and does not run

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(at(80), @"
    APP                   RELEASE  COMMIT                        DYNOS
    playhouse-prepare     v10      23280a3 Dim the house lights  no dynos
    playhouse-staging     v11      23280a3 Dim the house lights  2/2 up
    playhouse-production  v18      b293934 Sell seats by row     2/3 up, 1 crashed

    playhouse-staging v12 failed, and does not run

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    // The short form of the dynos leaves room for the whole subjects.
    for columns in 92..=98 {
        assert_eq!(at(columns), at(100), "{columns} columns");
    }
    insta::assert_snapshot!(at(100), @"
    STAGE        APP                   RELEASE  COMMIT                        DYNOS
    development  playhouse-prepare     v10      23280a3 Dim the house lights  no dynos
    staging      playhouse-staging     v11      23280a3 Dim the house lights  2/2 up
    production   playhouse-production  v18      b293934 Sell seats by row     2/3 up, 1 crashed

    playhouse-staging v12 failed, and does not run

    playhouse-prepare and playhouse-staging run the same commit
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(at(120), @"
    STAGE        APP                   RELEASE  COMMIT                        DYNOS
    development  playhouse-prepare     v10      23280a3 Dim the house lights  no dynos
    staging      playhouse-staging     v11      23280a3 Dim the house lights  web 1/1 up, worker 1/1 up
    production   playhouse-production  v18      b293934 Sell seats by row     web 1/2 up and 1 crashed, worker 1/1 up

    playhouse-staging v12 failed, and does not run

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
fn long_subjects_fit() {
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
        "\u{1b}[31mplayhouse-staging v12 failed, and does not run\u{1b}[0m",
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
