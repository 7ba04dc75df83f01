//! `prepare setup` and `prepare check`.

use rehearsal::history;
use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::{Outcome, Scene};

mod check;
mod config;
mod interrupted;
mod json;
mod refusals;

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

/// Asserts that everything that the prepare flow needs exists.
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
fn setup_from_a_production_app_alone() {
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
    warning: no app found for staging, so only production is set up
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
    warning: no app found for staging, so only production is set up
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
fn the_pipeline_is_found_through_any_app() {
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
fn apps_are_found_through_the_pipeline_without_remotes() {
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
    insta::assert_snapshot!(refused(&scene, "prepare setup --yes"), @"
    ------- stderr -------
    error: prepare has 2 apps (playhouse-prepare, playhouse-workshop), and this command works on one
    hint: prepare --only playhouse-prepare COMMAND
    hint: prepare --only playhouse-workshop COMMAND
    hint: prepare setup --app playhouse-prepare
    [exit status: 3]
    ");
    let outcome = scene.run("prepare --dry-run setup --app playhouse-workshop");
    assert!(outcome.stderr.starts_with("has  app playhouse-workshop\n"), "{outcome}");
}

#[test]
fn existing_parts_are_left_alone() {
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
    warning: playhouse-prepare and playhouse-production have different buildpacks
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
fn app_and_pipeline_names_can_be_given() {
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

fn at_a_terminal(scene: &Scene, line: &str) -> Pty {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words);
    Pty::start(&command)
}
