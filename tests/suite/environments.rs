//! `greenroom environments` and `greenroom remotes`.

use serde_json::Value;

use super::scene::Scene;

/// A clone with `origin` alone, and a configuration that names the pipeline and more.
fn fresh_clone(more: &str) -> Scene {
    let scene = Scene::playhouse();
    for remote in ["production", "staging", "prepare"] {
        scene.git(&["remote", "remove", remote]);
    }
    scene.write("greenroom.toml", format!("pipeline = \"playhouse\"\n{more}"));
    scene
}

#[test]
fn every_source_is_listed_with_its_reason() {
    let scene = fresh_clone(
        "[environments.qa]\napp = \"playhouse-qa\"\n[environments.demo]\nremote = \"nope\"\n\
         [environments.both]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n",
    );
    scene.remote("live", "https://git.heroku.com/playhouse-production.git");
    scene.write("../home/.local/share/greenroom/links", "both\ngone\n");
    insta::assert_snapshot!(scene.run("greenroom environments"), @r#"
    Environment  App                   Stage                   Found
    prepare      playhouse-prepare     development             in stage development of pipeline playhouse, named in [SCENE]/playhouse/greenroom.toml
    staging      playhouse-staging     staging                 in stage staging of pipeline playhouse, named in [SCENE]/playhouse/greenroom.toml
    production   playhouse-production  production   protected  in stage production of pipeline playhouse, named in [SCENE]/playhouse/greenroom.toml
    both         playhouse-staging     staging                 configured in [SCENE]/playhouse/greenroom.toml
    both         playhouse-production  production   protected  configured in [SCENE]/playhouse/greenroom.toml
    demo         -                     -                       demo is the git remote "nope" in [SCENE]/playhouse/greenroom.toml, but there is no such remote
    gone         -                     -                       no app found for gone: looked at: [SCENE]/playhouse/greenroom.toml without [environments.gone]; git remotes live, origin (none is a Heroku remote named gone); pipeline stages (none is named gone)
    live         playhouse-production  production   protected  git remote live is https://git.heroku.com/playhouse-production.git
    qa           playhouse-qa          -                       Couldn't find that app (configured in [SCENE]/playhouse/greenroom.toml)
    review       -                     -                       the review apps of pipeline playhouse
    development  -                     -                       this machine
    "#);
}

#[test]
fn without_a_login_what_is_here_is_listed() {
    let mut scene = fresh_clone("");
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    scene.set("HEROKU_API_KEY", "");
    insta::assert_snapshot!(scene.run("greenroom environments"), @"
    Environment  App                Stage  Found
    staging      playhouse-staging  -      git remote staging is https://git.heroku.com/playhouse-staging.git
    development  -                  -      this machine
    ------- stderr -------
    warning: the pipeline could not be read: not logged in to [HEROKU]
    hint: heroku login
    ");
}

#[test]
fn without_an_app_the_way_out_is_named() {
    let scene = Scene::bare();
    insta::assert_snapshot!(scene.run("greenroom environments"), @"
    Environment  App  Stage  Found
    development  -    -      this machine
    ------- stderr -------
    no Heroku app is known here: no greenroom.toml names one, and no git remote
    hint: greenroom setup
    ");
}

#[test]
fn the_pipeline_is_read_once_for_all_environments() {
    let scene = fresh_clone("");
    let outcome = scene.run("greenroom environments --json");
    let listed: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(listed[0]["apps"][0]["name"], "playhouse-prepare", "{outcome}");
    assert_eq!(scene.requests().len(), 3, "{:?}", scene.requests());
}

#[test]
fn missing_remotes_are_lines_that_make_them() {
    let scene = fresh_clone(
        "[environments.both]\napps = [\"playhouse-eu\", \"playhouse-us\"]\n\
         [environments.staging]\napp = \"playhouse-staging\"\n",
    );
    scene.remote("heroku", "https://git.heroku.com/playhouse-production.git");
    scene.remote("staging", "https://git.heroku.com/another-staging.git");
    insta::assert_snapshot!(scene.run("greenroom remotes"), @"
    git remote add prepare https://git.heroku.com/playhouse-prepare.git
    git remote rename heroku production
    git remote add playhouse-eu https://git.heroku.com/playhouse-eu.git
    git remote add playhouse-us https://git.heroku.com/playhouse-us.git
    ------- stderr -------
    warning: git remote staging is not playhouse-staging
    hint: git remote set-url staging https://git.heroku.com/playhouse-staging.git
    ");
}

#[test]
fn the_lines_can_be_run() {
    let scene = fresh_clone("[environments.staging]\napp = \"playhouse-staging\"\n");
    let lines = scene.run("greenroom remotes").stdout;
    for line in lines.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], "git", "{line}");
        scene.git(&words[1..]);
    }
    assert_eq!(
        scene.git(&["remote"]).lines().collect::<Vec<_>>(),
        ["origin", "prepare", "production", "staging"]
    );
    insta::assert_snapshot!(scene.run("greenroom remotes"), @"
    ------- stderr -------
    every environment has its git remote
    ");
}
