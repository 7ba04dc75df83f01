//! Resolving an environment to an app, with requests to the Platform API.

use rehearsal::Fault;
use serde_json::json;

use super::scene::Scene;

#[test]
fn one_remote_resolves_the_whole_pipeline() {
    let scene = Scene::playhouse();
    for remote in ["production", "prepare"] {
        scene.git(&["remote", "remove", remote]);
    }
    insta::assert_snapshot!(scene.run("production which"), @"
    playhouse-production
    ------- stderr -------
    in stage production of pipeline playhouse, found through git remote staging
    ");
    insta::assert_snapshot!(scene.run("prepare which --json"), @r#"
    {
      "environment": "prepare",
      "apps": [
        "playhouse-prepare"
      ],
      "source": "pipeline",
      "reason": "in stage development of pipeline playhouse, found through git remote staging"
    }
    "#);
    insta::assert_snapshot!(scene.run("greenroom on qa which"), @"
    ------- stderr -------
    error: no app found for qa
      caused by: looked at: no greenroom.toml; git remotes origin, staging (none is a Heroku remote named qa); pipeline stages (none is named qa)
    hint: git remote rename staging qa   # if playhouse-staging is qa
    hint: git remote add qa https://git.heroku.com/APP.git
    [exit status: 3]
    ");
}

#[test]
fn a_configured_pipeline_needs_no_remote() {
    let scene = Scene::playhouse();
    for remote in ["production", "prepare", "staging"] {
        scene.git(&["remote", "remove", remote]);
    }
    insta::assert_snapshot!(scene.run("staging which"), @"
    ------- stderr -------
    error: no app found for staging
      caused by: looked at: no greenroom.toml; git remotes origin (none is a Heroku remote named staging)
    hint: git remote add staging https://git.heroku.com/APP.git
    [exit status: 3]
    ");
    scene.write("greenroom.toml", "pipeline = \"playhouse\"\n[environments.live]\nstage = \"production\"\n");
    insta::assert_snapshot!(scene.run("staging which"), @"
    playhouse-staging
    ------- stderr -------
    in stage staging of pipeline playhouse, named in [SCENE]/playhouse/greenroom.toml
    ");
    insta::assert_snapshot!(scene.run("greenroom on live which"), @"
    playhouse-production
    ------- stderr -------
    in stage production of pipeline playhouse, named in [SCENE]/playhouse/greenroom.toml
    ");
    scene.write("greenroom.toml", "pipeline = \"playhuose\"\n");
    insta::assert_snapshot!(scene.run("staging which"), @r#"
    ------- stderr -------
    error: there is no pipeline named "playhuose" that you can see
    hint: heroku pipelines
    [exit status: 3]
    "#);
}

#[test]
fn configured_remotes_must_exist_and_be_herokus() {
    let scene = Scene::bare();
    scene.remote("origin", "https://github.com/stage/playhouse.git");
    scene.write("greenroom.toml", "[environments.qa]\nremote = \"origin\"\n");
    insta::assert_snapshot!(scene.run("greenroom on qa which"), @r#"
    ------- stderr -------
    error: qa is the git remote "origin" in [SCENE]/playhouse/greenroom.toml, but its URL is not a Heroku app: https://github.com/stage/playhouse.git
    hint: git remote set-url origin https://git.heroku.com/APP.git
    [exit status: 3]
    "#);
    scene.write("greenroom.toml", "[environments.qa]\nremote = \"orgin\"\n");
    insta::assert_snapshot!(scene.run("greenroom on qa which"), @r#"
    ------- stderr -------
    error: qa is the git remote "orgin" in [SCENE]/playhouse/greenroom.toml, but there is no such remote
    hint: git remote add orgin https://git.heroku.com/APP.git
    [exit status: 3]
    "#);
}

#[test]
fn impossible_configuration_is_refused() {
    let scene = Scene::bare();
    scene.write("greenroom.toml", "[environments.live]\nstage = \"prod\"\n");
    insta::assert_snapshot!(scene.run("greenroom on live which"), @r#"
    ------- stderr -------
    error: [SCENE]/playhouse/greenroom.toml: [environments.live]: `stage` is "prod", which is not a pipeline stage (test, review, development, staging, production)
    hint: did you mean `production`?
    [exit status: 2]
    "#);
    scene.write("greenroom.toml", "[environments.review]\napp = \"playhouse-staging\"\n");
    insta::assert_snapshot!(scene.run("review which"), @"
    ------- stderr -------
    error: [SCENE]/playhouse/greenroom.toml: [environments.review]: `app` has no meaning here: review apps are found in the pipeline, by pull request or branch, so only `pipeline` and `protected` can be set
    [exit status: 2]
    ");
    scene.write("greenroom.toml", "[environments.staging]\napps = [\"one\", \"one\"]\n");
    insta::assert_snapshot!(scene.run("staging which"), @"
    ------- stderr -------
    error: [SCENE]/playhouse/greenroom.toml: [environments.staging]: `apps` names one twice
    [exit status: 2]
    ");
}

#[test]
fn remotes_of_different_pipelines_are_ambiguous() {
    let scene = Scene::playhouse();
    scene.git(&["remote", "remove", "production"]);
    scene.panel("POST", "/apps", json!({"name": "operahouse"}));
    let owner = scene.look("/pipelines/playhouse")["owner"].clone();
    let opera = scene.ask("POST", "/pipelines", json!({"name": "opera", "owner": owner}));
    let app = scene.look("/apps/operahouse")["id"].clone();
    let body = json!({"app": app, "pipeline": opera["id"], "stage": "staging"});
    scene.ask("POST", "/pipeline-couplings", body);
    scene.remote("opera", "https://git.heroku.com/operahouse.git");
    insta::assert_snapshot!(scene.run("production which"), @r#"
    ------- stderr -------
    error: the git remotes' apps are in different pipelines: opera (remote opera), playhouse (remote prepare)
    hint: pipeline = "opera"   # in greenroom.toml
    [exit status: 3]
    "#);
}

#[test]
fn review_apps_by_number_url_branch_and_checkout() {
    let scene = Scene::playhouse();
    for selector in ["42", "#42", "https://github.com/stage/playhouse/pull/42", "curtain-call"] {
        let outcome = scene.run_words("review", &[selector, "which"]);
        assert_eq!(outcome.stdout, "playhouse-pr-42-x7k2\n", "{selector}: {outcome}");
    }
    insta::assert_snapshot!(scene.run("review 42 which"), @"
    playhouse-pr-42-x7k2
    ------- stderr -------
    review app of pull request 42 (branch curtain-call) in pipeline playhouse
    ");
    insta::assert_snapshot!(scene.run("review which"), @"
    ------- stderr -------
    error: pipeline playhouse has no review app for branch main
    hint: its review apps: 42 (curtain-call), 43 (new-lights)
    [exit status: 3]
    ");
    scene.git(&["checkout", "--quiet", "curtain-call"]);
    assert_eq!(scene.run("review which").stdout, "playhouse-pr-42-x7k2\n");
    insta::assert_snapshot!(scene.run("review --dry-run pg:backups:restore seed"), @"heroku pg:backups:restore --app=playhouse-pr-42-x7k2 seed");
    insta::assert_snapshot!(scene.run("review --dry-run 42 pg:backups:restore seed"), @"heroku pg:backups:restore --app=playhouse-pr-42-x7k2 seed");
    assert_eq!(
        scene.run("review 42 --dry-run features").stdout,
        "heroku features --app=playhouse-pr-42-x7k2\n"
    );
    insta::assert_snapshot!(scene.run("review 43 which"), @"
    ------- stderr -------
    error: the review app of pull request 43 (branch new-lights) is creating
    hint: review 43 wait
    hint: review --wait 43 which
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run("review 44 which"), @"
    ------- stderr -------
    error: pipeline playhouse has no review app for pull request 44
    hint: its review apps: 43 (new-lights), 42 (curtain-call)
    [exit status: 3]
    ");
}

#[test]
fn two_review_apps_of_a_branch_are_told_apart_by_their_numbers() {
    let scene = Scene::playhouse();
    let body =
        json!({"branch": "curtain-call", "pr_number": 45, "status": "created", "app": "playhouse-staging"});
    scene.panel("POST", "/review-apps", body);
    insta::assert_snapshot!(scene.run("review curtain-call which"), @"
    ------- stderr -------
    error: pipeline playhouse has 2 review apps for branch or app curtain-call: pull request 42, pull request 45
    hint: review NUMBER COMMAND
    [exit status: 3]
    ");
    assert_eq!(scene.run("review 42 which").stdout, "playhouse-pr-42-x7k2\n");
    scene.panel("PATCH", "/review-apps/45", json!({"status": "deleted"}));
    assert_eq!(scene.run("review curtain-call which").stdout, "playhouse-pr-42-x7k2\n");
}

#[test]
fn pull_requests_of_other_repositories_are_refused() {
    let scene = Scene::playhouse();
    scene.git(&["remote", "set-url", "origin", "git@github.com:stage/playhouse.git"]);
    let theirs = scene.run_words("review", &["https://github.com/somebody/else/pull/42", "which"]);
    insta::assert_snapshot!(theirs, @"
    ------- stderr -------
    error: the pull request belongs to somebody/else, but no git remote here does (git@github.com:stage/playhouse.git)
    hint: git remote -v
    [exit status: 3]
    ");
    let ours = scene.run_words("review", &["https://github.com/Stage/Playhouse/pull/42", "which"]);
    assert_eq!(ours.stdout, "playhouse-pr-42-x7k2\n", "{ours}");
}

#[test]
fn refusals_of_the_api_are_reported() {
    let scene = Scene::playhouse();
    scene.git(&["remote", "remove", "production"]);
    scene.heroku().inject(Fault::answer("GET /apps/*/pipeline-couplings", 401));
    insta::assert_snapshot!(scene.run("production which"), @"
    ------- stderr -------
    error: Invalid credentials provided.
      caused by: GET /apps/playhouse-prepare/pipeline-couplings: HTTP 401 unauthorized
    hint: HEROKU_API_KEY is not valid: set another one, or `unset HEROKU_API_KEY`
    [exit status: 4]
    ");
}

#[test]
fn a_forbidden_app_is_not_taken_for_one_without_a_pipeline() {
    let scene = Scene::playhouse();
    for (fault, status, word) in [
        (Fault::two_factor("GET /apps/*/pipeline-couplings", "123456", false), 4, "two-factor code"),
        (Fault::answer("GET /apps/*/pipeline-couplings", 403), 4, "You do not have access"),
        (Fault::answer("GET /apps/*/pipeline-couplings", 402), 4, "delinquent"),
    ] {
        scene.heroku().inject(fault);
        for line in ["production promote --yes", "review 42 which"] {
            let outcome = scene.run(line);
            assert_eq!(outcome.status, Some(status), "{line}: {outcome}");
            assert!(outcome.stderr.contains(word), "{line}: {outcome}");
            assert!(
                !outcome.stderr.contains("pipelines:add") && !outcome.stderr.contains("echo"),
                "{outcome}"
            );
        }
        scene.heroku().heal();
    }
    scene.git(&["remote", "set-url", "production", "https://git.heroku.com/no-such-house.git"]);
    insta::assert_snapshot!(scene.run("production promote --yes"), @"
    ------- stderr -------
    error: Couldn't find that app.
      caused by: GET /apps/no-such-house/pipeline-couplings: HTTP 404 not_found
    hint: production which   # check that the app still exists
    [exit status: 1]
    ");
    scene.git(&["remote", "remove", "prepare"]);
    assert_eq!(scene.run("prepare which").stdout, "playhouse-prepare\n", "staging's app still answers");
    scene.git(&["remote", "remove", "staging"]);
    insta::assert_snapshot!(scene.run("prepare which"), @r#"
    ------- stderr -------
    error: no pipeline is configured, and no Heroku remote belongs to a pipeline you can access: production (no-such-house)
      caused by: Couldn't find that app.
      caused by: GET /apps/no-such-house/pipeline-couplings: HTTP 404 not_found
    hint: pipeline = "NAME"   # in greenroom.toml
    [exit status: 3]
    "#);
}

#[test]
fn one_refused_remote_does_not_hide_the_others() {
    let scene = Scene::playhouse();
    scene.git(&["remote", "remove", "production"]);
    for status in [402, 403, 404] {
        scene.heroku().inject(Fault::answer("GET /apps/playhouse-prepare/pipeline-couplings", status));
        let outcome = scene.run("production which");
        assert_eq!(outcome.stdout, "playhouse-production\n", "{status}: {outcome}");
        scene.heroku().heal();
    }
    scene.heroku().inject(Fault::answer("GET /apps/playhouse-prepare/pipeline-couplings", 401));
    assert_eq!(scene.run("production which").status, Some(4));
}

#[test]
fn apps_without_a_pipeline_get_a_safe_hint() {
    let scene = Scene::playhouse();
    scene.panel("POST", "/apps", json!({"name": "operahouse"}));
    scene.git(&["remote", "set-url", "staging", "https://git.heroku.com/operahouse.git"]);
    insta::assert_snapshot!(scene.run("staging promote"), @"
    ------- stderr -------
    error: operahouse is in no pipeline, so nothing can be promoted to it
    hint: staging pipelines:add PIPELINE --stage STAGE
    [exit status: 1]
    ");
}

#[test]
fn an_unknown_host_is_an_error_and_gets_no_token() {
    let mut scene = Scene::playhouse();
    scene.git(&["remote", "remove", "production"]);
    for host in
        ["https://evilheroku.com", "http://api.heroku.com", "localhost.evil.test", "http://user@127.0.0.1:1"]
    {
        scene.set("HEROKU_HOST", host);
        let outcome = scene.run("production which");
        assert_eq!(outcome.status, Some(2), "{host}: {outcome}");
        assert!(outcome.stderr.contains("HEROKU_HOST"), "{outcome}");
    }
    assert_eq!(scene.requests(), Vec::<String>::new());
}
