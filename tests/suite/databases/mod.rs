//! Databases at Heroku: backups, their downloads, and restores between environments.

use rehearsal::Settings;
use rehearsal::postgres::installed;

use super::scene::Scene;
use super::skipped;

mod afterwards;
mod backup;
mod download;
mod psql;
mod restore;

/// A playhouse with real databases; none without PostgreSQL 15.
fn real() -> Option<Scene> {
    if installed().contains_key(&15) {
        return Some(Scene::playhouse_with(Settings { postgres: Some(15), ..Settings::default() }));
    }
    skipped::skip(skipped::postgres(15));
    None
}

/// What psql prints for a query in the database of an app.
fn sql(scene: &Scene, app: &str, sql: &str) -> String {
    let answer = scene.panel("POST", &format!("/apps/{app}/sql"), serde_json::json!({ "sql": sql }));
    answer["rows"].as_str().expect("rows").to_owned()
}
