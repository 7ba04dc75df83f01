//! `config`, `config:get`, `config:set` and `config:unset`.

use serde_json::{Value, json};

use super::super::official_cli::with_the_cli;
use super::super::scene::{Scene, install_script};
use super::{Case, check};

/// Values that are hard to print, to align and to quote.
fn hard(scene: &Scene) {
    set(
        scene,
        json!({
            "A": "",
            "ANSI": "\u{1b}[31mred\u{1b}[0m",
            "BLANKS": "  two  words  ",
            "DOLLARS": "$HOME `id` \\ ! # ~",
            "JSON": "{\"a\": [1, \"it's\"]}",
            "KEY": "-----BEGIN KEY-----\nMIIE\n\nabc=\n-----END KEY-----\n",
            "LONG": "x".repeat(30_000),
            "PERCENT": "%s %d %% %o %j",
            "QUOTES": "it's \"so\"",
            "RETURN": "a\r\nb\tc",
            "UNICODE": "舞台 🎭 é",
        }),
    );
}

fn none(scene: &Scene) {
    let vars = scene.look("/apps/playhouse-staging/config-vars");
    let names = vars.as_object().expect("config vars").keys();
    set(scene, names.map(|name| (name.clone(), Value::Null)).collect());
}

fn set(scene: &Scene, vars: Value) {
    scene.ask("PATCH", "/apps/playhouse-staging/config-vars", vars);
}

#[test]
fn config_vars_are_printed_as_by_the_cli() {
    check(&[
        Case::of("config").given(hard),
        Case::of("config --shell").given(hard),
        Case::of("config -j").given(hard),
        Case::of("config -s --json").given(hard),
        Case::of("config").given(none),
        Case::of("config -j").given(none),
        Case::of("config:get KEY NOPE A DOLLARS -s").given(hard),
        Case::of("config:get UNICODE NOPE QUOTES PERCENT").given(hard),
        Case::of("config:get -j LOG_LEVEL"),
        Case::of("config:get LOG_LEVEL --json NOPE -s"),
        Case::of("config:get"),
        Case::of("config LOG_LEVEL"),
    ]);
}

/// Why stdout is not the CLI's.
const HIDDEN: &str = "values are printed with --show only";

#[test]
fn config_vars_are_changed_as_by_the_cli() {
    let usage = "bad usage is 2 for every command";
    check(&[
        Case::of_words(vec!["config:set", "LOG_LEVEL=a b=c", "NEW=1", "EMPTY=", "NEW=2"]).differs(
            HIDDEN,
            ("LOG_LEVEL: a b=c\nNEW:       2\n", 0),
            ("LOG_LEVEL: [hidden]\nNEW:       [hidden]\n", 0),
        ),
        Case::of("config:add EMPTY="),
        Case::of("config:set").differs(usage, ("", 1), ("", 2)),
        Case::of("config:set LOG_LEVEL").differs(usage, ("", 1), ("", 2)),
        Case::of("config:unset LOG_LEVEL NODE_ENV NOPE"),
        Case::of("config:remove LOG_LEVEL"),
        Case::of("config:unset"),
    ]);
}

/// Both start `vim` where no variable names an editor.
fn editor(scene: &Scene, script: &str) {
    install_script(&scene.folder().join("tools/vim"), &format!("PATH=$PATH:/usr/bin:/bin\n{script}"));
}

#[test]
fn config_vars_are_edited_as_by_the_cli() {
    check(&[
        Case::of("config:edit").given(|scene| editor(scene, "exit 0")),
        Case::of("config:edit LOG_LEVEL").given(|scene| editor(scene, r#"printf '\n' >> "$1""#)),
        Case::of("config:edit").given(|scene| editor(scene, "exit 3")),
        Case::of("config:edit LOG_LEVEL NODE_ENV"),
    ]);
}

#[test]
fn the_editor_sees_the_text_that_the_cli_writes() {
    let Some(scene) = with_the_cli() else { return };
    hard(&scene);
    // The CLI writes a carriage return as it is, which editors take for a line break.
    set(&scene, json!({ "RETURN": null }));
    editor(&scene, r#"cp "$1" "${0%/*}/seen""#);
    let seen = || std::fs::read_to_string(scene.folder().join("tools/seen")).expect("a file");
    for key in [None, Some("KEY"), Some("QUOTES")] {
        let app = ["config:edit", "--app=playhouse-staging"].into_iter().chain(key).collect::<Vec<_>>();
        _ = scene.run_words("heroku", &app);
        let theirs = seen();
        let ours = scene.run_words("staging", &["config:edit"].into_iter().chain(key).collect::<Vec<_>>());
        assert_eq!(ours.status, Some(0), "{ours}");
        // Ours ends the last line of a list.
        assert_eq!(seen().trim_end(), theirs.trim_end(), "{key:?}");
    }
}
