//! The official Heroku CLI, run through our commands and beside them: both must report the same state.
//!
//! `GREENROOM_HEROKU_CLI` names its executable. Without it these tests are skipped.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;

use rehearsal::{Fault, history};
use serde_json::json;

use super::scene::{Outcome, Scene, link_tool};
use super::skipped::{THE_CLI, skip};

/// The official CLI's executable; where there is none the test is skipped.
pub fn the_cli() -> Option<PathBuf> {
    let cli = env::var_os("GREENROOM_HEROKU_CLI").map(PathBuf::from);
    if cli.is_none() {
        skip(THE_CLI);
    }
    cli
}

/// A playhouse with the official CLI on PATH, whose apps write no log lines by themselves; none without a CLI.
pub fn with_the_cli() -> Option<Scene> {
    let cli = the_cli()?;
    let mut scene = Scene::quiet();
    let tools = scene.folder().join("node");
    fs::create_dir(&tools).expect("a folder");
    for tool in ["node", "env", "sh"] {
        link_tool(&tools, tool);
    }
    scene.put_on_path(tools);
    scene.put_on_path(cli.parent().expect("a folder").to_owned());
    Some(scene)
}

/// Runs command lines at the same time; they must succeed.
fn all<const N: usize>(scene: &Scene, lines: [&str; N]) -> [Outcome; N] {
    let mut outcomes = thread::scope(|scope| {
        let runs = lines.map(|line| scope.spawn(move || scene.run(line)));
        runs.map(|run| Some(run.join().expect("no panic in here")))
    });
    for (line, outcome) in lines.iter().zip(&outcomes) {
        let outcome = outcome.as_ref().expect("an outcome");
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    }
    std::array::from_fn(|at| outcomes[at].take().expect("an outcome"))
}

/// The words of each line, so that blanks do not matter.
fn words(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn forwarded_commands_answer_for_the_environments_app() {
    let Some(scene) = with_the_cli() else { return };
    let [ps, config, level, access, maintenance] = all(
        &scene,
        [
            "staging ps",
            "staging config",
            "staging config:get LOG_LEVEL",
            "staging access",
            "production maintenance",
        ],
    );
    assert!(ps.stdout.contains("=== web (Basic): node server.js"), "{ps}");
    let vars = scene.look("/apps/playhouse-staging/config-vars");
    assert_eq!(level.stdout.trim(), vars["LOG_LEVEL"].as_str().expect("a value"), "{level}");
    for name in vars.as_object().expect("variables").keys() {
        assert!(config.stdout.contains(name.as_str()), "{name}: {config}");
    }
    assert!(access.stdout.contains("director@playhouse.example"), "{access}");
    assert_eq!(maintenance.stdout.trim(), "off", "{maintenance}");
}

#[test]
fn forwarded_changes_affect_the_environments_app_only() {
    let Some(scene) = with_the_cli() else { return };
    let outcome = scene.run("staging maintenance:on");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let maintains = |app: &str| scene.look(&format!("/apps/{app}"))["maintenance"] == true;
    assert!(maintains("playhouse-staging") && !maintains("playhouse-production"));
}

#[test]
fn both_print_the_same_log() {
    let Some(scene) = with_the_cli() else { return };
    let [theirs, filtered, ours, filtered_ours, forwarded] = all(
        &scene,
        [
            "heroku logs -n 20 -a playhouse-staging",
            "heroku logs -n 20 -a playhouse-staging --ps worker --source app",
            "staging logs -n 20",
            "staging logs -n 20 --ps worker --source app",
            // A flag that is not ours: the whole line is the CLI's.
            "staging logs -n 20 --force-colors",
        ],
    );
    assert_eq!(ours.stdout.lines().count(), 20);
    assert_eq!(words(&theirs.stdout), words(&ours.stdout));
    assert!(filtered_ours.stdout.contains("app[worker.1]"), "{filtered_ours}");
    assert_eq!(words(&filtered.stdout), words(&filtered_ours.stdout));
    assert!(forwarded.stderr.contains("\"force-colors\" flag has been deprecated"), "{forwarded}");
    assert_eq!(words(&forwarded.stdout), words(&ours.stdout));
}

#[test]
fn both_list_the_same_releases() {
    let Some(scene) = with_the_cli() else { return };
    for (status, commit) in [("failed", history::MAIN[4]), ("expired", history::MAIN[0])] {
        let release =
            json!({"status": status, "commit": commit, "description": format!("Deploy {}", &commit[..8])});
        scene.release("playhouse-staging", release);
    }
    let pending = json!({"pending": true, "description": "Set A config vars"});
    scene.panel("POST", "/apps/playhouse-staging/releases", pending);
    let [theirs, ours, few_theirs, few_ours, their_json, our_json, extended, none_theirs, none_ours] = all(
        &scene,
        [
            "heroku releases -a playhouse-staging",
            "staging releases",
            "heroku releases -n 2 -a playhouse-production",
            "production releases -n 2",
            "heroku releases --json -n 3 -a playhouse-staging",
            "staging releases --json -n 3",
            // A flag that is not ours: the whole line is the CLI's.
            "staging releases --extended",
            "heroku releases -n 1 -a playhouse-pr-42-x7k2",
            "review 42 releases -n 1",
        ],
    );
    // How long ago it was may have changed between the two.
    let ago = regex_lite::Regex::new(r"~ \d+s ago").expect("a pattern");
    let now = |text: &str| ago.replace_all(text, "~ now").into_owned();
    let added = [
        "Print tickets at home",
        "Open the box office",
        "Dim the house lights",
        "Remember the interval",
        "Sell seats by row",
    ];
    for (theirs, ours) in now(&theirs.stdout).lines().zip(now(&ours.stdout).lines()) {
        if theirs.starts_with(" ─") {
            assert!(ours.starts_with(theirs), "{ours}");
            continue;
        }
        let rest =
            ours.strip_prefix(theirs).unwrap_or_else(|| panic!("{theirs:?} is not in {ours:?}")).trim();
        assert!(rest.is_empty() || rest == "subject" || added.contains(&rest), "{ours}");
    }
    assert_eq!(theirs.stdout.lines().count(), ours.stdout.lines().count());
    assert_eq!(few_theirs.stdout, few_ours.stdout, "nothing came that has a subject");
    let json = |outcome: &Outcome| serde_json::from_str::<serde_json::Value>(&outcome.stdout).expect("JSON");
    assert_eq!(json(&their_json), json(&our_json));
    assert!(extended.stdout.contains("slug_id"), "{extended}");
    assert!(none_ours.stdout.starts_with(none_theirs.stdout.lines().next().expect("a line")), "{none_ours}");
}

#[test]
fn both_follow_the_same_log() {
    let Some(scene) = with_the_cli() else { return };
    let follow = |program: &str, arguments: &[&str]| {
        let mut command = scene.prepared(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("a program that starts");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        (child, lines.map(|line| line.expect("a line").trim_end().to_owned()))
    };
    let (mut theirs, mut their_lines) =
        follow("heroku", &["logs", "--tail", "-a", "playhouse-staging", "-n", "5"]);
    let (mut ours, mut our_lines) = follow("staging", &["tail", "-n", "5"]);
    let five: Vec<String> = our_lines.by_ref().take(5).collect();
    assert_eq!(their_lines.by_ref().take(5).collect::<Vec<_>>(), five);
    let line = "2024-01-01T00:00:00.000000+00:00 app[web.1]: Sold seat 12";
    let body = serde_json::json!({ "lines": [line] });
    scene.panel("POST", "/apps/playhouse-staging/logs", body);
    assert_eq!(their_lines.next().as_deref(), Some(line));
    assert_eq!(our_lines.next().as_deref(), Some(line));
    for child in [&mut theirs, &mut ours] {
        child.kill().expect("it runs");
        child.wait().expect("an end");
    }
}

#[test]
fn the_cli_sees_what_we_promoted() {
    let Some(scene) = with_the_cli() else { return };
    let promoted = scene.run("production promote --yes");
    assert_eq!(promoted.stdout, "playhouse-production v19 77978f9\n", "{promoted}");
    let [releases] = all(&scene, ["heroku releases -a playhouse-production"]);
    let newest = releases.stdout.lines().find(|line| line.trim().starts_with("v19 ")).unwrap_or_default();
    assert!(newest.contains("Promote playhouse-prepare v9"), "{releases}");
}

#[test]
fn the_cli_sees_what_we_deployed() {
    let Some(scene) = with_the_cli() else { return };
    scene.write("Procfile", "web: node server.js\nrelease: bin/migrate\n");
    scene.git(&["add", "Procfile"]);
    scene.git(&["commit", "--quiet", "--message", "Migrate before each release"]);
    let short = scene.git(&["rev-parse", "--short=8", "HEAD"]).trim().to_owned();
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    scene.heroku().inject(Fault::FailReleasePhase { app: "playhouse-staging".into(), output: "no".into() });
    assert_eq!(scene.run("staging deploy").status, Some(1));
    let [failed] = all(&scene, ["heroku releases --app=playhouse-staging"]);
    let line = |outcome: &Outcome, version: &str| {
        let line = outcome.stdout.lines().find(|line| line.trim_start().starts_with(version));
        line.unwrap_or_else(|| panic!("{version}: {outcome}")).to_owned()
    };
    assert!(line(&failed, "v12").contains("release command failed"), "{failed}");
    assert!(failed.stdout.contains("Current: v11"), "{failed}");
    scene.heroku().heal();
    assert_eq!(scene.run("staging deploy").status, Some(0));
    let [staging, prepare, pipeline, ps] = all(
        &scene,
        [
            "heroku releases --app=playhouse-staging",
            "heroku releases --app=playhouse-prepare",
            "heroku pipelines:info playhouse",
            "heroku ps --app=playhouse-staging",
        ],
    );
    assert!(staging.stdout.contains("Current: v13"), "{staging}");
    assert!(line(&prepare, "v10").contains(&format!("Deploy {short}")), "{prepare}");
    assert!(line(&staging, "v13").contains(&short), "{staging}");
    assert!(
        pipeline.stdout.contains("playhouse-prepare") && pipeline.stdout.contains("development"),
        "{pipeline}"
    );
    assert!(ps.stdout.contains("web.1: up"), "{ps}");
}

#[test]
fn we_see_what_the_cli_promoted() {
    let Some(scene) = with_the_cli() else { return };
    let promote = "heroku pipelines:promote -a playhouse-staging --to playhouse-production";
    let [promoted] = all(&scene, [promote]);
    assert!(promoted.stdout.contains("playhouse-production: succeeded"), "{promoted}");
    let ours = scene.run("production promote --yes --from staging");
    assert_eq!(ours.status, Some(0), "{ours}");
    assert!(ours.stderr.contains("playhouse-production  runs it already\nnothing to do"), "{ours}");
}

#[test]
fn the_cli_sees_the_result_of_prepare_setup() {
    let Some(scene) = with_the_cli() else { return };
    for remote in ["prepare", "staging"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene.git(&["remote", "set-url", "production", "https://git.heroku.com/understudy.git"]);
    let set_up = scene.run("prepare setup --config NODE_ENV --yes");
    assert_eq!(set_up.status, Some(0), "{set_up}");
    let [pipeline, buildpacks, theirs, features, ps, config] = all(
        &scene,
        [
            "heroku pipelines:info understudy",
            "heroku buildpacks -a understudy-prepare",
            "heroku buildpacks -a understudy",
            "heroku labs -a understudy-prepare",
            "prepare ps",
            "prepare config:get NODE_ENV",
        ],
    );
    let rows = words(&pipeline.stdout);
    for row in [["understudy-prepare", "development"], ["understudy", "production"]] {
        assert!(rows.iter().any(|words| row.iter().all(|word| words.contains(word))), "{pipeline}");
    }
    let listed = |outcome: &Outcome| outcome.stdout.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(listed(&buildpacks), listed(&theirs));
    assert!(
        words(&features.stdout).iter().any(|row| row.starts_with(&["[+]", "runtime-dyno-metadata"])),
        "{features}"
    );
    assert!(!ps.stdout.contains("web.1"), "{ps}");
    assert_eq!(config.stdout, "production\n");
}

#[test]
fn failures_of_the_cli_are_passed_on() {
    let Some(scene) = with_the_cli() else { return };
    let [theirs, ours, unknown_flag] = thread::scope(|scope| {
        let lines = [
            "heroku addons:info nothing -a playhouse-staging",
            "staging addons:info nothing",
            "staging ps --frobnicate",
        ];
        lines.map(|line| scope.spawn(|| scene.run(line))).map(|run| run.join().expect("no panic in here"))
    });
    assert_ne!(ours.status, Some(0), "{ours}");
    assert_eq!((ours.status, ours.stderr), (theirs.status, theirs.stderr));
    assert_eq!(unknown_flag.status, Some(2), "{unknown_flag}");
    assert!(unknown_flag.stderr.contains("Nonexistent flag: --frobnicate"), "{unknown_flag}");
}

#[test]
fn the_cli_lists_addons_domains_and_drains() {
    let Some(scene) = with_the_cli() else { return };
    let [backups, backup, domains, addons, drains, webhooks, certs, access] = all(
        &scene,
        [
            "heroku pg:backups -a playhouse-production",
            "heroku pg:backups:info a004 -a playhouse-production",
            "heroku domains -a playhouse-production",
            "heroku addons -a playhouse-production",
            "heroku drains -a playhouse-production",
            "heroku webhooks -a playhouse-production",
            "heroku certs -a playhouse-production",
            "heroku access -a playhouse-production",
        ],
    );
    let row = |outcome: &Outcome, first: &str, wanted: &[&str]| {
        let rows = words(&outcome.stdout);
        let row = rows.iter().find(|row| row.first() == Some(&first));
        let row = row.unwrap_or_else(|| panic!("{first}: {outcome}"));
        assert!(wanted.iter().all(|word| row.contains(word)), "{wanted:?}: {outcome}");
    };
    row(&backups, "b001", &["Completed", "DATABASE"]);
    row(&backups, "a002", &["Completed", "DATABASE"]);
    row(&backups, "a004", &["Failed", "DATABASE"]);
    row(&backups, "r003", &["Completed", "DATABASE"]);
    row(&backup, "Type:", &["Scheduled"]);
    row(&domains, "www.playhouse.example", &["CNAME"]);
    row(&domains, "tickets.playhouse.example", &["CNAME"]);
    assert!(addons.stdout.contains("DATABASE") && addons.stdout.contains("REDIS"), "{addons}");
    assert!(addons.stdout.contains("HEROKU_POSTGRESQL_AMBER"), "{addons}");
    assert!(addons.stdout.contains("$50/month") && addons.stdout.contains("$3/month"), "{addons}");
    row(&drains, "https://logs.playhouse.example/production", &[]);
    assert!(webhooks.stdout.contains("https://hooks.playhouse.example/releases"), "{webhooks}");
    row(&certs, "www-certificate", &["www.playhouse.example", "True", "SNI"]);
    row(&access, "prompter@playhouse.example", &["collaborator"]);
}

#[test]
fn the_manifest_of_the_official_cli_is_read() {
    let Some(scene) = with_the_cli() else { return };
    insta::assert_snapshot!(scene.run("staging maintenanc:on"), @r#"
    ------- stderr -------
    error: unknown command `maintenanc:on`: not in greenroom or the Heroku CLI
    hint: did you mean `staging maintenance:on`?
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging nosuchcommand"), @r#"
    ------- stderr -------
    error: unknown command `nosuchcommand`: not in greenroom or the Heroku CLI
    hint: staging run nosuchcommand   # on a one-off dyno
    hint: staging --help
    hint: heroku commands
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging ps -a x"), @"
    ------- stderr -------
    error: -a is not allowed: staging already selects the app
    hint: staging which
    [exit status: 2]
    ");
    // Dry runs: with an app where the command takes one, and none where it does not.
    for (line, forwarded) in [
        ("features", "heroku features --app=playhouse-staging"),
        ("pg:killall", "heroku pg:killall --app=playhouse-staging"),
        ("run:inside web.1 ls", "heroku run:inside --app=playhouse-staging web.1 ls"),
        ("pipelines:promote --to x", "heroku pipelines:promote --app=playhouse-staging --to x"),
        ("regions --json", "heroku regions --json"),
        ("plugins", "heroku plugins"),
        ("logs --force-colors -t", "heroku logs --app=playhouse-staging --force-colors -t"),
    ] {
        let outcome = scene.run(&format!("staging --dry-run {line}"));
        assert_eq!((outcome.stdout.trim_end(), outcome.status), (forwarded, Some(0)), "{outcome}");
    }
}
