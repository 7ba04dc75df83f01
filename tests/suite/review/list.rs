//! `review list`.

use std::fs;

use rehearsal::Fault;
use serde_json::{Value, json};

use super::super::pty::Pty;
use super::super::scene::Scene;
use super::connected;

#[test]
fn the_review_apps_of_the_pipeline_are_listed() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("review list"), @"
    PR   branch        app                   status    commit   age    address
    #42  curtain-call  playhouse-pr-42-x7k2  created   aeab951  1 day  https://playhouse-pr-42-x7k2-5434dc8c7d01.herokuapp.com/
    #43  new-lights    -                     creating  -        1 day  -
    ");
    let listed: serde_json::Value =
        serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    assert_eq!(listed[0]["app"], "playhouse-pr-42-x7k2");
    assert_eq!((&listed[1]["number"], &listed[1]["app"]), (&json!(43), &json!(null)));
}

#[test]
fn review_alone_lists_them_and_its_help_stays() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("review").stdout, scene.run("review list").stdout);
    assert_eq!(scene.run("review --json").stdout, scene.run("review list --json").stdout);
    let help = scene.run("review --help");
    assert!(help.status == Some(0) && help.stdout.contains("stage-config"), "{help}");
    assert_eq!(scene.run("review 42").status, Some(2), "a review app without a command");
}

#[test]
fn app_names_are_read_in_one_request() {
    let scene = Scene::playhouse();
    let before = scene.requests().len();
    assert_eq!(scene.run("review list").status, Some(0));
    let requests = scene.requests()[before..].to_vec();
    let about_apps = |line: &&String| line.contains("/apps") && !line.ends_with("/pipeline-couplings");
    let asked: Vec<&String> = requests.iter().filter(about_apps).collect();
    assert_eq!(asked, ["POST /filters/apps"], "{requests:?}");
}

#[test]
fn a_branch_named_list_can_be_selected() {
    let scene = Scene::playhouse();
    let outcome = scene.run("review list which");
    assert_eq!(outcome.status, Some(2), "{outcome}");
}

#[test]
fn a_failed_listing_is_reported() {
    let scene = Scene::playhouse();
    let route = "GET /pipelines/*/review-apps".to_owned();
    scene.heroku().inject(Fault::Answer { route, times: None, status: 403, body: None, headers: [].into() });
    assert_eq!(scene.run("review list").status, Some(4));
}

#[test]
fn a_commit_is_as_far_from_its_branch_as_is_known_here() {
    let scene = connected(&[]);
    assert_eq!(scene.run("review create --pr 44").status, Some(0));
    let shown = |scene: &Scene| {
        let list = scene.run("review list").stdout;
        let line = list.lines().find(|line| line.contains("matinee")).unwrap_or_default().to_owned();
        line.split("created")
            .nth(1)
            .unwrap_or_default()
            .trim()
            .split("  ")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let built = scene.git(&["rev-parse", "--short=7", "HEAD"]).trim().to_owned();
    assert_eq!(shown(&scene), built);
    scene.commit_here("Bow once");
    scene.commit_here("Bow twice");
    assert_eq!(shown(&scene), format!("{built} 2 behind"));
    let listed: Value = serde_json::from_str(&scene.run("review list --json").stdout).expect("JSON");
    let ours =
        listed.as_array().and_then(|all| all.iter().find(|one| one["branch"] == "matinee")).expect("ours");
    assert_eq!(
        (&ours["behind"], &ours["ahead"], &ours["build"]),
        (&json!(2), &json!(0), &json!("succeeded"))
    );
    assert!(ours["commit"].as_str().is_some_and(|commit| commit.starts_with(&built)), "{ours}");
    scene.git(&["reset", "--quiet", "--hard", "HEAD~3"]);
    assert_eq!(shown(&scene), format!("{built} 1 ahead"));
    scene.commit_here("Bow otherwise");
    assert_eq!(shown(&scene), format!("{built} 1 behind, 1 ahead"));
    // From another branch, the tip is the one that was fetched last.
    scene.git(&["checkout", "--quiet", "main"]);
    assert_eq!(shown(&scene), built);
}

#[test]
fn a_commit_that_is_not_here_is_told() {
    let scene = connected(&[]);
    // The clone borrows its origin's objects.
    scene.git(&["repack", "--quiet", "-a", "-d"]);
    _ = fs::remove_file(scene.repository().join(".git/objects/info/alternates"));
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let theirs = scene.folder().join("theirs").display().to_string();
    scene.git(&["clone", "--quiet", &origin, &theirs]);
    scene.git(&["-C", &theirs, "checkout", "--quiet", "-b", "overture"]);
    let author = ["-c", "user.name=Ada", "-c", "user.email=ada@playhouse.example"];
    let commit = ["commit", "--quiet", "--allow-empty", "--message", "Play the overture"];
    scene.git(&[&["-C", &theirs], &author[..], &commit].concat());
    scene.git(&["-C", &theirs, "push", "--quiet", "origin", "overture"]);
    assert_eq!(scene.run("review create overture").status, Some(0));
    let shown = || scene.run("review list").stdout;
    assert!(!shown().contains("not here"), "its branch is not known here: {}", shown());
    scene.git(&["update-ref", "refs/remotes/origin/overture", "main"]);
    assert!(shown().contains(" not here "), "{}", shown());
    scene.git(&["fetch", "--quiet", "origin"]);
    assert!(!shown().contains("not here"), "{}", shown());
}

/// The requests of a `review list` that lists so many review apps.
fn requests_for(scene: &Scene, reviews: usize) -> Vec<String> {
    let before = scene.requests().len();
    let listed = scene.run("review list");
    assert_eq!(listed.stdout.lines().count(), reviews + 1, "{listed}");
    let mut requests = scene.requests()[before..].to_vec();
    requests.sort_unstable();
    requests
}

#[test]
fn three_hundred_take_four_requests() {
    let scene = Scene::playhouse();
    for number in 100..398 {
        let name = format!("playhouse-pr-{number}");
        scene.panel("POST", "/apps", json!({"name": name, "pipeline": "playhouse", "stage": "review"}));
        let body =
            json!({"branch": format!("act-{number}"), "pr_number": number, "status": "created", "app": name});
        scene.panel("POST", "/review-apps", body);
    }
    // Each remote is asked about once, then they are found among the pipeline's apps.
    assert_eq!(requests_for(&scene, 300).len(), 4 + 3);
    assert_eq!(requests_for(&scene, 300).len(), 4);
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
    assert_eq!(requests_for(&scene, 300).len(), 4 + 1);
    let pipeline = scene.look("/pipelines/playhouse")["id"].as_str().expect("an id").to_owned();
    let of = |what: &str| format!("GET /pipelines/{pipeline}/{what}");
    let read = [of("latest-builds"), of("pipeline-couplings"), of("review-apps")];
    assert_eq!(requests_for(&scene, 300), [&read[..], &["POST /filters/apps".to_owned()]].concat());
}

#[test]
fn git_is_started_twice_however_many_are_behind() {
    let scene = Scene::playhouse();
    let head = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    for number in 100..110 {
        let name = format!("playhouse-pr-{number}");
        scene.panel("POST", "/apps", json!({"name": name, "pipeline": "playhouse", "stage": "review"}));
        scene.panel("POST", &format!("/apps/{name}/builds"), json!({ "commit": head }));
        let branch = format!("act-{number}");
        let body = json!({"branch": branch, "pr_number": number, "status": "created", "app": name});
        scene.panel("POST", "/review-apps", body);
        scene.commit_here("Add a line");
        scene.git(&["update-ref", &format!("refs/remotes/origin/{branch}"), "HEAD"]);
    }
    let trace = scene.folder().join("trace");
    let outcome = scene.finish(scene.prepared("review").arg("list").env("GIT_TRACE", &trace));
    for behind in 1..=10 {
        assert!(outcome.stdout.contains(&format!(" {behind} behind ")), "{outcome}");
    }
    let trace = fs::read_to_string(trace).expect("a trace");
    assert_eq!(trace.matches("built-in: git").count(), 2, "{trace}");
}

#[test]
fn a_pipeline_that_has_another_name_now_is_looked_up_again() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
    requests_for(&scene, 2);
    scene.ask("PATCH", "/pipelines/playhouse", json!({ "name": "opera" }));
    let renamed = scene.run("review list");
    assert_eq!(renamed.status, Some(3), "{renamed}");
    assert!(renamed.stderr.contains("no pipeline named \"playhouse\""), "{renamed}");
    scene.ask("POST", "/pipelines", json!({ "name": "playhouse" }));
    insta::assert_snapshot!(scene.run("review list"), @"
    ------- stderr -------
    pipeline playhouse has no review apps
    ");
    scene.write("greenroom.toml", "");
    requests_for(&scene, 2);
    requests_for(&scene, 2);
    scene.remote("other", "https://git.heroku.com/elsewhere.git");
    assert_eq!(requests_for(&scene, 2).len(), 4 + 4, "a remote that was never asked about");
}

#[test]
fn it_is_drawn_again_and_again() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("review list --watch"), @"
    ------- stderr -------
    error: --watch draws on a terminal, and stdout is none that can be drawn on
    hint: while sleep 5; do review list; done
    [exit status: 2]
    ");
    let mut command = scene.prepared("review");
    command.args(["list", "--watch", "--interval", "1s"]);
    let mut terminal = Pty::start(&command);
    terminal.sees("review apps of playhouse at", 1).sees("new-lights", 1);
    scene.panel("POST", "/review-apps", json!({"branch": "encore", "pr_number": 50}));
    terminal.sees("encore", 1).types("q");
    let shown = terminal.ends(0);
    assert!(shown.raw().contains("q ends it"), "{}", shown.raw());
    let mut narrow = scene.prepared("review");
    narrow.arg("list");
    let shown = Pty::with_columns(&narrow, 60).ends(0).raw();
    assert!(shown.lines().all(|line| line.len() <= 60) && !shown.contains("https://"), "{shown}");
}
