//! Transfers of the data API: backups, restores and copies of databases, numbered in each app.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{data_ago, hours};
use crate::identity::Mint;

/// A transfer as the data API shows it, as JSON, so that the panel can set any field.
#[derive(Clone, Debug)]
pub(crate) struct Transfer(pub(crate) Value);

/// The duration of a transfer.
const DURATION: Duration = Duration::from_secs(94);

/// The host of the URLs of backups.
const STORE: &str = "https://backups.playhouse.example";

/// The URL of a database that is not known yet; see [`Transfer::tie`].
const UNKNOWN: &str = "postgres://u:p4ss@db.playhouse.example:5432/d";

impl Transfer {
    /// A completed manual backup, so many hours old.
    pub(crate) fn backup(mint: &Mint, number: u64, age: u64) -> Self {
        let uuid = mint.uuid();
        let (created, finished) = (data_ago(hours(age)), data_ago(hours(age).saturating_sub(DURATION)));
        let line = |message: &str| json!({ "created_at": created, "level": "info", "message": message });
        Self(json!({
            "uuid": uuid,
            "num": number,
            "from_type": "pg_dump",
            "from_name": "DATABASE",
            "from_url": UNKNOWN,
            "to_type": "gof3r",
            "to_name": "BACKUP",
            "to_url": format!("{STORE}/{uuid}"),
            "created_at": created,
            "started_at": created,
            "updated_at": finished,
            "finished_at": finished,
            "canceled_at": null,
            "processed_bytes": 48_234_496 + number * 1024,
            "source_bytes": 96_468_992,
            "succeeded": true,
            "warnings": 0,
            "schedule": null,
            "options": {},
            "logs": [line("Starting backup"), line("Backup completed")],
        }))
    }

    /// One that was asked for just now.
    pub(crate) fn pending(mint: &Mint, number: u64) -> Self {
        let mut transfer = Self::backup(mint, number, 0);
        for key in ["started_at", "finished_at", "succeeded"] {
            transfer.0[key] = Value::Null;
        }
        let now = data_ago(Duration::ZERO);
        transfer.with(&json!({ "created_at": now, "updated_at": now, "processed_bytes": 0, "logs": [] }))
    }

    /// Says of which database it is, or into which it went.
    pub(crate) fn tie(&mut self, database: &str) {
        self.replace(UNKNOWN, database);
    }

    /// Replaces a URL.
    pub(crate) fn replace(&mut self, old: &str, new: &str) {
        for key in ["from_url", "to_url"] {
            if self.0[key] == old {
                self.0[key] = new.into();
            }
        }
    }

    /// Adds a line to its log.
    pub(crate) fn log(&mut self, message: &str) {
        let line = json!({ "created_at": data_ago(Duration::ZERO), "level": "info", "message": message });
        if let Some(lines) = self.0["logs"].as_array_mut() {
            lines.push(line);
        }
    }

    /// Replaces fields; an empty `to_url` is left as it is.
    pub(crate) fn with(mut self, facts: &Value) -> Self {
        for (key, value) in facts.as_object().into_iter().flatten() {
            if key == "to_url" && value == "" {
                continue;
            }
            self.0[key] = value.clone();
        }
        self
    }

    /// The transfer without its log, which is sent on request only.
    pub(crate) fn json(&self, verbose: bool) -> Value {
        let mut shown = self.0.clone();
        if let Some(facts) = shown.as_object_mut().filter(|_| !verbose) {
            facts.remove("logs");
        }
        shown
    }

    /// Whether it has this number or UUID.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        self.0["uuid"] == word || word.parse().is_ok_and(|number: u64| self.0["num"] == number)
    }
}

/// One of each kind: `b001`, `a002`, `r003`, and `a004`, which failed.
pub(crate) fn production(mint: &Mint) -> Vec<Transfer> {
    let schedule = json!({ "uuid": mint.uuid(), "name": "DATABASE_URL" });
    let manual = Transfer::backup(mint, 1, 96);
    let restored = json!({
        "from_type": "gof3r",
        "from_name": "BACKUP",
        "from_url": manual.0["to_url"],
        "to_type": "pg_restore",
        "to_name": "DATABASE",
        "to_url": manual.0["from_url"],
    });
    let failed = json!({ "schedule": schedule, "succeeded": false, "processed_bytes": 0 });
    vec![
        manual,
        Transfer::backup(mint, 2, 72).with(&json!({ "schedule": schedule })),
        Transfer::backup(mint, 3, 60).with(&restored),
        Transfer::backup(mint, 4, 48).with(&failed),
    ]
}
