//! A setup that broke off, or failed on the way.

use std::thread;

use rehearsal::Fault;

use super::{assert_set_up, at_a_terminal, opera, told};

#[test]
fn what_was_interrupted_goes_on() {
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
                    outcome.stderr.contains("hint: the same command goes on from there"),
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
fn dynos_that_an_interrupted_run_left_are_pointed_out() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("PATCH /apps/*/formation", 422).times(1));
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    assert!(
        outcome.status == Some(1) && outcome.stderr.contains("error: could not scale web to 0"),
        "{outcome}"
    );
    // Nothing tells them from dynos that somebody wants.
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    assert!(outcome.stderr.contains("\nhas  dynos web (1)\n"), "{outcome}");
    let hint = "\nhint: heroku ps:scale web=0 --app opera-prepare   # if it only builds\n";
    assert!(outcome.stderr.contains(hint), "{outcome}");
}

#[test]
fn ctrl_c_leaves_what_is_done() {
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
fn a_failure_tells_what_is_done() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("POST /pipelines", 422));
    let told = told(&scene.run("prepare setup --config NPM_TOKEN --yes"));
    let (_, after_the_plan) = told.split_once("do   scale web to 0\n").expect("a plan");
    insta::assert_snapshot!(after_the_plan, @"
    warning: no app is known for staging, so only production is set up
    done create app opera-prepare in team playhouse, in region eu, on heroku-22
    done set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    done copy config vars NPM_TOKEN from opera-production
    done enable feature runtime-dyno-metadata
    error: could not create pipeline opera; 4 of 10 steps are done, 6 are left
    hint: the same command goes on from there
    [Some(1)]
    ");
}

#[test]
fn a_first_build_that_fails_is_told() {
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
fn a_first_slug_whose_release_failed_is_none() {
    let scene = opera();
    scene.write("Procfile", "web: node server.js\nrelease: exit 3\n");
    scene.git(&["add", "Procfile"]);
    scene.git(&["commit", "--quiet", "--message", "Fail on release"]);
    let outcome = scene.run("prepare setup --yes");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("caused by: prepare deploy ended with exit code 1\n"), "{outcome}");
    let again = scene.run("prepare --dry-run setup");
    assert!(again.stderr.contains("\ndo   build its first slug, of "), "{again}");
    assert!(again.stdout.starts_with("prepare deploy HEAD\n"), "{again}");
}
