//! `prepare setup` and `prepare check`: from nothing, from every half-way state, and never a value shown.

use std::thread;

use rehearsal::{Fault, history};
use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::{Outcome, Scene};

const SECRET: &str = "phantom-of-the-opera";

/// A production app of a team, in no pipeline, and a repository with the one remote `production`.
fn opera() -> Scene {
    let scene = Scene::playhouse();
    let app = json!({ "name": "opera-production", "team": "playhouse", "region": "eu", "stack": "heroku-22",
        "build_stack": "heroku-22" });
    scene.panel("POST", "/apps", app);
    let release = json!({ "commit": history::MAIN[1], "status": "succeeded" });
    scene.panel("POST", "/apps/opera-production/releases", release);
    let buildpacks =
        json!({ "updates": [{ "buildpack": "heroku/ruby" }, { "buildpack": "https://example.com/fonts" }] });
    scene.ask("PUT", "/apps/opera-production/buildpack-installations", buildpacks);
    let vars = json!({ "NPM_TOKEN": SECRET, "ASSET_HOST": "cdn.example.com" });
    scene.ask("PATCH", "/apps/opera-production/config-vars", vars);
    for remote in ["prepare", "staging", "production"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene.remote("production", "https://git.heroku.com/opera-production.git");
    scene
}

/// The requests of a run that change something.
fn changes(scene: &Scene, since: usize) -> Vec<String> {
    let asks = |line: &String| !line.starts_with("GET ") && !line.starts_with("POST /filters/");
    scene.requests().into_iter().skip(since).filter(asks).collect()
}

/// Runs a line and expects it to change nothing.
fn refused(scene: &Scene, line: &str) -> Outcome {
    let before = scene.requests().len();
    let outcome = scene.run(line);
    assert_ne!(outcome.status, Some(0), "{line}: {outcome}");
    assert_eq!(changes(scene, before), [""; 0], "{line}: {outcome}");
    outcome
}

/// The config vars of an app, but for those that Heroku sets.
fn config_of(scene: &Scene, app: &str) -> Value {
    let vars = scene.look(&format!("/apps/{app}/config-vars"));
    let own = vars.as_object().expect("config vars").iter().filter(|(name, _)| !name.starts_with("HEROKU_"));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn stage_of(scene: &Scene, app: &str) -> Value {
    scene.look(&format!("/apps/{app}/pipeline-couplings"))["stage"].clone()
}

/// The owner of the pipeline that was made.
fn owner_asked_for(scene: &Scene) -> Value {
    let exchanges = scene.heroku().exchanges();
    let made = exchanges.iter().find(|exchange| exchange.line() == "POST /pipelines");
    made.expect("a new pipeline").body["owner"].clone()
}

/// What the flow needs is all there.
fn assert_set_up(scene: &Scene) {
    let app = scene.look("/apps/opera-prepare");
    assert_eq!(
        (&app["team"]["name"], &app["region"]["name"], &app["stack"]["name"]),
        (&json!("playhouse"), &json!("eu"), &json!("heroku-22"))
    );
    assert_eq!(
        scene.look("/apps/opera-prepare/buildpack-installations"),
        scene.look("/apps/opera-production/buildpack-installations")
    );
    assert_eq!(config_of(scene, "opera-prepare"), json!({ "NPM_TOKEN": SECRET }));
    assert_eq!(scene.look("/apps/opera-prepare/features/runtime-dyno-metadata")["enabled"], true);
    assert_eq!(stage_of(scene, "opera-prepare"), "development");
    assert_eq!(stage_of(scene, "opera-production"), "production");
    assert_eq!(
        scene.git(&["remote", "get-url", "prepare"]).trim(),
        "https://git.heroku.com/opera-prepare.git"
    );
    assert_eq!(scene.runs("opera-prepare").1, history::MAIN[4]);
    let formation = scene.look("/apps/opera-prepare/formation");
    assert!(!formation.as_array().expect("a list").is_empty());
    assert!(formation.as_array().expect("a list").iter().all(|one| one["quantity"] == 0), "{formation}");
}

/// The lines of a plan and its outcome, without what git and the build say.
fn told(outcome: &Outcome) -> String {
    let own = ["has ", "do ", "done ", "warning: ", "hint: ", "error: ", "nothing "];
    let lines = outcome.stderr.lines().filter(|line| own.iter().any(|word| line.starts_with(word)));
    format!("{}\n[{:?}]", lines.collect::<Vec<_>>().join("\n"), outcome.status)
}

#[test]
fn from_nothing_but_production() {
    let scene = opera();
    let outcome = scene.run("prepare setup --config NPM_TOKEN --yes");
    insta::assert_snapshot!(told(&outcome), @"
    do   create app opera-prepare in team playhouse, in region eu, on heroku-22
    do   set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    do   copy config vars NPM_TOKEN from opera-production
    do   enable feature runtime-dyno-metadata
    do   create pipeline opera
    do   put opera-production in stage production
    do   put opera-prepare in stage development
    do   add git remote prepare, https://git.heroku.com/opera-prepare.git
    do   build its first slug, of 77978f9
    do   scale web to 0
    warning: no app is known for staging, so only production is set up
    done create app opera-prepare in team playhouse, in region eu, on heroku-22
    done set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    done copy config vars NPM_TOKEN from opera-production
    done enable feature runtime-dyno-metadata
    done create pipeline opera
    done put opera-production in stage production
    done put opera-prepare in stage development
    done add git remote prepare, https://git.heroku.com/opera-prepare.git
    done build its first slug, of 77978f9
    done scale web to 0
    [Some(0)]
    ");
    assert!(outcome.stdout.starts_with("opera-prepare v"), "{outcome}");
    assert_set_up(&scene);
    let team = scene.look("/apps/opera-production")["team"]["id"].clone();
    assert_eq!(owner_asked_for(&scene), json!({ "type": "team", "id": team }));
    let before = scene.requests().len();
    let again = scene.run("prepare setup --config NPM_TOKEN");
    insta::assert_snapshot!(told(&again), @"
    has  app opera-prepare
    has  buildpacks heroku/ruby, https://example.com/fonts
    has  config vars NPM_TOKEN
    has  feature runtime-dyno-metadata
    has  pipeline opera
    has  opera-production in stage production
    has  opera-prepare in stage development
    has  git remote prepare
    has  a slug
    has  no dynos
    warning: no app is known for staging, so only production is set up
    nothing to do
    [Some(0)]
    ");
    assert_eq!(changes(&scene, before), [""; 0]);
}

#[test]
fn a_dry_run_shows_the_requests_and_sends_none() {
    let scene = opera();
    let before = scene.requests().len();
    let outcome = scene.run("prepare --dry-run setup --config NPM_TOKEN");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let shown = outcome.stdout.replace(" -H \"Authorization: Bearer $HEROKU_API_KEY\"", "");
    let shown = shown.replace(" -H 'Accept: application/vnd.heroku+json; version=3'", "");
    let team = scene.look("/apps/opera-production")["team"]["id"].as_str().expect("an id").to_owned();
    insta::assert_snapshot!(shown.replace(" -H 'Content-Type: application/json'", "").replace(&team, "[team]"), @r#"
    curl -X POST [HEROKU]/teams/apps -d '{"name":"opera-prepare","region":"eu","stack":"heroku-22","team":"playhouse"}'
    curl -X PUT [HEROKU]/apps/opera-prepare/buildpack-installations -d '{"updates":[{"buildpack":"urn:buildpack:heroku/ruby"},{"buildpack":"https://example.com/fonts"}]}'
    curl -X PATCH [HEROKU]/apps/opera-prepare/config-vars -d '{"NPM_TOKEN":"[hidden]"}'
    curl -X PATCH [HEROKU]/apps/opera-prepare/features/runtime-dyno-metadata -d '{"enabled":true}'
    curl -X POST [HEROKU]/pipelines -d '{"name":"opera","owner":{"id":"[team]","type":"team"}}'
    curl -X POST [HEROKU]/pipeline-couplings -d '{"app":"opera-production","pipeline":"PIPELINE_ID","stage":"production"}'
    curl -X POST [HEROKU]/pipeline-couplings -d '{"app":"opera-prepare","pipeline":"PIPELINE_ID","stage":"development"}'
    git remote add prepare https://git.heroku.com/opera-prepare.git
    prepare deploy HEAD
    curl -X PATCH [HEROKU]/apps/opera-prepare/formation -d '{"updates":[{"quantity":0,"type":"web"}]}'
    "#);
    assert_eq!(changes(&scene, before), [""; 0]);
    assert!(!scene.git(&["remote"]).contains("prepare"));
}

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
fn the_pipeline_is_that_of_any_app_that_is_in_one() {
    for left in ["playhouse-prepare", "playhouse-staging", "playhouse-production"] {
        let scene = Scene::playhouse();
        let apps = ["playhouse-prepare", "playhouse-staging", "playhouse-production"];
        apps.into_iter().filter(|app| *app != left).for_each(|app| scene.uncouple(app));
        let outcome = scene.run("prepare setup --yes");
        assert!(outcome.stderr.contains("has  pipeline playhouse\n"), "{left}: {outcome}");
        let stages = apps.map(|app| stage_of(&scene, app));
        assert_eq!(stages, ["development", "staging", "production"], "{left}: {outcome}");
    }
}

#[test]
fn without_remotes_the_pipeline_tells_the_apps() {
    let scene = Scene::playhouse();
    for remote in ["prepare", "staging", "production"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene.write("greenroom.toml", "[environments.production]\napp = \"playhouse-production\"\n");
    insta::assert_snapshot!(scene.run("prepare --dry-run setup").stderr, @"
    has  app playhouse-prepare
    has  buildpacks heroku/nodejs
    do   enable feature runtime-dyno-metadata
    has  pipeline playhouse
    has  playhouse-production in stage production
    has  playhouse-staging in stage staging
    has  playhouse-prepare in stage development
    do   add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    has  a slug
    has  no dynos
    ");
    // A second one in a stage.
    let app = |name: &str, stage: &str| json!({ "name": name, "pipeline": "playhouse", "stage": stage });
    scene.panel("POST", "/apps", app("playhouse-matinee", "production"));
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
    let outcome = scene.run("prepare --verbose check --config NODE_ENV");
    assert!(outcome.stdout.contains("playhouse-matinee is in stage production of playhouse"), "{outcome}");
    assert!(outcome.stdout.contains("ok    stack       heroku-24, as playhouse-matinee"), "{outcome}");
    scene.panel("POST", "/apps", app("playhouse-workshop", "development"));
    insta::assert_snapshot!(refused(&scene, "prepare setup --yes"), @r#"
    ------- stderr -------
    error: prepare has 2 apps (playhouse-prepare, playhouse-workshop), and this works on one
    hint: environments.prepare-1.app = "playhouse-prepare"   # in greenroom.toml, for each an environment of its own
    hint: prepare setup --app playhouse-prepare
    [exit status: 3]
    "#);
    let outcome = scene.run("prepare --dry-run setup --app playhouse-workshop");
    assert!(outcome.stderr.starts_with("has  app playhouse-workshop\n"), "{outcome}");
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
    scene.heroku().inject(Fault::answer("* /opera-prepare.git/**", 503).times(1));
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

#[test]
fn what_is_there_is_left_as_it_is() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("prepare setup --yes"), @"
    ------- stderr -------
    has  app playhouse-prepare
    has  buildpacks heroku/nodejs
    do   enable feature runtime-dyno-metadata
    has  pipeline playhouse
    has  playhouse-production in stage production
    has  playhouse-staging in stage staging
    has  playhouse-prepare in stage development
    has  git remote prepare
    has  a slug
    has  no dynos
    done enable feature runtime-dyno-metadata
    ");
    insta::assert_snapshot!(scene.run("prepare setup"), @"
    ------- stderr -------
    has  app playhouse-prepare
    has  buildpacks heroku/nodejs
    has  feature runtime-dyno-metadata
    has  pipeline playhouse
    has  playhouse-production in stage production
    has  playhouse-staging in stage staging
    has  playhouse-prepare in stage development
    has  git remote prepare
    has  a slug
    has  no dynos
    nothing to do
    ");
    // Somebody scaled it, and gave it other buildpacks.
    let up = json!({ "updates": [{ "type": "web", "quantity": 2 }, { "type": "worker", "quantity": 1 }] });
    scene.ask("PATCH", "/apps/playhouse-prepare/formation", up);
    let buildpacks = json!({ "updates": [{ "buildpack": "heroku/ruby" }] });
    scene.ask("PUT", "/apps/playhouse-prepare/buildpack-installations", buildpacks.clone());
    scene.ask("PATCH", "/apps/playhouse-prepare/config-vars", json!({ "SESSION_SECRET": "its own" }));
    insta::assert_snapshot!(scene.run("prepare setup --yes --config SESSION_SECRET"), @"
    ------- stderr -------
    has  app playhouse-prepare
    has  buildpacks heroku/ruby
    has  config vars SESSION_SECRET
    has  feature runtime-dyno-metadata
    has  pipeline playhouse
    has  playhouse-production in stage production
    has  playhouse-staging in stage staging
    has  playhouse-prepare in stage development
    has  git remote prepare
    has  a slug
    has  dynos web (2), worker (1)
    warning: playhouse-prepare has other buildpacks than playhouse-production
    hint: prepare check
    warning: playhouse-prepare has dynos, which an app that only builds does not need
    hint: heroku ps:scale web=0 worker=0 --app playhouse-prepare   # if it only builds
    nothing to do
    ");
    let formation = scene.look("/apps/playhouse-prepare/formation");
    let running = |kind: &str| formation.as_array().expect("a list").iter().find(|one| one["type"] == kind);
    assert_eq!(running("web").expect("web")["quantity"], 2, "{formation}");
    assert_eq!(running("worker").expect("worker")["quantity"], 1, "{formation}");
    assert_eq!(scene.look("/apps/playhouse-prepare/config-vars")["SESSION_SECRET"], "its own");
    let found = scene.look("/apps/playhouse-prepare/buildpack-installations");
    assert_eq!(found[0]["buildpack"]["name"], "heroku/ruby");
}

#[test]
fn an_app_and_a_pipeline_of_other_names() {
    let scene = opera();
    let outcome = scene.run("prepare setup --app opera-workshop --pipeline the-opera --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.look("/apps/opera-workshop/pipeline-couplings")["stage"], "development");
    assert_eq!(scene.look("/pipelines/the-opera")["name"], "the-opera");
    assert_eq!(scene.run("prepare which").stdout, "opera-workshop\n");
    insta::assert_snapshot!(refused(&scene, "prepare setup --pipeline playhouse --yes"), @"
    ------- stderr -------
    error: opera-production is in stage production of pipeline the-opera, not in stage production of playhouse
    hint: heroku pipelines:remove --app opera-production   # if it does not belong there
    [exit status: 5]
    ");
}

#[test]
fn a_personal_app_has_a_personal_pipeline() {
    let scene = Scene::playhouse();
    for remote in ["prepare", "staging"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene.git(&["remote", "set-url", "production", "https://git.heroku.com/understudy.git"]);
    let outcome = scene.run("prepare setup --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.look("/apps/understudy-prepare")["team"], Value::Null);
    let account = scene.look("/account")["id"].clone();
    assert_eq!(owner_asked_for(&scene), json!({ "type": "user", "id": account }));
}

#[test]
fn an_app_that_stands_elsewhere_is_left_there() {
    let scene = Scene::playhouse();
    let coupling = scene.look("/apps/playhouse-staging/pipeline-couplings");
    let id = coupling["id"].as_str().expect("an id").to_owned();
    let path = format!("/pipeline-couplings/{id}");
    scene.ask("PATCH", &path, json!({ "stage": "test" }));
    insta::assert_snapshot!(refused(&scene, "prepare setup --yes"), @"
    ------- stderr -------
    error: playhouse-staging is in stage test of pipeline playhouse, not in stage staging of playhouse
    hint: heroku pipelines:update --stage staging --app playhouse-staging   # if it belongs there
    [exit status: 5]
    ");
    scene.ask("DELETE", &path, Value::Null);
    let other = scene.ask("POST", "/pipelines", json!({ "name": "operahouse" }));
    let body = json!({ "app": "playhouse-staging", "pipeline": other["id"], "stage": "staging" });
    scene.ask("POST", "/pipeline-couplings", body);
    insta::assert_snapshot!(refused(&scene, "prepare setup --yes"), @"
    ------- stderr -------
    error: playhouse-staging is in stage staging of pipeline operahouse, not in stage staging of playhouse
    hint: heroku pipelines:remove --app playhouse-staging   # if it does not belong there
    [exit status: 5]
    ");
}

#[test]
fn a_remote_of_another_app_is_left_alone() {
    let scene = opera();
    scene.remote("prepare", "https://github.com/playhouse/prepare.git");
    insta::assert_snapshot!(refused(&scene, "prepare setup --yes"), @"
    ------- stderr -------
    error: the git remote prepare is not opera-prepare's, and is left as it is
    hint: git remote rename prepare prepare-before
    [exit status: 5]
    ");
    scene.git(&["remote", "set-url", "prepare", "https://git.heroku.com/understudy.git"]);
    insta::assert_snapshot!(refused(&scene, "prepare setup --app opera-prepare --yes"), @"
    ------- stderr -------
    error: the git remote prepare is not opera-prepare's, and is left as it is
    hint: git remote rename prepare prepare-before
    [exit status: 5]
    ");
}

#[test]
fn a_name_that_is_taken() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("GET /apps/opera-prepare", 403));
    let outcome = refused(&scene, "prepare setup --yes").to_string();
    let shown: Vec<&str> = outcome.lines().filter(|line| !line.contains("caused by")).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    ------- stderr -------
    error: there is an app opera-prepare, and you have no access to it
    hint: prepare setup --app NAME   # another name
    [exit status: 4]
    ");
    scene.heroku().heal();
    scene.heroku().inject(Fault::answer("GET /apps/opera-prepare", 404));
    scene.panel("POST", "/apps", json!({ "name": "opera-prepare" }));
    insta::assert_snapshot!(scene.run("prepare setup --yes"), @"
    ------- stderr -------
    do   create app opera-prepare in team playhouse, in region eu, on heroku-22
    do   set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    do   enable feature runtime-dyno-metadata
    do   create pipeline opera
    do   put opera-production in stage production
    do   put opera-prepare in stage development
    do   add git remote prepare, https://git.heroku.com/opera-prepare.git
    do   build its first slug, of 77978f9
    do   scale web to 0
    warning: no app is known for staging, so only production is set up
    error: could not create app opera-prepare in team playhouse, in region eu, on heroku-22; 0 of 9 steps are done, 9 are left
      caused by: the name opera-prepare is taken by somebody else
      caused by: Name opera-prepare is already taken
      caused by: POST /teams/apps: HTTP 422 invalid_params
    hint: prepare setup --app NAME
    hint: the same command goes on from there
    [exit status: 1]
    ");
}

#[test]
fn refusals_before_anything_is_done() {
    let scene = opera();
    insta::assert_snapshot!(refused(&scene, "prepare setup --config NPM_TOKN --yes"), @r#"
    ------- stderr -------
    error: opera-production has no config var "NPM_TOKN"
    hint: did you mean NPM_TOKEN?
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&scene, "prepare setup --config zzz --yes"), @r#"
    ------- stderr -------
    error: opera-production has no config var "zzz"
    hint: heroku config --app opera-production
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&scene, "prepare setup --app opera-production --yes"), @"
    ------- stderr -------
    error: opera-production is what others see: it cannot be the app that only builds
    hint: prepare setup --app opera-prepare
    [exit status: 5]
    ");
    insta::assert_snapshot!(refused(&scene, "prepare setup --app Opera --yes"), @r#"
    ------- stderr -------
    error: invalid value 'Opera' for '--app <NAME>': "Opera" is no name of a Heroku app (3 to 30 of a-z, 0-9 and -, from a letter, to a letter or digit)

    For more information, try '--help'.
    [exit status: 2]
    "#);
    let outcome = refused(&scene, "prepare setup");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(
        outcome.stderr.ends_with("and nobody can be asked here\nhint: prepare setup --yes\n"),
        "{outcome}"
    );
    insta::assert_snapshot!(refused(&scene, "prepare setup --app understudy --yes"), @"
    ------- stderr -------
    error: understudy is of no team and opera-production of team playhouse: a slug cannot go from one to the other
    hint: prepare setup --app NAME   # another app
    [exit status: 1]
    ");
    scene.write("greenroom.toml", "[environments.prepare]\napp = \"opera-workshop\"\n");
    insta::assert_snapshot!(refused(&scene, "prepare setup --app opera-prepare --yes"), @r#"
    ------- stderr -------
    error: prepare is opera-workshop, configured in [SCENE]/playhouse/greenroom.toml: opera-prepare would not be found
    hint: environments.prepare.app = "opera-prepare"   # there
    [exit status: 5]
    "#);
    let scene = Scene::playhouse();
    scene.ask("PATCH", "/apps/playhouse-production/config-vars", json!({ "HEROKU_APP_NAME": "playhouse" }));
    insta::assert_snapshot!(refused(&scene, "prepare setup --config HEROKU_APP_NAME --yes"), @"
    ------- stderr -------
    error: HEROKU_APP_NAME is set by Heroku itself, on each app
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&scene, "prepare setup --config DATABASE_URL --yes"), @"
    ------- stderr -------
    error: DATABASE_URL is an add-on's: playhouse-prepare would work on the data of playhouse-production
    hint: heroku addons:attach ADDON --app playhouse-prepare   # if that is meant
    [exit status: 5]
    ");
}

#[test]
fn what_has_no_slugs_is_refused() {
    for (facts, said) in [
        (
            json!({ "stack": "container" }),
            "opera-production runs a container image: there is no slug to promote",
        ),
        (json!({ "generation": "fir" }), "opera-production is a Fir app: there is no slug to promote"),
    ] {
        let scene = opera();
        scene.panel("PATCH", "/apps/opera-production", facts);
        for line in ["prepare setup --yes", "prepare check"] {
            let outcome = refused(&scene, line);
            assert_eq!(outcome.status, Some(1), "{outcome}");
            assert!(outcome.stderr.contains(said), "{outcome}");
        }
    }
}

#[test]
fn without_production_or_a_login() {
    let mut scene = opera();
    scene.git(&["remote", "remove", "production"]);
    assert_eq!(refused(&scene, "prepare setup --yes").status, Some(3));
    assert_eq!(refused(&scene, "prepare check").status, Some(3));
    scene.remote("production", "https://git.heroku.com/opera-production.git");
    insta::assert_snapshot!(refused(&scene, "prepare check"), @"
    ------- stderr -------
    error: there is no app opera-prepare
    hint: prepare setup
    [exit status: 3]
    ");
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(refused(&scene, "prepare setup --yes").status, Some(4));
    assert_eq!(refused(&scene, "prepare check").status, Some(4));
}

#[test]
fn outside_a_repository_there_is_nothing_to_build() {
    let scene = opera();
    let home = scene.folder().join("home");
    std::fs::write(home.join("greenroom.toml"), "[environments.production]\napp = \"opera-production\"\n")
        .expect("a file");
    let outcome = scene.finish(scene.prepared("prepare").args(["setup", "--yes"]).current_dir(home));
    insta::assert_snapshot!(told(&outcome), @"
    do   create app opera-prepare in team playhouse, in region eu, on heroku-22
    do   set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    do   enable feature runtime-dyno-metadata
    do   create pipeline opera
    do   put opera-production in stage production
    do   put opera-prepare in stage development
    has  no dynos
    warning: there is no git repository here, so no git remote is added and nothing is built
    warning: no app is known for staging, so only production is set up
    done create app opera-prepare in team playhouse, in region eu, on heroku-22
    done set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    done enable feature runtime-dyno-metadata
    done create pipeline opera
    done put opera-production in stage production
    done put opera-prepare in stage development
    [Some(0)]
    ");
}

#[test]
fn a_release_command_is_pointed_out() {
    let scene = opera();
    scene.write("Procfile", "web: node server.js\nrelease: bin/migrate\n");
    scene.git(&["add", "Procfile"]);
    scene.git(&["commit", "--quiet", "--message", "Migrate on release"]);
    let outcome = scene.run("prepare --dry-run setup");
    assert!(
        outcome.stderr.ends_with(
            "warning: the Procfile's release command runs on opera-prepare too, with each build: bin/migrate\n\
             hint: release: test -z \"$DATABASE_URL\" || bin/migrate\n"
        ),
        "{outcome}"
    );
    let guarded = "test -z \"$DATABASE_URL\" || { bin/migrate && bin/seed; }";
    for command in ["bin/migrate && bin/seed", "test -z \"$DATABASE_URL\" || bin/migrate && bin/seed"] {
        scene.write("Procfile", format!("web: node server.js\nrelease: {command}\n"));
        scene.git(&["commit", "--quiet", "--all", "--message", "Seed on release"]);
        let outcome = scene.run("prepare --dry-run setup");
        assert!(outcome.stderr.ends_with(&format!("{command}\nhint: release: {guarded}\n")), "{outcome}");
    }
    scene.write("Procfile", format!("web: node server.js\nrelease: {guarded}\n"));
    scene.git(&["commit", "--quiet", "--all", "--message", "Only where there is a database"]);
    let outcome = scene.run("prepare --dry-run setup");
    assert!(!outcome.stderr.contains("release command"), "{outcome}");
}

#[test]
fn an_add_on_of_another_app_keeps_all_its_config_vars() {
    let scene = opera();
    let vars = json!({ "KAFKA_URL": "kafka://orchestra", "KAFKA_CLIENT_CERT": SECRET });
    let attachment = json!({ "name": "KAFKA", "app": "understudy", "config_vars": vars });
    scene.panel("POST", "/apps/opera-production/addon-attachments", attachment);
    for name in ["KAFKA_URL", "KAFKA_CLIENT_CERT"] {
        let outcome = refused(&scene, &format!("prepare setup --config {name} --yes"));
        assert_eq!(outcome.status, Some(5), "{outcome}");
        assert!(outcome.stderr.contains(&format!("error: {name} is an add-on's: ")), "{outcome}");
    }
    assert_eq!(scene.run("prepare setup --yes").status, Some(0));
    scene.ask("PATCH", "/apps/opera-prepare/config-vars", json!({ "KAFKA_CLIENT_CERT": SECRET }));
    let outcome = scene.run("prepare check");
    assert!(
        outcome.stdout.starts_with("drift add-ons     opera-prepare has the add-on's KAFKA_CLIENT_CERT"),
        "{outcome}"
    );
    assert!(!outcome.to_string().contains(SECRET), "{outcome}");
}

#[test]
fn values_are_shown_nowhere() {
    let scene = opera();
    for line in [
        "prepare --dry-run setup --config NPM_TOKEN,ASSET_HOST",
        "prepare --verbose --dry-run setup --config NPM_TOKEN",
        "prepare --verbose setup --config NPM_TOKEN --config ASSET_HOST --yes",
        "prepare --verbose setup --config NPM_TOKEN",
        "prepare --verbose check",
        "prepare --json --verbose check --config NPM_TOKEN,ASSET_HOST",
    ] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        for value in [SECRET, "cdn.example.com", scene.heroku().token()] {
            assert!(!outcome.to_string().contains(value), "{line}: {outcome}");
        }
    }
    let exchanges = scene.heroku().exchanges();
    let sent = exchanges.iter().find(|exchange| exchange.line() == "PATCH /apps/opera-prepare/config-vars");
    assert_eq!(sent.expect("a request").body["NPM_TOKEN"], SECRET);
    // Not where something goes wrong either.
    for fault in [
        Fault::answer("* /apps/*/config-vars", 422),
        Fault::garble("* /apps/*/config-vars"),
        Fault::truncate("* /apps/*/config-vars"),
    ] {
        let scene = opera();
        scene.heroku().inject(fault.clone());
        let outcome = scene.run("prepare --verbose setup --config NPM_TOKEN --yes");
        assert_ne!(outcome.status, Some(0), "{fault:?}: {outcome}");
        assert!(!outcome.to_string().contains(SECRET), "{fault:?}: {outcome}");
    }
}

fn at_a_terminal(scene: &Scene, line: &str) -> Pty {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words);
    Pty::start(&command)
}

#[test]
fn config_vars_are_chosen_from_a_list() {
    const WHICH: &str = "Which of them do builds read? Numbers or names, Enter for none: ";
    const QUESTION: &str = "Set up opera-prepare? [y/N] ";
    for (answer, chosen) in [
        ("2\r", json!({ "NPM_TOKEN": SECRET })),
        ("NPM_TOKEN, 1\r", json!({ "NPM_TOKEN": SECRET, "ASSET_HOST": "cdn.example.com" })),
        ("\r", json!({})),
    ] {
        let scene = opera();
        let mut pty = at_a_terminal(&scene, "prepare setup");
        pty.sees("   1  ASSET_HOST", 1).sees("   2  NPM_TOKEN", 1).sees(WHICH, 1).types(answer);
        pty.sees(QUESTION, 1).types("y\r");
        let shown = pty.ends(0);
        assert!(!shown.raw().contains(SECRET), "{}", shown.raw());
        assert_eq!(config_of(&scene, "opera-prepare"), chosen);
        // Builds have been; nothing is left to be asked.
        let shown = at_a_terminal(&scene, "prepare setup").end();
        assert!(shown.raw().ends_with("nothing to do\n"), "{}", shown.raw());
    }
    for (answer, code) in [("3\r", 2), ("NPM_TOKN\r", 2)] {
        let scene = opera();
        let mut pty = at_a_terminal(&scene, "prepare setup");
        pty.sees(WHICH, 1).types(answer);
        assert_eq!(pty.end().code(), code);
    }
}

#[test]
fn a_no_sets_nothing_up() {
    for answer in ["n\r", "\r", "\u{4}"] {
        let scene = opera();
        let before = scene.requests().len();
        let mut pty = at_a_terminal(&scene, "prepare setup --config NPM_TOKEN");
        pty.sees("do   create app opera-prepare", 1).sees("Set up opera-prepare? [y/N] ", 1).types(answer);
        let code = pty.end().code();
        assert_eq!(code, if answer == "\u{4}" { 130 } else { 5 });
        assert_eq!(changes(&scene, before), [""; 0]);
    }
}

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
fn nothing_has_drifted() {
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
    ok    release     none that would run with each build
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
fn every_drift_is_told() {
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
    note  remote      there is no git remote prepare
    [Some(0)]
    ");
}

#[test]
fn the_config_vars_that_builds_read_can_be_named() {
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
