//! The progress line during waits.

use rehearsal::Fault;

use super::pty::Pty;
use super::scene::Scene;

/// The sequence that erases the progress line.
const ERASED: &str = "\r\u{1b}[K";

/// Starts `production` with these words at a terminal.
fn start(scene: &Scene, words: &[&str]) -> Pty {
    let mut command = scene.prepared("production");
    command.args(words);
    Pty::start(&command)
}

#[test]
fn progress_names_a_pending_promotion() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".into() });
    let mut pty = start(&scene, &["promote", "--yes", "--wait-timeout", "4s"]);
    pty.sees("waiting for the promotion to playhouse-production (", 2);
    let shown = pty.ends(6);
    assert!(shown.raw().contains(ERASED), "{}", shown.raw());
    assert!(!shown.screen().contains("waiting for"), "{}", shown.screen());
}

#[test]
fn progress_names_a_slow_request() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::Slow { route: "GET /pipelines/**".into(), delay_ms: 2500, times: Some(1) });
    let mut pty = start(&scene, &["status"]);
    pty.sees("waiting for 127.0.0.1 (1s)", 1);
    let shown = pty.ends(0);
    assert!(!shown.screen().contains("waiting for"), "{}", shown.screen());
    shown.has("playhouse-production");
}

#[test]
fn no_progress_without_a_terminal() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::Slow { route: "GET /pipelines/**".into(), delay_ms: 1500, times: Some(1) });
    let outcome = scene.run("production status");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome}");
}

#[test]
fn an_interrupt_during_a_wait_leaves_no_progress_line() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".into() });
    let mut pty = start(&scene, &["promote", "--yes"]);
    pty.sees("waiting for the promotion to playhouse-production (", 1).types("\x03");
    let shown = pty.ends(130);
    shown.closes_with("interrupted: the promotion to playhouse-production continues at Heroku");
    assert!(!shown.screen().contains("waiting for"), "{}", shown.screen());
}
