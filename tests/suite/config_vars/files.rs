//! `config:pull` and `config:push`: what is written, what is sent, and what is asked before.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use serde_json::json;

use super::super::pty::Pty;
use super::super::scene::{Outcome, Scene};
use super::{changes, only, set, vars};

const STAGING: &str = "playhouse-staging";

/// Hard to quote, and one that must not be shown.
const LINES: &str = "-----BEGIN-----\n\"it's\" $HOME `id` \\n #\r\n-----END-----\n";

fn file(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.repository().join(name)).expect("a file")
}

/// A playhouse whose staging has only these config vars, and whose repository ignores `.env`.
fn scene() -> Scene {
    let scene = Scene::playhouse();
    only(&scene, STAGING, json!({ "EMPTY": "", "LINES": LINES, "MOTTO": "macbeth" }));
    scene.write(".gitignore", ".env\n");
    scene
}

#[test]
fn what_is_pulled_can_be_read_by_its_owner_alone_and_pushes_back_the_same() {
    let scene = scene();
    insta::assert_snapshot!(scene.run("staging config:pull"), @"
    ------- stderr -------
    + EMPTY
    + LINES
    + MOTTO
    wrote 3 config vars of playhouse-staging to .env
    ");
    let mode = fs::metadata(scene.repository().join(".env")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let rest = fs::read_dir(scene.repository()).expect("a folder").flatten();
    assert!(rest.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains("draft")));
    insta::assert_snapshot!(scene.run("staging config pull"), @"
    ------- stderr -------
    nothing to write: .env has the config vars of playhouse-staging
    ");
    insta::assert_snapshot!(scene.run("staging config push .env"), @"
    ------- stderr -------
    nothing to set: playhouse-staging has the config vars of .env
    ");
    only(&scene, STAGING, json!({ "OWN": "1" }));
    let before = changes(&scene);
    let pushed = scene.run("staging config:push .env");
    assert_eq!(pushed.status, Some(0), "{pushed}");
    assert_eq!(changes(&scene) - before, 1);
    assert_eq!(vars(&scene, STAGING), json!({ "EMPTY": "", "LINES": LINES, "MOTTO": "macbeth", "OWN": "1" }));
}

#[test]
fn a_value_in_a_file_is_replaced_only_after_a_question() {
    let scene = scene();
    let mine = "# mine\nexport MOTTO=hamlet # why\nLOCAL=1\n";
    scene.write(".env", mine);
    insta::assert_snapshot!(scene.run("staging config:pull"), @"
    ------- stderr -------
    + EMPTY
    + LINES
    ! MOTTO
    error: .env has other values, and confirmation requires a terminal
    hint: staging config:pull .env --yes
    [exit status: 5]
    ");
    let dry = scene.run("staging --dry-run config:pull");
    assert!(
        dry.status == Some(0)
            && dry.stderr.ends_with("would write 3 config vars of playhouse-staging to .env\n")
    );
    for (answer, code) in [("n\r", 5), ("y\r", 0)] {
        assert_eq!(file(&scene, ".env"), mine);
        let mut pty = Pty::start(scene.prepared("staging").args(["config", "pull"]));
        pty.sees("Replace MOTTO in .env? [y/N] ", 1).types(answer);
        assert!(!pty.ends(code).raw().contains("macbeth"));
    }
    let now = file(&scene, ".env");
    assert!(now.starts_with("# mine\nexport MOTTO=macbeth # why\nLOCAL=1\nEMPTY=\nLINES=\""), "{now}");
    set(&scene, STAGING, json!({ "MOTTO": "lear", "NEW": "1" }));
    let answer = scene.run("staging config:pull --yes --json");
    insta::assert_snapshot!(answer.stdout, @r#"
    {
      "app": "playhouse-staging",
      "file": ".env",
      "added": [
        "NEW"
      ],
      "changed": [
        "MOTTO"
      ]
    }
    "#);
    assert!(file(&scene, ".env").contains("MOTTO=lear # why"));
}

#[test]
fn git_is_named_where_it_would_take_the_file() {
    let scene = scene();
    let warning = |outcome: &Outcome| outcome.stderr.contains("warning: git does not ignore");
    insta::assert_snapshot!(scene.run("staging config:pull secrets.env"), @"
    ------- stderr -------
    + EMPTY
    + LINES
    + MOTTO
    warning: git does not ignore secrets.env: its values could be committed
    hint: echo secrets.env >> .gitignore
    wrote 3 config vars of playhouse-staging to secrets.env
    ");
    assert!(!warning(&scene.run("staging config:pull .env")));
    scene.git(&["add", "--force", ".env"]);
    set(&scene, STAGING, json!({ "NEW": "1" }));
    assert!(warning(&scene.run("staging config:pull .env")), "git has it already");
    scene.write(".git/info/exclude", "mine.env\n");
    assert!(!warning(&scene.run("staging config:pull mine.env")));
    fs::create_dir(scene.folder().join("elsewhere")).expect("a folder");
    assert!(!warning(&scene.run("staging config:pull ../elsewhere/.env")));
}

#[test]
fn what_cannot_be_written_is_left_as_it_is() {
    let scene = scene();
    scene.write("bad.env", "A=1\nsecret\n");
    symlink("bad.env", scene.repository().join("link.env")).expect("a link");
    insta::assert_snapshot!(scene.run("staging config:pull bad.env"), @"
    ------- stderr -------
    error: bad.env:2: no = found
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging config:pull link.env"), @"
    ------- stderr -------
    error: link.env is a symbolic link; name the file it leads to
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging config:pull nowhere/.env"), @"
    ------- stderr -------
    error: there is no folder nowhere
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging config:pull -"), @"
    ------- stderr -------
    error: config:pull writes to a file
    hint: staging config --shell
    [exit status: 2]
    ");
    assert_eq!(file(&scene, "bad.env"), "A=1\nsecret\n");
}

#[test]
fn a_push_tells_names_and_sends_what_differs_in_one_request() {
    let scene = scene();
    scene.write(".env", "EMPTY=\nMOTTO=hamlet\nNEW='to be'\n");
    let printed = scene.run("staging --dry-run config:push .env");
    insta::assert_snapshot!(printed, @r##"
    curl -X PATCH [HEROKU]/apps/playhouse-staging/config-vars -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"MOTTO":"[hidden]","NEW":"[hidden]"}'
    ------- stderr -------
    + NEW
    ! MOTTO
    "##);
    let before = changes(&scene);
    insta::assert_snapshot!(scene.run("staging config push .env"), @"
    ------- stderr -------
    + NEW
    ! MOTTO
    Setting MOTTO, NEW and restarting playhouse-staging... done, v12
    ");
    assert_eq!(changes(&scene) - before, 1);
    assert_eq!(
        vars(&scene, STAGING),
        json!({ "EMPTY": "", "LINES": LINES, "MOTTO": "hamlet", "NEW": "to be" })
    );
    let mut push = scene.prepared("staging");
    push.args(["config:push", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut push = push.spawn().expect("a process");
    push.stdin.take().expect("stdin").write_all(b"MOTTO=lear\n").expect("a reader");
    let outcome = Outcome::new(&push.wait_with_output().expect("a process"), scene.folder());
    assert_eq!((outcome.status, &vars(&scene, STAGING)["MOTTO"]), (Some(0), &json!("lear")), "{outcome}");
    assert!(outcome.stdout.contains("\"version\": 13"), "{outcome}");
}

#[test]
fn production_asks_before_a_push() {
    let scene = Scene::playhouse();
    scene.write(".env", "MODE=macbeth\n");
    let before = changes(&scene);
    insta::assert_snapshot!(scene.run("production config:push .env"), @"
    ------- stderr -------
    + MODE
    error: production is protected, and confirmation requires a terminal
    hint: production config:push .env --yes
    [exit status: 5]
    ");
    for (answer, code, sent) in [("n\r", 5, 0), ("y\r", 0, 1)] {
        let mut pty = Pty::start(scene.prepared("production").args(["config", "push", ".env"]));
        pty.sees("Set MODE on playhouse-production? [y/N] ", 1).types(answer);
        let shown = pty.ends(code);
        assert!(!shown.raw().contains("macbeth"), "{}", shown.raw());
        assert_eq!(changes(&scene) - before, sent);
    }
}

#[test]
fn a_push_leaves_out_what_an_add_on_sets() {
    let scene = Scene::playhouse();
    scene.write(".env", "DATABASE_URL=postgres://u:macbeth@h/d\nMODE=1\n");
    let outcome = scene.run("staging config:push .env");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(
        outcome
            .stderr
            .contains("warning: DATABASE_URL is left out: an add-on of playhouse-staging sets it\n")
    );
    assert_ne!(vars(&scene, STAGING)["DATABASE_URL"], "postgres://u:macbeth@h/d");
    assert_eq!(vars(&scene, STAGING)["MODE"], "1");
}

#[test]
fn what_cannot_be_meant_is_not_pushed() {
    let scene = Scene::playhouse();
    scene.write("twice.env", "A=macbeth\nB=1\nA=hamlet\n");
    insta::assert_snapshot!(scene.run("staging config:push twice.env"), @"
    ------- stderr -------
    error: twice.env:3: A has another value in line 1
    [exit status: 2]
    ");
    scene.write("open.env", "A=1\nB='macbeth\n");
    insta::assert_snapshot!(scene.run("staging config:push open.env"), @"
    ------- stderr -------
    error: open.env:2: the quote that begins here is not closed
    [exit status: 2]
    ");
    let missing = scene.run("staging config:push none.env");
    assert!(
        missing.status == Some(2) && missing.stderr.starts_with("error: cannot read none.env\n"),
        "{missing}"
    );
    assert_eq!(changes(&scene), 0);
}
