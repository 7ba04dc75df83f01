//! The questions, at a terminal: answered, declined, interrupted.

use serde_json::json;

use super::{at_a_terminal, fresh_clone, read, remotes};
use crate::scene::Scene;

/// A clone with the remote `heroku`, in a shell that is known.
fn with_questions() -> Scene {
    let mut scene = fresh_clone();
    scene.remote("heroku", "https://git.heroku.com/playhouse-production.git");
    scene.set("SHELL", "/bin/bash");
    scene
}

fn bashrc(scene: &Scene) -> String {
    let home: std::path::PathBuf = scene.variable("HOME").expect("a home").into();
    std::fs::read_to_string(home.join(".bashrc")).unwrap_or_default()
}

#[test]
fn answered_with_yes_everything_is_made() {
    let scene = with_questions();
    let mut pty = at_a_terminal(&scene, "greenroom setup");
    pty.sees("Rename git remote heroku to production? [y/N]", 1).types("y\r");
    pty.sees("Install Tab completion for bash? [y/N]", 1).types("y\r");
    pty.sees("do   rename git remote heroku to production, playhouse-production", 1);
    pty.sees("Set up playhouse? [y/N]", 1).types("y\r");
    pty.ends(0).has("done install Tab completion for bash");
    assert!(remotes(&scene).starts_with("prepare ") && !remotes(&scene).contains("heroku https"));
    assert!(bashrc(&scene).contains("greenroom"));
}

#[test]
fn what_is_declined_is_left_alone() {
    let scene = with_questions();
    let mut pty = at_a_terminal(&scene, "greenroom setup");
    pty.sees("Rename git remote", 1).types("n\r");
    pty.sees("Install Tab completion", 1).types("n\r");
    pty.sees("do   add git remote production, ", 1);
    pty.sees("Set up playhouse?", 1).types("y\r");
    pty.ends(0);
    assert!(remotes(&scene).starts_with("heroku https://git.heroku.com/playhouse-production.git\n"));
    assert!(remotes(&scene).contains("production https://git.heroku.com/playhouse-production.git\n"));
    assert_eq!(bashrc(&scene), "");
}

#[test]
fn declined_or_interrupted_nothing_is_changed() {
    for (answer, code) in [("n\r", 5), ("\r", 5), ("\u{4}", 130), ("\u{3}", 130)] {
        let scene = with_questions();
        let mut pty = at_a_terminal(&scene, "greenroom setup --no-completion");
        pty.sees("Rename git remote", 1).types("y\r");
        pty.sees("Set up playhouse?", 1).types(answer);
        let shown = pty.end();
        if code == 130 {
            assert!(shown.was_interrupted(), "{}", shown.raw());
        } else {
            assert_eq!(shown.code(), code, "{}", shown.raw());
            shown.closes_with("nothing was changed");
        }
        assert_eq!(remotes(&scene), "heroku https://git.heroku.com/playhouse-production.git\n");
        assert_eq!(read(&scene, "greenroom.toml"), "");
    }
}

#[test]
fn the_pipeline_is_chosen_from_a_list_nearest_first() {
    let scene = fresh_clone();
    for name in ["zarzuela", "play", "playhouse-eu"] {
        scene.ask("POST", "/pipelines", json!({ "name": name }));
    }
    let choose = |answer: &str| {
        let mut pty = at_a_terminal(&scene, "greenroom setup --no-completion");
        pty.sees("Which one is this project's? Number or name, Enter for playhouse:", 1).types(answer);
        pty
    };
    let mut pty = choose("\r");
    pty.sees("pipeline = \"playhouse\"", 1).sees("Set up playhouse?", 1).types("n\r");
    let shown = pty.end();
    shown.has("   1  playhouse\n   2  play\n   3  playhouse-eu\n   4  zarzuela\n");
    for answer in ["4\r", "zarzuela\r"] {
        let mut pty = choose(answer);
        pty.sees("pipeline = \"zarzuela\"", 1).sees("Set up zarzuela?", 1).types("n\r");
        pty.ends(5);
    }
    choose("nope\r").ends(3).has("there is no pipeline named \"nope\" that you can see");
    assert!(choose("\u{3}").end().was_interrupted());
    assert_eq!(read(&scene, "greenroom.toml"), "");
}
