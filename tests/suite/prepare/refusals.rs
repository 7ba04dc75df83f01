//! `prepare setup`: refusals before the first change.

use rehearsal::Fault;
use serde_json::{Value, json};

use super::{opera, refused, told};
use crate::scene::Scene;

#[test]
fn apps_in_another_pipeline_are_left_there() {
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
    error: the git remote prepare does not point to opera-prepare and was not changed
    hint: git remote rename prepare prepare-before
    [exit status: 5]
    ");
    scene.git(&["remote", "set-url", "prepare", "https://git.heroku.com/understudy.git"]);
    insta::assert_snapshot!(refused(&scene, "prepare setup --app opera-prepare --yes"), @"
    ------- stderr -------
    error: the git remote prepare does not point to opera-prepare and was not changed
    hint: git remote rename prepare prepare-before
    [exit status: 5]
    ");
}

#[test]
fn taken_names_are_refused() {
    let scene = opera();
    scene.heroku().inject(Fault::answer("GET /apps/opera-prepare", 403));
    let outcome = refused(&scene, "prepare setup --yes").to_string();
    let shown: Vec<&str> = outcome.lines().filter(|line| !line.contains("caused by")).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    ------- stderr -------
    error: an app opera-prepare exists, but you have no access to it
    hint: heroku auth:whoami   # is this the account that has access?
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
    warning: no app found for staging, so only production is set up
    error: could not create app opera-prepare in team playhouse, in region eu, on heroku-22; 0 of 9 steps are done, 9 are left
      caused by: the app name opera-prepare is taken
      caused by: Name opera-prepare is already taken
      caused by: POST /teams/apps: HTTP 422 invalid_params
    hint: prepare setup --app NAME
    hint: run the same command again to continue
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
    error: opera-production serves production or staging and cannot be the app that only builds
    hint: prepare setup --app opera-prepare
    [exit status: 5]
    ");
    insta::assert_snapshot!(refused(&scene, "prepare setup --app Opera --yes"), @r#"
    ------- stderr -------
    error: invalid value 'Opera' for '--app <NAME>': "Opera" is not a valid app name (3 to 30 of a-z, 0-9 and -, starting with a letter, ending with a letter or digit)

    For more information, try '--help'.
    [exit status: 2]
    "#);
    let outcome = refused(&scene, "prepare setup");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(
        outcome.stderr.ends_with("and confirmation requires a terminal\nhint: prepare setup --yes\n"),
        "{outcome}"
    );
    insta::assert_snapshot!(refused(&scene, "prepare setup --app understudy --yes"), @"
    ------- stderr -------
    error: understudy belongs to no team and opera-production to team playhouse; slugs cannot be promoted between them
    hint: prepare setup --app NAME   # another app
    [exit status: 1]
    ");
    scene.write("greenroom.toml", "[environments.prepare]\napp = \"opera-workshop\"\n");
    insta::assert_snapshot!(refused(&scene, "prepare setup --app opera-prepare --yes"), @r#"
    ------- stderr -------
    error: prepare is opera-workshop, configured in [SCENE]/playhouse/greenroom.toml; opera-prepare would not be found
    hint: environments.prepare.app = "opera-prepare"   # there
    [exit status: 5]
    "#);
    let scene = Scene::playhouse();
    scene.ask("PATCH", "/apps/playhouse-production/config-vars", json!({ "HEROKU_APP_NAME": "playhouse" }));
    insta::assert_snapshot!(refused(&scene, "prepare setup --config HEROKU_APP_NAME --yes"), @"
    ------- stderr -------
    error: HEROKU_APP_NAME is set by Heroku on each app and cannot be copied
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&scene, "prepare setup --config DATABASE_URL --yes"), @"
    ------- stderr -------
    error: DATABASE_URL belongs to an add-on; with it, playhouse-prepare would have access to the data of playhouse-production
    hint: heroku addons:attach ADDON --app playhouse-prepare   # if that is intended
    [exit status: 5]
    ");
}

#[test]
fn container_and_fir_apps_are_refused() {
    for (facts, said) in [
        (
            json!({ "stack": "container" }),
            "opera-production runs a container image and has no slug to promote",
        ),
        (json!({ "generation": "fir" }), "opera-production is a Fir app and has no slug to promote"),
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
    error: app opera-prepare does not exist
    hint: prepare setup
    [exit status: 3]
    ");
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(refused(&scene, "prepare setup --yes").status, Some(4));
    assert_eq!(refused(&scene, "prepare check").status, Some(4));
}

#[test]
fn setup_outside_a_repository_skips_the_build() {
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
    warning: no git repository here, so no git remote is added and nothing is built
    warning: no app found for staging, so only production is set up
    done create app opera-prepare in team playhouse, in region eu, on heroku-22
    done set buildpacks heroku/ruby, https://example.com/fonts, as opera-production has them
    done enable feature runtime-dyno-metadata
    done create pipeline opera
    done put opera-production in stage production
    done put opera-prepare in stage development
    [Some(0)]
    ");
}
