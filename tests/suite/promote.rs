//! `promote`, from the plan to the end of every target's release phase.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rehearsal::{Fault, Settings, history};
use serde_json::{Value, json};

use super::scene::{self, Outcome, Scene, until};

#[test]
fn production_gets_what_prepare_built() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    playhouse-production v19 77978f9
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    ");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
         playhouse-production  runs it already
    nothing to do
    ");
    assert_eq!(scene.promotions(), 1, "there was nothing to do the second time");
}

#[test]
fn it_asks_for_as_little_as_possible() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging promote");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let before: Vec<String> =
        scene.requests().into_iter().take_while(|line| !line.starts_with("POST /pipeline-")).collect();
    let count = |part: &str| before.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        (count("pipeline-couplings"), count("latest-releases"), count("/filters/apps"), count("/slugs/")),
        (2, 1, 1, 3)
    );
    assert_eq!(before.len(), 7, "{before:#?}");
}

#[test]
fn the_plan_of_a_dry_run_changes_nothing() {
    let scene = Scene::playhouse();
    let before = scene.runs("playhouse-production");
    let mut outcome = scene.run("production --dry-run promote");
    for (id, name) in [("id", "playhouse-prepare"), ("id", "playhouse-production")] {
        let app = scene.look(&format!("/apps/{name}"));
        outcome.stdout = outcome.stdout.replace(app[id].as_str().expect("an id"), &format!("[{name}]"));
    }
    let pipeline = scene.look("/pipelines/playhouse");
    outcome.stdout = outcome.stdout.replace(pipeline["id"].as_str().expect("an id"), "[playhouse]");
    let release = scene.look("/apps/playhouse-prepare/releases");
    for release in release.as_array().expect("a list") {
        outcome.stdout = outcome.stdout.replace(release["id"].as_str().expect("an id"), "[release]");
    }
    insta::assert_snapshot!(outcome, @r#"
    curl -X POST [HEROKU]/pipeline-promotions -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"pipeline":{"id":"[playhouse]"},"source":{"app":{"id":"[playhouse-prepare]"},"release":{"id":"[release]"}},"targets":[{"app":{"id":"[playhouse-production]"}}]}'
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    "#);
    assert_eq!(scene.promotions(), 0);
    assert_eq!(scene.runs("playhouse-production"), before);
}

#[test]
fn protected_environments_want_a_yes() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production promote"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: production is protected, and nobody can be asked here
    hint: production promote --yes
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 0);
    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nprotected = true\n");
    assert_eq!(scene.run("staging promote").status, Some(5));
}

#[test]
fn a_commit_that_is_wanted_chooses_the_source() {
    let scene = Scene::playhouse();
    let fourth = history::MAIN[3];
    let outcome = scene.run(&format!("production promote --yes --commit {fourth}"));
    assert!(outcome.stderr.starts_with("from playhouse-staging"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, fourth);
    let outcome = scene.run("production promote --yes --commit HEAD");
    assert!(outcome.stderr.starts_with("from playhouse-prepare"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn ci_names_the_commit() {
    for name in ["GIT_COMMIT", "GITHUB_SHA", "CIRCLE_SHA1", "CI_COMMIT_SHA", "HEROKU_TEST_RUN_COMMIT_VERSION"]
    {
        let mut scene = Scene::playhouse();
        scene.set(name, history::MAIN[3]);
        let outcome = scene.run("production promote --yes");
        assert_eq!(scene.runs("playhouse-production").1, history::MAIN[3], "{name}: {outcome}");
    }
}

#[test]
fn a_commit_that_nobody_built_is_not_replaced_by_another() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production promote --yes --commit main~4"), @"
    ------- stderr -------
    error: commit d4e6408 (--commit) is not prepared: playhouse-prepare holds 77978f9, playhouse-staging holds 23280a3
    hint: prepare deploy d4e6408a12c41845acfa650233078a87015f72bb   # builds it on playhouse-prepare
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("production promote --yes --commit nonsense"), @r#"
    ------- stderr -------
    error: no commit is named "nonsense" here
    hint: git fetch --all
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("production promote --yes --commit --upload-pack=x"), @"
    ------- stderr -------
    error: unexpected argument '--upload-pack' found

    Usage: production promote --yes

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn without_head_upstream_the_stage_before_is_the_source() {
    let scene = Scene::playhouse();
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "Not pushed anywhere"]);
    let outcome = scene.run("production promote --yes");
    assert!(outcome.stderr.starts_with("from playhouse-staging"), "{outcome}");
}

#[test]
fn from_names_an_environment_or_an_app() {
    let scene = Scene::playhouse();
    for from in ["staging", "playhouse-staging"] {
        let outcome = scene.run(&format!("production --dry-run promote --from {from}"));
        assert!(outcome.stderr.starts_with("from playhouse-staging"), "{outcome}");
    }
    insta::assert_snapshot!(scene.run("production promote --yes --from understudy"), @"
    ------- stderr -------
    error: no app is known for understudy
      caused by: looked at: no greenroom.toml; git remotes origin, prepare, production, staging (none is a Heroku remote named understudy); pipeline stages (none is named understudy)
    hint: git remote add understudy https://git.heroku.com/APP.git
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run("production promote --yes --from production"), @"
    ------- stderr -------
    error: playhouse-production cannot be promoted to itself
    hint: production promote --help
    [exit status: 2]
    ");
}

#[test]
fn going_back_is_refused_without_force() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production promote --yes").status, Some(0));
    insta::assert_snapshot!(scene.run("production promote --yes --from staging"), @"
    ------- stderr -------
    from playhouse-staging     v11  23280a3 Dim the house lights
    to   playhouse-production  v19  77978f9 Print tickets at home
         - 77978f9 Print tickets at home
    error: playhouse-staging is behind playhouse-production: 1 commit that it runs would be taken back
    hint: production promote --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 1);
    assert_eq!(scene.run("production promote --yes --from staging --force").status, Some(0));
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[3]);
}

#[test]
fn a_diverged_history_is_refused_where_it_is_protected() {
    let scene = Scene::playhouse();
    scene.git(&["checkout", "--quiet", "-b", "fix", history::MAIN[1]]);
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "Mend the curtain at once"]);
    let fix = scene.git(&["rev-parse", "HEAD"]);
    for app in ["playhouse-production", "playhouse-staging"] {
        let release = json!({"status": "succeeded", "commit": fix.trim(), "description": "Deploy the fix"});
        scene.release(app, release);
    }
    scene.git(&["checkout", "--quiet", "main"]);
    let refused = scene.run("production promote --yes").to_string().replace(&fix[..7], "[fix]");
    insta::assert_snapshot!(refused, @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v19  [fix] Mend the curtain at once
         diverged: it lacks 1 commit of what runs there
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: playhouse-prepare has diverged from playhouse-production: 1 commit that it runs would be taken back
    hint: production promote --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 0);
    let staging = scene.run("staging promote");
    assert!(staging.stderr.contains("diverged: it lacks 1 commit of what runs there"), "{staging}");
    assert_eq!(staging.status, Some(0), "staging is not protected: {staging}");
    assert_eq!(scene.run("production promote --yes --force").status, Some(0));
}

#[test]
fn outside_the_repository_commits_have_no_subjects() {
    let scene = Scene::playhouse();
    let home = scene.folder().join("home");
    std::fs::write(
        home.join("greenroom.toml"),
        "[environments.production]\napp = \"playhouse-production\"\n",
    )
    .expect("a file");
    let command = ["promote", "--yes", "--from", "playhouse-prepare"];
    insta::assert_snapshot!(scene.finish(scene.prepared("production").args(command).current_dir(home)), @"
    playhouse-production v19 77978f9
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 (not in this repository)
    to   playhouse-production  v18  b293934 (not in this repository)
    ");
}

#[test]
fn a_release_phase_is_shown_and_counts() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo the stage is set");
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    playhouse-production v19 77978f9
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
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
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    playhouse-production | Running release command `exit 3`...
    playhouse-production | Starting exit
    playhouse-production | Exited with status 3
    error: playhouse-production v19 failed: Release command failed
    hint: heroku releases:output v19 --app playhouse-production
    [exit status: 1]
    ");
    assert_eq!(scene.runs("playhouse-production"), before);
    insta::assert_snapshot!(scene.run("production promote --yes --json"), @r#"
    {
      "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb",
      "how": "promoted",
      "source": {
        "app": "playhouse-prepare",
        "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb",
        "version": 9
      },
      "targets": [
        {
          "app": "playhouse-production",
          "error": "Release command failed",
          "status": "failed",
          "version": 20
        }
      ]
    }
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    playhouse-production | Running release command `exit 3`...
    playhouse-production | Starting exit
    playhouse-production | Exited with status 3
    error: playhouse-production v20 failed: Release command failed
    hint: heroku releases:output v20 --app playhouse-production
    [exit status: 1]
    "#);
}

#[test]
fn every_target_has_its_own_end() {
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
fn to_names_some_of_the_stages_apps() {
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
fn a_failed_promotion_tells_why() {
    let scene = Scene::playhouse();
    let message = "Could not verify slug checksum".to_owned();
    scene.heroku().inject(Fault::FailPromotion { app: "playhouse-production".into(), message });
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: playhouse-production failed: Could not verify slug checksum
    hint: heroku releases --app playhouse-production
    [exit status: 1]
    ");
}

#[test]
fn the_wait_ends_and_the_promotion_goes_on() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".into() });
    let begun = Instant::now();
    insta::assert_snapshot!(scene.run("production promote --yes --wait-timeout 1s"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: the promotion to playhouse-production is not done yet; it goes on by itself
    hint: heroku releases --app playhouse-production
    [exit status: 6]
    ");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

/// A promotion to production that cannot be looked at before something else has happened to the app.
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
fn a_release_that_another_one_overtook_is_a_failure() {
    let scene = Scene::playhouse();
    let outcome = promoted_and_then(&scene, || {
        let other = json!({"status": "succeeded", "commit": history::MAIN[2]});
        scene.release("playhouse-production", other);
    });
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n"), @"
    hint: heroku releases:output v19 --app playhouse-production
    error: playhouse-production v19 failed: it succeeded, but another release runs by now
    ");
    assert_eq!((outcome.status, &*outcome.stdout), (Some(1), ""), "{outcome}");
}

#[test]
fn a_config_var_that_is_changed_meanwhile_is_no_failure() {
    let scene = Scene::playhouse();
    let outcome = promoted_and_then(&scene, || {
        let change = json!({"LOG_LEVEL": "debug"});
        scene.ask("PATCH", "/apps/playhouse-production/config-vars", change);
    });
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-production"), (20, history::MAIN[4].to_owned()));
}

#[test]
fn a_release_phase_that_never_ends_is_timed_out() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo slow");
    scene.heroku().inject(Fault::StallReleasePhase { app: "playhouse-production".into() });
    let outcome = scene.run("production promote --yes --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
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
    hint: heroku releases:output v19 --app playhouse-production
    [exit status: 6]
    ");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn a_wait_for_a_pending_release_outlives_looks_that_fail() {
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
    error: playhouse-production v21 is being released, but cannot be watched any longer
      caused by: You do not have access to that resource.
      caused by: GET /apps/d85f219d-b5c5-44e1-aa27-ff807441bcd2/releases/5f1e44e7-7e18-44c9-a883-d452d55df899: HTTP 403 forbidden
    hint: heroku releases --app playhouse-production
    [exit status: 4]
    ");
}

#[test]
fn what_the_platform_does_not_promote_is_told_before() {
    let change = |facts: Value| {
        let scene = Scene::playhouse();
        scene.panel("PATCH", "/apps/playhouse-production", facts);
        let outcome = scene.run("production promote --yes");
        assert_eq!(scene.promotions(), 0);
        outcome
    };
    let container = json!({"stack": {"id": "5f3a2c1e-0000-4000-8000-000000000001", "name": "container"}});
    insta::assert_snapshot!(change(container), @"
    ------- stderr -------
    error: playhouse-production runs a container image, which cannot be promoted
    hint: heroku container:push --recursive --app playhouse-production
    [exit status: 1]
    ");
    insta::assert_snapshot!(change(json!({"generation": "fir"})), @"
    ------- stderr -------
    error: playhouse-production is a Fir app, which only the Heroku CLI promotes
    hint: heroku pipelines:promote --app playhouse-prepare --to playhouse-production
    [exit status: 1]
    ");
    let team = json!({"team": {"id": "5f3a2c1e-0000-4000-8000-000000000002", "name": "opera"}});
    insta::assert_snapshot!(change(team), @"
    ------- stderr -------
    error: playhouse-prepare is of no team and playhouse-production of team opera: a slug cannot go from one to the other
    hint: heroku apps:transfer TEAM --app playhouse-prepare
    [exit status: 1]
    ");
}

#[test]
fn an_app_in_no_pipeline() {
    let scene = Scene::playhouse();
    scene.remote("solo", "https://git.heroku.com/understudy.git");
    insta::assert_snapshot!(scene.run("greenroom on solo promote"), @"
    ------- stderr -------
    error: understudy is in no pipeline, so nothing can be promoted to it
    hint: heroku pipelines:add PIPELINE --stage STAGE --app understudy
    [exit status: 1]
    ");
}

#[test]
fn faults_before_the_promotion_are_retried() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::reset("GET /pipelines/*/latest-releases").times(1));
    scene.heroku().inject(Fault::answer("POST /filters/apps", 503).times(1));
    scene.heroku().inject(Fault::truncate("GET /apps/*/slugs/*").times(1));
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(outcome.stderr.matches("trying again").count(), 3, "{outcome}");
}

#[test]
fn a_promotion_is_never_started_twice() {
    for fault in [
        Fault::reset("POST /pipeline-promotions"),
        Fault::truncate("POST /pipeline-promotions"),
        Fault::garble("POST /pipeline-promotions"),
        Fault::answer("POST /pipeline-promotions", 500),
        Fault::answer("POST /pipeline-promotions", 429),
        Fault::answer("POST /pipeline-promotions", 422),
    ] {
        let scene = Scene::playhouse();
        scene.heroku().inject(fault.clone());
        let outcome = scene.run("production promote --yes");
        assert_eq!(outcome.status, Some(1), "{fault:?}: {outcome}");
        assert!(outcome.stderr.contains("error: "), "{outcome}");
        assert_eq!(scene.promotions(), 1, "{fault:?}");
    }
}

#[test]
fn a_lost_answer_says_that_it_is_not_known() {
    let mut scene = Scene::playhouse();
    scene.set("GREENROOM_TIMEOUT", "0.5");
    scene.heroku().inject(Fault::hang("POST /pipeline-promotions"));
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: it is not known whether the promotion was started
      caused by: no whole answer from 127.0.0.1: timed out waiting for it
      caused by: POST /pipeline-promotions
    hint: it may have been done all the same: look before you repeat it
    hint: heroku releases --app playhouse-production
    [exit status: 6]
    ");
}

#[test]
fn faults_while_watching_do_not_end_the_watch() {
    let scene = Scene::playhouse();
    for fault in [
        Fault::answer("GET /pipeline-promotions/**", 500).times(2),
        Fault::reset("GET /pipeline-promotions/**").times(2),
        Fault::answer("GET /pipeline-promotions/**", 429).times(1),
    ] {
        scene.heroku().inject(fault);
    }
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn a_broken_stream_of_the_release_phase_is_opened_again() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo the stage is set");
    scene.heroku().inject(Fault::drop_stream("GET /streams/*", 1).times(1));
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(
        outcome.stderr.matches("| the stage is set").count(),
        1,
        "no line twice, none lost: {outcome}"
    );
}

#[test]
fn two_factor_without_a_terminal_says_what_to_do() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: A second authentication factor or pre-authorization is required for this request. Your account has two-factor authentication enabled.
      caused by: POST /pipeline-promotions: HTTP 403 two_factor
    hint: run it in a terminal, where the two-factor code can be asked for
    [exit status: 4]
    ");
}

#[test]
fn without_credentials_it_says_how_to_log_in() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    insta::assert_snapshot!(scene.run("production promote"), @"
    ------- stderr -------
    error: not logged in to [HEROKU]
    hint: heroku login
    [exit status: 4]
    ");
}

#[test]
fn the_guard_follows_the_app_whatever_name_was_typed() {
    let scene = Scene::playhouse();
    scene.matinee("production");
    scene.write(
        "greenroom.toml",
        "[environments.matinee]\napp = \"playhouse-matinee\"\n[environments.all]\napps = [\"playhouse-production\"]\n",
    );
    for line in ["matinee promote", "matinee promote --to playhouse-production", "all promote"] {
        let outcome = scene.run(&format!("greenroom on {line}"));
        assert_eq!(outcome.status, Some(5), "{line}: {outcome}");
        assert!(outcome.stderr.contains("is protected, and nobody can be asked here"), "{outcome}");
    }
    let told = "[environments.matinee]\napp = \"playhouse-matinee\"\nprotected = false\n";
    scene.write("greenroom.toml", told);
    assert_eq!(scene.run("greenroom on matinee promote").status, Some(0));
    assert_eq!(scene.run("greenroom on matinee promote --to playhouse-production").status, Some(5));
    assert_eq!(scene.promotions(), 1);
}

#[test]
fn an_app_that_is_named_twice_is_promoted_once() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production promote --yes --to playhouse-production,playhouse-production");
    assert_eq!(outcome.stdout, format!("playhouse-production v19 {}\n", &history::MAIN[4][..7]), "{outcome}");
}

#[test]
fn where_a_shallow_clone_cannot_tell_the_builds_do() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production promote --yes").status, Some(0));
    let shallow = scene.folder().join("shallow");
    let origin = scene.git(&["remote", "get-url", "origin"]);
    let origin = format!("file://{}", origin.trim());
    scene.git(&["clone", "--quiet", "--depth", "1", &origin, &shallow.display().to_string()]);
    let inside = |words: &[&str]| {
        let add = ["remote", "add", "production", "https://git.heroku.com/playhouse-production.git"];
        _ = scene.prepared("git").args(add).current_dir(&shallow).output();
        scene.finish(scene.prepared("production").args(words).current_dir(&shallow))
    };
    insta::assert_snapshot!(inside(&["promote", "--yes", "--from", "playhouse-staging"]), @"
    ------- stderr -------
    from playhouse-staging     v11  23280a3 (not in this repository)
    to   playhouse-production  v19  77978f9 Print tickets at home
         what lies between is not known: 23280a3 is not in this repository, or not what came before it
    error: playhouse-staging runs a slug that was built before the one playhouse-production runs, and what lies between is not known here
    hint: git fetch --unshallow   # or in the app's repository: git fetch --all
    hint: production promote --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 1);
    assert_eq!(inside(&["promote", "--yes", "--from", "playhouse-staging", "--force"]).status, Some(0));
    let forward = inside(&["promote", "--yes"]);
    assert_eq!(forward.status, Some(0), "going on needs no history: {forward}");
}

#[test]
fn a_shortened_commit_is_known_all_the_same() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production promote --yes").status, Some(0));
    scene.change_slug("playhouse-staging", json!({"commit": &history::MAIN[3][..8]}));
    let outcome = scene.run("production promote --yes --from staging");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("Dim the house lights"), "{outcome}");
}

#[test]
fn the_same_commit_in_another_slug_is_promoted_on_purpose_only() {
    let scene = Scene::playhouse();
    let head = json!({"status": "succeeded", "commit": history::MAIN[4], "description": "Deploy 77978f96"});
    scene.release("playhouse-staging", head);
    let outcome = scene.run("staging promote");
    assert!(outcome.stderr.contains("nothing to do"), "{outcome}");
    let outcome = scene.run("staging promote --force");
    assert!(outcome.stderr.contains("the same commit, built again"), "{outcome}");
    assert_eq!((outcome.status, scene.promotions()), (Some(0), 1));
}

#[test]
fn an_interrupt_ends_the_waiting_and_not_the_promotion() {
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
    assert!(said.ends_with("interrupted: the promotion goes on by itself\n"), "{said}");
}

#[test]
fn waiting_asks_little() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".into() });
    assert_eq!(scene.run("production promote --yes --wait-timeout 6s").status, Some(6));
    let looks = scene.requests().iter().filter(|line| line.ends_with("/promotion-targets")).count();
    assert!((5..=16).contains(&looks), "{looks}");
}
