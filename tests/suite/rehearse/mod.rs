//! `greenroom rehearse` works without an account or a configuration, and removes its files in every case.

use std::fs;
use std::io::BufRead;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::scene::{Outcome, Scene, link_tool};

mod serve;
mod shell;
mod signals;

/// A machine without Heroku, whose folder for temporary files must be empty in the end.
struct Machine {
    scene: Scene,
}

impl Machine {
    fn new() -> Self {
        let mut scene = Scene::bare();
        let tools = scene.folder().join("more-tools");
        fs::create_dir(&tools).expect("a folder");
        for tool in ["sh", "sleep", "touch", "cat", "env"] {
            link_tool(&tools, tool);
        }
        scene.put_on_path(tools);
        Self { scene }
    }

    /// `greenroom rehearse`, in a process group of its own, as a shell starts it.
    fn rehearse(&self, words: &[&str]) -> Command {
        let mut command = self.scene.prepared("greenroom");
        command.arg("rehearse").args(words).process_group(0);
        command
    }

    fn run(&self, words: &[&str]) -> Outcome {
        let outcome = self.scene.finish(&mut self.rehearse(words));
        self.assert_clean(&format!("{words:?}: {outcome}"));
        outcome
    }

    fn assert_clean(&self, after: &str) {
        assert_eq!(self.left(), [""; 0], "left behind after {after}");
    }

    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.scene.temporary()).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }
}

/// Reads lines until one contains `text`.
fn until(lines: &mut impl BufRead, text: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).expect("lines"), 0, "no {text:?} in\n{all}");
        all += &line;
        if line.contains(text) {
            return all;
        }
    }
}

#[test]
fn the_commands_exit_code_is_passed_on() {
    let machine = Machine::new();
    assert_eq!(machine.run(&["--", "sh", "-c", "exit 7"]).status, Some(7));
    assert_eq!(machine.run(&["--", "sh", "-c", "kill -KILL $$"]).status, Some(137));
}

#[test]
fn commands_run_in_the_playhouse() {
    let machine = Machine::new();
    let outcome = machine.run(&["--", "staging", "which"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("playhouse-staging\n", Some(0)), "{outcome}");
    let outcome = machine.run(&["--", "greenroom", "on", "staging,production", "which"]);
    assert_eq!(
        (outcome.stdout.lines().count(), outcome.status),
        (2, Some(0)),
        "our other commands are there too: {outcome}"
    );
    let outcome = machine.run(&["--", "sh", "-c", "git push --quiet prepare main && git status --short"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(0)), "{outcome}");
}

#[test]
fn variables_of_the_caller_are_not_inherited() {
    let mut machine = Machine::new();
    machine
        .scene
        .set("HEROKU_HOST", "https://heroku.example")
        .set("HEROKU_API_KEY", "not-for-a-rehearsal")
        .set("HEROKU_APP", "somewhere-else")
        .set("HEROKU_DATA_HOST", "heroku.example")
        .set("GIT_DIR", "/nonexistent")
        .set("HTTPS_PROXY", "http://127.0.0.1:9")
        .set("http_proxy", "http://127.0.0.1:9")
        .set("ALL_PROXY", "http://127.0.0.1:9");
    let outcome = machine.run(&["--", "staging", "logs", "-n", "3"]);
    assert_eq!((outcome.stdout.lines().count(), outcome.status), (3, Some(0)), "{outcome}");
    let outcome = machine.run(&["--", "env"]);
    assert!(!outcome.stdout.contains("not-for-a-rehearsal"), "{outcome}");
    assert!(!outcome.stdout.contains("heroku.example"), "{outcome}");
    assert!(outcome.stdout.lines().any(|line| line == "HEROKU_DATA_HOST=127.0.0.1"), "{outcome}");
}

#[test]
fn missing_commands_and_bad_usage() {
    let machine = Machine::new();
    insta::assert_snapshot!(machine.run(&["--", "no such program"]), @"
    ------- stderr -------
    error: there is no program 'no such program'
    hint: greenroom rehearse -- bash
    [exit status: 1]
    ");
    insta::assert_snapshot!(machine.run(&["staging"]), @"
    ------- stderr -------
    error: invalid value 'staging' for '[ACTION]': a command to run comes after `--`: greenroom rehearse -- staging …

    For more information, try '--help'.
    [exit status: 2]
    ");
    insta::assert_snapshot!(machine.run(&["serve", "--", "sh"]), @"
    ------- stderr -------
    error: serve runs no command
    hint: greenroom rehearse -- COMMAND
    [exit status: 2]
    ");
}

#[test]
fn the_tour_runs_to_its_end() {
    let machine = Machine::new();
    let output = machine.rehearse(&[]).stdin(Stdio::null()).output().expect("greenroom");
    let outcome = Outcome::new(&output, machine.scene.folder());
    assert_eq!(outcome.status, Some(0), "{outcome}");
    for line in [
        "$ production status",
        "$ staging which",
        "$ review 42 which",
        "$ staging tail",
        "$ production diff",
        "$ prepare deploy",
        "$ staging deploy",
        "$ production promote --yes",
        "playhouse-pr-42-x7k2",
        "playhouse-prepare v10",
        "playhouse-staging v12",
        "playhouse-production v19",
    ] {
        assert!(outcome.stdout.contains(line), "{line}: {outcome}");
    }
    for line in [
        "git remote staging is https://git.heroku.com/playhouse-staging.git",
        "remote: ",
        "Raise the curtain",
        "from playhouse-prepare",
        "error: ",
    ] {
        assert!(outcome.stderr.contains(line), "{line}: {outcome}");
    }
    let (_, last) = outcome.stdout.split_once("That was all.").expect("an end");
    assert!(last.contains("\n    greenroom rehearse -- bash\n"), "{last}");
    machine.assert_clean("the tour");
}

#[test]
fn a_missing_git_is_reported() {
    let machine = Machine::new();
    let mut command = machine.rehearse(&["--", "sh"]);
    command.env("PATH", machine.scene.folder().join("more-tools"));
    let outcome = machine.scene.finish(&mut command);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("(is git there?)"), "{outcome}");
    machine.assert_clean("a machine without git");
}

#[test]
fn a_missing_temporary_folder_is_reported() {
    let mut machine = Machine::new();
    machine.scene.set("TMPDIR", "/nonexistent/folder");
    let outcome = machine.scene.finish(&mut machine.rehearse(&["--", "sh", "-c", "exit 7"]));
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("/nonexistent/folder"), "{outcome}");
}
