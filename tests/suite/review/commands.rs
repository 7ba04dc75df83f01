//! Every command of the other environments works on a review app.

use std::fs;
use std::process::{Command, Stdio};

use greenroom::commands::COMMANDS;

use super::super::scene::{Scene, end, install_script, signal, until};

const APP: &str = "playhouse-pr-42-x7k2";

/// What a line is expected to do.
enum Does {
    /// Succeed, and send a request about the app or name it.
    Work,
    /// Be refused with this exit code and these words.
    Refuse(i32, &'static str),
    /// Go on until it is ended.
    Follow,
}

use Does::{Follow, Refuse, Work};

/// Code is promoted between stages, and a review app is in none of them.
const NO_STAGE: &str = "is in no stage of pipeline playhouse that code is promoted to";

/// A line for each command, in the table's order.
const LINES: &[(&str, &str, Does)] = &[
    ("addons", "", Work),
    ("backup", "", Work),
    ("backups", "", Work),
    ("config", "", Work),
    ("config:diff", "staging", Work),
    ("config:edit", "", Work),
    ("config:get", "NODE_ENV", Work),
    ("config:pull", "", Work),
    ("config:push", "- --yes", Work),
    ("config:set", "SEATS=9", Work),
    ("config:unset", "NODE_ENV", Work),
    ("console", "", Work),
    ("dashboard", "--dry-run", Work),
    ("deploy", "--yes", Work),
    ("diff", "staging", Work),
    ("domains", "", Work),
    ("info", "", Work),
    ("logs", "", Work),
    ("maintenance", "", Work),
    ("maintenance:off", "", Work),
    ("maintenance:on", "", Work),
    ("migrate", "", Work),
    ("open", "--dry-run", Work),
    ("promote", "--yes", Refuse(1, NO_STAGE)),
    ("ps", "", Work),
    ("ps:stop", "web.1", Work),
    ("ps:wait", "", Work),
    ("psql", "--dry-run", Work),
    ("releases", "", Work),
    ("releases:info", "", Work),
    ("releases:output", "", Work),
    ("restart", "", Work),
    ("restore", "staging --yes", Work),
    ("rollback", "--yes", Work),
    ("run", "echo hi", Work),
    ("run:detached", "echo hi", Work),
    ("scale", "web=2", Work),
    ("sha", "", Work),
    ("ship", "--test true --yes", Refuse(1, NO_STAGE)),
    ("status", "", Work),
    ("tail", "", Follow),
    ("url", "", Work),
    ("which", "", Work),
];

/// A playhouse with an editor, and a Heroku CLI that says what it was started with.
fn scene() -> Scene {
    let mut scene = Scene::quiet();
    scene.git(&["checkout", "--quiet", "curtain-call"]);
    let programs = scene.folder().join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    install_script(&programs.join("heroku"), "echo \"heroku $*\"");
    install_script(&programs.join("write-nothing"), ":");
    scene.put_on_path(programs);
    scene.set("EDITOR", "write-nothing");
    scene.write("greenroom.toml", "commands = { console = \"echo Ready\", migrate = \"echo Migrated\" }\n");
    scene
}

#[test]
fn the_table_has_a_line_for_each() {
    let lines: Vec<&str> = LINES.iter().map(|(name, ..)| *name).collect();
    let commands: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(lines, commands);
}

#[test]
fn each_works_on_a_review_app() {
    let wrong: Vec<String> =
        LINES.iter().filter_map(|(name, arguments, does)| wrong(name, arguments, does)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a line did, where that is not what it is expected to do.
fn wrong(name: &str, arguments: &str, does: &Does) -> Option<String> {
    let scene = scene();
    let line = format!("review 42 {name} {arguments}");
    if matches!(does, Follow) {
        follows(&scene, &line);
        return None;
    }
    let outcome = scene.run(&line);
    let requests = scene.requests();
    let is_about_it = || requests.iter().any(|line| line.contains(APP)) || outcome.to_string().contains(APP);
    let right = match does {
        Work => outcome.status == Some(0) && is_about_it(),
        Refuse(code, why) => outcome.status == Some(*code) && outcome.stderr.contains(why),
        Follow => false,
    };
    (!right).then(|| format!("{line}: {outcome}\n{requests:?}"))
}

/// Asserts that the line follows the app's log.
fn follows(scene: &Scene, line: &str) {
    let mut words = line.split_whitespace();
    let mut command: Command = scene.prepared(words.next().unwrap_or_default());
    let mut child =
        command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a program");
    until("its log", || scene.heroku().count(&format!("POST /apps/{APP}/log-sessions")) > 0);
    signal("-INT", &child.id().to_string());
    end(&mut child);
}

#[test]
fn forwarded_ones_are_about_its_app() {
    let scene = scene();
    for line in ["pg:info", "features", "access", "certs:auto", "drains"] {
        let outcome = scene.run(&format!("review {line}"));
        assert_eq!(outcome.stdout, format!("heroku {line} --app={APP}\n"), "{outcome}");
    }
}
