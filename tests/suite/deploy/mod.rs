//! `deploy`: from the prepared slug, by a push or from an archive, and its failures.

use rehearsal::{Fault, history};
use serde_json::{Value, json};

use super::scene::{self, Scene};

mod apps;
mod archive;
mod concurrency;
mod faults;
mod git_timeouts;
mod histories;
mod maintenance;
mod running_build;
mod wait;

/// A new commit with this line in its `Procfile`, which `origin` has too; its id.
fn commit_procfile(scene: &Scene, release: &str) -> String {
    scene.write("Procfile", format!("web: node server.js\nrelease: {release}\n"));
    scene.git(&["add", "Procfile"]);
    scene.commit("Run something before each release")
}

/// The output without commit ids, which differ in each run.
fn redacted(outcome: &scene::Outcome, ids: &[&str]) -> String {
    let mut text = outcome.to_string();
    for (place, id) in ids.iter().enumerate() {
        let name = format!("[commit{}]", if place == 0 { String::new() } else { (place + 1).to_string() });
        text = text.replace(id, &name).replace(&id[..7], &name);
    }
    text
}

#[test]
fn the_prepared_slug_is_used() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production deploy --yes");
    insta::assert_snapshot!(outcome, @"
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
    assert_eq!((scene.pushes(), scene.promotions()), (0, 1));
    insta::assert_snapshot!(scene.run("production deploy --yes"), @"
    ------- stderr -------
    commit 77978f9 Print tickets at home
         playhouse-production  runs it already
    nothing to do
    ");
    assert_eq!(scene.promotions(), 1, "there was nothing to do the second time");
}

#[test]
fn a_commit_that_is_not_prepared_is_pushed() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("staging deploy");
    insta::assert_snapshot!(redacted(&outcome, &[&id]), @"
    playhouse-staging v12 [commit]
    ------- stderr -------
    [commit] is not prepared
    commit [commit] Raise the curtain
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + [commit] Raise the curtain
         + 77978f9 Print tickets at home
    remote: Compressing source files... done.
    remote: Building source:
    remote:
    remote: -----> Building on the Heroku-24 stack
    remote: -----> Using buildpack: heroku/nodejs
    remote: -----> Node.js app detected
    remote:
    remote: -----> Installing binaries
    remote:        engines.node (package.json):   22.x
    remote: -----> Installing dependencies
    remote:        Installing node modules
    remote: -----> Build succeeded!
    remote: -----> Discovering process types
    remote: -----> Compressing...
    remote:        Done: 30M
    remote: -----> Launching...
    remote:        Released v12
    remote:        https://playhouse-staging-6e19905dcbe5.herokuapp.com/ deployed to Heroku
    remote:
    remote: Verifying deploy... done.
    To [HEROKU]/playhouse-staging.git
       23280a3..[commit]  [commit] -> main
    ");
    assert_eq!(scene.runs("playhouse-staging"), (12, id));
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn prepare_builds_a_commit_once() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    assert_eq!(scene.runs("playhouse-prepare"), (10, id.clone()));
    let again = scene.run("prepare deploy");
    assert!(again.stderr.ends_with("nothing to do\n"), "{again}");
    assert_eq!(scene.pushes(), 1);
    for environment in ["staging", "production"] {
        let outcome = scene.run(&format!("{environment} deploy --yes"));
        assert_eq!(
            outcome.stdout,
            format!(
                "playhouse-{environment} v{} {}\n",
                scene.runs(&format!("playhouse-{environment}")).0,
                &id[..7]
            )
        );
    }
    assert_eq!((scene.pushes(), scene.runs("playhouse-production").1), (1, id));
}

#[test]
fn an_older_slug_of_prepare_is_found() {
    let scene = Scene::playhouse();
    let first = scene.commit("Raise the curtain");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let second = scene.commit("Lower the curtain");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    assert_eq!(scene.runs("playhouse-prepare").1, second);
    let outcome = scene.run(&format!("staging deploy {first}"));
    insta::assert_snapshot!(redacted(&outcome, &[&first, &second]), @"
    playhouse-staging v12 [commit]
    ------- stderr -------
    from playhouse-prepare  v10  [commit] Raise the curtain
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + [commit] Raise the curtain
         + 77978f9 Print tickets at home
    ");
    assert_eq!(scene.runs("playhouse-staging").1, first);
    assert_eq!(scene.pushes(), 2, "its slug was still there");
    let outcome = scene.run(&format!("prepare wait {first}"));
    assert_eq!(outcome.to_string(), format!("playhouse-prepare v10 {}\n", &first[..7]));
}

#[test]
fn a_slug_with_the_same_files_is_used_if_configured() {
    let scene = Scene::playhouse();
    let built = scene.commit("Raise the curtain, by a squashed branch");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    scene.git(&["commit", "--quiet", "--amend", "--allow-empty", "--message", "Raise the curtain (#7)"]);
    scene.git(&["push", "--quiet", "--force", "origin", "HEAD:main"]);
    scene.git(&["fetch", "--quiet", "origin"]);
    let merged = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let plain = scene.run("staging deploy --no-build");
    assert_eq!(plain.status, Some(1), "{plain}");
    scene.write("greenroom.toml", "[release]\nmatch = \"tree\"\n");
    let outcome = scene.run("staging deploy --no-build");
    insta::assert_snapshot!(redacted(&outcome, &[&merged, &built]), @"
    playhouse-staging v12 [commit]
    ------- stderr -------
    from playhouse-prepare  v10  [commit] Raise the curtain (#7)
         built from [commit2] Raise the curtain, by a squashed branch, which has the same files
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + [commit] Raise the curtain (#7)
         + 77978f9 Print tickets at home
    ");
    assert_eq!(scene.runs("playhouse-staging").1, built);
    let waited = scene.run("prepare wait");
    assert_eq!(waited.stdout, format!("playhouse-prepare v10 {}\n", &merged[..7]), "{waited}");
}

#[test]
fn heroku_slug_commit_identifies_a_slug_without_a_commit() {
    let scene = Scene::playhouse();
    let release = scene.look("/apps/playhouse-prepare/releases/9");
    let slug = release["slug"]["id"].as_str().expect("a slug");
    let silent = json!({ "commit": null });
    scene.panel("PATCH", &format!("/slugs/{slug}"), silent);
    let told = json!({ "HEROKU_SLUG_COMMIT": history::MAIN[4] });
    scene.ask("PATCH", "/apps/playhouse-prepare/config-vars", told);
    let outcome = scene.run("staging deploy --no-build");
    insta::assert_snapshot!(outcome, @"
    playhouse-staging v12 77978f9
    ------- stderr -------
    the slug of playhouse-prepare records no commit; its config var HEROKU_SLUG_COMMIT does
    from playhouse-prepare  v10  77978f9 Print tickets at home
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + 77978f9 Print tickets at home
    ");
    let current = scene.runs("playhouse-staging");
    assert_eq!(current.0, 12);
}

#[test]
fn no_build_fails_without_a_slug() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    insta::assert_snapshot!(redacted(&scene.run("staging deploy --no-build"), &[&id]), @"
    ------- stderr -------
    [commit] is not prepared
    error: no slug found for [commit], and --no-build was given
    hint: prepare deploy [commit]   # or leave out --no-build
    [exit status: 1]
    ");
    assert_eq!(scene.run("staging deploy --no-build --build").status, Some(2));
    assert_eq!(scene.pushes(), 0);
}

#[test]
fn build_flag_builds_despite_a_slug() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging deploy --build");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((scene.pushes(), scene.promotions()), (1, 0));
    // Its git has the commit now: a push would build nothing.
    let outcome = scene.run("staging deploy --build");
    insta::assert_snapshot!(redacted(&outcome, &[]), @"
    playhouse-staging v13 77978f9
    ------- stderr -------
    Heroku's git has 77978f9 already, and would build nothing: building from an archive
    commit 77978f9 Print tickets at home
    to   playhouse-staging  v12  77978f9 Print tickets at home
         the same commit, built again
    sending 77978f9 as an archive of 1 kB
    playhouse-staging | Compressing source files... done.
    playhouse-staging | Building source:
    playhouse-staging | 
    playhouse-staging | -----> Building on the Heroku-24 stack
    playhouse-staging | -----> Using buildpack: heroku/nodejs
    playhouse-staging | -----> Node.js app detected
    playhouse-staging | 
    playhouse-staging | -----> Installing binaries
    playhouse-staging |        engines.node (package.json):   22.x
    playhouse-staging | -----> Installing dependencies
    playhouse-staging |        Installing node modules
    playhouse-staging | -----> Build succeeded!
    playhouse-staging | -----> Discovering process types
    playhouse-staging | -----> Compressing...
    playhouse-staging |        Done: 30M
    playhouse-staging | -----> Launching...
    playhouse-staging |        Released v13
    playhouse-staging |        https://playhouse-staging-6e19905dcbe5.herokuapp.com/ deployed to Heroku
    playhouse-staging | 
    playhouse-staging | Verifying deploy... done.
    ");
    assert_eq!(scene.runs("playhouse-staging"), (13, history::MAIN[4].to_owned()));
}

#[test]
fn a_failed_release_phase_after_a_push_is_a_failure_and_is_retried() {
    let scene = Scene::playhouse();
    let id = commit_procfile(&scene, "bin/migrate");
    let fails = Fault::FailReleasePhase { app: "playhouse-staging".into(), output: "no such table".into() };
    scene.heroku().inject(fails);
    let outcome = scene.run("staging deploy");
    assert!(outcome.stderr.contains("no such table"), "{outcome}");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n"), @"
    hint: staging releases:output v12
    error: playhouse-staging v12 failed: its release phase failed
    ");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").0), (Some(1), 11));
    // git says "Everything up-to-date" now; the slug is there, and is released again.
    scene.heroku().heal();
    let outcome = scene.run("staging deploy");
    insta::assert_snapshot!(redacted(&outcome, &[&id]), @"
    playhouse-staging v13 [commit]
    ------- stderr -------
    [commit] is not prepared
    commit [commit] Run something before each release
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + [commit] Run something before each release
         + 77978f9 Print tickets at home
    releasing the slug of v12 again
    playhouse-staging | Running release command `bin/migrate`...
    playhouse-staging | Starting bin/migrate
    playhouse-staging | Done.
    ");
    assert_eq!((scene.pushes(), scene.runs("playhouse-staging")), (1, (13, id)));
    let release = scene.look("/apps/playhouse-staging/releases/13");
    assert!(
        release["description"].as_str().expect("a text").starts_with("Retry of v12: Deploy "),
        "{release}"
    );
}

#[test]
fn a_failed_release_phase_after_a_promotion_is_a_failure() {
    let scene = Scene::playhouse();
    let id = commit_procfile(&scene, "bin/migrate");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    scene.heroku().inject(Fault::FailReleasePhase {
        app: "playhouse-production".into(),
        output: "no such table".into(),
    });
    let outcome = scene.run("production deploy --yes");
    insta::assert_snapshot!(redacted(&outcome, &[&id]), @"
    ------- stderr -------
    from playhouse-prepare     v10  [commit] Run something before each release
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Run something before each release
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains [commit]
    playhouse-production | Running release command `bin/migrate`...
    playhouse-production | no such table
    error: playhouse-production v19 failed: Release command failed
    hint: production releases:output v19
    [exit status: 1]
    ");
    assert_eq!(scene.runs("playhouse-production").0, 18);
    let outcome = scene.run("production deploy --yes --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((outcome.status, &answer["targets"][0]["status"]), (Some(1), &json!("failed")), "{outcome}");
}

#[test]
fn after_a_rollback_the_slug_is_released_again() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    assert_eq!(scene.run("staging deploy").status, Some(0));
    let before = scene.look("/apps/playhouse-staging/releases/11");
    let back = json!({ "release": before["id"] });
    scene.ask("POST", "/apps/playhouse-staging/releases", back);
    assert_eq!(scene.runs("playhouse-staging").1, history::MAIN[3]);
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.stdout, format!("playhouse-staging v14 {}\n", &id[..7]), "{outcome}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-staging").1), (1, id));
}

#[test]
fn json_reports_the_outcome() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("prepare deploy --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        answer,
        json!({
            "how": "pushed",
            "commit": id,
            "source": null,
            "targets": [{ "app": "playhouse-prepare", "status": "succeeded", "version": 10, "error": null }],
        })
    );
    let answer: Value = serde_json::from_str(&scene.run("staging deploy --json").stdout).expect("JSON");
    assert_eq!((&answer["how"], &answer["source"]["app"]), (&json!("promoted"), &json!("playhouse-prepare")));
    let answer: Value = serde_json::from_str(&scene.run("staging deploy --json").stdout).expect("JSON");
    assert_eq!((&answer["how"], &answer["targets"][0]["status"]), (&json!("unchanged"), &json!("unchanged")));
}

#[test]
fn a_dry_run_does_nothing() {
    let scene = Scene::playhouse();
    assert!(
        scene
            .run("production --dry-run deploy")
            .stdout
            .starts_with("curl -X POST [HEROKU]/pipeline-promotions ")
    );
    let id = scene.commit("Raise the curtain");
    let by_push = scene.run("staging deploy --dry-run");
    assert_eq!(
        by_push.stdout,
        format!("git push [HEROKU]/playhouse-staging.git {id}:refs/heads/main\n"),
        "{by_push}"
    );
    let archive = scene.run("staging deploy --dry-run --source");
    assert!(archive.stdout.contains(&format!("\ngit archive -o source.tar.gz {id}\n")), "{archive}");
    assert!(archive.stdout.contains("/apps/playhouse-staging/builds"), "{archive}");
    assert_eq!((scene.pushes(), scene.count("POST /sources")), (0, 0));
    assert_eq!((scene.promotions(), scene.count("POST /apps/playhouse-staging/builds")), (0, 0));
}

/// Whether a build of staging is running.
fn is_building(scene: &Scene) -> bool {
    is_building_on(scene, "playhouse-staging")
}

fn is_building_on(scene: &Scene, app: &str) -> bool {
    let builds = scene.look(&format!("/apps/{app}/builds"));
    builds.as_array().expect("a list").iter().any(|build| build["status"] == "pending")
}
