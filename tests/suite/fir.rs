//! Apps of the Fir generation: they run images, one for each architecture, and no slugs.

use rehearsal::history;
use serde_json::{Value, json};

use super::scene::Scene;

/// The playhouse, all of whose apps are of the Fir generation, as those of one pipeline are.
fn fir() -> Scene {
    let scene = Scene::playhouse();
    for app in ["playhouse-prepare", "playhouse-staging", "playhouse-production"] {
        scene.panel("PATCH", &format!("/apps/{app}"), json!({"generation": "fir"}));
    }
    scene
}

#[test]
fn an_image_is_promoted_and_rolled_back() {
    let scene = fir();
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
    assert_eq!(scene.runs("playhouse-production"), (19, history::MAIN[4].to_owned()));
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    from playhouse-prepare     v9  77978f9 Print tickets at home
         playhouse-production  runs it already
    nothing to do
    ");
    insta::assert_snapshot!(scene.run("production rollback --yes"), @"
    playhouse-production v20 b293934 (back to v18)
    ------- stderr -------
    from playhouse-production  v19  77978f9 Print tickets at home
    back to                    v18  b293934 Sell seats by row
         - 77978f9 Print tickets at home
         - 23280a3 Dim the house lights
         - 2e1c93d Remember the interval
         the config vars stay as they are
    ");
    assert_eq!(scene.runs("playhouse-production"), (20, history::MAIN[1].to_owned()));
    assert!(scene.requests().iter().all(|request| !request.contains("/slugs/")), "{:#?}", scene.requests());
}

#[test]
fn the_commit_of_an_image_is_known() {
    let scene = fir();
    assert_eq!(scene.run("staging sha").stdout, format!("{}\n", history::MAIN[3]));
    insta::assert_snapshot!(scene.run("production diff"), @"
    + 23280a3 Dim the house lights
    + 2e1c93d Remember the interval
    ------- stderr -------
    playhouse-production  v18  b293934 Sell seats by row
    playhouse-staging     v11  23280a3 Dim the house lights
    playhouse-staging is 2 commits ahead of playhouse-production
    ");
    let status: Value = serde_json::from_str(&scene.run("staging status --json").stdout).expect("JSON");
    assert!(status.to_string().contains(history::MAIN[3]), "{status}");
    assert!(scene.run("staging releases").stdout.contains("v11"));
}

#[test]
fn a_commit_is_deployed_and_released_again() {
    let scene = fir();
    let id = scene.commit("Raise the curtain");
    let outcome = scene.run("staging deploy");
    assert_eq!((outcome.status, scene.runs("playhouse-staging")), (Some(0), (12, id.clone())), "{outcome}");
    let outcome = scene.run("staging rollback");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    // It was built here before: its image is released again, without a push.
    let pushes = scene.pushes();
    let outcome = scene.run("staging deploy");
    assert_eq!((outcome.status, scene.runs("playhouse-staging")), (Some(0), (14, id)), "{outcome}");
    assert_eq!(scene.pushes(), pushes);
}

#[test]
fn an_image_without_an_answer_has_no_commit() {
    let scene = fir();
    scene.heroku().inject(rehearsal::Fault::answer("GET /apps/*/oci-images/*", 404));
    insta::assert_snapshot!(scene.run("staging sha"), @"
    ------- stderr -------
    error: playhouse-staging v11 was built from no commit that was recorded
    hint: staging releases:info v11
    [exit status: 1]
    ");
}
