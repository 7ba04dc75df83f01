//! `promote`: refusals and failures.

use rehearsal::{Fault, history};
use serde_json::{Value, json};

use crate::scene::Scene;

#[test]
fn unsupported_promotions_are_refused_early() {
    let change = |facts: Value| {
        let scene = Scene::playhouse();
        scene.panel("PATCH", "/apps/playhouse-production", facts);
        let outcome = scene.run("production promote --yes");
        assert_eq!(scene.promotions(), 0);
        outcome
    };
    let container = json!({"stack": {"id": "5f3a2c1e-0000-4000-8000-000000000001", "name": "container"}});
    insta::assert_snapshot!(change(container), @"
    ------- stderr -------
    error: playhouse-production runs a container image, which cannot be promoted
    hint: heroku container:push --recursive --app playhouse-production
    [exit status: 1]
    ");
    insta::assert_snapshot!(change(json!({"generation": "fir"})), @"
    ------- stderr -------
    error: playhouse-production is a Fir app and playhouse-prepare is not; nothing can be promoted between them
    hint: production apps:info
    [exit status: 1]
    ");
    let team = json!({"team": {"id": "5f3a2c1e-0000-4000-8000-000000000002", "name": "opera"}});
    insta::assert_snapshot!(change(team), @"
    ------- stderr -------
    error: playhouse-prepare belongs to no team and playhouse-production to team opera; slugs cannot be promoted between them
    hint: heroku apps:transfer TEAM --app playhouse-prepare
    [exit status: 1]
    ");
}

#[test]
fn an_app_in_no_pipeline() {
    let scene = Scene::playhouse();
    scene.remote("solo", "https://git.heroku.com/understudy.git");
    insta::assert_snapshot!(scene.run("greenroom on solo promote"), @"
    ------- stderr -------
    error: understudy is in no pipeline, so nothing can be promoted to it
    hint: greenroom on solo pipelines:add PIPELINE --stage STAGE
    [exit status: 1]
    ");
}

#[test]
fn faults_before_the_promotion_are_retried() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::reset("GET /pipelines/*/latest-releases").times(1));
    scene.heroku().inject(Fault::answer("POST /filters/apps", 503).times(1));
    scene.heroku().inject(Fault::truncate("GET /apps/*/slugs/*").times(1));
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(outcome.stderr.matches("trying again").count(), 3, "{outcome}");
}

#[test]
fn a_promotion_is_never_started_twice() {
    for fault in [
        Fault::reset("POST /pipeline-promotions"),
        Fault::truncate("POST /pipeline-promotions"),
        Fault::garble("POST /pipeline-promotions"),
        Fault::answer("POST /pipeline-promotions", 500),
        Fault::answer("POST /pipeline-promotions", 429),
        Fault::answer("POST /pipeline-promotions", 422),
    ] {
        let scene = Scene::playhouse();
        scene.heroku().inject(fault.clone());
        let outcome = scene.run("production promote --yes");
        assert_eq!(outcome.status, Some(1), "{fault:?}: {outcome}");
        assert!(outcome.stderr.contains("error: "), "{outcome}");
        assert_eq!(scene.promotions(), 1, "{fault:?}");
    }
}

#[test]
fn a_lost_answer_is_reported_as_unknown() {
    let mut scene = Scene::playhouse();
    scene.set("GREENROOM_TIMEOUT", "0.5");
    scene.heroku().inject(Fault::hang("POST /pipeline-promotions"));
    insta::assert_snapshot!(scene.run("production promote --yes").without_plan(), @"
    ------- stderr -------
    [plan]
    error: the promotion may have gone through; check before retrying
      caused by: no answer from 127.0.0.1 in 0.5 s
      caused by: POST /pipeline-promotions
    hint: https://status.heroku.com says whether Heroku has trouble
    hint: it may have been done all the same: look before you repeat it
    hint: production releases
    [exit status: 6]
    ");
}

#[test]
fn polling_survives_faults() {
    let scene = Scene::playhouse();
    for fault in [
        Fault::answer("GET /pipeline-promotions/**", 500).times(2),
        Fault::reset("GET /pipeline-promotions/**").times(2),
        Fault::answer("GET /pipeline-promotions/**", 429).times(1),
    ] {
        scene.heroku().inject(fault);
    }
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn a_broken_stream_of_the_release_phase_is_opened_again() {
    let scene = Scene::playhouse();
    scene.with_release_phase("playhouse-prepare", "echo the stage is set");
    scene.heroku().inject(Fault::drop_stream("GET /streams/*", 1).times(1));
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(
        outcome.stderr.matches("| the stage is set").count(),
        1,
        "no line twice, none lost: {outcome}"
    );
}

#[test]
fn two_factor_without_a_terminal_has_a_hint() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    insta::assert_snapshot!(scene.run("production promote --yes").without_plan(), @"
    ------- stderr -------
    [plan]
    error: A second authentication factor or pre-authorization is required for this request. Your account has two-factor authentication enabled.
      caused by: POST /pipeline-promotions: HTTP 403 two_factor
    hint: run it in a terminal, where the two-factor code can be asked for
    [exit status: 4]
    ");
}

#[test]
fn missing_credentials_have_a_login_hint() {
    let mut scene = Scene::playhouse();
    scene.set("HEROKU_API_KEY", "");
    insta::assert_snapshot!(scene.run("production promote"), @"
    ------- stderr -------
    error: not logged in to [HEROKU]
    hint: heroku login
    [exit status: 4]
    ");
}
