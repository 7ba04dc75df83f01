//! Commands of the Heroku CLI that create or rename an app, or set a git remote, in an environment.

use super::forwarding::{TELL, with_recorder};
use super::official_cli::with_the_cli;
use super::scene::Scene;

#[test]
fn an_app_is_created_with_the_remote_that_makes_it_the_environment() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("greenroom on qa create playhouse-qa"), @"<create><--remote><qa><playhouse-qa> app=");
    insta::assert_snapshot!(scene.run("greenroom on qa apps:create -t troupe"), @"<apps:create><--remote><qa><-t><troupe> app=");
    for line in [
        "greenroom on qa create x -r demo",
        "greenroom on qa create --remote=demo x",
        "greenroom on qa create x --no-remote",
        "greenroom on qa create -n x",
    ] {
        let typed = scene.run(line).stdout;
        assert!(!typed.contains("<--remote><qa>"), "{line}: {typed}");
    }
}

#[test]
fn an_environment_that_has_an_app_gets_no_second_one() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging create playhouse-2"), @"
    ------- stderr -------
    error: staging already has an app: playhouse-staging (git remote staging is https://git.heroku.com/playhouse-staging.git)
    hint: heroku apps:create playhouse-2 --no-remote   # not tied to an environment
    [exit status: 2]
    ");
    scene.write("greenroom.toml", "[environments.qa]\napp = \"playhouse-qa\"\n");
    insta::assert_snapshot!(scene.run("greenroom on qa create"), @"
    ------- stderr -------
    error: qa already has an app: playhouse-qa (configured in [SCENE]/playhouse/greenroom.toml)
    hint: heroku apps:create playhouse-qa --remote qa   # if playhouse-qa does not exist yet
    hint: heroku apps:create --no-remote   # not tied to an environment
    [exit status: 2]
    ");
}

#[test]
fn a_review_app_is_not_created_as_any_app() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("review apps:create playhouse-2"), @"
    ------- stderr -------
    error: apps:create does not create a review app
    hint: review create   # creates the review app of a branch
    hint: heroku apps:create playhouse-2 --no-remote   # not tied to an environment
    [exit status: 2]
    ");
}

#[test]
fn a_git_remote_is_named_after_the_environment() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("prepare --dry-run git:remote"), @"heroku git:remote --app=playhouse-prepare --remote prepare");
    insta::assert_snapshot!(scene.run("prepare --dry-run git:remote -r upstream"), @"heroku git:remote --app=playhouse-prepare -r upstream");
    insta::assert_snapshot!(scene.run("review 42 --dry-run git:remote"), @"heroku git:remote --app=playhouse-pr-42-x7k2 --remote playhouse-pr-42-x7k2");
}

#[test]
fn the_official_cli_sets_the_remote_that_greenroom_reads() {
    let Some(scene) = with_the_cli() else { return };
    assert_eq!(scene.run("prepare git:remote").status, Some(0));
    assert!(scene.git(&["remote", "-v"]).contains("prepare\thttp"), "{}", scene.git(&["remote", "-v"]));
    assert_eq!(scene.run("greenroom on qa create playhouse-qa").status, Some(0));
    assert!(scene.run("greenroom on qa which").stdout.starts_with("playhouse-qa"));
}

#[test]
fn a_renamed_app_is_named_where_greenroom_toml_has_the_old_name() {
    let scene = with_recorder(TELL);
    scene.write("greenroom.toml", "[environments.qa]\napp = \"playhouse-qa\"\n");
    insta::assert_snapshot!(scene.run("greenroom on qa rename playhouse-demo"), @"
    <rename><--app=playhouse-qa><playhouse-demo> app=playhouse-qa
    ------- stderr -------
    warning: [SCENE]/playhouse/greenroom.toml names playhouse-qa: if it is renamed, change it there to playhouse-demo
    ");
    insta::assert_snapshot!(scene.run("staging rename playhouse-demo"), @"<rename><--app=playhouse-staging><playhouse-demo> app=playhouse-staging");
}

#[test]
fn a_program_of_the_dyno_is_offered_to_run_there() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging rails db:migrate"), @r#"
    ------- stderr -------
    error: unknown command `rails`: not in greenroom or the Heroku CLI
    hint: staging run rails db:migrate   # on a one-off dyno
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run_words("staging", &["bin/report", "two words"]), @r#"
    ------- stderr -------
    error: unknown command `bin/report`: not in greenroom or the Heroku CLI
    hint: staging run bin/report 'two words'   # on a one-off dyno
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging curtains --up"), @r#"
    ------- stderr -------
    error: unknown command `curtains`: not in greenroom or the Heroku CLI
    hint: staging run curtains --up   # on a one-off dyno
    hint: staging --help
    hint: heroku commands
    [exit status: 2]
    "#);
}
