//! `prepare check`: differences between the apps.

use serde_json::{Value, json};

use super::opera;
use crate::scene::Scene;

#[test]
fn only_prepare_has_these_commands() {
    let scene = Scene::bare();
    for line in ["staging --dry-run setup", "production --dry-run check"] {
        let outcome = scene.run(line);
        assert!(!outcome.stderr.contains("nothing to do") && outcome.status != Some(0), "{outcome}");
    }
    assert!(!scene.run("staging --help").stdout.contains("setup"));
    let help = scene.run("prepare --help").stdout;
    assert!(help.contains("  check ") && help.contains("  setup "), "{help}");
}

#[test]
fn check_without_drift() {
    let scene = opera();
    assert_eq!(scene.run("prepare setup --config NPM_TOKEN --yes").status, Some(0));
    insta::assert_snapshot!(scene.run("prepare check"), @"
    ------- stderr -------
    opera-prepare builds what production would
    ");
    insta::assert_snapshot!(scene.run("prepare --verbose check").stdout, @"
    ok    stack       heroku-22, as opera-production
    ok    buildpacks  heroku/ruby, https://example.com/fonts, as opera-production
    ok    team        team playhouse, as opera-production
    ok    region      eu, as opera-production
    ok    pipeline    opera-production is in stage production of opera
    ok    pipeline    opera-prepare is in stage development of opera
    ok    config      NPM_TOKEN, as opera-production
    ok    add-ons     none of production's
    ok    dynos       none
    ok    feature     runtime-dyno-metadata
    ok    release     none that runs with each build
    ok    remote      prepare
    ");
}

/// What `prepare check` prints on stdout, and its exit code, after one thing was changed in the playhouse.
fn drift(change: impl FnOnce(&Scene)) -> String {
    let scene = Scene::playhouse();
    scene.ask("PATCH", "/apps/playhouse-prepare/config-vars", json!({ "LOG_LEVEL": "warn" }));
    assert_eq!(scene.run("prepare setup --yes").status, Some(0));
    assert_eq!(scene.run("prepare check").stdout, "");
    change(&scene);
    let outcome = scene.run("prepare check");
    let hints: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("hint:")).collect();
    format!("{}{}[{:?}]", outcome.stdout, hints.join("\n"), outcome.status)
}

#[test]
fn every_drift_is_listed() {
    let set = |path: &'static str, body: Value| drift(|scene| _ = scene.ask("PATCH", path, body));
    let prepare = "/_rehearsal/apps/playhouse-prepare";
    insta::assert_snapshot!(set("/apps/playhouse-prepare", json!({ "build_stack": "heroku-26" })), @"
    drift stack       playhouse-prepare: heroku-24 (builds on heroku-26); playhouse-staging: heroku-24
    drift stack       playhouse-prepare: heroku-24 (builds on heroku-26); playhouse-production: heroku-24
    hint: heroku stack:set heroku-24 --app playhouse-prepare[Some(1)]
    ");
    insta::assert_snapshot!(set(prepare, json!({ "stack": "heroku-22", "build_stack": "heroku-22" })), @"
    drift stack       playhouse-prepare: heroku-22; playhouse-staging: heroku-24
    drift stack       playhouse-prepare: heroku-22; playhouse-production: heroku-24
    hint: heroku stack:set heroku-24 --app playhouse-prepare[Some(1)]
    ");
    insta::assert_snapshot!(set(prepare, json!({ "team": "stagehands" })), @"
    drift team        playhouse-prepare: team stagehands; playhouse-staging: no team
    drift team        playhouse-prepare: team stagehands; playhouse-production: no team
    hint: heroku apps:transfer EMAIL --app playhouse-prepare[Some(1)]
    ");
    // Each way out once, and where only staging differs it is staging that has to change.
    insta::assert_snapshot!(set("/_rehearsal/apps/playhouse-staging", json!({ "stack": "heroku-22", "build_stack": "heroku-22" })), @"
    drift stack       playhouse-prepare: heroku-24; playhouse-staging: heroku-22
    hint: heroku stack:set heroku-24 --app playhouse-staging[Some(1)]
    ");
    insta::assert_snapshot!(drift(|scene| {
        scene.ask("PATCH", prepare, json!({ "stack": "heroku-22", "build_stack": "heroku-22", "team": "stagehands" }));
    }), @"
    drift stack       playhouse-prepare: heroku-22; playhouse-staging: heroku-24
    drift team        playhouse-prepare: team stagehands; playhouse-staging: no team
    drift stack       playhouse-prepare: heroku-22; playhouse-production: heroku-24
    drift team        playhouse-prepare: team stagehands; playhouse-production: no team
    hint: heroku stack:set heroku-24 --app playhouse-prepare
    hint: heroku apps:transfer EMAIL --app playhouse-prepare[Some(1)]
    ");
    insta::assert_snapshot!(drift(|scene| {
        let buildpacks = json!({ "updates": [{ "buildpack": "heroku/ruby" }] });
        scene.ask("PUT", "/apps/playhouse-staging/buildpack-installations", buildpacks);
    }), @"
    drift buildpacks  playhouse-prepare: heroku/nodejs; playhouse-staging: heroku/ruby
    hint: heroku buildpacks --app playhouse-production   # what playhouse-staging should have[Some(1)]
    ");
    insta::assert_snapshot!(set(prepare, json!({ "region": "eu" })), @"
    note  region      playhouse-prepare: eu; playhouse-staging: us
    note  region      playhouse-prepare: eu; playhouse-production: us
    [Some(0)]
    ");
    insta::assert_snapshot!(set("/apps/playhouse-prepare/config-vars", json!({ "SEATS_PER_ROW": "20", "STAGE_DOOR": "open", "DATABASE_URL": "nowhere" })), @"
    drift config      SEATS_PER_ROW differs from playhouse-production's
    drift config      STAGE_DOOR is not on playhouse-production
    hint: prepare check --config NAME   # if builds read nothing but NAME[Some(1)]
    ");
    insta::assert_snapshot!(set("/apps/playhouse-prepare/features/runtime-dyno-metadata", json!({ "enabled": false })), @"
    note  feature     runtime-dyno-metadata is off
    [Some(0)]
    ");
    let up = json!({ "updates": [{ "type": "worker", "quantity": 1 }] });
    insta::assert_snapshot!(set("/apps/playhouse-prepare/formation", up), @"
    note  dynos       playhouse-prepare has dynos for worker
    [Some(0)]
    ");
    let buildpacks = json!({ "updates": [{ "buildpack": "heroku/ruby" }, { "buildpack": "heroku/nodejs" }] });
    insta::assert_snapshot!(drift(|scene| {
        scene.ask("PUT", "/apps/playhouse-prepare/buildpack-installations", buildpacks);
    }), @"
    drift buildpacks  playhouse-prepare: heroku/ruby, heroku/nodejs; playhouse-staging: heroku/nodejs
    drift buildpacks  playhouse-prepare: heroku/ruby, heroku/nodejs; playhouse-production: heroku/nodejs
    hint: heroku buildpacks --app playhouse-production   # what playhouse-prepare should have[Some(1)]
    ");
    insta::assert_snapshot!(drift(|scene| {
        let coupling = scene.look("/apps/playhouse-staging/pipeline-couplings");
        let id = coupling["id"].as_str().expect("an id");
        scene.ask("DELETE", &format!("/pipeline-couplings/{id}"), Value::Null);
    }), @"
    drift pipeline    playhouse-staging is in no pipeline, not in stage staging of playhouse
    hint: prepare setup[Some(1)]
    ");
    insta::assert_snapshot!(drift(|scene| {
        let url = scene.look("/apps/playhouse-production/config-vars")["DATABASE_URL"].clone();
        scene.ask("PATCH", "/apps/playhouse-prepare/config-vars", json!({ "DATABASE_URL": url }));
    }), @"
    drift add-ons     playhouse-prepare has the add-on's DATABASE_URL of playhouse-production
    hint: heroku config:unset DATABASE_URL --app playhouse-prepare[Some(1)]
    ");
    insta::assert_snapshot!(drift(|scene| {
        scene.git(&["remote", "remove", "prepare"]);
        scene.write("Procfile", "web: node server.js\nrelease: bin/migrate\n");
        scene.git(&["add", "Procfile"]);
        scene.git(&["commit", "--quiet", "--message", "Migrate on release"]);
    }), @"
    note  release     bin/migrate runs on playhouse-prepare with each build
    note  remote      no git remote prepare
    [Some(0)]
    ");
}

#[test]
fn build_config_vars_can_be_configured() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("prepare setup --yes").status, Some(0));
    assert_eq!(scene.run("prepare check").status, Some(1), "LOG_LEVEL differs");
    assert_eq!(scene.run("prepare check --config NODE_ENV").status, Some(0));
    insta::assert_snapshot!(scene.run("prepare check --config SESSION_SECRET,LIMELIGHT"), @"
    drift config      SESSION_SECRET is not on playhouse-prepare
    drift config      LIMELIGHT is on neither playhouse-prepare nor playhouse-production
    ------- stderr -------
    error: playhouse-prepare may build other slugs than production would, or they cannot be promoted
    hint: prepare check --config NAME   # if builds read nothing but NAME
    [exit status: 1]
    ");
    let outcome = scene.run("prepare check --json --config LOG_LEVEL");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((&answer["app"], &answer["drift"]), (&json!("playhouse-prepare"), &json!(true)));
    let drift = json!({ "level": "drift", "about": "config", "message": "LOG_LEVEL differs from playhouse-production's" });
    let findings = answer["findings"].as_array().expect("a list");
    assert!(findings.contains(&drift) && findings.iter().any(|finding| finding["level"] == "ok"), "{answer}");
}
