//! A project with several databases: each is restored from the app's database of its name.

use rehearsal::Settings;
use rehearsal::postgres::Server;
use serde_json::{Value, json};

use super::{MAJOR, OLD, fresh_name, server};
use crate::scene::Scene;

/// Rails' three databases on a server; the app has one for `cache`, and none for `queue`.
struct ThreeTiers {
    scene: Scene,
    server: &'static Server,
    names: [String; 3],
}

impl ThreeTiers {
    fn new() -> Option<Self> {
        let server = server(MAJOR)?;
        let names = ["primary", "cache", "queue"].map(fresh_name);
        let mut scene = Scene::playhouse_with(Settings { postgres: Some(MAJOR), ..Settings::default() });
        let mut file = format!(
            "default: &default\n  adapter: postgresql\n  host: 127.0.0.1\n  port: {}\n  username: postgres\n\
             development:\n",
            server.port()
        );
        for (label, name) in ["primary", "cache", "queue"].into_iter().zip(&names) {
            server.psql("postgres", &format!("create database {name}")).expect("a database");
            server.psql(name, OLD).expect("a table");
            file.extend(["  ", label, ":\n    <<: *default\n    database: ", name, "\n"]);
        }
        scene.write("config/database.yml", file);
        scene.set("GREENROOM_PG_BIN", server.programs());
        let cache = json!({ "name": "CACHE_DATABASE", "app": "playhouse-staging", "addon": "DATABASE",
            "config_vars": { "CACHE_DATABASE_URL": "postgres://u:p@h:5432/d" } });
        scene.panel("POST", "/apps/playhouse-production/addon-attachments", cache);
        Some(Self { scene, server, names })
    }

    /// Whether the database of this place has its old rows.
    fn is_old(&self, place: usize) -> bool {
        self.server.psql(&self.names[place], "select to_regclass('notes') is not null").expect("an answer")
            == "t"
    }
}

impl Drop for ThreeTiers {
    fn drop(&mut self) {
        let all = self.server.psql("postgres", "select datname from pg_database").unwrap_or_default();
        for name in all.lines().filter(|name| self.names.iter().any(|own| name.starts_with(own))) {
            _ = self.server.psql("postgres", &format!("drop database \"{name}\" with (force)"));
        }
    }
}

#[test]
fn all_are_restored_and_one_without_a_counterpart_is_left() {
    let Some(project) = ThreeTiers::new() else { return };
    let dry = project.scene.run("development --dry-run restore production --all");
    assert!(dry.status == Some(0) && dry.stdout.matches("restore it into").count() == 2, "{dry}");
    assert!((0..3).all(|place| project.is_old(place)));
    let done = project.scene.run("development restore production --all --json");
    assert_eq!(done.status, Some(0), "{done}");
    let answers: Value = serde_json::from_str(&done.stdout).expect("JSON");
    let found: Vec<_> =
        answers.as_array().expect("a list").iter().map(|one| (&one["database"], &one["app"])).collect();
    assert_eq!(
        found,
        [
            (&json!(project.names[0]), &json!("playhouse-production")),
            (&json!(project.names[1]), &json!("playhouse-staging"))
        ]
    );
    assert_eq!([0, 1, 2].map(|place| project.is_old(place)), [false, false, true]);
    let queue =
        format!("{} is left as it is: playhouse-production has no database called queue", project.names[2]);
    assert!(done.stderr.contains(&queue), "{done}");
    for label in ["primary", "cache"] {
        let hint = format!("hint: development restore --undo --database {label}   # puts it back");
        assert!(done.stderr.contains(&hint), "{hint}: {done}");
    }
    let undone = project.scene.run("development restore --undo --database cache");
    assert_eq!(undone.status, Some(0), "{undone}");
    assert_eq!([0, 1, 2].map(|place| project.is_old(place)), [false, true, true]);
}

#[test]
fn one_that_is_named_takes_its_own_counterpart() {
    let Some(project) = ThreeTiers::new() else { return };
    let done = project.scene.run("development restore production --database cache --json");
    assert_eq!(done.status, Some(0), "{done}");
    assert!(done.stdout.contains("playhouse-staging"), "{done}");
    assert_eq!([0, 1, 2].map(|place| project.is_old(place)), [true, false, true]);
    let missing = project.scene.run("development restore production --database queue");
    assert_eq!(missing.status, Some(2), "{missing}");
    let hint = "hint: development restore production::DATABASE --database queue";
    assert!(missing.stderr.contains(hint), "{missing}");
    assert!(project.is_old(2));
    let told = project.scene.run("development restore production::DATABASE --database queue");
    assert!(told.status == Some(0) && !project.is_old(2), "{told}");
}

#[test]
fn a_failure_says_what_is_restored_and_what_is_not() {
    let Some(project) = ThreeTiers::new() else { return };
    let set = |is_template: bool| {
        let name = &project.names[1];
        let script = format!("alter database {name} is_template {is_template}");
        project.server.psql("postgres", &script).expect("a change");
    };
    set(true);
    let done = project.scene.run("development restore production --all");
    set(false);
    assert_eq!(done.status, Some(5), "{done}");
    let told = format!("restored: {}; as before: {}", project.names[0], project.names[1]);
    assert!(done.stderr.contains(&told), "{done}");
    assert_eq!([0, 2].map(|place| project.is_old(place)), [false, true]);
    let wrong = project.scene.run("development restore production::DATABASE --all");
    assert_eq!(wrong.status, Some(2), "{wrong}");
}
