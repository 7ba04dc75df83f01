//! Commands in a terminal: questions, color, Ctrl-C, control sequences.

use std::time::Duration;

use rehearsal::Fault;
use serde_json::json;

use super::pty::{Pty, Shown};
use super::scene::Scene;

mod control_sequences;
mod questions;

const ASKS: &str = "Promote to playhouse-production? [y/N] ";

fn at_a_terminal(scene: &Scene, line: &str) -> Pty {
    with(scene, line, &[])
}

fn with(scene: &Scene, line: &str, variables: &[(&str, &str)]) -> Pty {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words).envs(variables.iter().copied());
    Pty::start(&command)
}

/// Adds these lines to the log of playhouse-staging.
fn say(scene: &Scene, lines: &[&str]) {
    scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "lines": lines }));
}

/// Asserts that the only control sequences are colors: `ESC [ … m`.
fn assert_only_colors(shown: &Shown) {
    for sequence in shown.sequences() {
        assert!(
            sequence.starts_with("\u{1b}[") && sequence.ends_with('m'),
            "{sequence:?} in {:?}",
            shown.raw()
        );
    }
}

const ROUTER: &str = "2024-01-01T00:00:00.000000+00:00 heroku[router]: at=info method=GET path=\"/seats\" \
                      host=playhouse-staging.herokuapp.com dyno=web.1 connect=0ms service=12ms status=200 bytes=512";
const WEB: &str = "2024-01-01T00:00:01.000000+00:00 app[web.1]: Sold seat 12";

#[test]
fn logs_are_colored_at_a_terminal_only() {
    let scene = Scene::quiet();
    say(&scene, &[ROUTER, WEB]);
    let shown = at_a_terminal(&scene, "staging logs -n 2").ends(0);
    assert_only_colors(&shown);
    let header = "2024-01-01T00:00:01.000000+00:00 app[web.1]:";
    assert!(!shown.raw().contains(&format!("{header} Sold")), "{}", shown.raw());
    assert!(shown.sequences().len() >= 4, "{:?}", shown.raw());
    // Wrapped at the terminal's edge, but every letter is there.
    let screen = shown.screen().replace('\n', "");
    assert!(screen.contains(ROUTER) && screen.contains(WEB), "{screen}");
    let piped = scene.run("staging logs -n 2");
    assert_eq!(piped.stdout, format!("{ROUTER}\n{WEB}\n"));
}

#[test]
fn color_can_be_turned_off() {
    let scene = Scene::quiet();
    let own = "2024-01-01T00:00:02.000000+00:00 app[web.1]: \u{1b}[31mred\u{1b}[0m seat";
    say(&scene, &[WEB, own]);
    let cases: [(&str, &[(&str, &str)]); 4] = [
        ("staging logs -n 2", &[("NO_COLOR", "1")]),
        ("staging logs -n 2", &[("TERM", "dumb")]),
        ("staging logs -n 2 --no-color", &[]),
        ("staging --no-color logs -n 2", &[]),
    ];
    for (line, variables) in cases {
        let shown = with(&scene, line, variables).end();
        assert_eq!(shown.sequences(), [""; 0], "{line} {variables:?}: {:?}", shown.raw());
        assert!(shown.raw().ends_with("red seat\n"), "{:?}", shown.raw());
    }
    for (line, variables) in [
        ("production promote", [("NO_COLOR", "1")]),
        ("production promote", [("TERM", "dumb")]),
        ("production promote --no-color", [("A", "b")]),
        ("production nonsense --no-color", [("A", "b")]),
        ("production --help", [("NO_COLOR", "1")]),
        ("production --help", [("TERM", "dumb")]),
        ("production --no-color --help", [("A", "b")]),
        ("production --no-color logs --num x", [("A", "b")]),
    ] {
        let mut pty = with(&scene, line, &variables);
        if line.contains("promote") {
            pty.sees(ASKS, 1).types("n\r");
        }
        let shown = pty.end();
        assert_eq!(shown.sequences(), [""; 0], "{line} {variables:?}: {:?}", shown.raw());
    }
    let forced = scene.finish(scene.prepared("staging").args(["logs", "-n1"]).env("CLICOLOR_FORCE", "1"));
    assert!(forced.stdout.contains("\u{1b}["), "{forced}");
}

#[test]
fn ctrl_c_ends_a_tail_at_once() {
    for line in ["staging tail -n 3", "greenroom on staging,production tail -n 3", "staging tail -n 3 --json"]
    {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, line);
        pty.sees("web.1", 1);
        let begun = std::time::Instant::now();
        pty.types("\u{3}");
        let shown = pty.end();
        assert!(shown.was_interrupted(), "{line}: {:?}\n{}", shown.status, shown.raw());
        assert!(begun.elapsed() < Duration::from_secs(2), "{line}");
        assert!(!shown.raw().contains("error:"), "{line}: {}", shown.raw());
    }
}

#[test]
fn ctrl_c_ends_a_pending_request_at_once() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::hang("POST /apps/*/log-sessions"));
    let mut pty = at_a_terminal(&scene, "staging --verbose logs");
    pty.sees("POST", 1).types("\u{3}");
    assert!(pty.end().was_interrupted());
}
