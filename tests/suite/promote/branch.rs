//! The branch check: only commits of the environment's branch are deployed, by every command that moves code.

use serde_json::json;

use crate::scene::{Outcome, Scene};

/// A playhouse whose staging runs a commit that is not in `origin`, and the commit's id.
fn with_a_commit_of_its_own() -> (Scene, String) {
    let scene = Scene::playhouse();
    let id = scene.commit_here("Not reviewed");
    scene.release("playhouse-staging", json!({"status": "succeeded", "commit": id, "description": "Deploy"}));
    (scene, id)
}

/// The refusal and its hints, without the id.
fn refusal(outcome: &Outcome, id: &str) -> String {
    assert_eq!(outcome.status, Some(5), "{outcome}");
    let lines = outcome.stderr.lines().skip_while(|line| !line.starts_with("error:"));
    lines.collect::<Vec<_>>().join("\n").replace(id, "[commit]").replace(&id[..7], "[commit]")
}

#[test]
fn every_command_checks_the_branch() {
    let (scene, id) = with_a_commit_of_its_own();
    let refused = |line: &str| refusal(&scene.run(line), &id);
    insta::assert_snapshot!(refused("production promote --from staging --yes"), @r#"
    error: [commit] is not in origin's main, and nothing else may be deployed to production
    hint: git push origin [commit]:main   # or merge it first
    hint: environments.production.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    hint: production promote --from staging --any-branch --yes   # from any branch, on purpose
    "#);
    insta::assert_snapshot!(refused("production deploy --yes"), @r#"
    error: [commit] is not in origin's main, and nothing else may be deployed to production
    hint: git push origin [commit]:main   # or merge it first
    hint: environments.production.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    hint: production deploy --any-branch --yes   # from any branch, on purpose
    "#);
    insta::assert_snapshot!(refused("production ship --test true --yes"), @r#"
    error: [commit] is not in origin's main, and nothing else may be deployed to production
    hint: git push origin [commit]:main   # or merge it first
    hint: environments.production.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    hint: production ship --test true --any-branch --yes   # from any branch, on purpose
    "#);
    assert_eq!((scene.pushes(), scene.promotions()), (0, 0));
    let outcome = scene.run("production promote --from staging --yes --any-branch");
    assert!(outcome.stderr.contains("\nbranch: not checked (--any-branch)\n"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
}

#[test]
fn a_branch_is_configured_for_promotions_too() {
    let scene = Scene::playhouse();
    scene
        .write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nbranch = \"curtain-call\"\n");
    let outcome = scene.run("staging promote");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(outcome.stderr.contains("branch: origin/curtain-call contains 77978f9"), "{outcome}");
    let main = scene.commit("Raise the curtain");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    assert_eq!(scene.run("staging promote").status, Some(5));
    let outcome = scene.run("staging promote --any-branch");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").1), (Some(0), main), "{outcome}");
}

#[test]
fn promote_requires_an_origin_for_the_branch_check() {
    let (scene, id) = with_a_commit_of_its_own();
    scene.git(&["remote", "rename", "origin", "github"]);
    let refused = |line: &str| refusal(&scene.run(line), &id);
    insta::assert_snapshot!(refused("production promote --from staging --yes"), @"
    error: production takes only what its branch contains, which cannot be checked: there is no git remote named origin
    hint: production promote --from staging --any-branch --yes   # from any branch, on purpose
    ");
    insta::assert_snapshot!(refused("production deploy --yes"), @"
    error: production takes only what its branch contains, which cannot be checked: there is no git remote named origin
    hint: production deploy --any-branch --yes   # from any branch, on purpose
    ");
    insta::assert_snapshot!(refused("production ship --test true --yes"), @"
    error: production takes only what its branch contains, which cannot be checked: there is no git remote named origin
    hint: production ship --test true --any-branch --yes   # from any branch, on purpose
    ");
    assert_eq!((scene.pushes(), scene.promotions()), (0, 0));
    let outcome = scene.run("production ship --test true --yes --any-branch");
    assert_eq!(outcome.status, Some(1), "there is no shell here: {outcome}");
    assert!(outcome.stderr.contains("branch: not checked (--any-branch)"), "{outcome}");
    let outcome = scene.run("production deploy --yes --any-branch");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
    let outcome = scene.run("prepare deploy");
    assert_eq!(outcome.status, Some(0), "what is not protected has no such rule: {outcome}");
    assert!(!outcome.stderr.contains("branch:"), "{outcome}");
}

#[test]
fn promote_refuses_a_slug_without_a_commit() {
    let scene = Scene::playhouse();
    scene.change_slug("playhouse-staging", json!({"commit": null}));
    let outcome = scene.run("production promote --from staging --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("no commit is recorded of the slug"), "{outcome}");
    // Where a branch is only wished for, that is said and does not stop it.
    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nbranch = \"main\"\n");
    scene.change_slug("playhouse-prepare", json!({"commit": null}));
    let outcome = scene.run("staging promote --from prepare");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let told = "branch: cannot tell whether branch main contains it: no commit is recorded of the slug";
    assert!(outcome.stderr.contains(told), "{outcome}");
}

#[test]
fn shallow_clones_get_a_fetch_hint() {
    let mut scene = Scene::playhouse();
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let clone = scene.folder().join("shallow");
    let at = clone.display().to_string();
    scene.git(&["clone", "--quiet", "--depth=1", &format!("file://{origin}"), &at]);
    scene.git(&["-C", &at, "remote", "add", "production", "https://git.heroku.com/playhouse-production.git"]);
    scene.stand_in(clone);
    let outcome = scene.run("production promote --from playhouse-staging --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("hint: git fetch --unshallow origin\n"), "{outcome}");
    assert!(outcome.stderr.contains("--any-branch --yes   # from any branch, on purpose\n"), "{outcome}");
}
