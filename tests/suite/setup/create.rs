//! A new project: an empty account and a repository.

use serde_json::json;

use super::{at_a_terminal, changes, done, read, remotes};
use crate::scene::{Outcome, Scene};

const RUN: &str = "greenroom setup --create opera --prepare --yes";

/// An empty account, and a repository of a framework's files without Heroku remotes.
pub(super) fn empty() -> Scene {
    let scene = super::fresh_clone();
    scene.panel("DELETE", "/apps", json!(null));
    scene.git(&["rm", "--quiet", "Procfile"]);
    for (name, text) in [
        ("bin/rails", "#!/usr/bin/env ruby\n"),
        ("Gemfile", "gem \"rails\"\n"),
        ("package.json", "{ \"scripts\": { \"build\": \"true\" } }\n"),
    ] {
        scene.write(name, text);
    }
    scene
}

/// Runs a line and expects it to change nothing.
pub(super) fn refused(scene: &Scene, line: &str) -> Outcome {
    let before = scene.requests().len();
    let outcome = scene.run(line);
    assert_ne!(outcome.status, Some(0), "{line}: {outcome}");
    assert_eq!(changes(scene, before), [""; 0], "{line}: {outcome}");
    assert_eq!((remotes(scene).as_str(), read(scene, "greenroom.toml").as_str()), ("", ""));
    outcome
}

#[test]
fn from_an_empty_account_to_a_pipeline() {
    let scene = empty();
    let before = scene.requests().len();
    insta::assert_snapshot!(done(&scene, RUN), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   create pipeline opera
    do   create app opera-production
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-production
    do   put opera-production in stage production
    do   create app opera-staging
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-staging
    do   put opera-staging in stage staging
    do   create app opera-prepare
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-prepare
    do   enable feature runtime-dyno-metadata on opera-prepare
    do   put opera-prepare in stage development
    do   add git remote production, https://git.heroku.com/opera-production.git
    do   add git remote staging, https://git.heroku.com/opera-staging.git
    do   add git remote prepare, https://git.heroku.com/opera-prepare.git
    do   write greenroom.toml: pipeline = "opera"
    done create pipeline opera
    done create app opera-production
    done set buildpacks heroku/nodejs, heroku/ruby on opera-production
    done put opera-production in stage production
    done create app opera-staging
    done set buildpacks heroku/nodejs, heroku/ruby on opera-staging
    done put opera-staging in stage staging
    done create app opera-prepare
    done set buildpacks heroku/nodejs, heroku/ruby on opera-prepare
    done enable feature runtime-dyno-metadata on opera-prepare
    done put opera-prepare in stage development
    done add git remote production, https://git.heroku.com/opera-production.git
    done add git remote staging, https://git.heroku.com/opera-staging.git
    done add git remote prepare, https://git.heroku.com/opera-prepare.git
    done write greenroom.toml: pipeline = "opera"
    the pipeline is not connected to a repository, which review apps need:
    hint: https://dashboard.heroku.com/pipelines/b31d9178-09e4-47f0-bf9c-197225215be0/settings
    next:
    hint: git add greenroom.toml && git commit --message 'Set up Heroku' && git push origin HEAD
    hint: prepare setup
    hint: staging deploy
    "#);
    insta::assert_snapshot!(changes(&scene, before).join("\n"), @"
    POST /pipelines
    POST /apps
    PUT /apps/opera-production/buildpack-installations
    POST /pipeline-couplings
    POST /apps
    PUT /apps/opera-staging/buildpack-installations
    POST /pipeline-couplings
    POST /apps
    PUT /apps/opera-prepare/buildpack-installations
    PATCH /apps/opera-prepare/features/runtime-dyno-metadata
    POST /pipeline-couplings
    ");
    insta::assert_snapshot!(remotes(&scene), @"
    prepare https://git.heroku.com/opera-prepare.git
    production https://git.heroku.com/opera-production.git
    staging https://git.heroku.com/opera-staging.git
    ");
    assert_eq!(read(&scene, "greenroom.toml"), "pipeline = \"opera\"\n");
    assert!(!scene.repository().join("Procfile").exists());
    let config = read(&scene, ".git/config");
    let before = scene.requests().len();
    let again = done(&scene, RUN);
    assert!(again.stderr.contains("\nnothing to do\n"), "{again}");
    assert!(!again.stderr.contains("\ndo "), "{again}");
    assert_eq!(changes(&scene, before), [""; 0]);
    assert_eq!(read(&scene, ".git/config"), config);
    assert_eq!(done(&scene, "greenroom setup --check").stdout, "");
}

#[test]
fn a_dry_run_lists_every_request() {
    let scene = empty();
    let before = scene.requests().len();
    let outcome = done(
        &scene,
        "greenroom --dry-run setup --create opera --prepare --region eu --stack heroku-22 --write-files",
    );
    insta::assert_snapshot!(outcome.stdout, @r#"
    curl -X POST [HEROKU]/pipelines -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"name":"opera","owner":{"id":"0d0d0d0d-57a6-4e00-8000-000000000001","type":"user"}}'
    curl -X POST [HEROKU]/apps -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"name":"opera-production","region":"eu","stack":"heroku-22"}'
    curl -X PUT [HEROKU]/apps/opera-production/buildpack-installations -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"updates":[{"buildpack":"heroku/nodejs"},{"buildpack":"heroku/ruby"}]}'
    curl -X POST [HEROKU]/pipeline-couplings -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"app":"opera-production","pipeline":"PIPELINE_ID","stage":"production"}'
    curl -X POST [HEROKU]/apps -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"name":"opera-staging","region":"eu","stack":"heroku-22"}'
    curl -X PUT [HEROKU]/apps/opera-staging/buildpack-installations -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"updates":[{"buildpack":"heroku/nodejs"},{"buildpack":"heroku/ruby"}]}'
    curl -X POST [HEROKU]/pipeline-couplings -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"app":"opera-staging","pipeline":"PIPELINE_ID","stage":"staging"}'
    curl -X POST [HEROKU]/apps -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"name":"opera-prepare","region":"eu","stack":"heroku-22"}'
    curl -X PUT [HEROKU]/apps/opera-prepare/buildpack-installations -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"updates":[{"buildpack":"heroku/nodejs"},{"buildpack":"heroku/ruby"}]}'
    curl -X PATCH [HEROKU]/apps/opera-prepare/features/runtime-dyno-metadata -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"enabled":true}'
    curl -X POST [HEROKU]/pipeline-couplings -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"app":"opera-prepare","pipeline":"PIPELINE_ID","stage":"development"}'
    git remote add production https://git.heroku.com/opera-production.git
    git remote add staging https://git.heroku.com/opera-staging.git
    git remote add prepare https://git.heroku.com/opera-prepare.git
    printf %s $'pipeline = "opera"\n' > greenroom.toml
    printf %s $'web: bin/rails server -p $PORT -e $RAILS_ENV\nrelease: test -z "$DATABASE_URL" || bin/rails db:migrate\n' > Procfile
    printf %s $'{\n  "scripts": {\n    "postdeploy": "test -z \\"$DATABASE_URL\\" || bin/rails db:migrate"\n  }\n}\n' > app.json
    "#);
    assert_eq!(changes(&scene, before), [""; 0]);
    assert_eq!((remotes(&scene).as_str(), read(&scene, "greenroom.toml").as_str()), ("", ""));
}

#[test]
fn apps_of_a_team_and_in_a_space() {
    let scene = empty();
    _ = done(&scene, "greenroom setup --create opera --team playhouse --region eu --stack heroku-22 --yes");
    let app = scene.look("/apps/opera-staging");
    assert_eq!(
        (&app["team"]["name"], &app["region"]["name"], &app["stack"]["name"]),
        (&json!("playhouse"), &json!("eu"), &json!("heroku-22"))
    );
    assert_eq!(scene.look("/pipelines/opera")["owner"]["type"], "team");
    let scene = empty();
    _ = done(&scene, "greenroom setup --create opera --space stalls --yes");
    assert_eq!(scene.look("/apps/opera-production")["space"]["name"], "stalls");
    assert_eq!(scene.look("/pipelines/opera")["owner"]["type"], "team");
}

#[test]
fn names_that_are_taken_are_found_before_anything_is_made() {
    let scene = empty();
    scene.panel("POST", "/apps", json!({ "name": "opera-staging", "foreign": true }));
    scene.panel("POST", "/apps", json!({ "name": "opera-app-production", "foreign": true }));
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --region eu --yes"), @"
    ------- stderr -------
    error: the app name is taken: opera-staging
    hint: greenroom setup --create opera-hq --region eu   # is free
    [exit status: 5]
    ");
    // A team's app is not the account's.
    let scene = empty();
    scene.panel("POST", "/apps", json!({ "name": "opera-staging", "team": "playhouse" }));
    let outcome = refused(&scene, "greenroom setup --create opera --yes");
    assert!(outcome.stderr.contains("the app name is taken: opera-staging\n"), "{outcome}");
}

#[test]
fn another_name_is_offered_at_a_terminal() {
    for (answer, code) in [("y\r", 0), ("n\r", 5), ("\u{3}", 130)] {
        let scene = empty();
        scene.panel("POST", "/apps", json!({ "name": "opera-staging", "foreign": true }));
        let mut pty = at_a_terminal(&scene, "greenroom setup --create opera --no-completion");
        pty.sees("Use opera-app in place of opera? [y/N]", 1).types(answer);
        if code == 0 {
            pty.sees("Write Procfile and app.json? [y/N]", 1).types("n\r");
            pty.sees("Set up opera-app? [y/N]", 1).types("y\r");
        }
        let shown = pty.end();
        assert!(if code == 130 { shown.was_interrupted() } else { shown.code() == code }, "{}", shown.raw());
        let made = scene.look("/apps").as_array().expect("a list").len();
        assert_eq!(made, if code == 0 { 2 } else { 0 });
    }
}

#[test]
fn the_files_are_asked_for_at_a_terminal() {
    for (answer, written) in [("y\r", true), ("n\r", false)] {
        let scene = empty();
        let mut pty = at_a_terminal(&scene, "greenroom setup --create opera --no-completion");
        pty.sees("Write Procfile and app.json? [y/N]", 1).types(answer);
        pty.sees("Set up opera? [y/N]", 1).types("y\r");
        pty.ends(0).has("hint: staging deploy");
        assert_eq!(scene.repository().join("Procfile").exists(), written);
        assert_eq!(scene.repository().join("app.json").exists(), written);
    }
    let scene = empty();
    let mut pty = at_a_terminal(&scene, "greenroom setup --create opera --no-completion --write-files");
    pty.sees("Set up opera? [y/N]", 1).types("\r");
    pty.ends(5).closes_with("nothing was changed");
    assert_eq!(scene.look("/apps"), json!([]));
}

#[test]
fn refusals_before_anything_is_made() {
    let scene = empty();
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera"), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   create pipeline opera
    do   create app opera-production
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-production
    do   put opera-production in stage production
    do   create app opera-staging
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-staging
    do   put opera-staging in stage staging
    do   add git remote production, https://git.heroku.com/opera-production.git
    do   add git remote staging, https://git.heroku.com/opera-staging.git
    do   write greenroom.toml: pipeline = "opera"
    error: this creates apps at Heroku, and confirmation requires a terminal
    hint: greenroom setup --create opera --yes
    [exit status: 5]
    "#);
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create Opera --yes"), @r#"
    ------- stderr -------
    error: "Opera-production" is not a valid app name (3 to 30 of a-z, 0-9 and -, starting with a letter, ending with a letter or digit)
    hint: greenroom setup --create NAME   # up to 19 letters
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create a-name-that-is-too-long --yes"), @r#"
    ------- stderr -------
    error: "a-name-that-is-too-long-production" is not a valid app name (3 to 30 of a-z, 0-9 and -, starting with a letter, ending with a letter or digit)
    hint: greenroom setup --create NAME   # up to 19 letters
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --region mars --yes"), @r#"
    ------- stderr -------
    error: Heroku has no region "mars", but us, eu
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --stack heroku-23 --yes"), @r#"
    ------- stderr -------
    error: Heroku has no stack "heroku-23", but heroku-22, heroku-24, heroku-26, container, cnb
    hint: did you mean heroku-22?
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --team ballet --yes"), @"
    ------- stderr -------
    error: team ballet cannot be used
      caused by: Couldn't find that team.
      caused by: GET /teams/ballet: HTTP 404 not_found
    hint: heroku teams
    [exit status: 4]
    ");
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --space balcony --yes"), @"
    ------- stderr -------
    error: space balcony cannot be used
      caused by: Couldn't find that space.
      caused by: GET /spaces/balcony: HTTP 404 not_found
    hint: heroku spaces
    [exit status: 4]
    ");
    scene.ask("POST", "/apps", json!({ "name": "opera-staging", "region": "eu" }));
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --region us --yes"), @"
    ------- stderr -------
    error: opera-staging exists already in region eu, not in region us
    hint: heroku apps:info --app opera-staging
    [exit status: 5]
    ");
}

#[test]
fn the_pipeline_of_another_project_is_left_alone() {
    let scene = super::fresh_clone();
    insta::assert_snapshot!(refused(&scene, "greenroom setup --create opera --pipeline playhouse --yes"), @"
    ------- stderr -------
    error: pipeline playhouse exists, and has another app in stage staging
    hint: greenroom setup --pipeline playhouse   # sets up this clone for it
    hint: greenroom setup --create NAME --pipeline ANOTHER
    [exit status: 5]
    ");
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
    insta::assert_snapshot!(scene.run("greenroom setup --create opera --yes"), @"
    ------- stderr -------
    error: greenroom.toml names pipeline playhouse: this project is set up already
    hint: greenroom setup
    [exit status: 5]
    ");
}

#[test]
fn permission_denied_is_reported_with_what_is_done() {
    let scene = empty();
    scene.heroku().inject(rehearsal::Fault::answer("POST /apps", 403));
    insta::assert_snapshot!(scene.run("greenroom setup --create opera --yes"), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   create pipeline opera
    do   create app opera-production
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-production
    do   put opera-production in stage production
    do   create app opera-staging
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-staging
    do   put opera-staging in stage staging
    do   add git remote production, https://git.heroku.com/opera-production.git
    do   add git remote staging, https://git.heroku.com/opera-staging.git
    do   write greenroom.toml: pipeline = "opera"
    done create pipeline opera
    error: could not create app opera-production; 1 of 10 steps are done, 9 are left
      caused by: You do not have access to that resource.
      caused by: POST /apps: HTTP 403 forbidden
    hint: heroku auth:whoami   # is this the account that has access?
    hint: run the same command again to continue
    [exit status: 4]
    "#);
    scene.heroku().heal();
    _ = done(&scene, "greenroom setup --create opera --yes");
}

#[test]
fn a_name_that_is_taken_meanwhile_is_named() {
    let scene = empty();
    let answer = json!({ "id": "invalid_params", "message": "Name opera-production is already taken" });
    let fault = rehearsal::Fault::Answer {
        route: "POST /apps".to_owned(),
        times: None,
        status: 422,
        body: Some(answer),
        headers: std::collections::BTreeMap::new(),
    };
    scene.heroku().inject(fault);
    insta::assert_snapshot!(scene.run("greenroom setup --create opera --yes"), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   create pipeline opera
    do   create app opera-production
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-production
    do   put opera-production in stage production
    do   create app opera-staging
    do   set buildpacks heroku/nodejs, heroku/ruby on opera-staging
    do   put opera-staging in stage staging
    do   add git remote production, https://git.heroku.com/opera-production.git
    do   add git remote staging, https://git.heroku.com/opera-staging.git
    do   write greenroom.toml: pipeline = "opera"
    done create pipeline opera
    error: could not create app opera-production; 1 of 10 steps are done, 9 are left
      caused by: the app name opera-production is taken
      caused by: Name opera-production is already taken
      caused by: POST /apps: HTTP 422 invalid_params
    hint: greenroom setup --create NAME   # another name
    hint: run the same command again to continue
    [exit status: 1]
    "#);
}

#[test]
fn review_apps_are_enabled_where_the_pipeline_is_connected() {
    let scene = empty();
    let first = done(&scene, "greenroom setup --create opera --yes");
    let id = scene.look("/pipelines/opera")["id"].as_str().expect("an id").to_owned();
    let page = format!("hint: https://dashboard.heroku.com/pipelines/{id}/settings\n");
    assert!(first.stderr.contains(&page), "{first}");
    let connected = json!({ "repository": { "full_name": "stage/opera" } });
    scene.panel("PATCH", "/pipelines/opera", connected);
    let second = done(&scene, "greenroom setup --create opera --yes");
    assert!(second.stderr.contains("done enable review apps of stage/opera\n"), "{second}");
    assert!(!second.stderr.contains("dashboard.heroku.com"), "{second}");
    let third = done(&scene, "greenroom setup --create opera --yes");
    assert!(third.stderr.contains("has  review apps of stage/opera\n"), "{third}");
}
