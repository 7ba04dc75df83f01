//! `ship`: tests and build side by side, the way to production, and what is left when it ends on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use regex_lite::Regex;
use rehearsal::{Fault, Settings, history};
use serde_json::{Value, json};

use super::pty::{Pty, escape_sequences};
use super::scene::{Outcome, Scene, end, install_script, link_tool, signal, until};

/// A playhouse whose shell has the few tools that the commands here want.
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

/// What staging and production run in the beginning.
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

/// Without ids and times, which differ from one run to the other.
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

/// What comes after the last line of a step.
fn last_words(outcome: &Outcome) -> String {
    let time = Regex::new(r"^\d\d:\d\d:\d\d ").expect("a pattern");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let last = lines.iter().rposition(|line| time.is_match(line)).map_or(0, |last| last + 1);
    lines[last..].join("\n")
}

/// The processes that wrote their ids to this file and are still there.
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
fn a_commit_goes_all_the_way() {
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
    let again = ship(&scene, "production", &["--test", "exit 9", "--yes"]);
    let unchanged = ship(&scene, "production", &["--test", "exit 9", "--yes", "--json"]);
    let unchanged: Value = serde_json::from_str(&unchanged.stdout).expect("JSON");
    assert_eq!(
        (unchanged["status"].as_str(), unchanged["runs"][1]["version"].as_u64()),
        (Some("unchanged"), Some(19))
    );
    insta::assert_snapshot!(redacted(&again.to_string(), &id), @"
    ------- stderr -------
    commit [commit] Raise the curtain
         playhouse-staging     runs it already
         playhouse-production  runs it already
    nothing to do
    ");
}

#[test]
fn staging_is_as_far_as_staging() {
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
    assert!(outcome.stderr.contains("is checked out, and is what the tests see"), "{outcome}");
    let pointed =
        "warning: 1 file has changes that are not committed: the tests see them, and they are not shipped";
    assert!(outcome.stderr.contains(pointed), "{outcome}");
    scene.write(".git/index", "torn");
    let outcome = ship(&scene, "production", &["--dry-run", "--test", "true"]);
    let pointed =
        "warning: git cannot tell whether there are changes that are not committed: the tests see them";
    assert!(outcome.stderr.contains(pointed), "{outcome}");
}

#[test]
fn what_is_prepared_is_not_built_again() {
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
    [time] tests        begins: true
    [time] build      | [commit] is prepared already: playhouse-prepare v9
    [time] build        unchanged after [s]
    [time] tests        passed after [s]
    [time] staging      begins: staging promote --commit [commit] --yes
    [time] staging      passed after [s]
    [time] production   begins: production promote --commit [commit] --yes
    [time] production   passed after [s]
    ");
    assert_eq!((scene.pushes(), scene.promotions()), (0, 2));
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn what_staging_has_already_is_left_alone() {
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
fn failing_tests_end_the_build_lane() {
    let mut scene = theatre();
    let id = scene.commit("Raise the curtain");
    let gits = git_that_signs(&mut scene);
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-prepare".to_owned() });
    let (begun, test) =
        (scene.folder().join("begun"), "while ! test -e ../begun; do sleep 0.01; done; exit 3");
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            until("a push", || scene.pushes() > 0);
            fs::write(&begun, "").expect("a file");
        });
        // `test` is the shell's own.
        scene.finish(
            prepared(&scene, &["--test", &test.replace("../begun", &begun.display().to_string()), "--yes"])
                .stdin(Stdio::null()),
        )
    });
    assert_eq!(outcome.status, Some(1), "{outcome}");
    insta::assert_snapshot!(redacted(&last_words(&outcome), &id), @"
    staging still runs 23280a3 (v11), production still runs b293934 (v18), the build of [commit] on playhouse-prepare goes on by itself
    error: the tests failed: 'while ! test -e [SCENE]/begun; do sleep 0.01; done; exit 3' ended with exit code 3
    hint: production ship --test 'while ! test -e [SCENE]/begun; do sleep 0.01; done; exit 3'
    ");
    assert_eq!(alive(&gits), Vec::<String>::new());
    assert!(nothing_moved(&scene));
}

#[test]
fn a_failing_build_ends_the_tests() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    let output = "npm ERR! missing script: build".to_owned();
    scene.heroku().inject(Fault::FailBuild { app: "playhouse-prepare".to_owned(), output });
    let (test, ids) = endless(&scene);
    let outcome = ship(&scene, "production", &["--test", &test, "--yes", "--json"]);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let said = redacted(&last_words(&outcome), &id).replace(&scene.folder().display().to_string(), "[SCENE]");
    insta::assert_snapshot!(said, @"
    staging still runs 23280a3 (v11), production still runs b293934 (v18)
    error: [commit] could not be prepared (exit code 1)
    hint: production ship --test 'echo $$ > [SCENE]/ids; sleep 300 & echo $! >> [SCENE]/ids; wait; echo survived'
    ");
    assert!(outcome.stderr.contains("npm ERR! missing script: build"), "{outcome}");
    assert!(!outcome.stderr.contains("| survived"), "{outcome}");
    assert_eq!(alive(&ids), Vec::<String>::new());
    assert!(nothing_moved(&scene) && scene.promotions() == 0);
    insta::assert_snapshot!(redacted(&outcome.stdout, &id), @r#"
    {
      "commit": "[commit]",
      "in_series_seconds": null,
      "runs": [
        {
          "app": "playhouse-staging",
          "commit": "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6",
          "version": 11
        },
        {
          "app": "playhouse-production",
          "commit": "b293934d94818ab47192b2323490b47a24a4a2a2",
          "version": 18
        }
      ],
      "seconds": [s],
      "status": "failed",
      "steps": [
        {
          "name": "tests",
          "releases": [],
          "seconds": [s],
          "status": "stopped"
        },
        {
          "name": "build",
          "releases": [],
          "seconds": [s],
          "status": "failed"
        },
        {
          "name": "staging",
          "releases": [],
          "seconds": [s],
          "status": "waiting"
        },
        {
          "name": "production",
          "releases": [],
          "seconds": [s],
          "status": "waiting"
        }
      ]
    }
    "#);
}

#[test]
fn a_smoke_that_fails_on_staging_leaves_production_alone() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    let outcome =
        ship(&scene, "production", &["--test", "true", "--smoke", "echo no seats >&2; exit 7", "--yes"]);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    insta::assert_snapshot!(redacted(&last_words(&outcome), &id), @"
    staging runs [commit] (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'echo no seats >&2; exit 7' ended with exit code 7
    hint: staging rollback v11   # which ran before
    hint: production ship --test true --smoke 'echo no seats >&2; exit 7'
    ");
    assert!(outcome.stderr.contains("staging smoke    | no seats"), "{outcome}");
    assert_eq!(scene.runs("playhouse-staging").1, id);
    assert_eq!((scene.runs("playhouse-production").0, scene.promotions()), (18, 1));
}

#[test]
fn a_release_phase_that_fails_on_production_is_told() {
    let scene = theatre();
    scene.write("Procfile", "web: node server.js\nrelease: bin/migrate\n");
    scene.git(&["add", "Procfile"]);
    let id = scene.commit("Raise the curtain");
    let output = "relation \"seats\" already exists".to_owned();
    scene.heroku().inject(Fault::FailReleasePhase { app: "playhouse-production".to_owned(), output });
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    insta::assert_snapshot!(redacted(&last_words(&outcome), &id), @"
    staging runs [commit] (v12), production still runs b293934 (v18); its v19 failed
    error: playhouse-production v19 failed: Release command failed
    hint: heroku releases:output v19 --app playhouse-production
    hint: production promote --commit [commit]   # this step alone
    hint: production ship --test true
    ");
    assert!(outcome.stderr.contains("production | playhouse-production | relation"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
}

#[test]
fn a_promotion_that_takes_too_long_is_left_to_itself() {
    let scene = theatre();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-staging".to_owned() });
    let outcome = ship(&scene, "production", &["--test", "true", "--yes", "--wait-timeout", "1s"]);
    assert_eq!(outcome.status, Some(6), "{outcome}");
    insta::assert_snapshot!(last_words(&outcome), @"
    staging still runs 23280a3 (v11), production still runs b293934 (v18)
    error: the promotion to playhouse-staging is not done yet; it goes on by itself
    hint: heroku releases --app playhouse-staging
    hint: staging promote --commit 77978f9   # this step alone
    hint: production ship --test true --wait-timeout 1s
    ");
}

#[test]
fn a_network_that_fails_for_a_while_is_survived() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    for route in ["GET /pipeline-promotions/*/promotion-targets", "GET /apps/*/releases"] {
        scene.heroku().inject(Fault::Reset { route: route.to_owned(), times: Some(2) });
    }
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.runs("playhouse-production").1, scene.promotions()), (id, 2));
}

#[test]
fn what_would_be_refused_later_is_refused_at_once() {
    let scene = theatre();
    let marker = scene.folder().join("marker");
    let test = format!("echo ran > {}", marker.display());
    let refused = |environment: &str, words: &[&str]| {
        let outcome = ship(&scene, environment, &[&["--test", &test], words].concat());
        let clean = !marker.exists() && scene.pushes() == 0 && scene.promotions() == 0;
        assert!(clean, "{outcome}");
        outcome.to_string().replace(&test, "[test]")
    };
    insta::assert_snapshot!(refused("production", &[]), @"
    ------- stderr -------
    commit 77978f9 Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + 77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: production is protected, and nobody can be asked here
    hint: production ship --test 'echo ran > [SCENE]/marker' --yes
    [exit status: 5]
    ");
    insta::assert_snapshot!(refused("prepare", &[]), @"
    ------- stderr -------
    error: playhouse-prepare is in stage development, where slugs are prepared: nothing is shipped there
    hint: prepare deploy
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused("production", &["--yes", "origin/curtain-call"]), @r#"
    ------- stderr -------
    warning: 77978f9 is checked out, and is what the tests see; aeab951 is shipped
    commit aeab951 Bring the orchestra on stage
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + aeab951 Bring the orchestra on stage
         + b42eb56 Bow once more
         + 77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + aeab951 Bring the orchestra on stage
         + b42eb56 Bow once more
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: aeab951 is not in origin's main, and nothing else may be deployed to production
    hint: git push origin aeab951:main   # or merge it first
    hint: environments.production.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    [exit status: 5]
    "#);
    insta::assert_snapshot!(refused("staging", &["main~2"]), @"
    ------- stderr -------
    warning: 77978f9 is checked out, and is what the tests see; 2e1c93d is shipped
    commit 2e1c93d Remember the interval
    to   playhouse-staging  v11  23280a3 Dim the house lights
         - 23280a3 Dim the house lights
    error: 2e1c93d is behind playhouse-staging: 1 commit that it runs would be taken back
    hint: staging promote --commit 2e1c93d --force   # to go back on purpose
    [exit status: 5]
    ");
    assert!(refused("production", &["--yes", "nonsense"]).contains("no commit is named \"nonsense\" here"));
    let outcome = scene.finish(prepared(&scene, &["--test", &test, "--yes"]).env("HEROKU_API_KEY", ""));
    assert_eq!((outcome.status, marker.exists()), (Some(4), false), "{outcome}");
    assert_eq!(ship(&scene, "production", &[]).status, Some(2), "tests are wanted");
    for words in [&["--test", ""][..], &["--test", " \t"], &["--test", "true", "--smoke", ""]] {
        let outcome = ship(&scene, "production", &[words, &["--yes"]].concat());
        assert_eq!(outcome.status, Some(2), "{outcome}");
        assert!(outcome.stderr.contains("it is no command"), "{outcome}");
    }
    let stack = json!({"stack": {"name": "container"}});
    scene.panel("PATCH", "/apps/playhouse-production", stack);
    assert!(refused("production", &["--yes"]).contains("cannot be promoted"));
    assert!(nothing_moved(&scene));
}

#[test]
fn a_pipeline_without_prepare_is_told_how_to_get_it() {
    let scene = theatre();
    scene.write("greenroom.toml", "[environments.prepare]\napp = \"understudy\"\n");
    insta::assert_snapshot!(ship(&scene, "production", &["--test", "true", "--yes"]), @"
    ------- stderr -------
    error: prepare is understudy, which is not in stage development of pipeline playhouse
    hint: prepare which
    hint: heroku pipelines:info playhouse
    [exit status: 1]
    ");
    scene.uncouple("playhouse-prepare");
    insta::assert_snapshot!(ship(&scene, "production", &["--test", "true", "--yes"]), @"
    ------- stderr -------
    error: pipeline playhouse has no app in stage development, and so none to prepare slugs on
    hint: prepare setup
    [exit status: 3]
    ");
}

#[test]
fn a_dry_run_tells_the_steps() {
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
    ");
    assert_eq!((scene.promotions(), scene.pushes()), (0, 0));
}

#[test]
fn every_app_of_an_environment_is_promoted_and_asked() {
    let scene = theatre();
    scene.matinee("staging");
    let apps = "[environments.staging]\napps = [\"playhouse-matinee\", \"playhouse-staging\"]\n";
    scene.write("greenroom.toml", apps);
    let notes = scene.folder().join("notes");
    let smoke = format!("echo $GREENROOM_ENVIRONMENT >> {}", notes.display());
    let outcome = ship(&scene, "production", &["--test", "true", "--smoke", &smoke, "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    insta::assert_snapshot!(redacted(&outcome.stdout, history::MAIN[4]), @"
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-matinee v1, playhouse-staging v12
    staging smoke playhouse-matinee [s]
    staging smoke playhouse-staging [s]
    production [s]  playhouse-production v19
    production smoke [s]
    total [s]  [commit]
    ");
    assert_eq!(fs::read_to_string(notes).expect("notes"), "staging\nstaging\nproduction\n");
    assert_eq!((scene.runs("playhouse-matinee").1, scene.promotions()), (history::MAIN[4].to_owned(), 2));
}

#[test]
fn only_the_apps_of_staging_are_promoted() {
    let scene = theatre();
    scene.matinee("staging");
    scene.write("greenroom.toml", "[environments.staging]\napp = \"playhouse-staging\"\n");
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    insta::assert_snapshot!(redacted(&outcome.stdout, history::MAIN[4]), @"
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-staging v12
    production [s]  playhouse-production v19
    total [s]  [commit]
    ");
    let releases = scene.look("/apps/playhouse-matinee/releases");
    assert_eq!(releases, json!([]));
}

#[test]
fn where_nothing_says_what_staging_is_it_is_the_stage() {
    // Its apps are asked side by side, and the first that does not answer ends it: only one of them does not.
    let told = |silent: &str| {
        let scene = theatre();
        scene.matinee("staging");
        for remote in scene.git(&["remote"]).lines().filter(|remote| *remote != "origin") {
            scene.git(&["remote", "remove", remote]);
        }
        let apps = "[environments.production]\napp = \"playhouse-production\"\n
            [environments.prepare]\napp = \"playhouse-prepare\"\n";
        scene.write("greenroom.toml", apps);
        assert_eq!(scene.run("staging which").status, Some(3));
        let smoke = format!("case $APP_URL in *{silent}*) exit 7; esac");
        let outcome = ship(&scene, "production", &["--test", "true", "--smoke", &smoke, "--yes"]);
        assert_eq!(outcome.status, Some(1), "{outcome}");
        let begun = "  begins: heroku pipelines:promote --app playhouse-prepare --to playhouse-matinee,playhouse-staging\n";
        assert!(outcome.stderr.contains(begun), "{outcome}");
        redacted(&last_words(&outcome), history::MAIN[4])
    };
    insta::assert_snapshot!(told("matinee"), @"
    playhouse-matinee runs [commit] (v1), playhouse-staging runs [commit] (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'case $APP_URL in *matinee*) exit 7; esac' ended with exit code 7
    hint: production ship --test true --smoke 'case $APP_URL in *matinee*) exit 7; esac'
    ");
    insta::assert_snapshot!(told("playhouse-staging"), @"
    playhouse-matinee runs [commit] (v1), playhouse-staging runs [commit] (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'case $APP_URL in *playhouse-staging*) exit 7; esac' ended with exit code 7
    hint: heroku rollback v11 --app playhouse-staging   # which ran before
    hint: production ship --test true --smoke 'case $APP_URL in *playhouse-staging*) exit 7; esac'
    ");
}

#[test]
fn a_hint_to_go_back_names_what_ran_before_the_promotion() {
    let scene = theatre();
    let (gate, lasts) = gate(&scene);
    let begun = scene.folder().join("begun");
    let test = format!("echo > {}; {lasts}", begun.display());
    let words = ["--test", &test, "--smoke", "exit 7", "--wait-timeout", "10m", "--yes"];
    let outcome = thread::scope(|scope| {
        let shipping = scope.spawn(|| ship(&scene, "staging", &words));
        until("the tests", || begun.exists());
        let release = json!({"status": "succeeded", "commit": history::MAIN[3], "description": "Set ROWS"});
        scene.release("playhouse-staging", release);
        fs::write(&gate, "").expect("a file");
        shipping.join().expect("an outcome")
    });
    insta::assert_snapshot!(last_words(&outcome), @"
    staging runs 77978f9 (v13)
    error: the smoke command failed on staging: 'exit 7' ended with exit code 7
    hint: staging rollback v12   # which ran before
    hint: staging ship --test 'echo > [SCENE]/begun; while ! test -e [SCENE]/gate; do sleep 0.01; done' --smoke 'exit 7' --wait-timeout 10m
    ");
    let again = ship(&scene, "staging", &["--test", "true", "--smoke", "exit 7"]);
    assert_eq!(again.status, Some(0), "there is nothing to do: {again}");
}

#[test]
fn what_runs_already_is_not_to_be_rolled_back() {
    let scene = theatre();
    assert_eq!(scene.run("staging promote").status, Some(0));
    let outcome = ship(&scene, "production", &["--test", "true", "--smoke", "exit 7", "--yes"]);
    insta::assert_snapshot!(last_words(&outcome), @"
    staging still runs 77978f9 (v12), production still runs b293934 (v18)
    error: the smoke command failed on staging: 'exit 7' ended with exit code 7
    hint: production ship --test true --smoke 'exit 7'
    ");
}

#[test]
fn without_staging_production_is_next() {
    let scene = theatre();
    scene.uncouple("playhouse-staging");
    let outcome = ship(&scene, "production", &["--test", "true", "--yes"]);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.runs("playhouse-production").1, scene.promotions()), (history::MAIN[4].to_owned(), 1));
    assert_eq!(scene.runs("playhouse-staging").0, 11);
}

/// A file, and a command that lasts until it is there.
fn gate(scene: &Scene) -> (PathBuf, String) {
    let gate = scene.folder().join("gate");
    let lasts = format!("while ! test -e {}; do sleep 0.01; done", gate.display());
    (gate, lasts)
}

/// Ships to production; while staging, which runs the commit by then, is asked whether it answers, something happens.
fn shipped_and_meanwhile(scene: &Scene, id: &str, happens: impl FnOnce()) -> Outcome {
    let (gate, smoke) = gate(scene);
    let words = ["--test", "true", "--smoke", &smoke, "--yes"];
    thread::scope(|threads| {
        let shipping = threads.spawn(|| ship(scene, "production", &words));
        until("staging", || scene.runs("playhouse-staging").1 == id);
        happens();
        fs::write(&gate, "").expect("a file");
        shipping.join().expect("an outcome")
    })
}

#[test]
fn prepare_may_move_on_meanwhile() {
    let scene = theatre();
    let id = scene.commit("Raise the curtain");
    let release = json!({"status": "succeeded", "commit": history::MAIN[2]});
    let outcome = shipped_and_meanwhile(&scene, &id, || scene.release("playhouse-prepare", release));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-prepare").1, history::MAIN[2]);
    assert_eq!(scene.runs("playhouse-production").1, id);
}

#[test]
fn another_commit_on_production_meanwhile_is_not_overwritten() {
    let scene = theatre();
    let release =
        json!({"status": "succeeded", "commit": history::MAIN[3], "description": "Deploy 23280a3f"});
    let outcome = shipped_and_meanwhile(&scene, history::MAIN[4], || {
        scene.release("playhouse-production", release);
    });
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("playhouse-production got another commit meanwhile"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production"), (19, history::MAIN[3].to_owned()));
}

fn started(scene: &Scene, words: &[&str]) -> Child {
    prepared(scene, words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("production")
}

#[test]
fn a_signal_leaves_no_process_behind() {
    for (name, code) in [("-TERM", 143), ("-INT", 130), ("-HUP", 129)] {
        let mut scene = theatre();
        let id = scene.commit("Raise the curtain");
        let gits = git_that_signs(&mut scene);
        scene.heroku().inject(Fault::StallBuild { app: "playhouse-prepare".to_owned() });
        let (test, ids) = endless(&scene);
        let temporary = scene.folder().join("tmp");
        fs::create_dir(&temporary).expect("a folder");
        scene.set("TMPDIR", &temporary);
        let mut child = started(&scene, &["--test", &test, "--yes"]);
        until("both lanes", || alive(&ids).len() == 2 && scene.pushes() > 0);
        signal(name, &child.id().to_string());
        assert_eq!(end(&mut child).code(), Some(code), "{name}");
        assert_eq!((alive(&ids), alive(&gits)), (Vec::new(), Vec::new()), "{name}");
        let outcome = Outcome::new(&child.wait_with_output().expect("output"), scene.folder());
        let told = redacted(&last_words(&outcome), &id);
        assert!(told.contains("the build of [commit] on playhouse-prepare goes on by itself"), "{told}");
        assert!(told.contains("\nhint: production ship"), "{told}");
        assert!(nothing_moved(&scene));
        assert_eq!(fs::read_dir(&temporary).expect("a folder").count(), 0, "it leaves no file behind");
    }
}

#[test]
fn a_signal_during_a_promotion_tells_what_runs() {
    let scene = theatre();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".to_owned() });
    let mut child = started(&scene, &["--test", "true", "--yes"]);
    until("the second promotion", || scene.promotions() == 2);
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    let outcome = Outcome::new(&child.wait_with_output().expect("output"), scene.folder());
    insta::assert_snapshot!(last_words(&outcome), @"
    staging runs 77978f9 (v12), production still runs b293934 (v18), the promotion to production goes on by itself
    hint: production ship --test true
    ");
}

#[test]
fn a_promotion_that_was_not_asked_for_is_not_begun_after_a_signal() {
    let scene = theatre();
    let production = scene.look("/apps/playhouse-production");
    let releases = format!("GET /apps/{}/releases", production["id"].as_str().expect("an id"));
    let (gate, smoke) = gate(&scene);
    let mut child = started(&scene, &["--test", "true", "--smoke", &smoke, "--yes"]);
    until("staging", || scene.runs("playhouse-staging").1 == history::MAIN[4]);
    // Both the look before the promotion and the one after the signal take longer than the way from one to the other.
    scene.heroku().inject(Fault::Slow { route: releases.clone(), delay_ms: 700, times: Some(2) });
    let before = scene.count(&releases);
    fs::write(&gate, "").expect("a file");
    until("the look before the promotion", || scene.count(&releases) > before);
    signal("-INT", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(130));
    let outcome = Outcome::new(&child.wait_with_output().expect("output"), scene.folder());
    let told = "staging runs 77978f9 (v12), production still runs b293934 (v18)\nhint: ";
    assert!(last_words(&outcome).starts_with(told), "{outcome}");
    assert_eq!((scene.promotions(), scene.runs("playhouse-production").0), (1, 18));
}

#[test]
fn programs_that_do_not_want_to_end_are_ended() {
    let scene = theatre();
    let ids = scene.folder().join("ids");
    let test = format!("trap '' TERM; echo $$ > {}; while :; do sleep 0.05; done", ids.display());
    let mut child = started(&scene, &["--test", &test, "--yes"]);
    until("the tests", || alive(&ids).len() == 1);
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    assert_eq!(alive(&ids), Vec::<String>::new());
}

#[test]
fn what_a_command_leaves_in_the_background_is_ended_with_it() {
    for code in [0, 3] {
        let scene = theatre();
        let ids = scene.folder().join("ids");
        let test = format!("sleep 300 >/dev/null 2>&1 & echo $! > {}; exit {code}", ids.display());
        let outcome = ship(&scene, "staging", &["--test", &test]);
        assert_eq!(outcome.status, Some(code.min(1)), "{outcome}");
        assert!(fs::read_to_string(&ids).is_ok_and(|ids| !ids.is_empty()), "it was started");
        assert_eq!(alive(&ids), Vec::<String>::new());
    }
}

#[test]
fn what_a_command_runs_has_time_to_tidy_up() {
    let scene = theatre();
    let (ids, notes) = (scene.folder().join("ids"), scene.folder().join("notes"));
    let inner = format!(
        "trap \"sleep 0.2; echo tidy > {}; exit\" TERM; echo $$ > {}; while :; do sleep 0.05; done",
        notes.display(),
        ids.display()
    );
    let test = format!("sh -c '{inner}'; true");
    let mut child = started(&scene, &["--test", &test, "--yes"]);
    until("the tests", || alive(&ids).len() == 1);
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    assert_eq!(fs::read_to_string(&notes).ok().as_deref(), Some("tidy\n"));
    assert_eq!(alive(&ids), Vec::<String>::new());
}

#[test]
fn at_a_terminal_the_steps_are_drawn_in_place() {
    let scene = theatre();
    let mut pty = Pty::start(&prepared(&scene, &["--test", "echo Ready; sleep 0.3", "--smoke", "true"]));
    pty.sees("Ship 77978f9 to playhouse-staging, then playhouse-production? [y/N]", 1).types("y\r");
    let shown = pty.ends(0);
    insta::assert_snapshot!(redacted(&shown.screen(), history::MAIN[4]), @"
    commit [commit] Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + [commit] Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    Ship [commit] to playhouse-staging, then playhouse-production? [y/N] y
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-staging v12
    staging smoke [s]
    production [s]  playhouse-production v19
    production smoke [s]
    total [s]  [commit]
    ");
    assert!(shown.raw().contains("waiting") && !shown.raw().contains("begins:"), "{}", shown.raw());
    let scene = theatre();
    let shown =
        Pty::start(&prepared(&scene, &["--test", "echo Four; echo failures; exit 4", "--yes"])).ends(1);
    insta::assert_snapshot!(redacted(&shown.screen(), history::MAIN[4]), @"
    commit [commit] Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + [commit] Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    tests       failed [s]  failures
    build       unchanged [s]  [commit] is prepared already: playhouse-prepare v9
    staging     waiting
    production  waiting
    tests      | Four
    tests      | failures
    staging still runs 23280a3 (v11), production still runs b293934 (v18)
    error: the tests failed: 'echo Four; echo failures; exit 4' ended with exit code 4
    hint: production ship --test 'echo Four; echo failures; exit 4'
    ");
    assert!(nothing_moved(&scene));
}

#[test]
fn a_question_on_the_way_stays_on_the_screen() {
    let scene = theatre();
    let route = "POST /pipeline-promotions".to_owned();
    scene.heroku().inject(Fault::TwoFactor { route, code: "123456".to_owned(), app: false });
    let mut pty = Pty::start(&prepared(&scene, &["--test", "true", "--yes"]));
    pty.sees("Two-factor code: ", 1).types("123456\r").sees("Two-factor code: ", 2).types("123456\r");
    let shown = pty.ends(0);
    assert_eq!(shown.screen().matches("Two-factor code: ").count(), 2, "{}", shown.screen());
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn ctrl_c_at_a_terminal_ends_the_lanes() {
    let mut scene = theatre();
    let id = scene.commit("Raise the curtain");
    let gits = git_that_signs(&mut scene);
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-prepare".to_owned() });
    let (test, ids) = endless(&scene);
    let mut pty = Pty::start(&prepared(&scene, &["--test", &test, "--yes"]));
    until("both lanes", || alive(&ids).len() == 2 && scene.pushes() > 0);
    pty.types("\x03");
    let shown = pty.ends(130);
    assert_eq!((alive(&ids), alive(&gits)), (Vec::new(), Vec::new()));
    let told = redacted(&shown.screen(), &id);
    assert!(told.contains("staging still runs 23280a3 (v11), production still runs b293934 (v18)"), "{told}");
    // Lines wrap again, and nothing moves the cursor below what was said.
    assert!(shown.raw().rfind("\u{1b}[?7h") > shown.raw().rfind("\u{1b}[?7l"), "{}", shown.raw());
}

#[test]
fn what_the_commands_write_cannot_drive_the_terminal() {
    let scene = theatre();
    let shown = Pty::start(&prepared(
        &scene,
        &["--test", "printf '\\033]0;gone\\007\\033[2J\\n'; sleep 0.3", "--yes"],
    ))
    .end();
    let raw = shown.raw();
    assert!(!raw.contains("\u{1b}]0;") && !raw.contains("\u{1b}[2J"), "{raw:?}");
    assert!(raw.contains("\\u{1b}]0;gone\\u{7}"), "{raw:?}");
    let scene = theatre();
    let words = ["--test", "true\ntrue # \u{1b}]0;gone\u{7}", "--smoke", "true"];
    let planned = ship(&scene, "staging", &[&["--dry-run"][..], &words].concat());
    let shipped = ship(&scene, "staging", &words);
    for outcome in [planned, shipped] {
        assert_eq!(outcome.status, Some(0), "{outcome}");
        let told = outcome.to_string();
        assert!(told.contains("\\u{1b}]0;gone\\u{7}") && !told.contains(['\u{1b}', '\u{7}']), "{told:?}");
    }
}
