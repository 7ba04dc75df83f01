//! `deploy` and histories: of the commit, of the running release and of the branch; overwriting and refusals.

use rehearsal::history;

use super::redacted;
use crate::scene::Scene;

#[test]
fn a_diverged_history_is_overwritten_with_a_warning_unless_protected() {
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
    hint: staging deploy --force   # to take that back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.pushes(), 2);
    let outcome = scene.run("staging deploy --force --dry-run");
    assert!(outcome.stdout.starts_with("git push --force-with-lease=refs/heads/main:"), "{outcome}");
    let outcome = scene.run("staging deploy --force --yes");
    assert_eq!((outcome.status, scene.runs("playhouse-staging").1), (Some(0), green), "{outcome}");
}

/// The commit of a branch, which production runs, and the squashed commit that `origin` has instead.
fn squashed(scene: &Scene) -> (String, String) {
    scene.write("Procfile", "web: node server.js\n");
    scene.git(&["add", "Procfile"]);
    let built = scene.commit_here("Name the process");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let outcome = scene.run("production deploy --yes --any-branch");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), built.clone()), "{outcome}");
    scene.git(&["commit", "--quiet", "--amend", "--message", "Name the process (#7)"]);
    scene.git(&["push", "--quiet", "origin", "HEAD:main"]);
    scene.git(&["fetch", "--quiet", "origin"]);
    let merged = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    (built, merged)
}

#[test]
fn a_squashed_commit_counts_as_the_branchs() {
    let scene = Scene::playhouse();
    let (built, merged) = squashed(&scene);
    scene.write("server.js", "open()\n");
    scene.git(&["add", "server.js"]);
    let next = scene.commit("Open the doors");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let refused = scene.run("production deploy --yes");
    assert_eq!(refused.status, Some(5), "{refused}");
    assert!(
        refused.stderr.contains("hint: production deploy --force   # to take that back on purpose"),
        "{refused}"
    );
    assert!(!refused.stderr.contains("rollback"), "{refused}");

    scene.write("greenroom.toml", "[release]\nmatch = \"tree\"\n");
    let ids = [next.as_str(), &merged, &built];
    insta::assert_snapshot!(redacted(&scene.run("production diff HEAD"), &ids), @"
    + [commit] Open the doors
    ------- stderr -------
    playhouse-production was built from [commit3], which has the same files as [commit2]
    playhouse-production  v19  [commit2] Name the process (#7)
    HEAD                       [commit] Open the doors
    HEAD is 1 commit ahead of playhouse-production
    ");
    let status = scene.run("production status").stdout;
    assert!(status.contains("playhouse-staging is 2 commits behind playhouse-production"), "{status}");
    let back = redacted(&scene.run("production rollback --dry-run"), &ids);
    assert!(back.contains("v19  [commit3] Name the process\n"), "{back}");
    assert!(back.contains("     - [commit2] Name the process (#7)\n     - 77978f9"), "{back}");
    let unchanged = scene.run(&format!("production deploy {merged}"));
    assert!(unchanged.stderr.contains("runs it already"), "{unchanged}");
    for line in ["production --dry-run promote", "production --dry-run ship --test true"] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        assert!(!outcome.stderr.contains("diverged"), "{outcome}");
    }
    let outcome = scene.run("production deploy --yes");
    insta::assert_snapshot!(redacted(&outcome, &ids), @"
    playhouse-production v20 [commit]
    ------- stderr -------
    from playhouse-prepare     v11  [commit] Open the doors
    to   playhouse-production  v19  [commit2] Name the process (#7)
         built from [commit3] Name the process, which has the same files
         + [commit] Open the doors
    branch: origin/main contains [commit]
    ");
    assert_eq!(scene.runs("playhouse-production").1, next);
}

#[test]
fn a_slug_of_a_squashed_branch_passes_the_branch_guard() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", "[release]\nmatch = \"tree\"\n");
    scene.write("Procfile", "web: node server.js\n");
    scene.git(&["add", "Procfile"]);
    let built = scene.commit_here("Name the process");
    assert_eq!(scene.run("prepare deploy").status, Some(0));
    let refused = scene.run("production promote --yes --commit HEAD");
    assert_eq!(refused.status, Some(5), "not merged yet: {refused}");
    scene.git(&["commit", "--quiet", "--amend", "--message", "Name the process (#7)"]);
    scene.git(&["push", "--quiet", "origin", "HEAD:main"]);
    scene.git(&["fetch", "--quiet", "origin"]);
    let merged = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let outcome = scene.run("production promote --yes");
    insta::assert_snapshot!(redacted(&outcome, &[&merged, &built]), @"
    playhouse-production v19 [commit]
    ------- stderr -------
    from playhouse-prepare     v10  [commit] Name the process (#7)
         built from [commit2] Name the process, which has the same files
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Name the process (#7)
         + 77978f9 Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains [commit]
    ");
    assert_eq!(scene.runs("playhouse-production").1, built);
}

#[test]
fn pushing_over_a_squashed_branch_gives_no_warning() {
    let scene = Scene::playhouse();
    let (_, merged) = squashed(&scene);
    scene.write("greenroom.toml", "[release]\nmatch = \"tree\"\n");
    // `prepare` was pushed the branch's commit; its git has that one.
    let outcome = scene.run("prepare deploy --build");
    assert_eq!((outcome.status, scene.runs("playhouse-prepare").1), (Some(0), merged), "{outcome}");
    assert!(!outcome.stderr.contains("the push drops"), "{outcome}");
}

#[test]
fn commits_that_only_heroku_has_are_reported() {
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
fn production_takes_commits_of_its_branch_only() {
    let scene = Scene::playhouse();
    let id = scene.commit_here("Not pushed yet");
    insta::assert_snapshot!(redacted(&scene.run("production deploy --yes"), &[&id]), @r#"
    ------- stderr -------
    error: [commit] is not in origin's main, and nothing else may be deployed to production
    hint: git push origin [commit]:main   # or merge it first
    hint: environments.production.branch = "BRANCH"   # in greenroom.toml, if it is another branch
    hint: production deploy --any-branch --yes   # from any branch, on purpose
    [exit status: 5]
    "#);
    // Somebody pushed it from elsewhere: it is there, but was not fetched.
    scene.git(&["push", "--quiet", "origin", "HEAD:main"]);
    scene.git(&["update-ref", "refs/remotes/origin/main", history::MAIN[4]]);
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", "One more"]);
    let newer = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    insta::assert_snapshot!(redacted(&scene.run("production deploy --yes"), &[&newer]), @"
    ------- stderr -------
    error: [commit] is not in origin's main as last fetched, and origin has newer commits
    hint: git fetch origin main
    hint: production deploy --any-branch --yes   # from any branch, on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.pushes(), 0);
    // What origin is known to have is enough.
    let outcome = scene.run(&format!("production deploy --yes {id}"));
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
}

#[test]
fn the_default_branch_of_origin_is_looked_up() {
    let scene = Scene::playhouse();
    // What a CI service leaves that fetches one branch: no `origin/HEAD`, no `origin/main`.
    scene.git(&["symbolic-ref", "--delete", "refs/remotes/origin/HEAD"]);
    scene.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let id = scene.commit_here("Not reviewed yet");
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("origin's main as last fetched"), "{outcome}");
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
fn origin_can_be_a_path() {
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
fn the_branch_can_be_configured() {
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
    hint: staging deploy --any-branch   # from any branch, on purpose
    [exit status: 5]
    "#);
    let [.., curtain_call] = history::CURTAIN_CALL;
    assert_eq!(scene.run(&format!("staging deploy {curtain_call}")).status, Some(0));
    scene.write("greenroom.toml", "[environments.staging]\nremote = \"staging\"\nbranch = \"-x\"\n");
    assert_eq!(scene.run("staging deploy").status, Some(2));
}

#[test]
fn older_commits_are_refused_on_production() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run(&format!("production deploy --yes --build {}", history::MAIN[0])), @"
    ------- stderr -------
    error: d4e6408 is behind playhouse-production: 1 commit that it runs would be taken back
    hint: production deploy d4e6408a12c41845acfa650233078a87015f72bb --build --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!((scene.pushes(), scene.runs("playhouse-production").0), (0, 18));
    let outcome = scene.run(&format!("staging deploy {}", history::MAIN[1]));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-staging").1, history::MAIN[1]);
}

#[test]
fn commits_of_unknown_age_are_refused_on_production() {
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
    branch: origin/late contains d4e6408
    error: playhouse-prepare runs a slug that was built before the one playhouse-production runs, and what lies between is not known here
    hint: git fetch --unshallow   # or in the app's repository: git fetch --all
    hint: production deploy --force   # to go back on purpose
    [exit status: 5]
    ");
    assert_eq!(scene.run("production ship --test true --yes").status, Some(5));
    let built = scene.run("production deploy --yes --build");
    assert_eq!(built.status, Some(5), "{built}");
    assert!(built.stderr.contains("it is not known here whether d4e6408 would take commits back"), "{built}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-production").0), (0, 18));
}

#[test]
fn uncommitted_changes_are_pointed_out() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.write("server.js", "// not committed\n");
    let outcome = scene.run("staging deploy");
    let first = outcome.stderr.lines().next().unwrap_or_default();
    insta::assert_snapshot!(first, @"warning: 1 file has uncommitted changes; they are not deployed");
    assert_eq!(scene.runs("playhouse-staging").1, id);
    let outcome = scene.run(&format!("staging deploy {id}"));
    assert!(!outcome.stderr.contains("uncommitted"), "{outcome}");
    // What the clone is told not to compare is not compared.
    scene.git(&["checkout", "--quiet", "--", "server.js"]);
    scene.git(&["config", "core.fileMode", "false"]);
    let path = scene.repository().join("server.js");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("permissions");
    let outcome = scene.run("staging deploy");
    assert!(!outcome.stderr.contains("uncommitted"), "{outcome}");
    scene.write("server.js", "// not committed\n");
    let status = scene.git(&["status", "--porcelain", "--untracked-files=no"]);
    assert_eq!(status.trim(), "M server.js", "the index is as it was");
    scene.write(".git/index", "torn");
    let outcome = scene.run("staging deploy");
    let pointed = "warning: git cannot tell whether there are uncommitted changes; they are not deployed\n";
    assert!(outcome.stderr.starts_with(pointed), "{outcome}");
}

#[test]
fn repositories_in_oddly_named_folders_can_deploy() {
    use std::os::unix::ffi::OsStrExt;
    for name in [&b"two\nlines"[..], b"\"quoted\"", b"#7", b"caf\xe9", b"back\\slash", b"a\nb\"\\\xff\t"] {
        let mut scene = Scene::playhouse();
        scene.commit("Raise the curtain");
        let place = scene.folder().join(std::ffi::OsStr::from_bytes(name)).join("playhouse");
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::rename(scene.repository(), &place).expect("another place");
        scene.stand_in(place);
        for (line, version) in [("staging deploy", 12), ("prepare deploy --source", 10)] {
            scene.write("server.js", format!("// {version}\n"));
            scene.git(&["add", "server.js"]);
            let id = scene.commit("Change it");
            let outcome = scene.run(line);
            let app = format!("playhouse-{}", line.split(' ').next().expect("an environment"));
            assert_eq!((outcome.status, scene.runs(&app)), (Some(0), (version, id)), "{name:?}: {outcome}");
        }
    }
}
