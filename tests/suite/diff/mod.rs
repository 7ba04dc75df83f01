//! `diff`: the commits between two sides.

use rehearsal::{Fault, history};
use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::Scene;

mod other_side;
mod sha;

/// Releases a slug of this commit on an app.
fn deploy(scene: &Scene, app: &str, commit: &str) {
    let release = json!({"status": "succeeded", "commit": commit, "description": "Deploy"});
    scene.release(app, release);
}

/// Removes the commit from the slug that an app runs.
fn forget_commit(scene: &Scene, app: &str) {
    scene.change_slug(app, json!({"commit": null}));
}

#[test]
fn diff_lists_the_commits_that_a_promotion_brings() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production diff");
    insta::assert_snapshot!(outcome, @"
    + 23280a3 Dim the house lights
    + 2e1c93d Remember the interval
    ------- stderr -------
    playhouse-production  v18  b293934 Sell seats by row
    playhouse-staging     v11  23280a3 Dim the house lights
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    assert_eq!(scene.run("production log").to_string(), outcome.to_string(), "it has a second name");
    insta::assert_snapshot!(scene.run("staging diff"), @"
    + 77978f9 Print tickets at home
    ------- stderr -------
    playhouse-staging  v11  23280a3 Dim the house lights
    playhouse-prepare  v9   77978f9 Print tickets at home
    playhouse-prepare is 1 commit ahead of playhouse-staging
    ");
    insta::assert_snapshot!(scene.run("prepare diff"), @"
    ------- stderr -------
    no difference: both run 77978f9
    ");
}

#[test]
fn diff_makes_few_requests() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production diff");
    let requests = scene.requests();
    assert_eq!(requests.len(), 6, "{outcome}\n{requests:#?}");
    for (other, count) in [("staging", 4), ("HEAD", 2), ("main~2", 2)] {
        let before = scene.requests().len();
        let outcome = scene.run(&format!("production diff {other}"));
        assert_eq!(scene.requests().len() - before, count, "{outcome}\n{:#?}", &scene.requests()[before..]);
    }
}

#[test]
fn diverged_histories_are_listed_both_ways() {
    let scene = Scene::playhouse();
    scene.git(&["checkout", "--quiet", "-b", "fix", history::MAIN[1]]);
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@playhouse.example"];
    scene.write("curtain.js", "exports.up = true\n");
    scene.git(&["add", "curtain.js"]);
    scene.git(&[&who[..], &["commit", "--quiet", "--message", "Mend the curtain at once"]].concat());
    let fix = scene.git(&["rev-parse", "HEAD"]);
    deploy(&scene, "playhouse-production", fix.trim());
    let shown = scene.run("production diff --stat").to_string().replace(&fix[..7], "[fix]  ");
    insta::assert_snapshot!(shown, @"
    + 23280a3 Dim the house lights
    + 2e1c93d Remember the interval
    - [fix]   Mend the curtain at once
     curtain.js  | 1 -
     interval.js | 1 +
     lights.js   | 1 +
     3 files changed, 2 insertions(+), 1 deletion(-)
    ------- stderr -------
    playhouse-production  v19  [fix]   Mend the curtain at once
    playhouse-staging     v11  23280a3 Dim the house lights
    playhouse-staging is 2 commits ahead of playhouse-production and 1 behind
    - marks a commit that playhouse-production runs and playhouse-staging lacks
    ");
    let outcome = scene.run("production diff --stat --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(answer["behind"][0]["author"], "Ada");
    assert_eq!(answer["behind"][0]["commit"], fix.trim());
}

#[test]
fn json_output() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production --json diff --stat"), @r#"
    {
      "environment": "production",
      "other": "playhouse-staging",
      "from": {
        "app": "playhouse-production",
        "version": 18,
        "commit": "b293934d94818ab47192b2323490b47a24a4a2a2"
      },
      "to": {
        "app": "playhouse-staging",
        "version": 11,
        "commit": "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6"
      },
      "ahead": [
        {
          "commit": "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6",
          "subject": "Dim the house lights",
          "author": "Edith Cue",
          "date": "2026-01-08T08:30:00Z"
        },
        {
          "commit": "2e1c93d3085cc3403cd626a3aae43f10d4eaee08",
          "subject": "Remember the interval",
          "author": "Ada Prompter",
          "date": "2026-01-07T08:30:00Z"
        }
      ],
      "behind": [],
      "files": [
        {
          "path": "interval.js",
          "added": 1,
          "removed": 0
        },
        {
          "path": "lights.js",
          "added": 1,
          "removed": 0
        }
      ]
    }
    "#);
    let outcome = scene.run("production --json diff HEAD");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((&answer["other"], &answer["to"]["app"]), (&json!("HEAD"), &Value::Null));
    assert_eq!(answer["to"]["commit"], history::MAIN[4]);
    assert_eq!(answer.get("files"), None);
}

#[test]
fn stat_fits_the_terminal() {
    let mut scene = Scene::playhouse();
    scene.write(&format!("{}.js", "aisle".repeat(30)), "exports.aisle = 1\n");
    scene.git(&["add", "."]);
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@playhouse.example"];
    scene.git(&[&who[..], &["commit", "--quiet", "--message", "Widen the aisle"]].concat());
    let longest = |scene: &Scene| {
        let mut command = scene.prepared("prepare");
        let shown = Pty::start(command.args(["diff", "--stat"])).end().raw();
        assert!(shown.contains("1 file changed, 1 insertion(+)"), "{shown}");
        shown.lines().map(str::len).max().expect("a line")
    };
    scene.set("COLUMNS", "60");
    let narrow = longest(&scene);
    scene.set("COLUMNS", "200");
    let wide = longest(&scene);
    assert!(narrow <= 60 && wide > 150, "{narrow} {wide}");
}

#[test]
fn equal_commits_have_no_difference() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("prepare diff HEAD"), @"
    ------- stderr -------
    no difference: both run 77978f9
    ");
    // Both may run a commit that nobody has here.
    for app in ["playhouse-production", "playhouse-staging"] {
        deploy(&scene, app, "1234567890123456789012345678901234567890");
    }
    insta::assert_snapshot!(scene.run("production diff"), @"
    ------- stderr -------
    no difference: both run 1234567
    ");
}

#[test]
fn commits_missing_from_the_clone_are_named() {
    let scene = Scene::playhouse();
    deploy(&scene, "playhouse-staging", "1234567890123456789012345678901234567890");
    insta::assert_snapshot!(scene.run("production diff"), @"
    ------- stderr -------
    error: playhouse-staging runs 1234567, which is not in this repository
    hint: git fetch origin   # a shallow clone: git fetch --unshallow origin
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("staging diff HEAD"), @"
    ------- stderr -------
    error: playhouse-staging runs 1234567, which is not in this repository
    hint: git fetch origin   # a shallow clone: git fetch --unshallow origin
    [exit status: 1]
    ");
    deploy(&scene, "playhouse-staging", &history::MAIN[3][..8]);
    assert_eq!(scene.run("production diff").stdout.lines().count(), 2, "a shortened commit is completed");
}

#[test]
fn a_slug_without_a_commit_is_an_error() {
    let scene = Scene::playhouse();
    forget_commit(&scene, "playhouse-staging");
    insta::assert_snapshot!(scene.run("production diff"), @"
    ------- stderr -------
    error: playhouse-staging v11 was built from no commit that was recorded
    hint: heroku releases:info v11 --app playhouse-staging
    [exit status: 1]
    ");
    scene.panel("POST", "/apps", json!({"name": "playhouse-empty"}));
    insta::assert_snapshot!(scene.run("production diff playhouse-empty"), @"
    ------- stderr -------
    error: playhouse-empty has no release that succeeded
    hint: heroku releases --app playhouse-empty
    [exit status: 1]
    ");
    let bare = json!({"status": "succeeded", "slug": null, "description": "Initial release"});
    scene.panel("POST", "/apps/playhouse-empty/releases", bare);
    insta::assert_snapshot!(scene.run("production diff playhouse-empty"), @"
    ------- stderr -------
    error: playhouse-empty v1 has no slug, and so no commit
    hint: heroku releases:info v1 --app playhouse-empty
    [exit status: 1]
    ");
}

#[test]
fn a_failed_release_is_not_the_running_one() {
    let scene = Scene::playhouse();
    let failed = json!({"status": "failed", "commit": history::MAIN[4], "description": "Deploy"});
    scene.panel("POST", "/apps/playhouse-staging/releases", failed);
    let outcome = scene.run("production diff");
    assert!(outcome.stderr.contains("playhouse-staging     v11  23280a3"), "{outcome}");
    assert!(scene.run("production diff staging").stderr.contains("v11"), "by itself, too");
}

#[test]
fn diff_requires_a_repository() {
    let scene = Scene::playhouse();
    let home = scene.folder().join("home");
    std::fs::write(home.join("greenroom.toml"), "[environments.staging]\napp = \"playhouse-staging\"\n")
        .expect("a file");
    let mut command = scene.prepared("staging");
    insta::assert_snapshot!(scene.finish(command.arg("diff").current_dir(&home)), @"
    ------- stderr -------
    error: no git repository here to read commits from
    hint: run it inside the app's git repository
    [exit status: 1]
    ");
    assert_eq!(scene.requests(), [""; 0]);
    let mut command = scene.prepared("staging");
    let sha = scene.finish(command.arg("sha").current_dir(&home));
    assert_eq!(sha.to_string(), format!("{}\n", history::MAIN[3]));
}

#[test]
fn diff_and_sha_require_a_login() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    for line in ["production diff", "staging sha"] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(4), "{outcome}");
        assert!(outcome.stderr.contains("hint: heroku login"), "{outcome}");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[test]
fn refusals_of_heroku_are_exit_4() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer("GET /apps/*/slugs/*", 403).times(9));
    assert_eq!(scene.run("staging diff HEAD").status, Some(4));
    assert_eq!(scene.run("production diff").status, Some(4));
    assert_eq!(scene.run("staging sha").status, Some(4));
}
