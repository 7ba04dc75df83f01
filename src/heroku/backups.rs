//! Backups of databases, which the data API counts among its transfers.

use serde::Deserialize;

use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

/// A backup, restore or copy of a database. The URLs that it came from and went to hold passwords, and are not read.
#[derive(Clone, Debug, Deserialize)]
pub struct Transfer {
    num: u64,
    from_type: String,
    to_type: String,
    #[serde(default)]
    schedule: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    options: Option<Options>,
    /// Whether it was a success; none while it runs.
    pub succeeded: Option<bool>,
    /// How much it left out or could not read.
    #[serde(default)]
    pub warnings: Option<u64>,
    /// When it was asked for.
    pub created_at: String,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Options {
    #[serde(default)]
    pgbackups_name: Option<String>,
}

impl Transfer {
    /// Whether it made a backup.
    pub fn is_backup(&self) -> bool {
        self.to_type != "pg_restore"
    }

    /// The name that people know it by: `b001`, or `a002` for one on a schedule.
    pub fn name(&self) -> String {
        if let Some(old) = self.options.as_ref().and_then(|options| options.pgbackups_name.as_ref()) {
            return format!("o{old}");
        }
        let letter = match (self.from_type.as_str(), self.to_type.as_str()) {
            ("pg_dump", "pg_restore") => 'c',
            (_, "pg_restore") => 'r',
            ("pg_dump", _) if self.schedule.is_some() => 'a',
            _ => 'b',
        };
        format!("{letter}{:03}", self.num)
    }
}

impl Client {
    /// The backups, restores and copies of the app's databases. Only a client [`Client::for_data`] can ask this.
    pub fn transfers(&self, app: &AppName) -> Result<Vec<Transfer>> {
        self.get(&format!("/client/v11/apps/{app}/transfers"), Accept::V3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_are_called_as_the_cli_calls_them() {
        let name = |from: &str, to: &str, rest: &str| {
            let json = format!(
                r#"{{"num":7,"from_type":"{from}","to_type":"{to}","succeeded":null,"created_at":"","started_at":null,
                "finished_at":null{rest}}}"#
            );
            serde_json::from_str::<Transfer>(&json).unwrap().name()
        };
        assert_eq!(name("pg_dump", "gof3r", ""), "b007");
        assert_eq!(name("pg_dump", "gof3r", r#","schedule":null,"options":{}"#), "b007");
        assert_eq!(name("pg_dump", "gof3r", r#","schedule":{"uuid":"x"}"#), "a007");
        assert_eq!(name("gof3r", "pg_restore", ""), "r007");
        assert_eq!(name("pg_dump", "pg_restore", ""), "c007");
        assert_eq!(name("htar", "gof3r", ""), "b007");
        assert_eq!(name("pg_dump", "gof3r", r#","options":{"pgbackups_name":"a001"}"#), "oa001");
    }
}
