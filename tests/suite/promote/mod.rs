//! `promote`, from the plan to the end of every target's release phase.

use rehearsal::history;
use serde_json::json;

use super::scene::Scene;

mod branch;
mod faults;
mod phases;

#[test]
fn promote_releases_the_slug_of_prepare() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    playhouse-production v19 77978f9
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains 77978f9
    ");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
         playhouse-production  runs it already
    nothing to do
    ");
    assert_eq!(scene.promotions(), 1, "there was nothing to do the second time");
}

#[test]
fn promote_makes_few_requests() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging promote");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let before: Vec<String> =
        scene.requests().into_iter().take_while(|line| !line.starts_with("POST /pipeline-")).collect();
    let count = |part: &str| before.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        (count("pipeline-couplings"), count("latest-releases"), count("/filters/apps"), count("/slugs/")),
        (2, 1, 1, 3)
    );
    assert_eq!(before.len(), 7, "{before:#?}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let scene = Scene::playhouse();
    let before = scene.runs("playhouse-production");
    let mut outcome = scene.run("production --dry-run promote");
    for (id, name) in [("id", "playhouse-prepare"), ("id", "playhouse-production")] {
        let app = scene.look(&format!("/apps/{name}"));
        outcome.stdout = outcome.stdout.replace(app[id].as_str().expect("an id"), &format!("[{name}]"));
    }
    let pipeline = scene.look("/pipelines/playhouse");
    outcome.stdout = outcome.stdout.replace(pipeline["id"].as_str().expect("an id"), "[playhouse]");
    let release = scene.look("/apps/playhouse-prepare/releases");
    for release in release.as_array().expect("a list") {
        outcome.stdout = outcome.stdout.replace(release["id"].as_str().expect("an id"), "[release]");
    }
    insta::assert_snapshot!(outcome, @r#"
    curl -X POST [HEROKU]/pipeline-promotions -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"pipeline":{"id":"[playhouse]"},"source":{"app":{"id":"[playhouse-prepare]"},"release":{"id":"[release]"}},"targets":[{"app":{"id":"[playhouse-production]"}}]}'
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains 77978f9
    "#);
    assert_eq!(scene.promotions(), 0);
    assert_eq!(scene.runs("playhouse-production"), before);
}

#[test]
fn protected_environments_require_yes() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production promote"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains 77978f9
    error: production is protected, and confirmation requires a terminal
    hint: production promote --yes
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 0);
    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nprotected = true\n");
    assert_eq!(scene.run("staging promote").status, Some(5));
}

#[test]
fn a_requested_commit_selects_the_source() {
    let scene = Scene::playhouse();
    let fourth = history::MAIN[3];
    let outcome = scene.run(&format!("production promote --yes --commit {fourth}"));
    assert!(outcome.stderr.starts_with("from playhouse-staging"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, fourth);
    let outcome = scene.run("production promote --yes --commit HEAD");
    assert!(outcome.stderr.starts_with("from playhouse-prepare"), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn the_commit_is_read_from_ci_variables() {
    for name in ["GIT_COMMIT", "GITHUB_SHA", "CIRCLE_SHA1", "CI_COMMIT_SHA", "HEROKU_TEST_RUN_COMMIT_VERSION"]
    {
        let mut scene = Scene::playhouse();
        scene.set(name, history::MAIN[3]);
        let outcome = scene.run("production promote --yes");
        assert_eq!(scene.runs("playhouse-production").1, history::MAIN[3], "{name}: {outcome}");
    }
}

#[test]
fn a_commit_without_a_slug_is_an_error() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production promote --yes --commit main~4"), @"
    ------- stderr -------
    error: commit d4e6408 (--commit) is not prepared: playhouse-prepare holds 77978f9, playhouse-staging holds 23280a3
    hint: prepare deploy d4e6408a12c41845acfa650233078a87015f72bb   # builds it on playhouse-prepare
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("production promote --yes --commit nonsense"), @r#"
    ------- stderr -------
    error: no commit is named "nonsense" here
    hint: git fetch --all
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("production promote --yes --commit --upload-pack=x"), @"
    ------- stderr -------
    error: unexpected argument '--upload-pack' found

    Usage: production promote --yes

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn the_previous_stage_is_the_default_source() {
    let scene = Scene::playhouse();
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "Not pushed anywhere"]);
    let outcome = scene.run("production promote --yes");
    assert!(outcome.stderr.starts_with("from playhouse-staging"), "{outcome}");
}

#[test]
fn from_names_an_environment_or_an_app() {
    let scene = Scene::playhouse();
    for from in ["staging", "playhouse-staging"] {
        let outcome = scene.run(&format!("production --dry-run promote --from {from}"));
        assert!(outcome.stderr.starts_with("from playhouse-staging"), "{outcome}");
    }
    insta::assert_snapshot!(scene.run("production promote --yes --from understudy"), @"
    ------- stderr -------
    error: no app found for understudy
      caused by: looked at: no greenroom.toml; git remotes origin, prepare, production, staging (none is a Heroku remote named understudy); pipeline stages (none is named understudy)
    hint: git remote add understudy https://git.heroku.com/APP.git
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run("production promote --yes --from production"), @"
    ------- stderr -------
    error: playhouse-production cannot be promoted to itself
    hint: production promote --help
    [exit status: 2]
    ");
}

#[test]
fn older_commits_are_refused_without_force() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production promote --yes").status, Some(0));
    insta::assert_snapshot!(scene.run("production promote --yes --from staging"), @"
    ------- stderr -------
    from playhouse-staging     v11  23280a3 Dim the house lights
    to   playhouse-production  v19  77978f9 Print tickets at home
         - 77978f9 Print tickets at home
    error: playhouse-staging is behind playhouse-production: 1 commit that it runs would be taken back
    hint: production promote --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 1);
    assert_eq!(scene.run("production promote --yes --from staging --force").status, Some(0));
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[3]);
}

#[test]
fn diverged_histories_are_refused_if_protected() {
    let scene = Scene::playhouse();
    scene.git(&["checkout", "--quiet", "-b", "fix", history::MAIN[1]]);
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "Mend the curtain at once"]);
    let fix = scene.git(&["rev-parse", "HEAD"]);
    for app in ["playhouse-production", "playhouse-staging"] {
        let release = json!({"status": "succeeded", "commit": fix.trim(), "description": "Deploy the fix"});
        scene.release(app, release);
    }
    scene.git(&["checkout", "--quiet", "main"]);
    let refused = scene.run("production promote --yes").to_string().replace(&fix[..7], "[fix]");
    insta::assert_snapshot!(refused, @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
    to   playhouse-production  v19  [fix] Mend the curtain at once
         diverged: it lacks 1 commit of what runs there
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    error: playhouse-prepare has diverged from playhouse-production: 1 commit that it runs would be taken back
    hint: production promote --force   # to take that back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 0);
    let staging = scene.run("staging promote");
    assert!(staging.stderr.contains("diverged: it lacks 1 commit of what runs there"), "{staging}");
    assert_eq!(staging.status, Some(0), "staging is not protected: {staging}");
    assert_eq!(scene.run("production promote --yes --force").status, Some(0));
}

#[test]
fn outside_the_repository_commits_have_no_subjects() {
    let scene = Scene::playhouse();
    let home = scene.folder().join("home");
    std::fs::write(
        home.join("greenroom.toml"),
        "[environments.production]\napp = \"playhouse-production\"\n",
    )
    .expect("a file");
    let command = ["promote", "--yes", "--from", "playhouse-prepare"];
    let untold = scene.finish(scene.prepared("production").args(command).current_dir(&home));
    assert_eq!(untold.status, Some(5), "{untold}");
    assert!(untold.stderr.contains("which cannot be checked: there is no git repository here"), "{untold}");
    let command = ["promote", "--yes", "--from", "playhouse-prepare", "--any-branch"];
    insta::assert_snapshot!(scene.finish(scene.prepared("production").args(command).current_dir(home)), @"
    playhouse-production v19 77978f9
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 (not in this repository)
    to   playhouse-production  v18  b293934 (not in this repository)
    branch: not checked (--any-branch)
    ");
}

#[test]
fn the_guard_follows_the_app_whatever_name_was_typed() {
    let scene = Scene::playhouse();
    scene.matinee("production");
    scene.write(
        "greenroom.toml",
        "[environments.matinee]\napp = \"playhouse-matinee\"\n[environments.all]\napps = [\"playhouse-production\"]\n",
    );
    for line in ["matinee promote", "matinee promote --to playhouse-production", "all promote"] {
        let outcome = scene.run(&format!("greenroom on {line}"));
        assert_eq!(outcome.status, Some(5), "{line}: {outcome}");
        assert!(outcome.stderr.contains("is protected, and confirmation requires a terminal"), "{outcome}");
    }
    let told = "[environments.matinee]\napp = \"playhouse-matinee\"\nprotected = false\n";
    scene.write("greenroom.toml", told);
    assert_eq!(scene.run("greenroom on matinee promote").status, Some(0));
    assert_eq!(scene.run("greenroom on matinee promote --to playhouse-production").status, Some(5));
    assert_eq!(scene.promotions(), 1);
}

#[test]
fn an_app_that_is_named_twice_is_promoted_once() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production promote --yes --to playhouse-production,playhouse-production");
    assert_eq!(outcome.stdout, format!("playhouse-production v19 {}\n", &history::MAIN[4][..7]), "{outcome}");
}

#[test]
fn build_order_decides_in_a_shallow_clone() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production promote --yes").status, Some(0));
    let shallow = scene.folder().join("shallow");
    let origin = scene.git(&["remote", "get-url", "origin"]);
    let origin = format!("file://{}", origin.trim());
    scene.git(&["clone", "--quiet", "--depth", "1", &origin, &shallow.display().to_string()]);
    let inside = |words: &[&str]| {
        let add = ["remote", "add", "production", "https://git.heroku.com/playhouse-production.git"];
        _ = scene.prepared("git").args(add).current_dir(&shallow).output();
        scene.finish(scene.prepared("production").args(words).current_dir(&shallow))
    };
    insta::assert_snapshot!(inside(&["promote", "--yes", "--from", "playhouse-staging"]), @"
    ------- stderr -------
    from playhouse-staging     v11  23280a3 (not in this repository)
    to   playhouse-production  v19  77978f9 Print tickets at home
         what lies between is not known: 23280a3 is not in this repository, or not what came before it
    error: playhouse-staging runs a slug that was built before the one playhouse-production runs, and what lies between is not known here
    hint: git fetch --unshallow   # or in the app's repository: git fetch --all
    hint: production promote --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.promotions(), 1);
    let forced = ["promote", "--yes", "--from", "playhouse-staging", "--force"];
    assert_eq!(inside(&forced).status, Some(5), "nor is it known whether main contains it");
    assert_eq!(inside(&[&forced[..], &["--any-branch"]].concat()).status, Some(0));
    let forward = inside(&["promote", "--yes"]);
    assert_eq!(forward.status, Some(0), "going on needs no history: {forward}");
}

#[test]
fn shortened_commits_are_completed() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("production promote --yes").status, Some(0));
    scene.change_slug("playhouse-staging", json!({"commit": &history::MAIN[3][..8]}));
    let outcome = scene.run("production promote --yes --from staging");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("Dim the house lights"), "{outcome}");
}

#[test]
fn another_slug_of_the_same_commit_requires_force() {
    let scene = Scene::playhouse();
    let head = json!({"status": "succeeded", "commit": history::MAIN[4], "description": "Deploy 77978f96"});
    scene.release("playhouse-staging", head);
    let outcome = scene.run("staging promote");
    assert!(outcome.stderr.contains("nothing to do"), "{outcome}");
    let outcome = scene.run("staging promote --force");
    assert!(outcome.stderr.contains("the same commit, built again"), "{outcome}");
    assert_eq!((outcome.status, scene.promotions()), (Some(0), 1));
}
