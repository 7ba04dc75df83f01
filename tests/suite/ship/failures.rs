//! `ship`: failures of its steps, and refusals before the first step.

use std::fs;
use std::process::Stdio;
use std::thread;

use rehearsal::{Fault, history};
use serde_json::json;

use super::{alive, endless, git_that_signs, last_words, nothing_moved, prepared, redacted, ship, theatre};
use crate::scene::until;

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
    staging still runs 23280a3 (v11), production still runs b293934 (v18), the build of [commit] on playhouse-prepare continues at Heroku
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
    insta::assert_snapshot!(said, @r#"
    staging still runs 23280a3 (v11), production still runs b293934 (v18)
    {"kind":"failed","exit_code":1,"message":"[commit] could not be prepared (exit code 1)","causes":[],"hints":["production ship --test 'echo $$ > [SCENE]/ids; sleep 300 & echo $! >> [SCENE]/ids; wait; echo survived'"]}
    "#);
    assert!(outcome.stderr.contains("npm ERR! missing script: build"), "{outcome}");
    assert!(!outcome.stderr.contains("| survived"), "{outcome}");
    assert_eq!(alive(&ids), Vec::<String>::new());
    assert!(nothing_moved(&scene) && scene.promotions() == 0);
    insta::assert_snapshot!(redacted(&outcome.stdout, &id), @r#"
    {
      "status": "failed",
      "commit": "[commit]",
      "steps": [
        {
          "name": "tests",
          "status": "stopped",
          "seconds": [s],
          "releases": []
        },
        {
          "name": "build",
          "status": "failed",
          "seconds": [s],
          "releases": []
        },
        {
          "name": "staging",
          "status": "waiting",
          "seconds": [s],
          "releases": []
        },
        {
          "name": "production",
          "status": "waiting",
          "seconds": [s],
          "releases": []
        }
      ],
      "seconds": [s],
      "in_series_seconds": null,
      "runs": [
        {
          "app": "playhouse-staging",
          "version": 11,
          "commit": "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6"
        },
        {
          "app": "playhouse-production",
          "version": 18,
          "commit": "b293934d94818ab47192b2323490b47a24a4a2a2"
        }
      ]
    }
    "#);
}

#[test]
fn a_failed_smoke_test_on_staging_stops_before_production() {
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
fn smoke_tests_are_repeated_until_the_app_answers() {
    let scene = theatre();
    let notes = scene.folder().join("notes");
    let test = format!("echo tests >> {}", notes.display());
    let smoke =
        format!("echo $GREENROOM_ENVIRONMENT >> {}; test $GREENROOM_ENVIRONMENT = staging", notes.display());
    let outcome = ship(&scene, "production", &["--test", &test, "--smoke", &smoke, "--yes"]);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert_eq!((scene.runs("playhouse-production").0, scene.promotions()), (19, 2));
    // The line of the hint, again.
    fs::write(&notes, "").expect("a file");
    let outcome = ship(&scene, "production", &["--test", &test, "--smoke", &smoke]);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert_eq!(fs::read_to_string(&notes).expect("notes"), "tests\nstaging\nproduction\n");
    let told = last_words(&outcome).replace(&scene.folder().display().to_string(), "[SCENE]");
    insta::assert_snapshot!(told, @"
    staging still runs 77978f9 (v12), production still runs 77978f9 (v19)
    error: the smoke command failed on production: 'echo $GREENROOM_ENVIRONMENT >> [SCENE]/notes; test $GREENROOM_ENVIRONMENT = staging' ended with exit code 1
    hint: production ship --test 'echo tests >> [SCENE]/notes' --smoke 'echo $GREENROOM_ENVIRONMENT >> [SCENE]/notes; test $GREENROOM_ENVIRONMENT = staging'
    ");
    let outcome = ship(&scene, "production", &["--test", "exit 3", "--smoke", "true"]);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let outcome = ship(&scene, "production", &["--test", "true", "--smoke", "true"]);
    assert_eq!((outcome.status, scene.promotions()), (Some(0), 2), "{outcome}");
}

#[test]
fn a_failed_release_phase_on_production_is_reported() {
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
    hint: production releases:output v19
    hint: production promote --commit [commit]   # this step alone
    hint: production ship --test true
    ");
    assert!(outcome.stderr.contains("production | playhouse-production | relation"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
}

#[test]
fn a_slow_promotion_times_out_and_goes_on() {
    let scene = theatre();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-staging".to_owned() });
    let outcome = ship(&scene, "production", &["--test", "true", "--yes", "--wait-timeout", "1s"]);
    assert_eq!(outcome.status, Some(6), "{outcome}");
    insta::assert_snapshot!(last_words(&outcome), @"
    staging still runs 23280a3 (v11), production still runs b293934 (v18)
    error: the promotion to playhouse-staging is still under way and continues at Heroku
    hint: staging releases
    hint: staging promote --commit 77978f9   # this step alone
    hint: production ship --test true --wait-timeout 1s
    ");
}

#[test]
fn temporary_network_failures_are_retried() {
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
fn predictable_refusals_come_first() {
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
    branch: origin/main contains 77978f9
    error: production is protected, and confirmation requires a terminal
    hint: production ship --test 'echo ran > [SCENE]/marker' --yes
    [exit status: 5]
    ");
    insta::assert_snapshot!(refused("prepare", &[]), @"
    ------- stderr -------
    error: playhouse-prepare is in stage development, which builds slugs; ship needs a later stage
    hint: prepare deploy
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused("production", &["--yes", "origin/curtain-call"]), @r#"
    ------- stderr -------
    warning: the tests see 77978f9, which is checked out; aeab951 is shipped
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
    hint: production ship --test 'echo ran > [SCENE]/marker' origin/curtain-call --any-branch --yes   # from any branch, on purpose
    [exit status: 5]
    "#);
    insta::assert_snapshot!(refused("staging", &["main~2"]), @"
    ------- stderr -------
    warning: the tests see 77978f9, which is checked out; 2e1c93d is shipped
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
        assert!(outcome.stderr.contains("the command is empty"), "{outcome}");
    }
    let stack = json!({"stack": {"name": "container"}});
    scene.panel("PATCH", "/apps/playhouse-production", stack);
    assert!(refused("production", &["--yes"]).contains("cannot be promoted"));
    assert!(nothing_moved(&scene));
}

#[test]
fn a_missing_prepare_app_has_a_hint() {
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
    error: pipeline playhouse has no app in stage development to build slugs
    hint: prepare setup
    [exit status: 3]
    ");
}
