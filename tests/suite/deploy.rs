//! `deploy`: from the prepared slug, by a real push, from an archive; and what may go wrong on the way.

use std::process::Stdio;
use std::time::Duration;

use rehearsal::{Fault, Settings, history};
use serde_json::{Value, json};

use super::scene::{self, Scene, until};

/// A new commit with this line in its `Procfile`, which `origin` has too; its id.
fn commit_procfile(scene: &Scene, release: &str) -> String {
    scene.write("Procfile", format!("web: node server.js\nrelease: {release}\n"));
    scene.git(&["add", "Procfile"]);
    scene.commit("Run something before each release")
}

/// Without the ids, which differ from one run to the other: new commits have the time in them.
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
fn prepare_may_have_moved_on() {
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
fn a_slug_of_the_same_files_counts_where_it_is_configured() {
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
    playhouse-staging v12 [commit2]
    ------- stderr -------
    the slug is of [commit2], which has the same files as [commit]
    from playhouse-prepare  v10  [commit2] Raise the curtain, by a squashed branch
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + [commit2] Raise the curtain, by a squashed branch
         + 77978f9 Print tickets at home
    ");
    assert_eq!(scene.runs("playhouse-staging").1, built);
    let waited = scene.run("prepare wait");
    assert_eq!(waited.stdout, format!("playhouse-prepare v10 {}\n", &built[..7]), "{waited}");
}

#[test]
fn the_config_var_is_the_second_witness() {
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
    the slug tells no commit; HEROKU_SLUG_COMMIT of playhouse-prepare does
    from playhouse-prepare  v10  77978f9 Print tickets at home
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + 77978f9 Print tickets at home
    ");
    let current = scene.runs("playhouse-staging");
    assert_eq!(current.0, 12);
}

#[test]
fn without_a_slug_and_without_building_it_fails() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    insta::assert_snapshot!(redacted(&scene.run("staging deploy --no-build"), &[&id]), @"
    ------- stderr -------
    [commit] is not prepared
    error: no slug of [commit] is there, and --no-build was given
    hint: prepare deploy [commit]   # or without --no-build
    [exit status: 1]
    ");
    assert_eq!(scene.run("staging deploy --no-build --build").status, Some(2));
    assert_eq!(scene.pushes(), 0);
}

#[test]
fn a_build_is_made_although_the_slug_is_there() {
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
    hint: heroku releases:output v12 --app playhouse-staging
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
    playhouse-production | Running release command `bin/migrate`...
    playhouse-production | no such table
    error: playhouse-production v19 failed: Release command failed
    hint: heroku releases:output v19 --app playhouse-production
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
fn the_outcome_is_json() {
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

#[test]
fn a_diverged_history_is_dropped_knowingly_and_never_where_it_is_protected() {
    let scene = Scene::playhouse();
    let theirs = scene.commit_here("Paint the flats red");
    assert_eq!(scene.run("staging deploy").status, Some(0));
    scene.git(&["reset", "--quiet", "--hard", history::MAIN[4]]);
    let ours = scene.commit("Paint the flats blue");
    let outcome = scene.run("staging deploy");
    let plan: String =
        outcome.stderr.lines().take_while(|line| !line.starts_with("remote:")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(plan.replace(&ours[..7], "[ours]").replace(&theirs[..7], "[theirs]"), @"
    [ours] is not prepared
    warning: the push drops what Heroku's git has on playhouse-staging: 1 commit
      - [theirs] Paint the flats red
    commit [ours] Paint the flats blue
    to   playhouse-staging  v12  [theirs] Paint the flats red
         diverged: it lacks 1 commit of what runs there
         + [ours] Paint the flats blue
    ");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").1), (Some(0), ours.clone()));

    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nprotected = true\n");
    scene.git(&["reset", "--quiet", "--hard", history::MAIN[4]]);
    let green = scene.commit_here("Paint the flats green");
    scene.git(&["push", "--quiet", "--force", "origin", "HEAD:main"]);
    scene.git(&["fetch", "--quiet", "origin"]);
    let outcome = scene.run("staging deploy --yes");
    insta::assert_snapshot!(redacted(&outcome, &[&green, &ours]), @"
    ------- stderr -------
    [commit] is not prepared
    error: [commit] has diverged from playhouse-staging: 1 commit that it runs would be taken back
    hint: staging rollback   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.pushes(), 2);
}

#[test]
fn what_heroku_has_and_this_clone_has_not() {
    let mut scene = Scene::playhouse();
    let other = scene.folder().join("other");
    scene.git(&["clone", "--quiet", ".", &other.display().to_string()]);
    let at = other.display().to_string();
    scene.git(&["-C", &at, "commit", "--quiet", "--allow-empty", "--message", "Somebody else's"]);
    let theirs = scene.git(&["-C", &at, "rev-parse", "HEAD"]).trim().to_owned();
    let url = format!("{}/playhouse-staging.git", scene.heroku().url());
    scene.git(&["-C", &at, "push", "--quiet", &url, "HEAD:main"]);
    scene.set("LC_ALL", "C");
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("staging deploy");
    let warning =
        format!("drops what Heroku's git has on playhouse-staging: {} and what came before it", &theirs[..7]);
    assert!(outcome.stderr.contains(&warning), "{outcome}");
    assert_eq!(scene.runs("playhouse-staging").1, id);
}

#[test]
fn production_gets_what_its_branch_contains() {
    let scene = Scene::playhouse();
    let id = scene.commit_here("Not pushed yet");
    insta::assert_snapshot!(redacted(&scene.run("production deploy --yes"), &[&id]), @r#"
    ------- stderr -------
    error: [commit] is not in origin's main, and nothing else may be deployed to production
    hint: git push origin [commit]:main   # or merge it first
    hint: environments.production.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    [exit status: 5]
    "#);
    // Somebody pushed it from elsewhere: it is there, but was not fetched.
    scene.git(&["push", "--quiet", "origin", "HEAD:main"]);
    scene.git(&["update-ref", "refs/remotes/origin/main", history::MAIN[4]]);
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "One more"]);
    let newer = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    insta::assert_snapshot!(redacted(&scene.run("production deploy --yes"), &[&newer]), @"
    ------- stderr -------
    error: [commit] is not in origin's main as it was fetched last, and origin has more by now
    hint: git fetch origin main
    [exit status: 5]
    ");
    assert_eq!(scene.pushes(), 0);
    // What origin is known to have is enough.
    let outcome = scene.run(&format!("production deploy --yes {id}"));
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
}

#[test]
fn origin_is_asked_which_branch_is_its_own() {
    let scene = Scene::playhouse();
    // What a CI service leaves that fetches one branch: no `origin/HEAD`, no `origin/main`.
    scene.git(&["symbolic-ref", "--delete", "refs/remotes/origin/HEAD"]);
    scene.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let id = scene.commit_here("Not reviewed yet");
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("origin's main as it was fetched last"), "{outcome}");
    scene.git(&["push", "--quiet", "origin", "HEAD:main"]);
    scene.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let outcome = scene.run("production deploy --yes");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
    // One that does not answer is no reason to deploy anything.
    scene.commit_here("Not reviewed either");
    scene.git(&["remote", "set-url", "origin", "nowhere/at/all"]);
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(
        outcome.stderr.starts_with("error: it is not known here which branch may be deployed"),
        "{outcome}"
    );
    assert!(outcome.stderr.contains("caused by: "), "{outcome}");
}

#[test]
fn an_origin_may_be_a_path() {
    let scene = Scene::playhouse();
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let name = std::path::Path::new(&origin).file_name().expect("a name").to_string_lossy().into_owned();
    scene.git(&["remote", "set-url", "origin", &format!("../{name}")]);
    let id = scene.commit_here("Raise the curtain");
    scene.git(&["push", "--quiet", &origin, "HEAD:main"]);
    scene.git(&["update-ref", "refs/remotes/origin/main", history::MAIN[4]]);
    let outcome = scene.run("production deploy --yes");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
}

#[test]
fn the_branch_is_configured() {
    let scene = Scene::playhouse();
    scene
        .write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nbranch = \"curtain-call\"\n");
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("staging deploy");
    insta::assert_snapshot!(redacted(&outcome, &[&id]), @r#"
    ------- stderr -------
    error: [commit] is not in origin's curtain-call, and nothing else may be deployed to staging
    hint: git push origin [commit]:curtain-call   # or merge it first
    hint: environments.staging.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    [exit status: 5]
    "#);
    let [.., curtain_call] = history::CURTAIN_CALL;
    assert_eq!(scene.run(&format!("staging deploy {curtain_call}")).status, Some(0));
    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nbranch = \"-x\"\n");
    assert_eq!(scene.run("staging deploy").status, Some(2));
}

#[test]
fn commits_that_production_runs_are_not_taken_back() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run(&format!("production deploy --yes --build {}", history::MAIN[0])), @"
    ------- stderr -------
    error: d4e6408 is behind playhouse-production: 1 commit that it runs would be taken back
    hint: production rollback   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!((scene.pushes(), scene.runs("playhouse-production").0), (0, 18));
    let outcome = scene.run(&format!("staging deploy {}", history::MAIN[1]));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-staging").1, history::MAIN[1]);
}

#[test]
fn what_is_not_known_to_be_newer_does_not_reach_production() {
    let mut scene = Scene::playhouse();
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let clone = scene.folder().join("shallow");
    let at = clone.display().to_string();
    // A late job: a shallow clone at a commit that production has left behind.
    scene.git(&["push", "--quiet", "--force", "origin", &format!("{}:refs/heads/late", history::MAIN[0])]);
    scene.git(&["clone", "--quiet", "--depth=1", "--branch=late", &format!("file://{origin}"), &at]);
    scene.git(&["-C", &at, "remote", "add", "production", "https://git.heroku.com/playhouse-production.git"]);
    scene.stand_in(clone);
    scene.write("greenroom.toml", "[environments.production]\nremote = \"production\"\nbranch = \"late\"\n");
    let outcome = scene.run("production deploy --yes");
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    from playhouse-prepare     v4  d4e6408 Open the box office
    to   playhouse-production  v18  b293934 (not in this repository)
         what lies between is not known: b293934 is not in this repository, or not what came before it
    error: playhouse-prepare runs a slug that was built before the one playhouse-production runs, and what lies between is not known here
    hint: git fetch --unshallow   # or in the app's repository: git fetch --all
    hint: production rollback   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.run("production ship --test true --yes").status, Some(5));
    let built = scene.run("production deploy --yes --build");
    assert_eq!(built.status, Some(5), "{built}");
    assert!(built.stderr.contains("it is not known here whether d4e6408 would take commits back"), "{built}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-production").0), (0, 18));
}

#[test]
fn a_partial_clone_is_built_from_an_archive() {
    let mut scene = Scene::playhouse();
    for line in ["one", "two", "three"] {
        scene.write("lines.txt", line);
        scene.git(&["add", "lines.txt"]);
        scene.commit(line);
    }
    let id = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    scene.git(&["-C", &origin, "config", "uploadpack.allowFilter", "true"]);
    let clone = scene.folder().join("partial");
    let at = clone.display().to_string();
    scene.git(&["clone", "--quiet", "--filter=blob:none", &format!("file://{origin}"), &at]);
    scene.git(&["-C", &at, "remote", "add", "prepare", "https://git.heroku.com/playhouse-prepare.git"]);
    scene.stand_in(clone);
    let outcome = scene.run("prepare deploy");
    assert!(outcome.stderr.contains("this clone does not hold all files"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-prepare").1), (Some(0), id), "{outcome}");
}

#[test]
fn uncommitted_changes_are_pointed_out() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.write("server.js", "// not committed\n");
    let outcome = scene.run("staging deploy");
    let first = outcome.stderr.lines().next().unwrap_or_default();
    insta::assert_snapshot!(first, @"warning: 1 file has changes that are not committed; they are not deployed");
    assert_eq!(scene.runs("playhouse-staging").1, id);
    let outcome = scene.run(&format!("staging deploy {id}"));
    assert!(!outcome.stderr.contains("not committed"), "{outcome}");
    // What the clone is told not to compare is not compared.
    scene.git(&["checkout", "--quiet", "--", "server.js"]);
    scene.git(&["config", "core.fileMode", "false"]);
    let path = scene.repository().join("server.js");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("permissions");
    let outcome = scene.run("staging deploy");
    assert!(!outcome.stderr.contains("not committed"), "{outcome}");
    scene.write("server.js", "// not committed\n");
    let status = scene.git(&["status", "--porcelain", "--untracked-files=no"]);
    assert_eq!(status.trim(), "M server.js", "the index is as it was");
    scene.write(".git/index", "torn");
    let outcome = scene.run("staging deploy");
    let pointed =
        "warning: git cannot tell whether there are changes that are not committed; they are not deployed\n";
    assert!(outcome.stderr.starts_with(pointed), "{outcome}");
}

#[test]
fn maintenance_mode_is_on_meanwhile() {
    let scene = Scene::playhouse();
    let maintained = |app: &str| scene.look(&format!("/apps/{app}"))["maintenance"] == true;
    let outcome = scene.run("production deploy --yes --maintenance");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(
        outcome.stderr.contains("maintenance mode is on\n")
            && outcome.stderr.ends_with("maintenance mode is off\n")
    );
    assert_eq!(scene.count("PATCH /apps/playhouse-production"), 2);
    assert!(!maintained("playhouse-production"));
    // A deploy that fails ends it as well.
    commit_procfile(&scene, "exit 1");
    assert_eq!(scene.run("staging deploy --maintenance").status, Some(1));
    assert_eq!((scene.count("PATCH /apps/playhouse-staging"), maintained("playhouse-staging")), (2, false));
    // One that cannot be ended is a failure, whatever became of the deploy.
    scene.git(&["rm", "--quiet", "Procfile"]);
    scene.commit("Without a release phase");
    let outcome = in_maintenance_that_stays(&scene);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("error: playhouse-staging is still in maintenance mode"), "{outcome}");
    assert!(outcome.stderr.contains("hint: heroku maintenance:off --app playhouse-staging"), "{outcome}");
    assert!(outcome.stdout.starts_with("playhouse-staging v"), "{outcome}");
    scene.heroku().heal();
    let off = json!({ "maintenance": false });
    scene.ask("PATCH", "/apps/playhouse-staging", off);
    // One that somebody turned on before stays.
    let on = json!({ "maintenance": true });
    scene.ask("PATCH", "/apps/playhouse-staging", on);
    scene.commit("Something else");
    let outcome = scene.run("staging deploy --maintenance");
    assert!(outcome.stderr.contains("is in maintenance mode already, and stays so"), "{outcome}");
    assert!(maintained("playhouse-staging"));
}

/// A deploy in maintenance mode that is let into it, but not out of it.
fn in_maintenance_that_stays(scene: &Scene) -> scene::Outcome {
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let mut command = scene.prepared("staging");
    command.args(["deploy", "--maintenance"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let deploy = command.spawn().expect("a process");
    until("the build begins", || is_building(scene));
    scene.heroku().heal();
    scene.heroku().inject(Fault::answer("PATCH /apps/playhouse-staging", 403));
    scene::Outcome::new(&deploy.wait_with_output().expect("an end"), scene.folder())
}

#[test]
fn maintenance_mode_ends_although_the_deploy_was_killed() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let maintained = || scene.look("/apps/playhouse-staging")["maintenance"] == true;
    for signal in ["KILL", "INT", "TERM"] {
        let mut command = scene.prepared("staging");
        command.args(["deploy", "--maintenance"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut deploy = command.spawn().expect("a process");
        until("the build begins", || is_building(&scene));
        assert!(maintained());
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
        assert!(!scene::end(&mut deploy).success());
        until("maintenance mode ends", || !maintained());
        scene.heroku().heal();
        until("the build ends", || !is_building(&scene));
        scene.commit(signal);
        scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    }
}

/// Whether a build of staging is under way.
fn is_building(scene: &Scene) -> bool {
    is_building_on(scene, "playhouse-staging")
}

fn is_building_on(scene: &Scene, app: &str) -> bool {
    let builds = scene.look(&format!("/apps/{app}/builds"));
    builds.as_array().expect("a list").iter().any(|build| build["status"] == "pending")
}

#[test]
fn an_interrupt_ends_the_waiting_and_not_what_is_waited_for() {
    let mut scene = Scene::playhouse();
    let temporary = scene.folder().join("temporary");
    std::fs::create_dir(&temporary).expect("a folder");
    scene.set("TMPDIR", &temporary);
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    for (signal, code, waiting) in
        [("INT", 130, ""), ("TERM", 143, "for a build"), ("HUP", 129, "for a build")]
    {
        let log = scene.folder().join(signal);
        let mut command = scene.prepared("staging");
        command.arg("deploy").stdout(Stdio::null()).stderr(std::fs::File::create(&log).expect("a file"));
        let mut deploy = command.spawn().expect("a process");
        let said = || std::fs::read_to_string(&log).expect("a file");
        until("it waits", || is_building(&scene) && said().contains(waiting));
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
        assert_eq!(scene::end(&mut deploy).code(), Some(code), "{}", said());
        let last = said();
        let last = last.lines().last().unwrap_or_default();
        assert!(last.starts_with("interrupted: ") && last.ends_with(" goes on by itself"), "{}", said());
    }
    let left: Vec<_> = std::fs::read_dir(&temporary).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
    scene.heroku().heal();
    until("the build ends", || scene.runs("playhouse-staging").0 == 12);
}

#[test]
fn a_signal_that_is_to_be_ignored_stays_so() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let prepared = scene.prepared("staging");
    // As `nohup` does it.
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" deploy"]).arg(prepared.get_program());
    let variables = prepared.get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(variables).current_dir(scene.repository());
    let mut deploy = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
    until("the build begins", || is_building(&scene));
    for signal in ["HUP", "TERM"] {
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
    }
    assert_eq!(scene::end(&mut deploy).code(), Some(143));
}

#[test]
fn two_deploys_at_once() {
    let settings = Settings { build_time: Duration::from_millis(800), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = scene.commit("Raise the curtain");
    let mut command = scene.prepared("staging");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut first = command.spawn().expect("a process");
    until("the build begins", || is_building(&scene));
    let second = scene.run("staging deploy");
    assert!(scene::end(&mut first).success());
    insta::assert_snapshot!(redacted(&second, &[&id]), @"
    ------- stderr -------
    waiting for a build of [commit] by director@playhouse.example on playhouse-staging
    commit [commit] Raise the curtain
         playhouse-staging  runs it already
    nothing to do
    ");
    assert_eq!((scene.pushes(), scene.runs("playhouse-staging").0), (1, 12));
}

#[test]
fn a_build_that_does_not_end_is_not_waited_for_for_ever() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-staging".into() });
    let outcome = scene.run("staging deploy --wait-timeout 2s");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n").replace(&id[..7], "[commit]"), @"
    hint: heroku releases --app playhouse-staging
    error: the build of [commit] on playhouse-staging is not done yet; it goes on by itself
    ");
    assert_eq!(outcome.status, Some(6));
    // It is still under way: the next one waits for it.
    let outcome = scene.run("staging deploy --wait-timeout 1s");
    insta::assert_snapshot!(redacted(&outcome, &[&id]), @"
    ------- stderr -------
    waiting for a build of [commit] by director@playhouse.example on playhouse-staging
    error: the build on playhouse-staging is still under way; it goes on by itself
    hint: heroku releases --app playhouse-staging
    [exit status: 6]
    ");
    let dry = scene.run("staging --dry-run deploy");
    assert!(dry.stderr.contains("is being deployed by somebody else"), "{dry}");
}

#[test]
fn a_build_that_fails_is_a_failure() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let fails =
        Fault::FailBuild { app: "playhouse-staging".into(), output: "npm ERR! missing script".into() };
    scene.heroku().inject(fails);
    let outcome = scene.run("staging deploy");
    assert!(outcome.stderr.contains("npm ERR! missing script"), "{outcome}");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n").replace(&id[..7], "[commit]"), @"
    hint: https://dashboard.heroku.com/apps/playhouse-staging/activity/builds/b31d9178-09e4-47f0-bf9c-197225215be0
    error: the build of [commit] on playhouse-staging failed
    ");
    assert_eq!(outcome.status, Some(1));
    let outcome = scene.run("staging deploy --source");
    assert!(outcome.stderr.contains("npm ERR! missing script"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").0), (Some(1), 11));
}

#[test]
fn a_push_that_loses_its_connection_is_followed_to_its_end() {
    let scene =
        Scene::playhouse_with(Settings { build_time: Duration::from_millis(600), ..Settings::default() });
    let id = commit_procfile(&scene, "echo migrated");
    scene.heroku().inject(Fault::CutPush { app: "playhouse-staging".into(), after_lines: 5 });
    let outcome = scene.run("staging deploy");
    assert!(
        outcome.stderr.contains("the connection to git was lost; the build goes on, and is followed"),
        "{outcome}"
    );
    assert!(outcome.stderr.contains("playhouse-staging | -----> Build succeeded!"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-staging")), (Some(0), (12, id)), "{outcome}");
}

#[test]
fn a_push_that_never_arrives_is_a_failure() {
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::Reset { route: "POST /*.git/git-receive-pack".into(), times: Some(1) });
    let outcome = scene.run("staging deploy");
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n"), @"
    hint: what git said is above; it can be repeated as it is
    error: git push to playhouse-staging failed (exit code 1)
    ");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").0), (Some(1), 11));
    assert_eq!(scene.run("staging deploy").status, Some(0), "and can be repeated");
}

#[test]
fn streams_and_looks_that_break_off_are_taken_up_again() {
    let settings = Settings { release_phase_time: Duration::from_millis(600), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = commit_procfile(&scene, "echo migrated");
    scene.heroku().inject(Fault::DropStream {
        route: "GET /streams/*".into(),
        after_lines: 3,
        times: Some(2),
    });
    scene.heroku().inject(Fault::Reset { route: "GET /apps/*/builds/*".into(), times: Some(2) });
    scene.heroku().inject(Fault::Reset { route: "GET /apps/*/releases/*".into(), times: Some(2) });
    let outcome = scene.run("prepare deploy --source");
    let lines = |text: &str| outcome.stderr.lines().filter(|line| line.ends_with(text)).count();
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!((lines("-----> Build succeeded!"), lines("-----> Compressing...")), (1, 1), "{outcome}");
    scene.heroku().heal();
    scene.heroku().inject(Fault::Reset {
        route: "GET /pipeline-promotions/*/promotion-targets".into(),
        times: Some(2),
    });
    let outcome = scene.run("staging deploy");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").1), (Some(0), id), "{outcome}");
}

#[test]
fn the_release_of_a_push_is_looked_for_again() {
    let settings = Settings { build_time: Duration::from_millis(600), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = scene.commit("Raise the curtain");
    let mut command = scene.prepared("staging");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut deploy = command.spawn().expect("a process");
    until("the build begins", || is_building(&scene));
    // One request is repeated three times, and that is not enough.
    scene.heroku().inject(Fault::reset("GET /apps/*/releases").times(5));
    assert!(scene::end(&mut deploy).success());
    assert_eq!(scene.runs("playhouse-staging"), (12, id));
}

/// What may have been done although its answer was lost.
fn lost_answers(route: &str) -> Vec<(Fault, i32)> {
    let html = json!("<html>Application Error</html>");
    vec![
        (Fault::reset(route), 1),
        (Fault::truncate(route), 1),
        (Fault::hang(route), 6),
        (Fault::answer(route, 500), 1),
        (Fault::answer(route, 503).body(html), 1),
    ]
}

#[test]
fn a_build_whose_answer_was_lost_may_have_begun() {
    let route = "POST /apps/playhouse-staging/builds";
    for (fault, code) in lost_answers(route) {
        let mut scene = Scene::playhouse();
        scene.set("GREENROOM_TIMEOUT", "1");
        scene.commit("Raise the curtain");
        scene.heroku().inject(fault);
        let outcome = scene.run("staging deploy --source");
        assert_eq!((outcome.status, scene.count(route)), (Some(code), 1), "{outcome}");
        assert!(outcome.stderr.contains("error: it is not known whether the build was started"), "{outcome}");
        assert!(outcome.stderr.contains("hint: heroku releases --app playhouse-staging"), "{outcome}");
    }
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer(route, 409));
    let outcome = scene.run("staging deploy --source");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("error: playhouse-staging is being built by somebody else"), "{outcome}");
}

#[test]
fn a_second_release_whose_answer_was_lost_may_have_been_made() {
    let mut scene = Scene::playhouse();
    commit_procfile(&scene, "exit 1");
    assert_eq!(scene.run("staging deploy").status, Some(1));
    scene.set("GREENROOM_TIMEOUT", "1");
    let route = "POST /apps/*/releases";
    for (fault, code) in lost_answers(route) {
        scene.heroku().inject(fault);
        let outcome = scene.run("staging deploy");
        assert_eq!(outcome.status, Some(code), "{outcome}");
        assert!(outcome.stderr.contains("releasing the slug of v1"), "{outcome}");
        assert!(
            outcome.stderr.contains("error: it is not known whether the release was started"),
            "{outcome}"
        );
        assert!(outcome.stderr.contains("hint: heroku releases --app playhouse-staging"), "{outcome}");
        scene.heroku().heal();
    }
    scene.heroku().inject(Fault::answer(route, 422));
    let outcome = scene.run("staging deploy");
    assert!(outcome.status == Some(1) && !outcome.stderr.contains("it is not known"), "{outcome}");
}

#[test]
fn an_archive_is_what_the_commit_has() {
    let scene = Scene::playhouse();
    scene.write("notes.txt", "not for git push to leave out\n");
    scene.write("left-out.txt", "$Format:%H$\n");
    scene.write(".gitattributes", "left-out.txt export-ignore export-subst\n* text=auto\n");
    scene.git(&["config", "--global", "core.autocrlf", "true"]);
    scene.git(&["add", "notes.txt", "left-out.txt", ".gitattributes"]);
    let id = scene.commit("Take notes");
    scene.write("notes.txt", "changed since\n");
    let outcome = scene.run("staging deploy --source");
    assert_eq!((outcome.status, scene.runs("playhouse-staging")), (Some(0), (12, id)), "{outcome}");
    assert_eq!(scene.pushes(), 0);
    let archive = unpacked(&scene);
    let file = |name: &str| std::fs::read_to_string(archive.join(name)).unwrap_or_default();
    assert_eq!(file("notes.txt"), "not for git push to leave out\n");
    assert_eq!(file("left-out.txt"), "$Format:%H$\n", "attributes change nothing");
    let put =
        scene.heroku().exchanges().into_iter().find(|exchange| exchange.method == "PUT").expect("an upload");
    assert!(!put.headers.contains_key("authorization"), "{:?}", put.headers);
    assert!(put.headers.contains_key("content-length"), "{:?}", put.headers);
}

/// The files of the archive that was sent.
fn unpacked(scene: &Scene) -> std::path::PathBuf {
    let put =
        scene.heroku().exchanges().into_iter().find(|exchange| exchange.method == "PUT").expect("an upload");
    let folder = scene.folder().join("unpacked");
    std::fs::create_dir(&folder).expect("a folder");
    let url = format!("{}{}", scene.heroku().url(), put.path);
    let line = format!("curl --silent --fail '{url}' | tar -xz -C '{}'", folder.display());
    assert!(std::process::Command::new("sh").args(["-c", &line]).status().expect("a shell").success());
    folder
}

#[test]
fn a_shallow_clone_is_built_from_an_archive() {
    let mut scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let clone = scene.folder().join("shallow");
    let at = clone.display().to_string();
    scene.git(&["clone", "--quiet", "--depth=1", &format!("file://{origin}"), &at]);
    for (name, url) in [("prepare", "playhouse-prepare"), ("production", "playhouse-production")] {
        scene.git(&["-C", &at, "remote", "add", name, &format!("https://git.heroku.com/{url}.git")]);
    }
    scene.stand_in(clone);
    let outcome = scene.run("prepare deploy");
    assert!(outcome.stderr.contains("this clone is shallow"), "{outcome}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-prepare").1), (0, id.clone()));
    let outcome = scene.run("production deploy --yes");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
}

#[test]
fn a_review_app_is_deployed_to() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("review 42 deploy --source");
    assert_eq!((outcome.status, scene.runs("playhouse-pr-42-x7k2").1), (Some(0), id), "{outcome}");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn an_app_outside_of_every_pipeline_is_deployed_to() {
    let scene = Scene::playhouse();
    scene.remote("understudy", "https://git.heroku.com/understudy.git");
    let outcome = scene.run("greenroom on understudy deploy");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("understudy").1, history::MAIN[4]);
    assert!(!outcome.stderr.contains("is not prepared"), "{outcome}");
}

#[test]
fn what_cannot_be_promoted_is_built() {
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
fn not_logged_in() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(scene.run("staging deploy").status, Some(4));
    scene.set("HEROKU_API_KEY", "wrong");
    assert_eq!(scene.run("staging deploy").status, Some(4));
}

#[test]
fn what_cannot_be_deployed() {
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
fn the_token_is_given_to_git_and_shown_nowhere() {
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
fn waiting_for_a_slug() {
    let scene =
        Scene::playhouse_with(Settings { build_time: Duration::from_millis(700), ..Settings::default() });
    insta::assert_snapshot!(scene.run("prepare wait --json"), @r#"
    {
      "app": "playhouse-prepare",
      "commit": "77978f96936a199a379e2dfe3f132410b2fe73cb",
      "version": 9
    }
    "#);
    let id = scene.commit("Raise the curtain");
    insta::assert_snapshot!(redacted(&scene.run("prepare wait --wait-timeout 1s"), &[&id]), @"
    ------- stderr -------
    waiting for the slug of [commit] on playhouse-prepare
    error: no slug of [commit] came to playhouse-prepare
    hint: prepare deploy [commit]
    [exit status: 6]
    ");
    let mut command = scene.prepared("prepare");
    command.arg("wait").stdout(Stdio::piped()).stderr(Stdio::null());
    let waiting = command.spawn().expect("a process");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let waited = waiting.wait_with_output().expect("an end");
    assert_eq!(String::from_utf8_lossy(&waited.stdout), format!("playhouse-prepare v10 {}\n", &id[..7]));
    let failing = scene.commit("Break a leg");
    scene.heroku().inject(Fault::FailBuild { app: "playhouse-prepare".into(), output: "no".into() });
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    insta::assert_snapshot!(redacted(&scene.run("prepare wait --wait-timeout 2s"), &[&failing]), @"
    ------- stderr -------
    waiting for the slug of [commit] on playhouse-prepare
    error: the build of [commit] on playhouse-prepare failed
    hint: prepare deploy [commit]   # builds it again
    [exit status: 1]
    ");
    assert_eq!(scene.run("staging wait").status, Some(2), "only prepare waits");
}

/// `prepare wait`, which has seen what is there already.
fn waiting(scene: &Scene) -> std::process::Child {
    let looks = || scene.count("GET /apps/playhouse-prepare/builds");
    let before = looks();
    let mut command = scene.prepared("prepare");
    command.arg("wait").stdout(Stdio::piped()).stderr(Stdio::piped());
    let waiting = command.spawn().expect("a process");
    // One look is over when the next one begins.
    until("it looks", || looks() >= before + 2);
    waiting
}

/// How that ended.
fn waited(scene: &Scene, mut waiting: std::process::Child) -> scene::Outcome {
    scene::end(&mut waiting);
    scene::Outcome::new(&waiting.wait_with_output().expect("an end"), scene.folder())
}

#[test]
fn waiting_ends_with_a_failed_release_phase() {
    let scene = Scene::playhouse();
    let id = commit_procfile(&scene, "bin/migrate");
    let wait = waiting(&scene);
    let fails = Fault::FailReleasePhase { app: "playhouse-prepare".into(), output: "no such table".into() };
    scene.heroku().inject(fails);
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    insta::assert_snapshot!(redacted(&waited(&scene, wait), &[&id]), @"
    ------- stderr -------
    waiting for the slug of [commit] on playhouse-prepare
    error: playhouse-prepare v10 failed: its release phase failed
    hint: heroku releases:output v10 --app playhouse-prepare
    hint: prepare deploy [commit]   # releases it again
    [exit status: 1]
    ");
    let outcome = scene.run("prepare wait --wait-timeout 2s");
    assert_eq!(outcome.status, Some(1), "it had failed before: {outcome}");
    // It is released again: that may succeed.
    scene.heroku().heal();
    scene.heroku().inject(Fault::StallReleasePhase { app: "playhouse-prepare".into() });
    assert_eq!(scene.run("prepare deploy --wait-timeout 1s").status, Some(6));
    let outcome = scene.run("prepare wait --wait-timeout 1s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
}

#[test]
fn waiting_outlives_a_build_that_had_failed_before() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::FailBuild { app: "playhouse-prepare".into(), output: "no".into() });
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    let wait = waiting(&scene);
    assert_eq!(scene.run("prepare deploy").status, Some(1));
    let outcome = waited(&scene, wait);
    assert_eq!(outcome.status, Some(1), "a second failure counts: {outcome}");
    scene.heroku().heal();
    let wait = waiting(&scene);
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let outcome = waited(&scene, wait);
    assert_eq!(outcome.stdout, format!("playhouse-prepare v10 {}\n", &id[..7]), "{outcome}");
}

#[test]
fn waiting_for_a_commit_that_is_not_here() {
    let scene = Scene::playhouse();
    let elsewhere = "0123456789abcdef0123456789abcdef01234567";
    let build = json!({ "source_blob": { "url": "https://example.com/nothing.tgz", "version": elsewhere } });
    scene.ask("POST", "/apps/playhouse-prepare/builds", build);
    let outcome = scene.run("prepare wait 01234567 --wait-timeout 2s");
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    waiting for the slug of 0123456 on playhouse-prepare
    error: the build of 0123456 on playhouse-prepare failed
    hint: prepare deploy 0123456   # builds it again
    [exit status: 1]
    ");
}

#[test]
fn waiting_outlives_looks_that_fail() {
    let settings = Settings { build_time: Duration::from_millis(700), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let id = scene.commit("Raise the curtain");
    let mut command = scene.prepared("prepare");
    command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
    let mut deploy = command.spawn().expect("a process");
    until("the build begins", || is_building_on(&scene, "playhouse-prepare"));
    // One request is repeated three times, and that is not enough.
    scene.heroku().inject(Fault::reset("GET /apps/*/builds").times(5));
    let outcome = scene.run("prepare --verbose wait");
    assert_eq!(outcome.stdout, format!("playhouse-prepare v10 {}\n", &id[..7]), "{outcome}");
    assert!(outcome.stderr.contains("cannot look at it just now: "), "{outcome}");
    assert!(scene::end(&mut deploy).success());
    scene.commit("Lower the curtain");
    scene.heroku().inject(Fault::answer("GET /apps/*/builds", 403));
    assert_eq!(scene.run("prepare wait").status, Some(4), "a no is not asked for twice");
}
