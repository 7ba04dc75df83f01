//! `restore` between environments: the project's SQL and the migration that follow it, and what does not fit.

use rehearsal::postgres::Server;
use serde_json::{Value, json};

use super::{real, sql};
use crate::scene::{Scene, install_script};

const STAGING: &str = "playhouse-staging";
const TITLES: &str = "select string_agg(distinct title, ',') from shows where id = 4";

/// Real databases, the psql of their server on PATH, and a project whose hook this is.
fn with_hook(hook: &str) -> Option<Scene> {
    let scene = real()?;
    let psql = Server::shared(15).expect("a server").programs().join("psql");
    std::os::unix::fs::symlink(psql, scene.folder().join("tools/psql")).expect("a link");
    scene.write("sanitize.sql", hook);
    scene.write("greenroom.toml", "[restore]\nafter = [\"sanitize.sql\"]\nrequire_hook = true\n");
    Some(scene)
}

/// The requests that change something, without their ids.
fn changes(scene: &Scene) -> Vec<String> {
    let all = scene.requests().into_iter();
    let changes = all.filter(|line| !line.starts_with("GET ") && !line.ends_with("/resolve"));
    changes.map(|line| line.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_projects_sql_is_run_in_what_was_restored_and_nowhere_else() {
    let Some(scene) = with_hook("update shows set title = 'Sanitized';") else { return };
    let planned = scene.run("staging --dry-run restore production");
    assert!(planned.stdout.ends_with("psql --file=sanitize.sql (in postgresql-curved-12346)\n"), "{planned}");
    let outcome = scene.run("staging restore production --fresh");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(outcome.stderr.contains("running sanitize.sql in DATABASE of playhouse-staging\n"), "{outcome}");
    assert_eq!(sql(&scene, STAGING, TITLES), "Sanitized");
    assert_eq!(sql(&scene, "playhouse-production", TITLES), "Tonight at playhouse-production");
    // What comes back was never anybody else's.
    let back = scene.run("staging restore playhouse-staging --backup b002");
    assert_eq!(back.status, Some(0), "{back}");
    assert_eq!(sql(&scene, STAGING, TITLES), "Tonight at playhouse-staging");
    insta::assert_snapshot!(scene.run("staging restore production --no-hook").stderr.lines().last().unwrap_or_default(), @"hint: staging restore production");
}

#[test]
fn a_hook_that_fails_is_a_failure_and_there_is_a_way_back() {
    let Some(scene) = with_hook("update shows set title = 'half';\nupdate seets set row = 1;") else {
        return;
    };
    let outcome = scene.run("staging restore production --fresh --restart");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("relation \"seets\" does not exist"), "{outcome}");
    let last = outcome.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("hint: staging restore playhouse-staging --backup b002"), "{outcome}");
    assert_eq!(scene.count("DELETE /apps/playhouse-staging/dynos"), 0);
}

#[test]
fn a_hook_that_cannot_run_refuses_the_restore() {
    let scene = Scene::playhouse();
    scene.write("sanitize.sql", "select 1");
    scene.write("greenroom.toml", "[restore]\nafter = [\"sanitize.sql\"]\n");
    let refused = |code: i32, reason: &str| {
        let outcome = scene.run("staging restore production");
        assert_eq!(outcome.status, Some(code), "{outcome}");
        assert!(outcome.stderr.contains(reason), "{outcome}");
        assert!(outcome.stderr.contains("hint: staging restore production --no-hook "), "{outcome}");
        assert_eq!(changes(&scene), [""; 0]);
    };
    refused(1, "psql was not found on PATH");
    install_script(
        &scene.folder().join("tools/psql"),
        "echo 'psql: error: could not translate host name' >&2; exit 2",
    );
    refused(1, "could not translate host name");
    scene.write("greenroom.toml", "[restore]\nafter = [\"bin/sanitize\"]\n");
    scene.write("bin/sanitize", "#!/bin/sh\n");
    refused(5, "bin/sanitize is a program");
    assert_eq!(scene.run("staging restore production --no-hook").status, Some(0));
}

#[test]
fn the_migration_follows_the_restore_and_the_restart_the_migration() {
    let scene = Scene::quiet();
    scene.write("greenroom.toml", "[commands]\nmigrate = \"echo migrated; exit $STATUS\"\n");
    let line = "staging restore production --migrate --maintenance";
    let planned = scene.run(&line.replace("staging", "staging --dry-run"));
    let requests: Vec<&str> =
        planned.stdout.lines().map(|line| line.split(" -H ").next().unwrap_or_default()).collect();
    let ends: Vec<&str> = requests.iter().map(|line| line.rsplit('/').next().unwrap_or_default()).collect();
    assert_eq!(ends, [STAGING, "backups", "restores", "dynos", "dynos", STAGING], "{planned}");
    let outcome = scene.run(line);
    assert_eq!((outcome.status, &*outcome.stdout), (Some(0), ""), "{outcome}");
    assert!(outcome.stderr.contains("migrated\n"), "{outcome}");
    assert_eq!(changes(&scene), [STAGING, "backups", "restores", "dynos", "dynos", STAGING]);
    scene.ask("PATCH", "/apps/playhouse-staging/config-vars", json!({ "STATUS": "3" }));
    let outcome = scene.run(line);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("the migration ended with exit code 3"), "{outcome}");
    assert!(outcome.stderr.contains("hint: staging restore playhouse-staging --backup b004"), "{outcome}");
    assert_eq!(scene.count("DELETE /apps/playhouse-staging/dynos"), 1);
    assert_eq!(scene.look("/apps/playhouse-staging")["maintenance"], Value::Bool(false));
    assert_eq!(scene.run("staging restore production --migrate --json").status, Some(2));
}

#[test]
fn what_surely_does_not_fit_is_refused_and_what_may_not_is_told() {
    let scene = Scene::playhouse();
    let backup = |bytes: u64, source: u64| {
        let sizes = json!({ "processed_bytes": bytes, "source_bytes": source });
        scene.panel("POST", "/apps/playhouse-production/transfers", sizes);
        scene.run("staging --dry-run restore production")
    };
    let tight = backup(1 << 20, 3 << 29);
    assert_eq!(tight.status, Some(0), "{tight}");
    assert!(tight.stderr.contains("warning: the plan essential-0 of DATABASE of playhouse-staging holds 1.00GB, and the data was 1.50GB: it may not fit\n"), "{tight}");
    for (bytes, source) in [(1 << 20, 5 << 30), (2 << 30, 0)] {
        let outcome = backup(bytes, source);
        assert_eq!(outcome.status, Some(5), "{outcome}");
        assert!(
            outcome
                .stderr
                .contains("error: the plan essential-0 of DATABASE of playhouse-staging holds 1.00GB"),
            "{outcome}"
        );
    }
}
