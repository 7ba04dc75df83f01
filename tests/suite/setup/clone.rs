//! A fresh clone.

use serde_json::{Value, json};

use super::{changes, done, fresh_clone, read, remotes};
use crate::scene::{Scene, link_tool};

const REMOTES: &str = "\
prepare https://git.heroku.com/playhouse-prepare.git
production https://git.heroku.com/playhouse-production.git
staging https://git.heroku.com/playhouse-staging.git
";

#[test]
fn a_fresh_clone_is_set_up_and_then_left_alone() {
    let scene = fresh_clone();
    insta::assert_snapshot!(done(&scene, "greenroom setup --yes"), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   write greenroom.toml: pipeline = "playhouse"
    do   add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    do   add git remote staging, https://git.heroku.com/playhouse-staging.git
    do   add git remote production, https://git.heroku.com/playhouse-production.git
    done write greenroom.toml: pipeline = "playhouse"
    done add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    done add git remote staging, https://git.heroku.com/playhouse-staging.git
    done add git remote production, https://git.heroku.com/playhouse-production.git
    hint: staging tail
    "#);
    assert_eq!(remotes(&scene), REMOTES);
    assert_eq!(read(&scene, "greenroom.toml"), "pipeline = \"playhouse\"\n");
    assert_eq!(changes(&scene, 0), [""; 0]);
    let config = read(&scene, ".git/config");
    insta::assert_snapshot!(done(&scene, "greenroom setup"), @"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    has  pipeline playhouse
    has  git remote prepare, playhouse-prepare
    has  git remote staging, playhouse-staging
    has  git remote production, playhouse-production
    nothing to do
    ");
    assert_eq!(read(&scene, ".git/config"), config);
    assert_eq!(done(&scene, "greenroom setup --check").stdout, "");
    assert_eq!(done(&scene, "staging which").stdout, "playhouse-staging\n");
}

#[test]
fn check_reports_and_changes_nothing() {
    let scene = fresh_clone();
    insta::assert_snapshot!(scene.run("greenroom setup --check"), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   write greenroom.toml: pipeline = "playhouse"
    do   add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    do   add git remote staging, https://git.heroku.com/playhouse-staging.git
    do   add git remote production, https://git.heroku.com/playhouse-production.git
    error: 4 items are missing
    hint: greenroom setup
    [exit status: 1]
    "#);
    assert_eq!(remotes(&scene), "");
    assert!(!scene.repository().join("greenroom.toml").exists());
}

#[test]
fn a_dry_run_prints_lines_that_do_the_same() {
    let mut scene = fresh_clone();
    scene.set("SHELL", "/bin/bash");
    let outcome = done(&scene, "greenroom --dry-run setup");
    insta::assert_snapshot!(outcome.stdout, @r#"
    printf %s $'pipeline = "playhouse"\n' > greenroom.toml
    git remote add prepare https://git.heroku.com/playhouse-prepare.git
    git remote add staging https://git.heroku.com/playhouse-staging.git
    git remote add production https://git.heroku.com/playhouse-production.git
    greenroom completions bash --install
    "#);
    assert_eq!(remotes(&scene), "");
    link_tool(&scene.folder().join("tools"), "bash");
    let ran = scene.finish(scene.prepared("bash").args(["-ec", &outcome.stdout]));
    assert_eq!(ran.status, Some(0), "{ran}");
    let again = done(&scene, "greenroom setup");
    assert!(again.stderr.ends_with("has  Tab completion for bash\nnothing to do\n"), "{again}");
}

#[test]
fn nothing_is_changed_without_an_answer() {
    let scene = fresh_clone();
    let outcome = scene.run("greenroom setup --pipeline playhouse");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(
        outcome.stderr.ends_with(
            "error: this changes files, and confirmation requires a terminal\n\
             hint: greenroom setup --pipeline playhouse --yes\n"
        ),
        "{outcome}"
    );
    assert_eq!(remotes(&scene), "");
}

#[test]
fn a_remote_in_the_way_is_left_alone() {
    let scene = fresh_clone();
    scene.remote("staging", "https://git.heroku.com/understudy.git");
    scene.remote("heroku", "https://git.heroku.com/playhouse-production.git");
    let outcome = scene.run("greenroom setup --yes");
    insta::assert_snapshot!(outcome, @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    do   write greenroom.toml: pipeline = "playhouse"
    do   add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    no   git remote staging is understudy, and stage staging of pipeline playhouse has playhouse-staging
    do   rename git remote heroku to production, playhouse-production
    done write greenroom.toml: pipeline = "playhouse"
    done add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    done rename git remote heroku to production, playhouse-production
    hint: staging tail
    error: git remote staging is understudy, and stage staging of pipeline playhouse has playhouse-staging
    hint: git remote set-url staging https://git.heroku.com/playhouse-staging.git
    [exit status: 1]
    "#);
    let listed = remotes(&scene);
    assert!(listed.contains("staging https://git.heroku.com/understudy.git\n"), "{listed}");
    assert!(listed.contains("production https://git.heroku.com/playhouse-production.git\n"), "{listed}");
    // A place that is not Heroku.
    scene.git(&["remote", "set-url", "staging", "git@github.com:stage/playhouse.git"]);
    let outcome = scene.run("greenroom setup --check --json");
    let listed: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let blocked = json!({
        "what": "git remote staging: there is one, and it is not playhouse-staging",
        "state": "blocked",
        "line": "git remote set-url staging https://git.heroku.com/playhouse-staging.git",
    });
    assert!(listed["plan"].as_array().expect("a list").contains(&blocked), "{outcome}");
    assert_eq!(outcome.status, Some(1), "{outcome}");
}

#[test]
fn configuration_decides_what_is_made() {
    let scene = fresh_clone();
    let more = "# Ours.\n[environments.qa]\napp = \"understudy\"\n[environments.demo]\napp = \"playhouse-demo\"\n\
                [environments.live]\nremote = \"nope\"\n";
    scene.write("greenroom.toml", format!("pipeline = \"playhouse\"\n{more}"));
    insta::assert_snapshot!(scene.run("greenroom setup --yes"), @r#"
    ------- stderr -------
    has  login as director@playhouse.example, with HEROKU_API_KEY
    has  pipeline playhouse
    do   add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    do   add git remote staging, https://git.heroku.com/playhouse-staging.git
    do   add git remote production, https://git.heroku.com/playhouse-production.git
    no   demo: Couldn't find that app (playhouse-demo)
    no   live is the git remote "nope" in [SCENE]/playhouse/greenroom.toml, but there is no such remote
    do   add git remote qa, https://git.heroku.com/understudy.git
    done add git remote prepare, https://git.heroku.com/playhouse-prepare.git
    done add git remote staging, https://git.heroku.com/playhouse-staging.git
    done add git remote production, https://git.heroku.com/playhouse-production.git
    done add git remote qa, https://git.heroku.com/understudy.git
    hint: staging tail
    error: demo: Couldn't find that app (playhouse-demo); and 1 more
    hint: heroku apps:info --app playhouse-demo
    hint: git remote add nope https://git.heroku.com/APP.git
    [exit status: 1]
    "#);
    assert_eq!(scene.git(&["remote", "get-url", "qa"]).trim(), "https://git.heroku.com/understudy.git");
    // A pipeline that the command line names is added to the file.
    scene.write("greenroom.toml", "# Ours.\n[commands]\nconsole = \"bin/console\"\n");
    for remote in ["qa", "production", "staging", "prepare"] {
        scene.git(&["remote", "remove", remote]);
    }
    _ = done(&scene, "greenroom setup --pipeline playhouse --yes");
    assert_eq!(
        read(&scene, "greenroom.toml"),
        "pipeline = \"playhouse\"\n# Ours.\n[commands]\nconsole = \"bin/console\"\n"
    );
    insta::assert_snapshot!(scene.run("greenroom setup --pipeline opera --yes"), @r#"
    ------- stderr -------
    error: greenroom.toml names pipeline playhouse, not opera
    hint: pipeline = "opera"   # in greenroom.toml
    [exit status: 5]
    "#);
}

#[test]
fn another_git_host_is_honored() {
    let mut scene = fresh_clone();
    scene.set("HEROKU_GIT_HOST", "git.example.com");
    _ = done(&scene, "greenroom setup --yes");
    assert!(remotes(&scene).contains("staging https://git.example.com/playhouse-staging.git\n"));
}

#[test]
fn the_pipeline_must_be_told_apart() {
    let mut scene = Scene::playhouse();
    for name in ["opera-buffa", "zarzuela"] {
        scene.ask("POST", "/pipelines", json!({ "name": name }));
    }
    let folder = scene.folder().join("opera");
    scene.git(&["clone", "--quiet", ".", &folder.display().to_string()]);
    scene.stand_in(folder);
    scene.git(&["remote", "set-url", "origin", "git@github.com:stage/opera.git"]);
    insta::assert_snapshot!(scene.run("greenroom setup --yes"), @"
    ------- stderr -------
    error: no pipeline is named opera; you have access to opera-buffa, zarzuela, playhouse
    hint: greenroom setup --pipeline opera-buffa
    [exit status: 3]
    ");
    _ = done(&scene, "greenroom setup --pipeline playhouse --yes");
    assert_eq!(remotes(&scene), REMOTES);
}

#[test]
fn without_pipelines_the_way_out_is_named() {
    let scene = fresh_clone();
    let id = scene.look("/pipelines/playhouse")["id"].as_str().expect("an id").to_owned();
    scene.ask("DELETE", &format!("/pipelines/{id}"), json!(null));
    insta::assert_snapshot!(scene.run("greenroom setup --yes"), @"
    ------- stderr -------
    error: you have access to no pipeline, and nothing here names an app
    hint: greenroom setup --create origin   # makes one, with its apps
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run("greenroom setup --pipeline playhouse --yes"), @r#"
    ------- stderr -------
    error: there is no pipeline named "playhouse" that you can see
    hint: heroku pipelines
    [exit status: 3]
    "#);
}

#[test]
fn outside_a_repository_there_is_nothing_to_set_up() {
    let mut scene = Scene::playhouse();
    let folder = scene.folder().join("home");
    scene.stand_in(folder);
    insta::assert_snapshot!(scene.run("greenroom setup --yes"), @"
    ------- stderr -------
    error: no git repository here to set up
    hint: git clone URL && cd FOLDER
    [exit status: 2]
    ");
}
