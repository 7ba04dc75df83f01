//! What `diff` compares the environment with: an environment, an app, a release or a revision.

use rehearsal::history;
use serde_json::{Value, json};

use crate::scene::Scene;

#[test]
fn the_other_side_can_be_an_environment_a_revision_or_an_app() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production diff prepare"), @"
    + 77978f9 Print tickets at home
    + 23280a3 Dim the house lights
    + 2e1c93d Remember the interval
    ------- stderr -------
    playhouse-production  v18  b293934 Sell seats by row
    playhouse-prepare     v9   77978f9 Print tickets at home
    playhouse-prepare is 3 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(scene.run("production diff origin/curtain-call~1"), @"
    + b42eb56 Bow once more
    + 77978f9 Print tickets at home
    + 23280a3 Dim the house lights
    + 2e1c93d Remember the interval
    ------- stderr -------
    playhouse-production   v18  b293934 Sell seats by row
    origin/curtain-call~1       b42eb56 Bow once more
    origin/curtain-call~1 is 4 commits ahead of playhouse-production
    ");
    insta::assert_snapshot!(scene.run("staging diff understudy"), @"
    - 23280a3 Dim the house lights
    - 2e1c93d Remember the interval
    - b293934 Sell seats by row
    ------- stderr -------
    playhouse-staging  v11  23280a3 Dim the house lights
    understudy         v4   d4e6408 Open the box office
    understudy is 3 commits behind playhouse-staging
    - marks a commit that playhouse-staging runs and understudy lacks
    ");
    insta::assert_snapshot!(scene.run("staging diff playhouse-production"), @"
    - 23280a3 Dim the house lights
    - 2e1c93d Remember the interval
    ------- stderr -------
    playhouse-staging     v11  23280a3 Dim the house lights
    playhouse-production  v18  b293934 Sell seats by row
    playhouse-production is 2 commits behind playhouse-staging
    - marks a commit that playhouse-staging runs and playhouse-production lacks
    ");
}

#[test]
fn environments_take_precedence_over_revisions() {
    let scene = Scene::playhouse();
    scene.git(&["branch", "staging", history::MAIN[0]]);
    assert_eq!(scene.run("production diff staging").stdout, scene.run("production diff").stdout);
    let branch = scene.run("production diff refs/heads/staging");
    assert_eq!(branch.stdout, "- b293934 Sell seats by row\n", "{branch}");
}

#[test]
fn the_other_side_can_be_a_release() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production diff v15"), @"
    - b293934 Sell seats by row
    ------- stderr -------
    playhouse-production  v18  b293934 Sell seats by row
    v15                        d4e6408 Open the box office
    v15 is 1 commit behind playhouse-production
    - marks a commit that playhouse-production runs and v15 lacks
    ");
    let outcome = scene.run("production diff v15 --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let then = json!({ "app": "playhouse-production", "commit": history::MAIN[0], "version": 15 });
    assert_eq!((&answer["other"], &answer["to"]), (&json!("v15"), &then));
    insta::assert_snapshot!(scene.run("production diff v99"), @"
    ------- stderr -------
    error: v99 is not an environment, a commit of this repository or a release of playhouse-production
    hint: production releases
    [exit status: 2]
    ");
    // A tag of this name goes before it.
    scene.git(&["tag", "v15", history::MAIN[4]]);
    let outcome = scene.run("production diff v15 --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(answer["to"], json!({ "app": null, "commit": history::MAIN[4], "version": null }));
}

#[test]
fn unknown_names_are_errors() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production diff No/such"), @r#"
    ------- stderr -------
    error: no commit is named "No/such" here
    hint: git fetch --all
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("production diff nosuch"), @"
    ------- stderr -------
    error: nosuch is not an environment, a commit of this repository or an app that you have access to
    hint: git fetch --all   # if it is a commit
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run_words("production", &["diff", "--", "--upload-pack=x"]), @r#"
    ------- stderr -------
    error: no commit is named "--upload-pack=x" here
    hint: git fetch --all
    [exit status: 2]
    "#);
}

#[test]
fn several_apps_in_the_previous_stage_are_named() {
    let scene = Scene::playhouse();
    scene.matinee("staging");
    insta::assert_snapshot!(scene.run("production diff"), @"
    ------- stderr -------
    error: pipeline playhouse has several apps in the stage before production: playhouse-matinee, playhouse-staging
    hint: name one of them: diff playhouse-matinee
    [exit status: 2]
    ");
    assert_eq!(scene.run("production diff staging").status, Some(0));
}

#[test]
fn diff_works_without_a_pipeline() {
    let scene = Scene::playhouse();
    scene.remote("qa", "https://git.heroku.com/understudy.git");
    insta::assert_snapshot!(scene.run("greenroom on qa diff"), @"
    + 77978f9 Print tickets at home
    + 23280a3 Dim the house lights
    + 2e1c93d Remember the interval
    + b293934 Sell seats by row
    ------- stderr -------
    understudy  v4  d4e6408 Open the box office
    HEAD            77978f9 Print tickets at home
    HEAD is 4 commits ahead of understudy
    ");
    let before = scene.requests().len();
    let outcome = scene.run("greenroom on qa diff staging");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(scene.requests()[before..].iter().all(|line| !line.contains("pipeline")), "no pipeline is asked");
}
