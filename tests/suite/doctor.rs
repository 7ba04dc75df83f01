//! `greenroom doctor`: each seeded defect is found, and nothing else.

use std::collections::BTreeMap;
use std::fs;

use rehearsal::Fault;
use serde_json::{Value, json};

use super::completion::doctor::healthy;
use super::pty::Pty;
use super::scene::{Scene, binaries, install_script};

/// What is not in order, a block for each finding: its line, why it matters, and the hint.
fn findings(scene: &Scene) -> Vec<String> {
    let outcome = scene.run("greenroom doctor");
    let mut blocks: Vec<String> = Vec::new();
    for line in outcome.stdout.lines() {
        match blocks.last_mut() {
            Some(block) if line.starts_with(' ') => *block = [block, line].join("\n"),
            _ => blocks.push(line.to_owned()),
        }
    }
    blocks.retain(|block| !block.starts_with("ok "));
    let has_problem = blocks.iter().any(|block| block.starts_with("problem "));
    assert_eq!(outcome.status, Some(i32::from(has_problem)), "{outcome}");
    assert!(!format!("{outcome}").contains("rehearsal-token"), "{outcome}");
    blocks
}

/// What is found after a change that was not found before.
fn found_after(seed: impl FnOnce(&mut Scene)) -> String {
    let mut scene = healthy();
    let before = findings(&scene);
    seed(&mut scene);
    let new: Vec<String> = findings(&scene).into_iter().filter(|block| !before.contains(block)).collect();
    new.join("\n")
        .replace(&binaries().display().to_string(), "[BINARIES]")
        .replace(&*scene.folder().to_string_lossy(), "[SCENE]")
}

/// The next answers to this request are these.
fn answers(scene: &Scene, route: &str, status: u16, body: Value) {
    scene.heroku().inject(Fault::Answer {
        route: route.into(),
        times: None,
        status,
        body: Some(body),
        headers: BTreeMap::new(),
    });
}

/// The account with some facts changed.
fn account(scene: &Scene, facts: &[(&str, Value)]) {
    let mut account = scene.ask("GET", "/account", Value::Null);
    for (name, value) in facts {
        account[*name] = value.clone();
    }
    answers(scene, "GET /account", 200, account);
}

#[test]
fn nothing_is_a_problem_in_a_working_setup() {
    let scene = healthy();
    let outcome = scene.run("greenroom doctor");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let all: Value = serde_json::from_str(&scene.run("greenroom doctor --json").stdout).expect("JSON");
    let examined: Vec<&str> = all
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|finding| finding["examination"].as_str())
        .collect();
    for name in
        ["programs", "completion", "configuration", "git", "heroku", "environments", "pipeline", "project"]
    {
        assert!(examined.contains(&name), "{name}: {examined:?}");
    }
}

#[test]
fn programs_that_hide_the_suite() {
    insta::assert_snapshot!(found_after(|scene| {
        let gems = scene.folder().join("gems");
        fs::create_dir(&gems).expect("a folder");
        install_script(&gems.join("staging"), "load Gem.activate_bin_path('parity', 'staging', version)");
        scene.put_on_path(gems);
    }), @"
    problem  staging on PATH is Parity's: [SCENE]/gems/staging
             the gem's commands have the same names, and come first on PATH
             hint: gem uninstall parity
    ");
    insta::assert_snapshot!(found_after(|scene| {
        scene.write("../home/.local/share/greenroom/links", "qa\n");
    }), @"
    warning  qa is not on PATH
             hint: greenroom link qa
    problem  no app found for qa: looked at: no greenroom.toml; git remotes origin, prepare, production, staging (none is a Heroku remote named qa); pipeline stages (none is named qa)
             hint: git remote add qa https://git.heroku.com/APP.git
    ");
}

#[test]
fn configuration_that_cannot_be_read_or_unprotects() {
    insta::assert_snapshot!(found_after(|scene| scene.write("greenroom.toml", "pipelin = \"playhouse\"\n")), @"
    problem  [SCENE]/playhouse/greenroom.toml:1: unknown field `pipelin`, expected one of `pipeline`, `release`, `commands`, `aliases`, `development`, `restore`, `environments`
             no command of an environment works
             hint: did you mean `pipeline`?
    unknown  git remotes: [SCENE]/playhouse/greenroom.toml:1: unknown field `pipelin`, expected one of `pipeline`, `release`, `commands`, `aliases`, `development`, `restore`, `environments`
    unknown  environments: [SCENE]/playhouse/greenroom.toml:1: unknown field `pipelin`, expected one of `pipeline`, `release`, `commands`, `aliases`, `development`, `restore`, `environments`
    unknown  the pipeline: [SCENE]/playhouse/greenroom.toml:1: unknown field `pipelin`, expected one of `pipeline`, `release`, `commands`, `aliases`, `development`, `restore`, `environments`
    unknown  the versions of Heroku's databases: they could not be asked for
    ");
    insta::assert_snapshot!(
        found_after(|scene| scene.write("greenroom.toml", "[environments.production]\nprotected = false\n")), @"
    warning  [SCENE]/playhouse/greenroom.toml takes the protection from production
             code moves to production without a question, for everybody who works on this project
             hint: protected = true   # in [environments.production]
    ");
}

#[test]
fn remotes_that_are_ambiguous_or_wrong() {
    insta::assert_snapshot!(found_after(|scene| {
        let other = "https://git.heroku.com/playhouse-staging.git";
        scene.git(&["remote", "set-url", "--push", "production", other]);
    }), @"
    problem  git remote production is fetched from playhouse-production, but pushed to playhouse-staging
             `git push` deploys to another app than the one that greenroom's commands work on
             hint: git remote set-url --push production https://git.heroku.com/playhouse-production.git
    ");
    insta::assert_snapshot!(
        found_after(|scene| scene.remote("heroku", "https://git.heroku.com/playhouse-production.git")), @"
    warning  git remotes heroku and production are the same app, playhouse-production
             a command typed for one of them changes the other
             hint: git remote remove heroku
    ");
    insta::assert_snapshot!(found_after(|scene| scene.remote("odd", "https://git.heroku.com/Play_House.git")), @r#"
    problem  git remote odd names no app: "Play_House" is not a valid app name (3 to 30 of a-z, 0-9 and -, starting with a letter, ending with a letter or digit)
             hint: git remote remove odd
    "#);
}

#[test]
fn a_login_that_is_missing_or_refused() {
    insta::assert_snapshot!(found_after(|scene| _ = scene.set("HEROKU_API_KEY", "")), @"
    problem  not logged in to [HEROKU]
             only forwarded commands work, and only those that need no login
             hint: heroku login
    unknown  the pipeline: not logged in to [HEROKU]
    unknown  the versions of Heroku's databases: they could not be asked for
    ");
    insta::assert_snapshot!(found_after(|scene| _ = scene.set("HEROKU_API_KEY", "not-a-token-of-anybody")), @"
    problem  Invalid credentials provided.: GET /account: HTTP 401 unauthorized
             commands that ask Heroku fail
             hint: HEROKU_API_KEY is not valid: set another one, or `unset HEROKU_API_KEY`
    unknown  the pipeline: Invalid credentials provided.: GET /account: HTTP 401 unauthorized
    unknown  the versions of Heroku's databases: they could not be asked for
    ");
}

#[test]
fn an_account_with_something_against_it() {
    insta::assert_snapshot!(found_after(|scene| account(scene, &[("two_factor_authentication", json!(false))])), @"
    warning  two-factor authentication is off
             whoever learns the password can deploy to production
             hint: https://dashboard.heroku.com/account/security
    ");
    insta::assert_snapshot!(
        found_after(|scene| account(scene, &[("suspended_at", json!("2026-11-01T00:00:00Z"))])), @"
    problem  the account has been suspended since 2026-11-01T00:00:00Z
             Heroku refuses its requests
             hint: https://help.heroku.com
    ");
    insta::assert_snapshot!(
        found_after(|scene| account(scene, &[("delinquent_at", json!("2026-11-01T00:00:00Z"))])), @"
    warning  the account has been delinquent since 2026-11-01T00:00:00Z
             Heroku will stop its apps
             hint: https://dashboard.heroku.com/account/billing
    ");
}

#[test]
fn a_token_that_ends_soon_or_only_reads() {
    let listed = |scope: &str, expires_in: Value| {
        json!([
            {"scope": ["global"], "access_token": {"token": "another", "expires_in": 1}},
            {"scope": [scope], "access_token": {"token": "rehearsal-token", "expires_in": expires_in}},
        ])
    };
    let after = |body: Value| found_after(|scene| answers(scene, "GET /oauth/authorizations", 200, body));
    insta::assert_snapshot!(after(listed("global", json!(7300))), @"
    warning  the token expires in 2 h
             commands will be refused then
             hint: heroku login
    ");
    insta::assert_snapshot!(after(listed("read-protected", Value::Null)), @"
    warning  the token may only read (read-protected)
             deploys, promotions and config changes will be refused
             hint: heroku login
    ");
}

#[test]
fn a_clock_that_is_wrong() {
    insta::assert_snapshot!(found_after(|scene| {
        let later = jiff::Timestamp::now().as_second() + 7300;
        let date = jiff::Timestamp::from_second(later).expect("a time").strftime("%a, %d %b %Y %H:%M:%S GMT");
        scene.heroku().inject(Fault::Headers {
            route: "GET /account".into(),
            times: None,
            headers: [("Date".to_owned(), date.to_string())].into(),
        });
    }), @"
    warning  this machine's clock is 2 h behind Heroku's
             ages are wrong, and certificates and signed URLs may seem expired
             hint: timedatectl set-ntp true   # on Linux with systemd
    ");
}

#[test]
fn without_a_network_what_could_not_be_looked_at_is_named() {
    insta::assert_snapshot!(found_after(|scene| {
        scene.set("HEROKU_HOST", "http://127.0.0.1:1").set("GREENROOM_TIMEOUT", "1");
    }), @"
    problem  cannot reach 127.0.0.1: connection refused: GET /account
             commands that ask Heroku fail
             hint: curl --head http://127.0.0.1:1   # can it be reached from here?
    unknown  the pipeline: cannot reach 127.0.0.1: connection refused: GET /account
    unknown  the versions of Heroku's databases: they could not be asked for
    ");
}

#[test]
fn environments_that_lead_nowhere_or_astray() {
    insta::assert_snapshot!(found_after(|scene| scene.remote("qa", "https://git.heroku.com/playhouse-gone.git")), @"
    problem  qa is playhouse-gone, and Heroku says: Couldn't find that app
             the app was renamed or destroyed, or this account has no access
             hint: git remote remove qa
    ");
    insta::assert_snapshot!(found_after(|scene| {
        scene.write("greenroom.toml", "[environments.production]\napp = \"playhouse-staging\"\n");
    }), @"
    problem  production is playhouse-staging, which is in stage staging of its pipeline
             a promotion moves slugs by stage, so it would go past this app
             hint: heroku pipelines:update --stage production --app playhouse-staging
    problem  staging and production are the same app, playhouse-staging
             what is tried in one of them happens in the other
             hint: greenroom environments   # tells where each name comes from
    ");
}

#[test]
fn a_pipeline_with_a_stage_missing_or_none_at_all() {
    insta::assert_snapshot!(found_after(|scene| scene.uncouple("playhouse-production")), @"
    warning  pipeline playhouse has no app in stage production
             a slug is promoted from stage to stage; with one missing there is nowhere to try it
             hint: heroku pipelines:add --stage production playhouse --app APP
    ");
    insta::assert_snapshot!(found_after(|scene| {
        for app in ["playhouse-production", "playhouse-staging", "playhouse-prepare"] {
            scene.uncouple(app);
        }
    }), @r#"
    warning  no pipeline is configured, and no Heroku remote belongs to a pipeline you can access: prepare (playhouse-prepare), production (playhouse-production), staging (playhouse-staging)
             without a pipeline nothing can be promoted, and there are no review apps
             hint: pipeline = "NAME"   # in greenroom.toml
    "#);
}

#[test]
fn files_that_heroku_will_not_read() {
    insta::assert_snapshot!(found_after(|scene| scene.write("Procfile", "worker: rake\nweb bin/rails server\n")), @"
    problem  Procfile:2 is no process type: web bin/rails server
             Heroku ignores the line
             hint: web: COMMAND   # a name, a colon, a command
    warning  the Procfile has no process type web
             without it the app answers no requests, unless the buildpack adds one
             hint: web: COMMAND   # in the Procfile
    ");
    insta::assert_snapshot!(found_after(|scene| scene.write("app.json", "{\"name\": }")), @"
    problem  app.json:1: it is not valid JSON: expected value at line 1 column 10
             Heroku creates no review app from it
             hint: https://devcenter.heroku.com/articles/app-json-schema
    ");
}

#[test]
fn programs_that_are_older_than_the_server() {
    let mut scene = healthy();
    scene.set("GREENROOM_PG_BIN", scene.folder().join("none").into_os_string());
    let outcome = scene.run("greenroom doctor databases");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(outcome.stdout.starts_with("warning  PostgreSQL "), "{outcome}");
    assert!(outcome.stdout.contains("no installed pg_dump can dump"), "{outcome}");
}

#[test]
fn safe_fixes_are_shown_asked_for_and_run() {
    let mut scene = healthy();
    assert_eq!(scene.run("greenroom completions bash --uninstall").status, Some(0));
    insta::assert_snapshot!(scene.run("greenroom doctor completion --fix --dry-run").stderr, @"");
    let refused = scene.run("greenroom doctor completion --fix");
    assert_eq!(refused.status, Some(5), "{refused}");
    let mut pty = Pty::start(scene.prepared("greenroom").args(["doctor", "completion", "--fix"]));
    pty.sees("Run these lines?", 1).types("n\r");
    pty.ends(5);
    let fixed = scene.run("greenroom doctor completion --fix --yes");
    assert_eq!(fixed.status, Some(0), "{fixed}");
    let again = scene.run("greenroom doctor completion");
    assert_eq!(again.status, Some(0), "{again}");
    scene.set("SHELL", "/bin/bash");
}
