//! `restore` between environments.

use std::process::Stdio;

use rehearsal::Fault;
use serde_json::{Value, json};

use super::{real, sql};
use crate::pty::Pty;
use crate::scene::{Scene, signal, until};

const STAGING: &str = "playhouse-staging";
const TITLE: &str = "select title from shows where id = 4";

/// The requests that change something.
fn changes(scene: &Scene) -> Vec<String> {
    let all = scene.requests().into_iter();
    all.filter(|line| !line.starts_with("GET ") && !line.ends_with("/resolve")).collect()
}

fn nothing_was_changed(scene: &Scene) {
    assert_eq!(changes(scene), [""; 0]);
}

#[test]
fn productions_backup_gets_into_staging_and_back_out_of_it() {
    let Some(scene) = real() else { return };
    assert_eq!(sql(&scene, STAGING, TITLE), "Tonight at playhouse-staging");
    let outcome = scene.run("staging restore production --fresh --restart");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(sql(&scene, STAGING, TITLE), "Tonight at playhouse-production");
    let last = outcome.stderr.lines().last().unwrap_or_default();
    assert_eq!(
        last,
        "hint: staging restore playhouse-staging --backup b002   # brings the data back that was there before"
    );
    assert!(outcome.stderr.contains("may be that of real people"), "{outcome}");
    assert_eq!(scene.count("DELETE /apps/playhouse-staging/dynos"), 1);
    let back = scene.run("staging restore playhouse-staging --backup b002");
    assert_eq!(back.status, Some(0), "{back}");
    assert_eq!(sql(&scene, STAGING, TITLE), "Tonight at playhouse-staging");
}

#[test]
fn the_plan_is_shown_and_a_dry_run_ends_there() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging --dry-run restore production --reset"), @r#"
    curl -X POST [HEROKU]/client/v11/databases/84eb4454-a792-422a-934f-7096918175ce/backups -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3'
    curl -X PUT [HEROKU]/client/v11/databases/84eb4454-a792-422a-934f-7096918175ce/reset -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{}'
    curl -X POST [HEROKU]/client/v11/databases/84eb4454-a792-422a-934f-7096918175ce/restores -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"backup_url":"(where a002 is kept)"}'
    ------- stderr -------
    from playhouse-production  DATABASE, postgresql-curved-12347 (standard-0, PostgreSQL 15.12)
         a002, 2 days old, 46.00MB of a database of 92.00MB
    to   playhouse-staging     DATABASE, postgresql-curved-12346 (essential-0, PostgreSQL 15.12)
         its data (8633 kB / 1 GB) is removed; backed up first
    warning: the data of playhouse-production may be that of real people: what playhouse-staging sends from now on may reach them
    "#);
    nothing_was_changed(&scene);
    let all = scene.run("staging --dry-run restore production --fresh --reset --maintenance --restart");
    let requests: Vec<&str> = all
        .stdout
        .lines()
        .map(|line| if line.contains("{\"maintenance\":true}") { "on" } else { line })
        .map(|line| if line.contains("{\"maintenance\":false}") { "off" } else { line })
        .map(|line| line.split_once(" -H ").map_or(line, |(request, _)| request))
        .map(|request| request.rsplit('/').next().unwrap_or_default())
        .collect();
    let order = ["backups", "on", "backups", "reset", "restores", "dynos", "off"];
    assert_eq!(requests, order, "{all}");
    nothing_was_changed(&scene);
}

#[test]
fn maintenance_mode_ends_with_the_restore_however_that_ends() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging --yes restore production --no-backup --maintenance");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let is_on = || scene.look("/apps/playhouse-staging")["maintenance"] == true;
    assert!(!is_on() && scene.count("PATCH /apps/playhouse-staging") == 2, "{outcome}");
    scene
        .heroku()
        .inject(Fault::FailTransfer { app: STAGING.into(), message: "pg_restore: error: no room".into() });
    let outcome = scene.run("staging --yes restore production --no-backup --maintenance");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("pg_restore: error: no room"), "{outcome}");
    assert!(!is_on());
    scene.heroku().heal();
    scene.heroku().inject(Fault::StallTransfer { app: STAGING.into() });
    let mut command = scene.prepared("staging");
    command.args(["--yes", "restore", "production", "--no-backup", "--maintenance"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let restores = || scene.requests().iter().filter(|line| line.ends_with("/restores")).count();
    until("it restores", || restores() == 3);
    let looks = || scene.requests().iter().filter(|line| line.contains("/transfers/")).count();
    let before = looks();
    until("it is waited for", || looks() > before);
    signal("-INT", &child.id().to_string());
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("restore r004 of playhouse-staging continues at Heroku"), "{said}");
    assert!(said.contains("hint: staging pg:backups:cancel r004   # cancels it"), "{said}");
    assert!(!is_on());
}

#[test]
fn a_database_that_is_not_this_apps_own_is_never_a_target() {
    let scene = Scene::playhouse();
    let live = json!({
        "name": "LIVE", "app": "playhouse-production", "addon": "DATABASE",
        "config_vars": { "LIVE_URL": "postgres://u:p@h:5432/d" },
    });
    scene.panel("POST", &format!("/apps/{STAGING}/addon-attachments"), live);
    insta::assert_snapshot!(scene.run("staging --yes restore prepare --database LIVE"), @r#"
    ------- stderr -------
    error: LIVE of playhouse-staging belongs to playhouse-production: a restore would replace that app's data
    hint: staging addons
    [exit status: 5]
    "#);
    // Also where the other app is named, and nothing there is protected.
    insta::assert_snapshot!(scene.run("staging --yes restore production --database playhouse-prepare::DATABASE"), @r#"
    ------- stderr -------
    error: DATABASE of playhouse-prepare is not a database of playhouse-staging: a restore replaces the environment's own data only
    hint: staging addons
    [exit status: 5]
    "#);
    insta::assert_snapshot!(scene.run("staging restore staging"), @r#"
    ------- stderr -------
    error: DATABASE of playhouse-staging and DATABASE of playhouse-staging are one database, postgresql-curved-12346
    hint: --backup names a backup of it to go back to
    [exit status: 5]
    "#);
    insta::assert_snapshot!(
        scene.run("production restore staging --into-production --database HEROKU_POSTGRESQL_AMBER"), @r#"
    ------- stderr -------
    error: HEROKU_POSTGRESQL_AMBER of playhouse-production follows another database and only reads
    hint: --database names another one
    [exit status: 5]
    "#);
    insta::assert_snapshot!(scene.run("staging restore development"), @r#"
    ------- stderr -------
    error: development is this machine, and Heroku restores the backups of apps only
    hint: staging pg:push NAME DATABASE_URL
    [exit status: 2]
    "#);
    nothing_was_changed(&scene);
}

#[test]
fn production_wants_a_flag_and_its_name() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production --yes restore staging"), @r#"
    ------- stderr -------
    error: production is protected, and a restore replaces its data
    hint: production restore staging --into-production
    [exit status: 5]
    "#);
    let outcome = scene.run("production --yes restore staging --into-production");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.ends_with("has to be typed for this, which requires a terminal\n"), "{outcome}");
    nothing_was_changed(&scene);
    let answer = |answer: &str, code: u32| {
        let mut command = scene.prepared("production");
        let mut pty = Pty::start(command.args(["--yes", "restore", "staging", "--into-production"]));
        pty.sees("Type playhouse-production to go on: ", 1).types(answer);
        pty.ends(code);
    };
    answer("yes\r", 5);
    nothing_was_changed(&scene);
    answer("playhouse-production\r", 0);
    assert_eq!(changes(&scene).iter().filter(|line| line.ends_with("/restores")).count(), 1);
}

#[test]
fn an_older_server_is_refused() {
    let scene = Scene::playhouse();
    let staging = scene.ask(
        "POST",
        "/actions/addon-attachments/resolve",
        json!({ "addon_attachment": "DATABASE", "app": STAGING }),
    );
    let id = staging[0]["addon"]["id"].as_str().expect("an id").to_owned();
    let info = json!({ "info": [{ "name": "PG Version", "values": ["14.10"] }] });
    scene.heroku().inject(Fault::answer(&format!("GET /client/v11/databases/{id}"), 200).body(info));
    insta::assert_snapshot!(scene.run("staging restore production"), @r#"
    ------- stderr -------
    error: DATABASE of playhouse-staging has PostgreSQL 14, and the backup is of PostgreSQL 15
    hint: staging pg:upgrade
    [exit status: 5]
    "#);
    nothing_was_changed(&scene);
}

#[test]
fn json_names_the_backup_and_the_way_back() {
    let scene = Scene::playhouse();
    let outcome = scene.run("staging restore production --json");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        answer,
        json!({
            "app": STAGING, "database": "DATABASE", "source": "playhouse-production", "backup": "a002",
            "restore": "r003", "warnings": 0, "before": "b002",
        })
    );
    assert!(!outcome.to_string().contains("postgres://"));
}

#[test]
fn the_line_that_agrees_to_a_restore_without_a_backup_can_be_pasted() {
    let scene = Scene::playhouse();
    let refused = scene.run("staging restore production --no-backup --wait-timeout 5m");
    assert_eq!(refused.status, Some(5), "{refused}");
    let (_, hint) = refused.stderr.split_once("hint: ").expect("a hint");
    assert_eq!(hint.trim(), "staging restore production --no-backup --wait-timeout 5m --yes");
    assert_eq!(scene.run(hint.trim()).status, Some(0));
}
