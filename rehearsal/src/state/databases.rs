//! The databases of the add-ons: where each is, its schedule of backups, and the signed URLs of backups.
//!
//! They are real as soon as they are asked for, if the settings name a major of PostgreSQL; otherwise they are played.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::Value;

use crate::postgres::Server;

/// What is known of all databases of one rehearsal. Real ones are dropped with it.
#[derive(Debug, Default)]
pub(crate) struct Databases {
    /// Once they are real.
    pub(crate) server: Option<&'static Server>,
    /// By the id of the add-on.
    pub(crate) real: HashMap<String, Database>,
    /// Schedules as the data API shows them, by the id of the add-on.
    pub(crate) schedules: HashMap<String, Vec<Value>>,
    /// By the secret in their path: the UUID of the transfer and the end of the URL's life.
    pub(crate) signed: HashMap<String, (String, Instant)>,
}

/// A real database: an owner with a password, and whether it exists yet.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// The database's name.
    pub(crate) name: String,
    /// Its role, and the role's password.
    pub(crate) user: String,
    pub(crate) password: String,
    /// It is made when it is first needed.
    pub(crate) exists: bool,
    /// Whether it only reads what its leader has, whose name this is then.
    pub(crate) follows: bool,
}

impl Database {
    /// One whose names no other rehearsal of this process has.
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(1);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Self {
            name: format!("d{number:07}rehearsal"),
            user: format!("u{number:07}rehearsal"),
            // As Heroku's, it holds characters that a URL does not.
            password: format!("p{number:07}/@rehearsal"),
            exists: false,
            follows: false,
        }
    }

    /// The same database, read by another role.
    pub(crate) fn follower(&self) -> Self {
        Self { name: self.name.clone(), follows: true, ..Self::new() }
    }

    /// The value of the add-on's config var.
    pub(crate) fn url(&self, port: u16) -> String {
        let password = self.password.replace('/', "%2F").replace('@', "%40");
        format!("postgres://{}:{password}@127.0.0.1:{port}/{}", self.user, self.name)
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        let Some(server) = self.server else { return };
        let mut orders = String::new();
        for database in self.real.values().filter(|database| database.exists && !database.follows) {
            orders.extend(["drop database if exists ", &database.name, " with (force);\n"]);
        }
        // The server is removed as a whole, later; only the room matters.
        _ = server.psql("postgres", &orders);
    }
}
