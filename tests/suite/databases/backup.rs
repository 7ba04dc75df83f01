//! `backup` and `backups`.

use std::process::Stdio;

use rehearsal::Fault;
use rehearsal::postgres::Server;
use serde_json::{Value, json};

use super::{real, sql};
use crate::scene::{Scene, signal, until};

const STAGING: &str = "playhouse-staging";

fn transfers(scene: &Scene, app: &str) -> Vec<Value> {
    scene.look(&format!("/client/v11/apps/{app}/transfers")).as_array().expect("a list").clone()
}

#[test]
fn a_backup_is_made_waited_for_and_named() {
    let Some(scene) = real() else { return };
    let outcome = scene.run("staging backup");
    assert_eq!((outcome.status, &*outcome.stdout), (Some(0), "b002\n"), "{outcome}");
    assert!(outcome.stderr.contains("backing up DATABASE of playhouse-staging to b002\nb002: "), "{outcome}");
    let made = transfers(&scene, STAGING).pop().expect("a backup");
    assert_eq!((&made["num"], &made["succeeded"]), (&json!(2), &json!(true)));
    let json: Value = serde_json::from_str(&scene.run("staging backup --json").stdout).expect("JSON");
    assert_eq!((&json["backup"], &json["app"]), (&json!("b003"), &json!(STAGING)));
}

#[test]
fn a_downloaded_backup_is_private_and_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(scene) = real() else { return };
    let outcome = scene.run("staging backup --download live.dump");
    assert_eq!((outcome.status, &*outcome.stdout), (Some(0), "live.dump\n"), "{outcome}");
    let file = scene.repository().join("live.dump");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut list = Server::shared(15).expect("a server").program("pg_restore");
    let list = list.arg("-l").arg(&file).output().expect("pg_restore");
    assert!(String::from_utf8_lossy(&list.stdout).contains("TABLE DATA public tickets"));
    let again = scene.run("staging backup --download live.dump");
    insta::assert_snapshot!(again, @r"
    ------- stderr -------
    error: live.dump is there already
    hint: move it away, or name another file
    [exit status: 5]
    ");
    let kept = scene.run("staging backup --download");
    let uuid = transfers(&scene, STAGING).pop().expect("a backup")["uuid"].clone();
    let name = format!("/greenroom/backups/playhouse-staging/b003-{}.dump\n", uuid.as_str().expect("text"));
    assert!(kept.stdout.ends_with(&name), "{kept}");
}

#[test]
fn a_url_is_printed_only_if_it_is_asked_for_and_passwords_never() {
    let Some(scene) = real() else { return };
    let outcome = scene.run("staging backup --url");
    assert!(outcome.stdout.starts_with("[HEROKU]/backup-store/"), "{outcome}");
    for line in [
        "staging backup --verbose",
        "staging backup --json",
        "staging --dry-run backup",
        "staging backups --json",
    ] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        let all = outcome.to_string();
        for secret in ["backup-store", "rehearsal@", "%40rehearsal", "postgres://", "Signature"] {
            assert!(!all.contains(secret), "{line} prints {secret}: {all}");
        }
    }
    assert_eq!(sql(&scene, STAGING, "select count(*) from shows"), "4");
}

#[test]
fn a_failure_is_told_with_the_end_of_its_log() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::FailTransfer {
        app: STAGING.into(),
        message: "pg_dump: error: connection to server was lost\u{1b}[2J".into(),
    });
    insta::assert_snapshot!(scene.run("staging backup"), @r"
    ------- stderr -------
    backing up DATABASE of playhouse-staging to b002
    error: backup b002 of playhouse-staging failed
      caused by: Starting
      pg_dump: error: connection to server was lost\u{1b}[2J
    hint: staging pg:backups:info b002
    [exit status: 1]
    ");
}

#[test]
fn a_wait_that_ends_early_says_how_to_look_and_to_cancel() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::StallTransfer { app: STAGING.into() });
    insta::assert_snapshot!(scene.run("staging backup --wait-timeout 1s"), @r"
    ------- stderr -------
    backing up DATABASE of playhouse-staging to b002
    error: backup b002 of playhouse-staging has not ended within 1s; it goes on at Heroku
    hint: staging pg:backups:info b002   # looks at it
    hint: staging pg:backups:cancel b002   # cancels it
    [exit status: 6]
    ");
    let child = scene.prepared("staging").arg("backup").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("a program that starts");
    until("the second one has begun", || transfers(&scene, STAGING).len() == 3);
    let looks = || scene.requests().iter().filter(|line| line.contains("/transfers/")).count();
    let before = looks();
    until("it is waited for", || looks() > before);
    signal("-INT", &child.id().to_string());
    let output = child.wait_with_output().expect("its output");
    assert_eq!(output.status.code(), Some(130));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
    backing up DATABASE of playhouse-staging to b003
    interrupted: backup b003 of playhouse-staging continues at Heroku
    hint: staging pg:backups:info b003   # looks at it
    hint: staging pg:backups:cancel b003   # cancels it
    ");
}

#[test]
fn a_database_that_is_not_there_yet_is_named() {
    let scene = Scene::playhouse();
    scene.panel("PATCH", &format!("/apps/{STAGING}/addons/DATABASE"), json!({ "state": "provisioning" }));
    insta::assert_snapshot!(scene.run("staging backup"), @r"
    ------- stderr -------
    error: postgresql-curved-12346 is not provisioned yet
    hint: staging addons:wait
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("staging backup NOPE"), @r"
    ------- stderr -------
    error: no database NOPE found in playhouse-staging
    hint: its databases are DATABASE
    [exit status: 1]
    ");
    insta::assert_snapshot!(scene.run("staging backup REDIS"), @r"
    ------- stderr -------
    error: REDIS of playhouse-staging is not a Heroku Postgres database
    hint: staging addons
    [exit status: 1]
    ");
}

#[test]
fn the_backup_of_another_apps_database_is_found_where_that_app_lists_it() {
    let scene = Scene::playhouse();
    let live = json!({
        "name": "LIVE", "app": "playhouse-production", "addon": "DATABASE",
        "config_vars": { "LIVE_URL": "postgres://u:p@h:5432/d" },
    });
    scene.panel("POST", &format!("/apps/{STAGING}/addon-attachments"), live);
    let outcome = scene.run("staging backup LIVE");
    assert_eq!((outcome.status, &*outcome.stdout), (Some(0), "b005\n"), "{outcome}");
    assert_eq!(transfers(&scene, "playhouse-production").len(), 5);
    // A copy of the URL is no attachment, but means the same database.
    let config = scene.look(&format!("/apps/{STAGING}/config-vars"));
    scene.panel(
        "PATCH",
        &format!("/apps/{STAGING}/config-vars"),
        json!({ "PRIMARY_URL": config["DATABASE_URL"] }),
    );
    let outcome = scene.run("staging backup PRIMARY");
    assert_eq!((outcome.status, &*outcome.stdout), (Some(0), "b002\n"), "{outcome}");
}

#[test]
fn backups_are_listed_newest_first() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("production backups"), @r"
    a004  2 days ago  failed     0.00B    DATABASE  scheduled
    a002  3 days ago  completed  46.00MB  DATABASE  scheduled
    b001  4 days ago  completed  46.00MB  DATABASE  manual
    ");
    let json: Vec<Value> =
        serde_json::from_str(&scene.run("production backups --json").stdout).expect("JSON");
    assert_eq!((&json[0]["backup"], &json[0]["status"]), (&json!("a004"), &json!("failed")));
    insta::assert_snapshot!(scene.run("prepare backups"), @r"
    ------- stderr -------
    playhouse-prepare has no backups
    hint: prepare backup
    ");
}

/// Adds a completed backup, made an hour ago, that read this database under the name `DATABASE`; gives its name.
fn add_backup(scene: &Scene, app: &str, from_url: &Value) -> String {
    let backup = json!({ "from_name": "DATABASE", "from_url": from_url });
    let made = scene.panel("POST", &format!("/apps/{app}/transfers"), backup);
    format!("b{:03}", made["num"].as_u64().expect("a number"))
}

#[test]
fn the_newest_backup_is_one_of_that_database_and_not_of_its_name() {
    let scene = Scene::playhouse();
    let app = "playhouse-production";
    // The follower was promoted, and is DATABASE now: what is newer was made of the one that was it before.
    let follower = scene.look(&format!("/apps/{app}/config-vars"))["HEROKU_POSTGRESQL_AMBER_URL"].clone();
    add_backup(&scene, app, &json!("postgres://u9:p4ss@db-9.playhouse.example:5432/d9"));
    let of_follower = add_backup(&scene, app, &follower);
    let plan = |line: &str| scene.run(&format!("staging --dry-run restore production{line}")).stderr;
    assert!(plan("").contains("a002, 2 days old"), "{}", plan(""));
    assert!(plan(" --from HEROKU_POSTGRESQL_AMBER").contains(&format!("{of_follower}, ")));
    assert_eq!(scene.run("production --dry-run backup --backup latest").stdout, format!("a002 of {app}\n"));
    insta::assert_snapshot!(scene.run("production backups --database HEROKU_POSTGRESQL_AMBER"), @"b006  1 h ago  completed  46.01MB  DATABASE  manual");
    let all = scene.run("production backups").stdout;
    assert_eq!(all.lines().count(), 5, "{all}");
    // The credentials were rotated, and the host was changed by maintenance: it is the same database.
    let same = json!("postgres://u2:other@db-old.playhouse.example:5432/d2");
    let newest = add_backup(&scene, app, &same);
    assert!(plan("").contains(&format!("{newest}, ")), "{}", plan(""));
    // Where it cannot be told, nothing is taken by guess.
    add_backup(&scene, app, &Value::Null);
    insta::assert_snapshot!(scene.run("staging restore production"), @r"
    ------- stderr -------
    error: it cannot be told whether backup b008 of playhouse-production is of DATABASE of playhouse-production, postgresql-curved-12347
    hint: heroku pg:backups:info b008 --app playhouse-production   # tells when it was made; --backup takes it
    hint: --fresh makes one first
    [exit status: 1]
    ");
    let listed = scene.run("production backups --database DATABASE");
    let warning =
        "warning: 1 backup not listed: whether of DATABASE of playhouse-production cannot be told\n";
    assert_eq!(listed.stderr, warning);
    assert_eq!(listed.stdout.lines().count(), 4, "{listed}");
    assert_eq!(scene.run("staging --dry-run restore production --backup b008").status, Some(0));
    assert_eq!(scene.count("POST /client/v11"), 0);
}

#[test]
fn a_database_may_be_named_as_restore_names_it() {
    let scene = Scene::playhouse();
    let line = |line: &str| scene.run(&format!("production --dry-run backup {line}")).stdout;
    assert_eq!(line("--database HEROKU_POSTGRESQL_AMBER"), line("HEROKU_POSTGRESQL_AMBER"));
    assert_ne!(line("--database HEROKU_POSTGRESQL_AMBER"), line(""));
    assert_eq!(scene.run("production backup DATABASE --database DATABASE").status, Some(2));
    insta::assert_snapshot!(scene.run("prepare backups --database DATABASE"), @r"
    ------- stderr -------
    DATABASE of playhouse-prepare has no backups
    hint: prepare backup --database DATABASE
    ");
    assert_eq!(scene.run("staging backups --database NOPE").status, Some(1));
}

#[test]
fn what_the_heroku_cli_does_with_backups_is_left_to_it() {
    let scene = Scene::playhouse();
    for (line, expected) in [
        ("backup info b001", "pg:backups:info --app=playhouse-staging b001"),
        ("backup --info b001", "pg:backups:info --app=playhouse-staging b001"),
        ("backups info", "pg:backups:info --app=playhouse-staging"),
        ("backup --schedule --at 02:00", "pg:backups:schedule --app=playhouse-staging --at 02:00"),
        (
            "backup schedule DATABASE --at 02:00",
            "pg:backups:schedule --app=playhouse-staging DATABASE --at 02:00",
        ),
        ("backups schedules", "pg:backups:schedules --app=playhouse-staging"),
        ("backup unschedule DATABASE", "pg:backups:unschedule --app=playhouse-staging DATABASE"),
        ("backup delete b001", "pg:backups:delete --app=playhouse-staging b001"),
        ("backup cancel", "pg:backups:cancel --app=playhouse-staging"),
        // Any other flag is the capture's.
        ("backup --wait-interval 9", "pg:backups:capture --app=playhouse-staging --wait-interval 9"),
    ] {
        for line in [format!("staging --dry-run {line}"), format!("staging {line} --dry-run")] {
            let outcome = scene.run(&line);
            assert_eq!(outcome.to_string(), format!("heroku {expected}\n"), "{line}");
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}
