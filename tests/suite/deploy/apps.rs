//! `deploy`: the apps, and the credentials.

use std::process::Stdio;

use rehearsal::history;
use serde_json::json;

use crate::scene::{self, Scene};

#[test]
fn deploy_to_a_review_app() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("review 42 deploy --source");
    assert_eq!((outcome.status, scene.runs("playhouse-pr-42-x7k2").1), (Some(0), id), "{outcome}");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn deploy_to_an_app_without_a_pipeline() {
    let scene = Scene::playhouse();
    scene.remote("understudy", "https://git.heroku.com/understudy.git");
    let outcome = scene.run("greenroom on understudy deploy");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("understudy").1, history::MAIN[4]);
    assert!(!outcome.stderr.contains("is not prepared"), "{outcome}");
}

#[test]
fn apps_that_cannot_be_promoted_to_are_built_on() {
    let scene = Scene::playhouse();
    for (facts, said) in [
        (json!({ "stack": "container" }), "runs a container image"),
        (json!({ "stack": "heroku-24", "generation": "fir" }), "is a Fir app"),
        (json!({ "generation": "cedar", "team": "operahouse" }), "of team operahouse"),
    ] {
        scene.panel("PATCH", "/apps/playhouse-staging", facts);
        let id = scene.commit(said);
        assert_eq!(scene.run("prepare deploy").status, Some(0));
        let outcome = scene.run("staging deploy");
        assert!(
            outcome.stderr.contains(said) && outcome.stderr.contains("but cannot be promoted"),
            "{outcome}"
        );
        assert_eq!((outcome.status, scene.runs("playhouse-staging").1), (Some(0), id), "{outcome}");
    }
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn several_apps_are_promoted_to_but_not_built_on() {
    let scene = Scene::playhouse();
    scene.matinee("production");
    let both = "[environments.production]\napps = [\"playhouse-production\", \"playhouse-matinee\"]\n";
    scene.write("greenroom.toml", both);
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(outcome.stdout.lines().count(), 2, "{outcome}");
    scene.commit("Raise the curtain");
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(3), "{outcome}");
    assert!(outcome.stderr.contains("production has 2 apps"), "{outcome}");
    assert_eq!(scene.pushes(), 0);
}

#[test]
fn deploy_requires_a_login() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(scene.run("staging deploy").status, Some(4));
    scene.set("HEROKU_API_KEY", "wrong");
    assert_eq!(scene.run("staging deploy").status, Some(4));
}

#[test]
fn refused_deploys() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging deploy nowhere"), @r#"
    ------- stderr -------
    error: no commit is named "nowhere" here
    hint: git fetch --all
    [exit status: 2]
    "#);
    assert_eq!(scene.run("staging deploy --upload-pack=x").status, Some(2));
    let bare = Scene::bare();
    bare.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    assert_eq!(bare.run("staging deploy").status, Some(2), "there is no commit");
}

#[test]
fn git_gets_the_token_without_showing_it() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    let log = scene.folder().join("argv");
    let tools = scene.folder().join("spying");
    std::fs::create_dir_all(&tools).expect("a folder");
    let git = which::which("git").expect("git");
    let script = format!("echo \"$@\" >> '{}'\nexec '{}' \"$@\"", log.display(), git.display());
    scene::install_script(&tools.join("git"), &script);
    let mut scene = scene;
    scene.put_on_path(tools);
    let before = scene.git(&["config", "--list", "--show-origin"]);
    let outcome = scene.run("staging --verbose deploy");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let token = scene.heroku().token().to_owned();
    assert!(!outcome.to_string().contains(&token), "{outcome}");
    let argv = std::fs::read_to_string(&log).expect("what git was called with");
    assert!(argv.contains(" push ") && !argv.contains(&token), "{argv}");
    assert_eq!(scene.git(&["config", "--list", "--show-origin"]), before);
    assert_eq!(scene.git(&["for-each-ref", "refs/remotes/staging"]), "");
    // The helper answers for Heroku's hosts alone, and never on a terminal.
    for (host, answers) in
        [("protocol=http\nhost=127.0.0.1:1\n", false), ("protocol=https\nhost=git.heroku.com\n", false)]
    {
        let mut command = scene.prepared("staging");
        command.args(["__git-credential", "get"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        std::io::Write::write_all(&mut child.stdin.take().expect("stdin"), host.as_bytes()).expect("a pipe");
        let output = child.wait_with_output().expect("an end");
        assert_eq!(!output.stdout.is_empty(), answers, "{host}");
    }
}

#[test]
fn a_trace_of_git_shows_no_token() {
    for name in ["GIT_TRACE_CURL", "GIT_CURL_VERBOSE", "GIT_TRACE"] {
        let mut scene = Scene::playhouse();
        scene.commit("Raise the curtain");
        let password = {
            let asked = format!("printf 'heroku:%s' '{}' | base64", scene.heroku().token());
            let output = std::process::Command::new("sh").args(["-c", &asked]).output().expect("a shell");
            String::from_utf8(output.stdout).expect("base64").trim().to_owned()
        };
        let url = format!("{}/playhouse-staging.git", scene.heroku().url());
        scene.set(name, "1").set("GIT_TRACE_REDACT", "0");
        if name == "GIT_TRACE_CURL" {
            let shown = scene.finish(scene.prepared("git").args(["ls-remote", &url]));
            assert!(shown.stderr.contains(&password), "git itself shows it: {shown}");
        }
        let outcome = scene.run("staging deploy");
        assert_eq!(outcome.status, Some(0), "{outcome}");
        assert!(!outcome.to_string().contains(&password), "{outcome}");
        let told = format!("warning: {name} is not passed on to git here: a trace may show the token\n");
        assert_eq!(outcome.stderr.contains(&told), name != "GIT_TRACE", "{outcome}");
    }
}
