//! `prepare setup` after an interruption or a failure.

use std::thread;

use rehearsal::Fault;
use serde_json::{Value, json};

use super::{assert_set_up, at_a_terminal, changes, config_of, opera, stage_of, told};
use crate::scene::{Scene, at_each_request, kill_at};

#[test]
fn an_interrupted_setup_is_resumed() {
    let refuse = |route: &str| Fault::answer(route, 422).times(1);
    let faults = [
        refuse("POST /teams/apps"),
        refuse("PUT /apps/*/buildpack-installations"),
        refuse("PATCH /apps/*/config-vars"),
        refuse("PATCH /apps/*/features/*"),
        refuse("POST /pipelines"),
        refuse("POST /pipeline-couplings"),
        // It was done, but nobody heard of it.
        Fault::truncate("POST /teams/apps").times(1),
        Fault::truncate("POST /pipelines").times(1),
        Fault::truncate("POST /pipeline-couplings").times(1),
    ];
    thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || {
                let scene = opera();
                scene.heroku().inject(fault.clone());
                let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
                assert_eq!(outcome.status, Some(1), "{fault:?}: {outcome}");
                assert!(outcome.stderr.contains("error: could not "), "{fault:?}: {outcome}");
                assert!(
                    outcome.stderr.contains("hint: run the same command again to continue"),
                    "{fault:?}: {outcome}"
                );
                let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
                assert_eq!(outcome.status, Some(0), "{fault:?}: {outcome}");
                assert_set_up(&scene);
            });
        }
    });
}

#[test]
fn a_killed_setup_is_finished_by_the_next_run() {
    const RUN: &str = "prepare setup --config NPM_TOKEN --yes";
    let undisturbed = opera();
    let before = undisturbed.requests().len();
    assert_eq!(undisturbed.run(RUN).status, Some(0));
    let steps = changes(&undisturbed, before);
    assert!(steps.len() >= 9, "{steps:?}");
    let end = state(&undisturbed);
    at_each_request(steps.len(), |at, is_done| {
        let scene = opera();
        kill_at(&scene, RUN, &steps[..=at], is_done);
        let outcome = scene.run(RUN);
        assert_eq!(outcome.status, Some(0), "{} {is_done}: {outcome}", steps[at]);
        assert_set_up(&scene);
        assert_eq!(state(&scene), end, "{} {is_done}: {outcome}", steps[at]);
        let last = scene.run(RUN);
        assert!(last.stderr.ends_with("nothing to do\n"), "{} {is_done}: {last}", steps[at]);
    });
}

/// The state of the prepare app, without ids and times.
fn state(scene: &Scene) -> Value {
    let formation = scene.look("/apps/opera-prepare/formation");
    let formation = formation.as_array().expect("a list").iter();
    json!({
        "config": config_of(scene, "opera-prepare"),
        "stages": [stage_of(scene, "opera-prepare"), stage_of(scene, "opera-production")],
        "pipeline": scene.look("/apps/opera-prepare/pipeline-couplings")["pipeline"]["name"],
        "runs": scene.runs("opera-prepare").1,
        "formation": formation.map(|one| json!([one["type"], one["quantity"]])).collect::<Value>(),
    })
}

#[test]
fn only_the_first_slugs_dynos_are_scaled_down() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("PATCH /apps/*/formation", 422).times(1));
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    assert!(
        outcome.status == Some(1) && outcome.stderr.contains("error: could not scale web to 0"),
        "{outcome}"
    );
    let again = scene.run("prepare --dry-run setup");
    assert!(again.stderr.contains("\ndo   scale web (1) to 0\n"), "{again}");
    assert!(!again.stderr.contains("has dynos, which"), "{again}");
    // After a second build they may be what somebody wants.
    scene.commit_here("Raise the curtain");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    assert!(outcome.stderr.contains("\nhas  dynos web (1)\n"), "{outcome}");
    let hint = "\nhint: heroku ps:scale web=0 --app opera-prepare   # if it only builds\n";
    assert!(outcome.stderr.contains(hint), "{outcome}");
}

#[test]
fn ctrl_c_keeps_completed_steps() {
    let scene = opera();
    scene.heroku().inject(Fault::hang("PUT /apps/*/buildpack-installations"));
    let mut pty = at_a_terminal(&scene, "prepare setup --config NPM_TOKEN --yes");
    pty.sees("done create app opera-prepare", 1).types("\u{3}");
    assert!(pty.end().was_interrupted());
    scene.heroku().heal();
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    assert!(outcome.stderr.starts_with("has  app opera-prepare\n"), "{outcome}");
    assert_set_up(&scene);
}

#[test]
fn a_failure_lists_completed_steps() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("POST /pipelines", 422));
    let told = told(&scene.run("prepare setup --config NPM_TOKEN --yes"));
    let (_, after_the_plan) = told.split_once("do   scale web to 0\n").expect("a plan");
    insta::assert_snapshot!(after_the_plan, @"
    warning: no app found for staging, so only production is set up
    done create app opera-prepare in team playhouse, in region eu, on heroku-22
    done set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    done copy config vars NPM_TOKEN from opera-production
    done enable feature runtime-dyno-metadata
    error: could not create pipeline opera; 4 of 10 steps are done, 6 are left
    hint: run the same command again to continue
    [Some(1)]
    ");
}

#[test]
fn a_failed_first_build_is_reported() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("* /opera-prepare.git/**", 503).times(4));
    let outcome = scene.run("prepare setup --yes");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("error: could not build its first slug, of 77978f9"), "{outcome}");
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_set_up(&scene);
}

#[test]
fn a_failed_first_release_does_not_count() {
    let scene = opera();
    scene.write("Procfile", "web: node server.js\nrelease: exit 3\n");
    scene.git(&["add", "Procfile"]);
    scene.git(&["commit", "--quiet", "--message", "Fail on release"]);
    let outcome = scene.run("prepare setup --yes");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("failed: its release phase failed\n"), "{outcome}");
    let again = scene.run("prepare --dry-run setup");
    assert!(again.stderr.contains("\ndo   build its first slug, of "), "{again}");
    assert!(again.stdout.starts_with("prepare deploy HEAD\n"), "{again}");
}
