//! `rollback`: the plan, the question, and the release phase.

use std::time::Duration;

use rehearsal::{Fault, Settings, history};
use serde_json::json;

use super::pty::Pty;
use super::scene::{Outcome, Scene};

const ASKS: &str = "Roll playhouse-production back from v18 to v16? [y/N] ";

/// The number of rollbacks that were requested.
fn rollbacks(scene: &Scene) -> usize {
    scene.requests().iter().filter(|line| line.starts_with("POST /apps/")).count()
}

/// The version that an app runs, and its description.
fn current(scene: &Scene, app: &str) -> (u64, String) {
    let current = scene.current_release(app);
    (
        current["version"].as_u64().expect("a number"),
        current["description"].as_str().unwrap_or_default().to_owned(),
    )
}

/// The output without the release's id.
fn shown(scene: &Scene, app: &str, version: u64, outcome: &Outcome) -> String {
    let release = scene.look(&format!("/apps/{app}/releases/{version}"));
    outcome.to_string().replace(release["id"].as_str().expect("an id"), "[release]")
}

#[test]
fn rollback_restores_code_and_config_vars() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production rollback v15 --yes"), @"
    playhouse-production v19 d4e6408 (back to v15)
    ------- stderr -------
    from playhouse-production  v18  b293934 Sell seats by row
    back to                    v15  d4e6408 Open the box office
         - b293934 Sell seats by row
         config vars to change: LOG_LEVEL, WEB_CONCURRENCY
    ");
    assert_eq!(current(&scene, "playhouse-production"), (19, "Rollback to v15".to_owned()));
    insta::assert_snapshot!(scene.run("production rollback v18 --yes"), @"
    playhouse-production v20 b293934 (back to v18)
    ------- stderr -------
    from playhouse-production  v19  d4e6408 Open the box office
    back to                    v18  b293934 Sell seats by row
         + b293934 Sell seats by row
         config vars to change: LOG_LEVEL, WEB_CONCURRENCY
    ");
    assert_eq!(current(&scene, "playhouse-production"), (20, "Rollback to v18".to_owned()));
}

#[test]
fn the_default_is_the_previous_release() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging rollback --json"), @r#"
    {
      "app": "playhouse-staging",
      "version": 12,
      "commit": "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6",
      "back_to": 10
    }
    ------- stderr -------
    from playhouse-staging  v11  23280a3 Dim the house lights
    back to                 v10  23280a3 Dim the house lights
         the code does not change
         config vars to remove: SEATS_PER_ROW
    "#);
    // What failed is not gone back to, and not what runs.
    scene.release("understudy", json!({"status": "succeeded", "commit": history::MAIN[1]}));
    scene.release("understudy", json!({"status": "failed", "commit": history::MAIN[2]}));
    scene.remote("qa", "https://git.heroku.com/understudy.git");
    insta::assert_snapshot!(scene.run("greenroom on qa rollback"), @"
    understudy v7 d4e6408 (back to v4)
    ------- stderr -------
    from understudy  v5  b293934 Sell seats by row
    back to          v4  d4e6408 Open the box office
         - b293934 Sell seats by row
         the config vars stay as they are
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production --dry-run rollback v10");
    insta::assert_snapshot!(shown(&scene, "playhouse-production", 10, &outcome), @r#"
    curl -X POST [HEROKU]/apps/playhouse-production/releases -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3.sdk' -H 'Content-Type: application/json' -d '{"release":"[release]"}'
    ------- stderr -------
    from playhouse-production  v18  b293934 Sell seats by row
    back to                    v10  d4e6408 Open the box office
         - b293934 Sell seats by row
         config vars to change: BOX_OFFICE_CLOSES, LOG_LEVEL, WEB_CONCURRENCY; to remove: SESSION_SECRET, TICKET_PRINTER
    "#);
    assert_eq!(rollbacks(&scene), 0);
    let names = ["the-scottish-play", "at-home", "19:30"];
    assert!(names.iter().all(|value| !outcome.to_string().contains(value)), "no value is shown: {outcome}");
}

#[test]
fn rollback_makes_few_requests() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production --dry-run rollback v10").status, Some(0));
    let requests = scene.requests();
    assert_eq!(requests.len(), 7, "{requests:#?}");
}

#[test]
fn production_requires_yes() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production rollback"), @"
    ------- stderr -------
    from playhouse-production  v18  b293934 Sell seats by row
    back to                    v17  b293934 Sell seats by row
         the code does not change
         config vars to change: LOG_LEVEL
    error: production is protected, and confirmation requires a terminal
    hint: production rollback v17 --yes
    [exit status: 5]
    ");
    let hint = "hint: production rollback v17 --wait-timeout 10m --yes\n";
    assert!(scene.run("production rollback --wait-timeout 600").stderr.contains(hint));
    assert_eq!(rollbacks(&scene), 0);
    scene.write("greenroom.toml", "[environments.production]\nremote = \"production\"\nprotected = false\n");
    assert_eq!(scene.run("production rollback").status, Some(0));
}

#[test]
fn ineligible_releases_are_refused() {
    let scene = Scene::playhouse();
    scene.release("playhouse-staging", json!({"status": "failed", "commit": history::MAIN[4]}));
    scene.release("playhouse-staging", json!({"status": "expired", "commit": history::MAIN[0]}));
    let refusal = |version: &str| {
        let outcome = scene.run(&format!("staging rollback {version}"));
        assert_eq!(outcome.status, Some(5), "{outcome}");
        outcome.stderr.lines().next().expect("an error").to_owned()
    };
    let refusals = ["v11", "12", "V13", "v1", "v99"].map(refusal).join("\n");
    insta::assert_snapshot!(refusals, @"
    error: playhouse-staging cannot be rolled back to v11: it is already running
    error: playhouse-staging cannot be rolled back to v12: its release phase failed
    error: playhouse-staging cannot be rolled back to v13: it has expired, and its slug is gone
    error: playhouse-staging cannot be rolled back to v1: nothing was deployed then
    error: playhouse-staging has no release v99
    ");
    insta::assert_snapshot!(scene.run("staging rollback latest"), @r#"
    ------- stderr -------
    error: invalid value 'latest' for '[RELEASE]': "latest" is not a release such as v16

    For more information, try '--help'.
    [exit status: 2]
    "#);
    assert_eq!(rollbacks(&scene), 0);
    scene.panel("POST", "/apps", json!({"name": "playhouse-empty"}));
    scene.remote("qa", "https://git.heroku.com/playhouse-empty.git");
    insta::assert_snapshot!(scene.run("greenroom on qa rollback"), @"
    ------- stderr -------
    error: playhouse-empty has no earlier release to roll back to
    hint: greenroom on qa releases
    [exit status: 5]
    ");
}

#[test]
fn several_apps_are_named_and_unchanged() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", "[environments.both]\napps = [\"playhouse-staging\", \"understudy\"]\n");
    let outcome = scene.run("greenroom on both rollback");
    assert_eq!(outcome.status, Some(3), "{outcome}");
    assert_eq!(scene.requests(), [""; 0]);
}

/// Gives v12 of staging a release phase, and makes v13 the current release.
fn after_a_release_phase(scene: &Scene, command: &str) {
    let phase = json!({"status": "succeeded", "release_phase_command": command, "description": "Deploy"});
    scene.release("playhouse-staging", phase);
    scene.release("playhouse-staging", json!({"status": "succeeded", "commit": history::MAIN[4]}));
}

#[test]
fn a_failed_release_phase_is_exit_1() {
    let scene = Scene::playhouse();
    after_a_release_phase(&scene, "echo no; exit 3");
    insta::assert_snapshot!(scene.run("staging rollback v12"), @"
    ------- stderr -------
    from playhouse-staging  v13  77978f9 Print tickets at home
    back to                 v12  23280a3 Dim the house lights
         - 77978f9 Print tickets at home
         the config vars stay as they are
    playhouse-staging | Running release command `echo no; exit 3`...
    playhouse-staging | no; exit 3
    playhouse-staging | Exited with status 3
    playhouse-staging runs v13
    error: playhouse-staging v14 failed: its release phase failed
    hint: staging releases:output v14
    [exit status: 1]
    ");
    assert_eq!(current(&scene, "playhouse-staging").0, 13);
}

#[test]
fn a_release_phase_is_shown_and_waited_for() {
    let scene = Scene::playhouse();
    after_a_release_phase(&scene, "echo the stage is set");
    let outcome = scene.run("staging rollback v12");
    assert_eq!(
        (outcome.status, &*outcome.stdout),
        (Some(0), "playhouse-staging v14 23280a3 (back to v12)\n"),
        "{outcome}"
    );
    assert!(outcome.stderr.contains("playhouse-staging | the stage is set"), "{outcome}");
}

#[test]
fn a_wait_timeout_is_exit_6() {
    let settings = Settings { release_phase_time: Duration::from_secs(3600), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    after_a_release_phase(&scene, "echo slow");
    insta::assert_snapshot!(scene.run("staging rollback v12 --wait-timeout 1s"), @"
    ------- stderr -------
    from playhouse-staging  v13  77978f9 Print tickets at home
    back to                 v12  23280a3 Dim the house lights
         - 77978f9 Print tickets at home
         the config vars stay as they are
    error: playhouse-staging v14 is still being released and continues at Heroku
    hint: staging releases:output v14
    [exit status: 6]
    ");
    // Now a release is under way: the next one waits for it.
    insta::assert_snapshot!(scene.run("staging rollback v11 --wait-timeout 1s"), @"
    ------- stderr -------
    waiting for playhouse-staging v14, which is still being released
    error: playhouse-staging v14 is still being released
    hint: staging releases:output v14
    [exit status: 6]
    ");
    assert_eq!(rollbacks(&scene), 1);
    let outcome = scene.run("staging --dry-run rollback v11");
    assert!(outcome.stderr.contains("warning: playhouse-staging v14 is still being released"), "{outcome}");
    assert_eq!(outcome.status, Some(0), "{outcome}");
}

#[test]
fn a_lost_answer_is_not_repeated() {
    let route = "POST /apps/playhouse-staging/releases";
    for fault in [Fault::reset(route), Fault::answer(route, 500)] {
        let scene = Scene::playhouse();
        scene.heroku().inject(fault);
        let outcome = scene.run("staging rollback");
        assert_eq!(outcome.status, Some(1), "{outcome}");
        assert!(
            outcome.stderr.contains("error: the rollback may have gone through; check before retrying"),
            "{outcome}"
        );
        assert!(outcome.stderr.contains("hint: staging releases"), "{outcome}");
        let repeat = "hint: staging rollback v10   # changes nothing if the rollback was made\n";
        assert!(outcome.stderr.ends_with(repeat), "{outcome}");
        assert_eq!(rollbacks(&scene), 1, "{outcome}");
    }
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer(route, 422));
    let outcome = scene.run("staging rollback");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(!outcome.stderr.contains("not known whether"), "{outcome}");
    assert!(outcome.stderr.contains("playhouse-staging runs v11"), "{outcome}");
}

#[test]
fn a_repeated_rollback_changes_nothing() {
    let scene = Scene::playhouse();
    // It was done, but its answer was lost.
    let route = "POST /apps/playhouse-production/releases";
    scene.heroku().inject(Fault::truncate(route).times(1));
    let settled = scene.run("production rollback --yes");
    assert_eq!(settled.status, Some(0), "{settled}");
    assert_eq!(current(&scene, "playhouse-production"), (19, "Rollback to v17".to_owned()));
    insta::assert_snapshot!(scene.run("production rollback --yes"), @"
    ------- stderr -------
    error: playhouse-production v19 is a rollback to v17 already
    hint: production rollback v16   # rolls back further
    [exit status: 5]
    ");
    insta::assert_snapshot!(scene.run("production rollback v17"), @"
    playhouse-production v19 b293934 (back to v17)
    ------- stderr -------
    nothing to do: playhouse-production v19 is a rollback to v17 already
    ");
    let json = scene.run("production rollback v17 --json");
    let answer: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&answer["version"], &answer["back_to"]), (&json!(19), &json!(17)), "{json}");
    assert_eq!((scene.count(route), current(&scene, "playhouse-production").0), (1, 19));
    // Named, another one is another matter; and so is one after something else was released.
    assert_eq!(scene.run("production rollback v16 --yes").status, Some(0));
    assert_eq!(current(&scene, "playhouse-production"), (20, "Rollback to v16".to_owned()));
    scene.release("playhouse-production", json!({"status": "succeeded", "commit": history::MAIN[4]}));
    assert_eq!(scene.run("production rollback --yes").status, Some(0));
    assert_eq!(current(&scene, "playhouse-production"), (22, "Rollback to v20".to_owned()));
}

#[test]
fn a_rollback_with_a_failed_release_phase_is_repeated() {
    let scene = Scene::playhouse();
    after_a_release_phase(&scene, "test -e ready");
    let fails = Fault::FailReleasePhase { app: "playhouse-staging".into(), output: "not yet".into() };
    scene.heroku().inject(fails);
    assert_eq!(scene.run("staging rollback").status, Some(1));
    scene.heroku().heal();
    let outcome = scene.run("staging rollback");
    assert_eq!(outcome.stdout, "playhouse-staging v15 23280a3 (back to v12)\n", "{outcome}");
}

#[test]
fn rollback_requires_a_login() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(scene.run("staging rollback").status, Some(4));
}

#[test]
fn outside_the_repository_commits_have_no_subjects() {
    let scene = Scene::playhouse();
    let home = scene.folder().join("home");
    std::fs::write(home.join("greenroom.toml"), "[environments.staging]\napp = \"playhouse-staging\"\n")
        .expect("a file");
    let mut command = scene.prepared("staging");
    insta::assert_snapshot!(scene.finish(command.args(["rollback", "v6"]).current_dir(&home)), @"
    playhouse-staging v12 b293934 (back to v6)
    ------- stderr -------
    from playhouse-staging  v11  23280a3
    back to                 v6   b293934
         config vars to change: LOG_LEVEL; to remove: SEATS_PER_ROW, WEB_CONCURRENCY
    ");
}

/// Starts `production rollback v16` at a terminal, up to its question.
fn asked(scene: &Scene) -> Pty {
    let mut command = scene.prepared("production");
    let mut pty = Pty::start(command.args(["rollback", "v16"]));
    pty.sees(ASKS, 1);
    pty
}

#[test]
fn declining_changes_nothing() {
    for (answer, code) in [("n\r", 5), ("\r", 5), ("\u{4}", 130)] {
        let scene = Scene::playhouse();
        let mut pty = asked(&scene);
        pty.types(answer);
        pty.ends(code);
        assert_eq!(rollbacks(&scene), 0);
    }
}

#[test]
fn confirming_rolls_back() {
    let scene = Scene::playhouse();
    let mut pty = asked(&scene);
    pty.types("y\r");
    let shown = pty.ends(0);
    shown.has("playhouse-production v19 b293934 (back to v16)\nhttps://playhouse-production-");
}

#[test]
fn the_confirmed_release_is_the_one_restored() {
    let scene = Scene::playhouse();
    let mut pty = asked(&scene);
    scene.release("playhouse-production", json!({"status": "succeeded", "commit": history::MAIN[4]}));
    pty.types("y\r");
    let shown = pty.ends(5);
    shown.has("playhouse-production got another release meanwhile");
    assert_eq!(rollbacks(&scene), 0);
}
