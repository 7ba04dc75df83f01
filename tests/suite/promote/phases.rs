//! Release phases, and the end of every target.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rehearsal::{Fault, Settings, history};
use serde_json::json;

use crate::scene::{self, Outcome, Scene, until};

#[test]
fn release_phase_output_is_shown() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo the stage is set");
    insta::assert_snapshot!(scene.run("production promote --yes").without_plan(), @"
    playhouse-production v19 77978f9
    ------- stderr -------
    [plan]
    playhouse-production | Running release command `echo the stage is set`...
    playhouse-production | the stage is set
    playhouse-production | Done.
    ");
}

#[test]
fn a_failed_release_phase_is_a_failure() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "exit 3");
    let before = scene.runs("playhouse-production");
    insta::assert_snapshot!(scene.run("production promote --yes").without_plan(), @"
    ------- stderr -------
    [plan]
    playhouse-production | Running release command `exit 3`...
    playhouse-production | Starting exit
    playhouse-production | Exited with status 3
    error: playhouse-production v19 failed: Release command failed
    hint: production releases:output v19
    [exit status: 1]
    ");
    assert_eq!(scene.runs("playhouse-production"), before);
    insta::assert_snapshot!(scene.run("production promote --yes --json").without_plan(), @r#"
    {
      "how": "promoted",
      "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb",
      "source": {
        "app": "playhouse-prepare",
        "version": 9,
        "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb"
      },
      "targets": [
        {
          "app": "playhouse-production",
          "status": "failed",
          "version": 20,
          "error": "Release command failed"
        }
      ]
    }
    ------- stderr -------
    [plan]
    playhouse-production | Running release command `exit 3`...
    playhouse-production | Starting exit
    playhouse-production | Exited with status 3
    {"kind":"failed","exit_code":1,"message":"playhouse-production v20 failed: Release command failed","causes":[],"hints":["production releases:output v20"]}
    [exit status: 1]
    "#);
}

#[test]
fn each_target_is_reported_separately() {
    let scene = Scene::playhouse();
    scene.matinee("production");
    scene.with_release_phase("playhouse-prepare", "echo set");
    scene
        .heroku()
        .inject(Fault::FailReleasePhase { app: "playhouse-matinee".into(), output: "no audience".into() });
    scene.git(&["remote", "remove", "production"]);
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stdout.contains("playhouse-production v19"), "{outcome}");
    for line in
        ["playhouse-production | set", "playhouse-matinee | no audience", "playhouse-matinee v1 failed"]
    {
        assert!(outcome.stderr.contains(line), "{line}: {outcome}");
    }
}

#[test]
fn to_selects_apps_of_the_stage() {
    let scene = Scene::playhouse();
    scene.matinee("production");
    let outcome = scene.run("production promote --yes --to playhouse-matinee");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-matinee").1, history::MAIN[4]);
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
    insta::assert_snapshot!(scene.run("production promote --yes --to playhouse-staging"), @"
    ------- stderr -------
    error: playhouse-staging is in stage staging, not in production
    hint: heroku pipelines:info playhouse
    [exit status: 2]
    ");
    assert_eq!(scene.run("production promote --to Nope!").status, Some(2));
}

#[test]
fn a_failed_promotion_prints_herokus_reason() {
    let scene = Scene::playhouse();
    let message = "Could not verify slug checksum".to_owned();
    scene.heroku().inject(Fault::FailPromotion { app: "playhouse-production".into(), message });
    insta::assert_snapshot!(scene.run("production promote --yes").without_plan(), @"
    ------- stderr -------
    [plan]
    error: playhouse-production failed: Could not verify slug checksum
    hint: production releases
    [exit status: 1]
    ");
}

#[test]
fn a_wait_timeout_leaves_the_promotion_running() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".into() });
    let begun = Instant::now();
    insta::assert_snapshot!(scene.run("production promote --yes --wait-timeout 1s").without_plan(), @"
    ------- stderr -------
    [plan]
    error: the promotion to playhouse-production is still under way and continues at Heroku
    hint: production releases
    [exit status: 6]
    ");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

/// A promotion to production whose first polls fail until something else has happened to the app.
fn promoted_and_then(scene: &Scene, act: impl FnOnce()) -> Outcome {
    scene.heroku().inject(Fault::answer("GET /pipeline-promotions/*/promotion-targets", 500));
    let mut command = scene.prepared("production");
    command.args(["promote", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promote = command.spawn().expect("a process");
    until("it is promoted", || scene.runs("playhouse-production").0 == 19);
    act();
    scene.heroku().heal();
    scene::end(&mut promote);
    Outcome::new(&promote.wait_with_output().expect("an end"), scene.folder())
}

#[test]
fn an_overtaken_release_is_a_failure() {
    let scene = Scene::playhouse();
    let outcome = promoted_and_then(&scene, || {
        let other = json!({"status": "succeeded", "commit": history::MAIN[2]});
        scene.release("playhouse-production", other);
    });
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n"), @"
    hint: production releases:output v19
    error: playhouse-production v19 failed: it succeeded, but another release runs now
    ");
    assert_eq!((outcome.status, &*outcome.stdout), (Some(1), ""), "{outcome}");
}

#[test]
fn a_config_change_during_the_promotion_is_not_a_failure() {
    let scene = Scene::playhouse();
    let outcome = promoted_and_then(&scene, || {
        let change = json!({"LOG_LEVEL": "debug"});
        scene.ask("PATCH", "/apps/playhouse-production/config-vars", change);
    });
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-production"), (20, history::MAIN[4].to_owned()));
}

#[test]
fn an_endless_release_phase_times_out() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo slow");
    scene.heroku().inject(Fault::StallReleasePhase { app: "playhouse-production".into() });
    let outcome = scene.run("production promote --yes --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
}

#[test]
fn a_silent_api_does_not_exceed_the_wait_timeout() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::hang("GET /pipeline-promotions/**"));
    let begun = std::time::Instant::now();
    let outcome = scene.run("production promote --yes --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
    assert!(outcome.stderr.contains("is still under way and continues at Heroku"), "{outcome}");
    // One request alone has 30 seconds.
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn a_pending_release_of_the_target_is_waited_for() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-staging", "echo ready");
    scene.heroku().inject(Fault::StallReleasePhase { app: "playhouse-production".into() });
    let pending = json!({"status": "pending", "commit": history::MAIN[2], "description": "Deploy 2e1c93d3", "pending": true});
    scene.release("playhouse-production", pending);
    insta::assert_snapshot!(scene.run("production promote --yes --wait-timeout 1s"), @"
    ------- stderr -------
    waiting for playhouse-production v19, which is still being released
    error: playhouse-production v19 is still being released
    hint: production releases:output v19
    [exit status: 6]
    ");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn waiting_for_a_pending_release_survives_failed_polls() {
    let settings = Settings { release_phase_time: Duration::from_secs(2), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let slow = json!({"commit": history::MAIN[2], "release_phase_command": "echo slow"});
    let begin = || scene.release("playhouse-production", slow.clone());
    begin();
    // One request is repeated three times, and that is not enough.
    scene.heroku().inject(Fault::reset("GET /apps/*/releases/*").times(5));
    let outcome = scene.run("production --verbose promote --yes");
    assert!(outcome.stderr.contains("waiting for playhouse-production v19"), "{outcome}");
    assert!(outcome.stderr.contains("cannot look at it just now: "), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-production").0), (Some(0), 20), "{outcome}");
    scene.heroku().inject(Fault::StallReleasePhase { app: "playhouse-production".into() });
    begin();
    scene.heroku().inject(Fault::answer("GET /apps/*/releases/*", 403));
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    waiting for playhouse-production v21, which is still being released
    error: playhouse-production v21 is being released, but its state cannot be read
      caused by: You do not have access to that resource.
      caused by: GET /apps/d85f219d-b5c5-44e1-aa27-ff807441bcd2/releases/5f1e44e7-7e18-44c9-a883-d452d55df899: HTTP 403 forbidden
    hint: heroku auth:whoami   # is this the account that has access?
    hint: production releases
    [exit status: 4]
    ");
}

#[test]
fn an_interrupt_ends_the_wait_but_not_the_promotion() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-staging".into() });
    let mut command = scene.prepared("staging");
    command.arg("promote").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("a process");
    until("it promotes", || scene.requests().iter().any(|line| line.ends_with("/promotion-targets")));
    scene::signal("-INT", &child.id().to_string());
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.ends_with("interrupted: the promotion to playhouse-staging continues at Heroku\n"),
        "{said}"
    );
}

#[test]
fn waiting_makes_few_requests() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".into() });
    assert_eq!(scene.run("production promote --yes --wait-timeout 6s").status, Some(6));
    let looks = scene.requests().iter().filter(|line| line.ends_with("/promotion-targets")).count();
    assert!((5..=16).contains(&looks), "{looks}");
}
