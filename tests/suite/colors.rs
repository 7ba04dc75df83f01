//! Colors, and the URL after a deploy.

use rehearsal::history;
use serde_json::json;

use super::pty::Pty;
use super::scene::Scene;

const COMES: &str = "\u{1b}[32m     + 77978f9 Print tickets at home\u{1b}[0m";
const PROTECTED: &str = "to   \u{1b}[1m\u{1b}[33mplayhouse-production\u{1b}[0m  v18";

/// The terminal output of a command with these variables.
fn raw(scene: &Scene, line: &str, variables: &[(&str, &str)]) -> String {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    Pty::start(command.args(words).envs(variables.iter().copied())).end().raw()
}

#[test]
fn promote_plan_is_colored() {
    let scene = Scene::quiet();
    let line = "production --dry-run promote";
    let shown = raw(&scene, line, &[]);
    assert!(shown.contains(COMES) && shown.contains(PROTECTED), "{shown:?}");
    let shown = raw(&scene, "staging --dry-run promote", &[]);
    assert!(shown.contains(COMES) && shown.contains("to   playhouse-staging  "), "not protected: {shown:?}");
    for plain in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let shown = raw(&scene, line, &[plain]);
        assert!(!shown.contains('\u{1b}'), "{plain:?}: {shown:?}");
    }
    assert!(!raw(&scene, "production --no-color --dry-run promote", &[]).contains('\u{1b}'));
    let mut command = scene.prepared("production");
    command.args(["--dry-run", "promote"]);
    assert!(!scene.finish(&mut command).stderr.contains('\u{1b}'), "a pipe has no colors");
    let forced = scene.finish(command.env("CLICOLOR_FORCE", "1"));
    assert!(forced.stderr.contains(COMES) && forced.stderr.contains(PROTECTED), "{forced}");
}

#[test]
fn rollback_plan_is_colored() {
    let scene = Scene::quiet();
    let release =
        json!({"status": "succeeded", "commit": history::MAIN[4], "description": "Deploy 77978f96"});
    scene.release("playhouse-production", release);
    let shown = raw(&scene, "production --dry-run rollback", &[]);
    assert!(shown.contains("\u{1b}[31m     - 77978f9 Print tickets at home\u{1b}[0m"), "{shown:?}");
    assert!(shown.contains("\u{1b}[1m\u{1b}[33mplayhouse-production\u{1b}[0m  v19"), "{shown:?}");
}

#[test]
fn diff_colors_commits_green_and_red() {
    let scene = Scene::quiet();
    let shown = raw(&scene, "production diff staging", &[]);
    assert!(shown.contains("\u{1b}[32m+ 23280a3 Dim the house lights\u{1b}[0m\n"), "{shown:?}");
    let shown = raw(&scene, "staging diff production", &[]);
    assert!(shown.contains("\u{1b}[31m- 23280a3 Dim the house lights\u{1b}[0m\n"), "{shown:?}");
    assert!(!scene.run("production diff staging").stdout.contains('\u{1b}'));
}

#[test]
fn deploys_end_with_the_apps_url() {
    for (line, app) in [
        ("production promote --yes", "playhouse-production"),
        ("production rollback --yes", "playhouse-production"),
        ("staging deploy", "playhouse-staging"),
    ] {
        let scene = Scene::quiet();
        let url = scene.look(&format!("/apps/{app}"))["web_url"].as_str().expect("a URL").to_owned();
        let asked = scene.requests().len();
        let mut words = line.split(' ');
        let mut command = scene.prepared(words.next().expect("a program"));
        let shown = Pty::start(command.args(words)).ends(0);
        assert!(shown.raw().trim_end().ends_with(&format!("\n{url}")), "{line}: {}", shown.raw());
        let app_asked = format!("GET /apps/{app}");
        let again = scene.requests()[asked..].iter().filter(|line| **line == app_asked).count();
        assert!(again <= 1, "{line}: it is asked for nothing more");
    }
    let scene = Scene::quiet();
    let outcome = scene.run("production promote --yes");
    assert!(!outcome.stderr.contains("https://"), "nobody clicks in a log: {outcome}");
    let mut command = scene.prepared("prepare");
    let shown = Pty::start(command.args(["deploy", "--build"])).end();
    assert!(!shown.raw().trim_end().ends_with(".herokuapp.com/"), "the app only builds: {}", shown.raw());
}
