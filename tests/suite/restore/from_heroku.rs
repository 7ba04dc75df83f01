//! `development restore production`: what a backup at Heroku has, in the database of this machine.

use rehearsal::Settings;
use serde_json::Value;

use super::Project;
use crate::scene::Scene;

/// A project of the playhouse, whose apps have real databases.
pub fn playhouse() -> Option<Project> {
    let mut project = Project::new()?;
    let mut scene = Scene::playhouse_with(Settings { postgres: Some(super::MAJOR), ..Settings::default() });
    scene.set("DATABASE_URL", project.server.url(&project.database));
    scene.set("GREENROOM_PG_BIN", project.server.programs());
    project.scene = scene;
    Some(project)
}

/// How often a backup's URL was asked for.
fn downloads(project: &Project) -> usize {
    project.scene.requests().iter().filter(|line| line.ends_with("/actions/public-url")).count()
}

#[test]
fn the_newest_backup_is_downloaded_once() {
    let Some(project) = playhouse() else { return };
    let done = project.restore(&["production"]);
    assert_eq!(done.status, Some(0), "{done}");
    assert!(done.stderr.contains(": DATABASE of playhouse-production, "), "{done}");
    assert!(done.stderr.contains(" ago"), "{done}");
    let ask = |query: &str| project.server.psql(&project.database, query).unwrap();
    let tickets: u32 = ask("select count(*) from tickets").parse().unwrap();
    assert!(tickets > 0);
    assert_eq!(ask("select count(*) from pg_namespace where nspname = '_heroku'"), "0");
    assert_eq!(downloads(&project), 1);
    let again = project.restore(&["playhouse-production", "--json"]);
    assert!(again.status == Some(0) && again.stderr.contains("is on this machine already"), "{again}");
    let answer: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(answer["app"], "playhouse-production");
    let name = answer["backup"].as_str().unwrap().to_owned();
    assert_eq!(downloads(&project), 1);
    assert_eq!(project.restore(&["production", "--no-cache"]).status, Some(0));
    assert_eq!(downloads(&project), 2);
    let listed = project.scene.run("development backups");
    assert!(listed.stdout.contains("download from playhouse-production"), "{listed}");
    // Without a network.
    let mut project = project;
    project
        .scene
        .set("HEROKU_HOST", "http://127.0.0.1:1")
        .set("HEROKU_DATA_HOST", "127.0.0.1")
        .set("GREENROOM_TIMEOUT", "2");
    let offline = project.restore(&["playhouse-production", "--backup", &name]);
    assert!(
        offline.status == Some(0) && offline.stderr.contains("taking the dump that was downloaded"),
        "{offline}"
    );
    let offline = project.restore(&["playhouse-production"]);
    assert!(offline.status != Some(0) && offline.stderr.contains("hint: development restore "), "{offline}");
}

#[test]
fn a_new_backup_is_made_or_one_is_named() {
    let Some(project) = playhouse() else { return };
    let before = project.scene.requests().len();
    let dry = project.scene.run("development --dry-run restore production --fresh");
    assert!(dry.status == Some(0) && dry.stdout.contains("/backups"), "{dry}");
    assert!(
        !project.scene.requests()[before..]
            .iter()
            .any(|line| line.starts_with("POST") && line.ends_with("/backups"))
    );
    let fresh = project.restore(&["production", "--fresh"]);
    assert_eq!(fresh.status, Some(0), "{fresh}");
    assert!(fresh.stderr.contains("backing up DATABASE of playhouse-production to b"), "{fresh}");
    let missing = project.restore(&["production", "--backup", "b099"]);
    assert_eq!(missing.status, Some(1), "{missing}");
    assert!(missing.stderr.contains("no backup b099 found in playhouse-production"), "{missing}");
    let unknown = project.restore(&["productoin.dump"]);
    assert_eq!(unknown.status, Some(2), "{unknown}");
}

#[test]
fn many_downloads_are_told_of_and_not_removed_by_themselves() {
    let Some(project) = playhouse() else { return };
    project.scene.write("greenroom.toml", "pipeline = \"playhouse\"\n[restore]\nkeep_gigabytes = 0\n");
    assert_eq!(project.restore(&["production"]).status, Some(0));
    let second = project.restore(&["staging"]);
    assert_eq!(second.status, Some(0), "{second}");
    assert!(second.stderr.contains("downloaded dumps take"), "{second}");
    let listed = project.scene.run("development backups --json");
    let kept: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(
        kept.as_array().unwrap().iter().filter(|kept| kept["kind"] == "download").count(),
        2,
        "{listed}"
    );
}

#[test]
fn the_database_of_the_app_itself_is_not_replaced() {
    let Some(mut project) = playhouse() else { return };
    let own = project.scene.look("/apps/playhouse-staging/config-vars")["DATABASE_URL"].clone();
    project.scene.set("DATABASE_URL", own.as_str().expect("a URL"));
    let refused = project.restore(&["staging", "--remote-ok", "db-1.playhouse.example"]);
    assert_eq!(refused.status, Some(5), "{refused}");
    assert!(refused.stderr.contains("is the database in DATABASE_URL of playhouse-staging"), "{refused}");
    assert_eq!(downloads(&project), 0);
}
