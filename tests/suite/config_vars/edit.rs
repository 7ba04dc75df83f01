//! `config:edit`: what the editor sees, what is sent, and that nothing is left on the disk.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use serde_json::{Value, json};

use super::super::pty::Pty;
use super::super::scene::{Scene, end, heed_hangups, install_script, signal, until};
use super::{changes, only, vars};

const STAGING: &str = "playhouse-staging";

/// A playhouse whose staging has only these config vars, and whose editor is this script; the file is `$1`.
fn scene(known: Value, script: &str) -> Scene {
    let mut scene = Scene::playhouse();
    only(&scene, STAGING, known);
    edits(&scene, script);
    scene.set("EDITOR", scene.folder().join("editor"));
    scene
}

fn edits(scene: &Scene, script: &str) {
    install_script(&scene.folder().join("editor"), &format!("PATH=$PATH:/usr/bin:/bin\n{script}"));
}

/// How many files and folders commands have left behind.
fn left(scene: &Scene) -> usize {
    fs::read_dir(scene.temporary()).expect("a folder").count()
}

/// What the editor kept in this file.
fn kept(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.folder().join(name)).expect("a file that the editor wrote")
}

#[test]
fn names_are_told_and_one_request_is_sent() {
    let script = r#"sed -i -e 's/macbeth/hamlet/' -e '/^OLD=/d' "$1"; echo "NEW='to be'" >> "$1""#;
    let scene = scene(json!({ "MOTTO": "macbeth", "OLD": "1", "SAME": "2" }), script);
    insta::assert_snapshot!(scene.run("staging config edit --yes"), @"
    ------- stderr -------
    waiting for [SCENE]/editor to close heroku-playhouse-staging-config.sh...
    + NEW
    ! MOTTO
    - OLD
    Changing MOTTO, NEW, OLD and restarting playhouse-staging... done, v12
    ");
    assert_eq!(vars(&scene, STAGING), json!({ "MOTTO": "hamlet", "NEW": "to be", "SAME": "2" }));
    assert_eq!((changes(&scene), left(&scene)), (1, 0));
    edits(&scene, r#"echo NEW=1 > "$1""#);
    let answer = scene.run("staging config:edit --yes --json");
    assert!(answer.stdout.contains("\"unset\": [\n    \"MOTTO\",\n    \"SAME\"\n  ]"), "{answer}");
}

#[test]
fn every_value_survives_an_edit_of_another() {
    let hard = "-----BEGIN KEY-----\n\"a\" \\n 'b' $x `y` !\r\n\t舞台 \u{1b}[31m\u{202e}# =\n\n";
    let script = r#"cp "$1" "${0%/*}/seen"; ls -ld "${1%/*}" "$1" > "${0%/*}/modes"; echo LAST=1 >> "$1""#;
    let scene = scene(json!({ "EMPTY": "", "KEY": hard, "PLAIN": "x" }), script);
    let outcome = scene.run("staging config:edit -y");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(vars(&scene, STAGING), json!({ "EMPTY": "", "KEY": hard, "LAST": "1", "PLAIN": "x" }));
    assert_eq!(kept(&scene, "seen").lines().count(), 3);
    let modes = kept(&scene, "modes");
    let modes: Vec<&str> = modes.lines().map(|line| &line[..10]).collect();
    assert_eq!(modes, ["drwx------", "-rw-------"]);
}

#[test]
fn one_value_is_edited_as_plain_text() {
    let lines = "one\n\"two\"\n";
    let script = r#"cp "$1" "${0%/*}/seen"; printf 'three\n' >> "$1""#;
    let scene = scene(json!({ "LINES": lines, "WORD": "x", "OTHER": "macbeth" }), script);
    for (key, before, after) in
        [("LINES", lines, "one\n\"two\"\nthree\n"), ("WORD", "x", "xthree"), ("UNSET", "", "three")]
    {
        let outcome = scene.run(&format!("staging config:edit {key} --yes"));
        assert_eq!(outcome.status, Some(0), "{outcome}");
        assert_eq!((kept(&scene, "seen").as_str(), &vars(&scene, STAGING)[key]), (before, &json!(after)));
    }
    assert_eq!((vars(&scene, STAGING)["OTHER"].as_str(), changes(&scene)), (Some("macbeth"), 3));
    assert_eq!(scene.run("staging config:edit WORD=x").status, Some(2));
}

#[test]
fn without_a_difference_or_with_a_failed_editor_nothing_is_sent() {
    let mut scene =
        scene(json!({ "MOTTO": "macbeth" }), r#"[ -n "$2" ] || exit 3; echo "$1" > "${0%/*}/seen""#);
    insta::assert_snapshot!(scene.run("staging config:edit"), @"
    ------- stderr -------
    waiting for [SCENE]/editor to close heroku-playhouse-staging-config.sh...
    error: [SCENE]/editor failed (exit code 3); nothing was changed
    [exit status: 1]
    ");
    let editor = scene.folder().join("editor").display().to_string();
    scene.set("VISUAL", format!("'{editor}' \"two words\""));
    let outcome = scene.run("staging config:edit");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(outcome.stderr.ends_with("no changes to config vars\n"), "{outcome}");
    assert_eq!(kept(&scene, "seen"), "two words\n");
    // A path with a blank in it, as the Heroku CLI takes it.
    let blank = scene.folder().join("my editor");
    install_script(&blank, "exit 4");
    scene.set("VISUAL", blank);
    assert!(scene.run("staging config:edit").stderr.contains("failed (exit code 4)"));
    scene.set("VISUAL", "no-such-editor --wait");
    insta::assert_snapshot!(scene.run("staging config:edit"), @"
    ------- stderr -------
    error: VISUAL names no program on PATH: no-such-editor --wait
    [exit status: 1]
    ");
    assert_eq!((changes(&scene), left(&scene)), (0, 0));
}

#[test]
fn a_text_that_cannot_be_read_can_be_edited_again() {
    let script = r#"if grep -q macbeth "$1"; then sed -i "s/macbeth/'hamlet/" "$1"; else sed -i "s/hamlet/&'/" "$1"; fi"#;
    let scene = scene(json!({ "A": "1", "MOTTO": "macbeth" }), script);
    insta::assert_snapshot!(scene.run("staging config:edit --yes"), @"
    ------- stderr -------
    waiting for [SCENE]/editor to close heroku-playhouse-staging-config.sh...
    error: line 2: the quote that begins here is not closed
    [exit status: 2]
    ");
    let mut pty = Pty::start(scene.prepared("staging").args(["config:edit"]));
    pty.sees("Edit again? [y/N] ", 1).types("n\r");
    pty.ends(2).has("nothing was changed");
    let mut pty = Pty::start(scene.prepared("staging").args(["config:edit"]));
    pty.sees("Edit again? [y/N] ", 1);
    assert_eq!(left(&scene), 0, "no file waits for an answer");
    pty.types("y\r").sees("Change MOTTO on playhouse-staging? [y/N] ", 1);
    assert_eq!((changes(&scene), left(&scene)), (0, 0));
    pty.types("y\r");
    let shown = pty.ends(0);
    assert!(!shown.raw().contains("hamlet") && !shown.raw().contains("macbeth"), "{}", shown.raw());
    assert_eq!((vars(&scene, STAGING)["MOTTO"].as_str(), changes(&scene)), (Some("hamlet"), 1));
}

#[test]
fn what_heroku_refuses_can_be_edited_again() {
    let scene = scene(json!({ "MOTTO": "macbeth" }), r#"cp "$1" "${0%/*}/seen"; echo MORE=1 >> "$1""#);
    let refused = json!({"id": "invalid_params", "message": "Cannot overwrite attachment values MORE."});
    let fault = json!({"kind": "answer", "route": "PATCH /apps/*/config-vars", "status": 422, "body": refused, "times": 1});
    scene.panel("POST", "/faults", fault);
    let mut pty = Pty::start(scene.prepared("staging").args(["config:edit", "--yes"]));
    pty.sees("Cannot overwrite attachment values MORE.", 1).sees("Edit again? [y/N] ", 1);
    edits(&scene, r#"cp "$1" "${0%/*}/seen"; sed -i s/MORE/LESS/ "$1""#);
    pty.types("y\r");
    pty.ends(0);
    assert_eq!(kept(&scene, "seen"), "MOTTO=macbeth\nMORE=1\n", "what was written is there again");
    assert_eq!(vars(&scene, STAGING), json!({ "MOTTO": "macbeth", "LESS": "1" }));
}

#[test]
fn it_asks_first_and_a_dry_run_only_prints() {
    let scene = scene(json!({ "MOTTO": "macbeth" }), r#"sed -i 's/macbeth/hamlet/' "$1""#);
    insta::assert_snapshot!(scene.run("staging config:edit MOTTO"), @"
    ------- stderr -------
    waiting for [SCENE]/editor to close heroku-playhouse-staging-config-value.txt...
    ! MOTTO
    error: config:edit asks before a change, and confirmation requires a terminal
    hint: staging config:edit MOTTO --yes
    [exit status: 5]
    ");
    let printed = scene.run("staging --dry-run config:edit");
    assert_eq!(printed.status, Some(0), "{printed}");
    assert!(
        printed.stdout.starts_with("curl -X PATCH [HEROKU]/apps/playhouse-staging/config-vars "),
        "{printed}"
    );
    assert!(!printed.to_string().contains("hamlet"), "{printed}");
    let mut pty = Pty::start(scene.prepared("staging").args(["config:edit"]));
    pty.sees("Change MOTTO on playhouse-staging? [y/N] ", 1).types("n\r");
    pty.ends(5);
    assert_eq!((changes(&scene), left(&scene)), (0, 0));
    edits(&scene, r#"echo MODE=1 >> "$1""#);
    let refused = scene.run("production config:edit");
    assert!(refused.status == Some(5) && refused.stderr.contains("production is protected"), "{refused}");
}

#[test]
fn what_somebody_else_changed_meanwhile_is_not_replaced_unasked() {
    let script = r#"staging config:set THEIRS=king MOTTO=lear >&2; sed -i 's/macbeth/hamlet/' "$1""#;
    let scene = scene(json!({ "MOTTO": "macbeth" }), script);
    let outcome = scene.run("staging config:edit --yes");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let end = "somebody else has changed THEIRS meanwhile; that stays\n\
               error: somebody else has changed MOTTO meanwhile; nothing was changed\nhint: staging config:edit\n";
    assert!(outcome.stderr.ends_with(end), "{outcome}");
    assert_eq!((vars(&scene, STAGING)["MOTTO"].as_str(), changes(&scene)), (Some("lear"), 1));
    for (answer, code, motto) in [("n\r", 5, "king"), ("y\r", 0, "hamlet")] {
        edits(&scene, r#"staging config:set MOTTO=king >&2; sed -i 's/lear/hamlet/' "$1""#);
        only(&scene, STAGING, json!({ "MOTTO": "lear" }));
        let mut pty = Pty::start(scene.prepared("staging").args(["config:edit", "--yes"]));
        pty.sees("somebody else has changed MOTTO meanwhile", 1).sees("Replace MOTTO by yours? [y/N] ", 1);
        pty.types(answer);
        pty.ends(code);
        assert_eq!(vars(&scene, STAGING)["MOTTO"], motto);
    }
    // Another config var is nobody's loss.
    edits(&scene, r#"staging config:set THEIRS=queen >&2; sed -i 's/hamlet/macbeth/' "$1""#);
    assert_eq!(scene.run("staging config:edit --yes").status, Some(0));
    assert_eq!(vars(&scene, STAGING), json!({ "MOTTO": "macbeth", "THEIRS": "queen" }));
}

#[test]
fn no_file_is_left_when_greenroom_is_ended_while_the_editor_runs() {
    heed_hangups();
    let scene = scene(json!({ "MOTTO": "macbeth" }), r#"echo $$ > "${0%/*}/runs"; exec sleep 60"#);
    let runs = scene.folder().join("runs");
    for (name, code) in [("-TERM", 143), ("-HUP", 129), ("-KILL", 0)] {
        let mut command = scene.prepared("staging");
        command.arg("config:edit").process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        let mut edit = command.spawn().expect("a process");
        until("the editor runs", || fs::read_to_string(&runs).is_ok_and(|id| id.ends_with('\n')));
        assert_eq!(left(&scene), 1);
        let editor = kept(&scene, "runs").trim().to_owned();
        fs::remove_file(&runs).expect("a file");
        signal(name, &edit.id().to_string());
        let status = end(&mut edit);
        if name == "-KILL" {
            // Nothing can be done then; the next one removes it.
            signal("-KILL", &editor);
            assert_eq!(left(&scene), 1);
            continue;
        }
        assert_eq!((status.code(), left(&scene)), (Some(code), 0), "{name}");
        assert!(!fs::exists(format!("/proc/{editor}")).expect("proc"), "the editor was ended too");
    }
    edits(&scene, "exit 0");
    assert_eq!((scene.run("staging config:edit").status, left(&scene), changes(&scene)), (Some(0), 0, 0));
}

#[test]
fn ctrl_c_is_the_editors_to_heed() {
    let scene = scene(json!({ "MOTTO": "macbeth" }), "echo runs; exec sleep 60");
    let mut pty = Pty::start(scene.prepared("staging").args(["config:edit"]));
    pty.sees("runs\r\n", 1).types("\u{3}");
    assert!(pty.end().was_interrupted());
    assert_eq!((changes(&scene), left(&scene)), (0, 0));
    edits(
        &scene,
        r#"trap 'echo heeded' INT; echo runs; read -r line || read -r line; sed -i 's/macbeth/hamlet/' "$1""#,
    );
    let mut pty = Pty::start(scene.prepared("staging").args(["config:edit"]));
    pty.sees("runs\r\n", 1).types("\u{3}").sees("heeded", 1).types("\r");
    pty.sees("Change MOTTO on playhouse-staging? [y/N] ", 1).types("y\r");
    pty.ends(0).has("done, v12");
    assert_eq!((vars(&scene, STAGING)["MOTTO"].as_str(), left(&scene)), (Some("hamlet"), 0));
}
