//! `ship`: tests and build side by side, promotions up to production, and the state after a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex_lite::Regex;
use rehearsal::{Settings, history};
use serde_json::Value;

use super::pty::escape_sequences;
use super::scene::{Outcome, Scene, install_script, link_tool};

mod environments;
mod failures;
mod roll_out;
mod screen;
mod signals;

/// A playhouse with the tools that the commands here use.
fn theatre() -> Scene {
    theatre_with(Settings::default())
}

fn theatre_with(settings: Settings) -> Scene {
    let mut scene = Scene::playhouse_with(settings);
    let tools = scene.folder().join("stage-tools");
    fs::create_dir(&tools).expect("a folder");
    for tool in ["sh", "sleep"] {
        link_tool(&tools, tool);
    }
    scene.put_on_path(tools);
    scene
}

/// The releases that staging and production run at first.
fn nothing_moved(scene: &Scene) -> bool {
    scene.runs("playhouse-staging") == (11, history::MAIN[3].to_owned())
        && scene.runs("playhouse-production") == (18, history::MAIN[1].to_owned())
}

fn ship(scene: &Scene, environment: &str, words: &[&str]) -> Outcome {
    scene.run_words(environment, &[&["ship"], words].concat())
}

fn prepared(scene: &Scene, words: &[&str]) -> Command {
    let mut command = scene.prepared("production");
    command.arg("ship").args(words);
    command
}

/// The output without ids and times, which differ in each run.
fn redacted(text: &str, id: &str) -> String {
    let mut text = text.replace(id, "[commit]").replace(&id[..7], "[commit]");
    for (pattern, word) in [
        (r"(?m)^\d\d:\d\d:\d\d ", "[time] "),
        (r" +\d+\.\ds\b", " [s]"),
        (r#""(seconds|in_series_seconds)": [\d.]+"#, "\"$1\": [s]"),
        (r"-[0-9a-f]{12}\.herokuapp", ".herokuapp"),
    ] {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, word).into_owned();
    }
    text
}

/// The lines after the last step.
fn last_words(outcome: &Outcome) -> String {
    let time = Regex::new(r"^\d\d:\d\d:\d\d ").expect("a pattern");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let last = lines.iter().rposition(|line| time.is_match(line)).map_or(0, |last| last + 1);
    lines[last..].join("\n")
}

/// The processes that wrote their ids to this file and are still running.
fn alive(file: &Path) -> Vec<String> {
    let written = fs::read_to_string(file).unwrap_or_default();
    let is_alive = |id: &&str| {
        // What has ended and was not asked for yet runs no more.
        let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
    };
    written.lines().filter(is_alive).map(str::to_owned).collect()
}

/// A git that writes its process id down; the file it writes to.
fn git_that_signs(scene: &mut Scene) -> PathBuf {
    let (folder, ids) = (scene.folder().join("signing"), scene.folder().join("git-ids"));
    fs::create_dir(&folder).expect("a folder");
    let git = which::which("git").expect("git");
    let script = format!("echo $$ >> '{}'\nexec '{}' \"$@\"", ids.display(), git.display());
    install_script(&folder.join("git"), &script);
    scene.put_on_path(folder);
    ids
}

/// Tests that never end, with a child of theirs; both write their ids to this file.
fn endless(scene: &Scene) -> (String, PathBuf) {
    let ids = scene.folder().join("ids");
    (format!("echo $$ > {0}; sleep 300 & echo $! >> {0}; wait; echo survived", ids.display()), ids)
}

#[test]
fn ship_brings_a_commit_to_production() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    let notes = scene.folder().join("notes");
    let test = format!("echo tests in $PWD >> {}", notes.display());
    let smoke = format!(
        "echo $GREENROOM_ENVIRONMENT $GREENROOM_COMMIT $APP_URL >> {}; echo It answers",
        notes.display()
    );
    let outcome = ship(&scene, "production", &["--test", &test, "--smoke", &smoke, "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    insta::assert_snapshot!(redacted(&outcome.stdout, &id), @"
    tests [s]
    build [s]
    staging [s]  playhouse-staging v12
    staging smoke [s]
    production [s]  playhouse-production v19
    production smoke [s]
    total [s]  [commit]; in series about [s], saved [s]
    ");
    for app in ["playhouse-prepare", "playhouse-staging", "playhouse-production"] {
        assert_eq!(scene.runs(app).1, id, "{app}");
    }
    assert_eq!((scene.pushes(), scene.promotions()), (1, 2));
    let url = |app: &str| scene.look(&format!("/apps/{app}"))["web_url"].as_str().expect("a URL").to_owned();
    assert_eq!(
        fs::read_to_string(&notes).expect("notes"),
        format!(
            "tests in {}\nstaging {id} {}\nproduction {id} {}\n",
            scene.repository().display(),
            url("playhouse-staging"),
            url("playhouse-production")
        )
    );
    assert!(escape_sequences(&outcome.stderr).is_empty(), "{outcome}");
    let times = redacted(&outcome.stderr, &id);
    for line in [
        "[time] staging smoke    | It answers",
        "[time] build            | remote: -----> Build succeeded!",
        "[time] production         passed after [s]",
    ] {
        assert!(times.lines().any(|told| told == line), "{line}: {times}");
    }
    let unchanged = ship(&scene, "production", &["--test", "true", "--json"]);
    assert_eq!(unchanged.status, Some(0), "nothing is protected from tests: {unchanged}");
    let unchanged: Value = serde_json::from_str(&unchanged.stdout).expect("JSON");
    assert_eq!(
        (unchanged["status"].as_str(), unchanged["runs"][1]["version"].as_u64()),
        (Some("unchanged"), Some(19))
    );
    let again = ship(&scene, "production", &["--test", "true", "--smoke", "echo It answers"]);
    insta::assert_snapshot!(redacted(&again.to_string(), &id), @"
    tests [s]
    build [s]
    staging [s]  playhouse-staging v12
    staging smoke [s]
    production [s]  playhouse-production v19
    production smoke [s]
    total [s]  [commit]
    ------- stderr -------
    commit [commit] Raise the curtain
         playhouse-staging     runs it already
         playhouse-production  runs it already
    [time] tests              begins: true
    [time] build            | [commit] runs already: nothing is built
    [time] build              unchanged after [s]
    [time] tests              passed after [s]
    [time] staging            begins: staging promote --commit [commit] --yes
    [time] staging            unchanged after [s]
    [time] staging smoke      begins: APP_URL=https://playhouse-staging.herokuapp.com/ GREENROOM_ENVIRONMENT=staging GREENROOM_COMMIT=[commit] sh -c 'echo It answers'
    [time] staging smoke    | It answers
    [time] staging smoke      passed after [s]
    [time] production         begins: production promote --commit [commit] --yes
    [time] production         unchanged after [s]
    [time] production smoke   begins: APP_URL=https://playhouse-production.herokuapp.com/ GREENROOM_ENVIRONMENT=production GREENROOM_COMMIT=[commit] sh -c 'echo It answers'
    [time] production smoke | It answers
    [time] production smoke   passed after [s]
    [commit] ran on staging and production already, and passed again
    ");
    let planned = ship(&scene, "production", &["--dry-run", "--test", "true"]);
    assert_eq!(planned.stdout, "true\n", "{planned}");
    assert_eq!((scene.pushes(), scene.promotions()), (1, 2));
}

#[test]
fn staging_ship_stops_at_staging() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    let outcome = ship(&scene, "staging", &["--test", "true"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.runs("playhouse-staging").1, scene.promotions()), (id, 1));
    assert_eq!(scene.runs("playhouse-production").0, 18);
}

#[test]
fn exactly_the_commit_is_shipped() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    scene.commit("Raise the curtain");
    scene.write("seats.js", "exports.rows = []\n");
    let outcome = ship(&scene, "production", &["--test", "true", "--yes", &id[..10]]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.runs("playhouse-prepare").1, scene.runs("playhouse-production").1), (id.clone(), id));
    assert!(outcome.stderr.contains(", which is checked out; "), "{outcome}");
    let pointed = "warning: 1 file has uncommitted changes; the tests see them, but they are not shipped";
    assert!(outcome.stderr.contains(pointed), "{outcome}");
    scene.write(".git/index", "torn");
    let outcome = ship(&scene, "production", &["--dry-run", "--test", "true"]);
    let pointed = "warning: git cannot tell whether there are uncommitted changes; the tests see them";
    assert!(outcome.stderr.contains(pointed), "{outcome}");
}

#[test]
fn an_existing_slug_is_not_built_again() {
    let scene = theatre();
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    insta::assert_snapshot!(redacted(&outcome.to_string(), history::MAIN[4]), @"
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-staging v12
    production [s]  playhouse-production v19
    total [s]  [commit]
    ------- stderr -------
    commit [commit] Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + [commit] Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains [commit]
    [time] tests        begins: true
    [time] build      | [commit] is prepared already: playhouse-prepare v9
    [time] build        unchanged after [s]
    [time] tests        passed after [s]
    [time] staging      begins: staging promote --commit [commit] --yes
    [time] staging      passed after [s]
    [time] production   begins: production promote --commit [commit] --yes
    [time] production   passed after [s]
    shipped [commit] to staging and production
    ");
    assert_eq!((scene.pushes(), scene.promotions()), (0, 2));
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn staging_is_skipped_if_it_runs_the_commit() {
    let scene = theatre();
    assert_eq!(scene.run("staging promote").status, Some(0));
    let outcome = ship(&scene, "production", &["--test", "true", "--smoke", "true", "--yes", "--json"]);
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let states: Vec<(&str, &str)> = answer["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| (step["name"].as_str().expect("a name"), step["status"].as_str().expect("a status")))
        .collect();
    assert_eq!(
        states,
        [
            ("tests", "passed"),
            ("build", "unchanged"),
            ("staging", "unchanged"),
            ("staging smoke", "passed"),
            ("production", "passed"),
            ("production smoke", "passed"),
        ]
    );
    assert_eq!((scene.promotions(), &answer["in_series_seconds"]), (2, &Value::Null));
}

#[test]
fn a_dry_run_prints_the_steps() {
    let scene = theatre();
    let words = ["--dry-run", "--test", "npm test", "--smoke", "bin/smoke --fast"];
    let outcome = ship(&scene, "production", &words);
    insta::assert_snapshot!(redacted(&outcome.to_string(), history::MAIN[4]), @"
    npm test
    prepare deploy [commit] --yes
    staging promote --commit [commit] --yes
    APP_URL=https://playhouse-staging.herokuapp.com/ GREENROOM_ENVIRONMENT=staging GREENROOM_COMMIT=[commit] sh -c 'bin/smoke --fast'
    production promote --commit [commit] --yes
    APP_URL=https://playhouse-production.herokuapp.com/ GREENROOM_ENVIRONMENT=production GREENROOM_COMMIT=[commit] sh -c 'bin/smoke --fast'
    ------- stderr -------
    commit [commit] Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + [commit] Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains [commit]
    ");
    assert_eq!((scene.promotions(), scene.pushes()), (0, 0));
}

/// A file, and a command that lasts until it is there.
fn gate(scene: &Scene) -> (PathBuf, String) {
    let gate = scene.folder().join("gate");
    let lasts = format!("while ! test -e {}; do sleep 0.01; done", gate.display());
    (gate, lasts)
}
