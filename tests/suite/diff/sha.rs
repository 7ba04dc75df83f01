//! `sha`: the commit that an app runs, for scripts.

use rehearsal::history;
use serde_json::json;

use super::{deploy, forget_commit};
use crate::scene::Scene;

#[test]
fn sha_prints_the_commit() {
    let scene = Scene::playhouse();
    assert_eq!(scene.run("staging sha").to_string(), format!("{}\n", history::MAIN[3]));
    assert_eq!(scene.run("production sha --short").to_string(), "b293934\n");
    assert_eq!(scene.requests().len(), 4, "two for each: {:#?}", scene.requests());
    insta::assert_snapshot!(scene.run("staging sha --json"), @r#"
    {
      "environment": "staging",
      "apps": [
        {
          "app": "playhouse-staging",
          "version": 11,
          "commit": "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6",
          "source": "slug"
        }
      ]
    }
    "#);
    scene.write("greenroom.toml", "[environments.both]\napps = [\"playhouse-staging\", \"understudy\"]\n");
    insta::assert_snapshot!(scene.run("greenroom on both sha"), @"
    playhouse-staging 23280a3f7b993e910a4a13d7c85a71c1b4aba8f6
    understudy d4e6408a12c41845acfa650233078a87015f72bb
    ");
    deploy(&scene, "playhouse-staging", &history::MAIN[2][..7]);
    assert_eq!(scene.run("staging sha").stdout.trim(), history::MAIN[2], "a shortened commit is completed");
}

#[test]
fn heroku_slug_commit_stands_in_for_a_missing_commit() {
    let scene = Scene::playhouse();
    forget_commit(&scene, "playhouse-staging");
    insta::assert_snapshot!(scene.run("staging sha"), @"
    ------- stderr -------
    error: playhouse-staging v11 was built from no commit that was recorded
    hint: staging releases:info v11
    [exit status: 1]
    ");
    let vars = json!({"HEROKU_SLUG_COMMIT": history::MAIN[1], "HEROKU_BUILD_COMMIT": "not a commit"});
    scene.ask("PATCH", "/apps/playhouse-staging/config-vars", vars);
    insta::assert_snapshot!(scene.run("staging sha"), @"
    b293934d94818ab47192b2323490b47a24a4a2a2
    ------- stderr -------
    playhouse-staging: the commit is from its config var HEROKU_SLUG_COMMIT
    ");
    insta::assert_snapshot!(scene.run("staging sha --json --short"), @r#"
    {
      "environment": "staging",
      "apps": [
        {
          "app": "playhouse-staging",
          "version": 12,
          "commit": "b293934",
          "source": "HEROKU_SLUG_COMMIT"
        }
      ]
    }
    ------- stderr -------
    playhouse-staging: the commit is from its config var HEROKU_SLUG_COMMIT
    "#);
}
