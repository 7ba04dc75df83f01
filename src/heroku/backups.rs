//! Backups of databases, which the data API counts among its transfers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::change::Change;
use super::{Accept, Client, Secret};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// A backup, restore or copy of a database. The URLs that it came from and went to hold passwords: the one is only compared,
/// the other only sent back.
#[derive(Clone, Debug, Deserialize)]
pub struct Transfer {
    /// Its id: a number is only one in its app.
    #[serde(default)]
    pub uuid: String,
    num: u64,
    from_type: String,
    to_type: String,
    /// The attachment that it read, where it is a backup or a copy.
    #[serde(default)]
    pub from_name: Option<String>,
    /// The attachment that it wrote, where it is a restore or a copy.
    #[serde(default)]
    pub to_name: Option<String>,
    /// The database that it read, where it is a backup or a copy: its URL at that time.
    #[serde(default, rename = "from_url")]
    pub read_from: Option<Secret>,
    /// Where it put what it read: of a backup, what a restore asks for.
    #[serde(default, rename = "to_url")]
    pub(super) kept_at: Option<Secret>,
    /// The bytes that went through, so far.
    #[serde(default)]
    pub processed_bytes: Option<u64>,
    /// The size of the database, in bytes.
    #[serde(default)]
    pub source_bytes: Option<u64>,
    /// When it was canceled.
    #[serde(default)]
    pub canceled_at: Option<String>,
    /// Its log, where it was asked for.
    #[serde(default)]
    pub logs: Vec<LogLine>,
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

/// A line of a transfer's log.
#[derive(Clone, Debug, Deserialize)]
pub struct LogLine {
    /// When it was written.
    #[serde(default)]
    pub created_at: String,
    /// What it says.
    #[serde(default)]
    pub message: String,
}

/// A URL that anybody can download a backup from, for a while.
#[derive(Clone, Debug, Deserialize)]
pub struct SignedUrl {
    /// The URL: whoever has it, has the data.
    pub url: Secret,
    /// When it ends to work.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// What a transfer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// It put the data of a database into a file.
    Backup,
    /// It put the data of such a file into a database.
    Restore,
    /// It put the data of a database into another one.
    Copy,
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

    /// What it did.
    pub fn kind(&self) -> TransferKind {
        match (self.from_type.as_str(), self.to_type.as_str()) {
            ("pg_dump", "pg_restore") => TransferKind::Copy,
            (_, "pg_restore") => TransferKind::Restore,
            _ => TransferKind::Backup,
        }
    }

    /// Whether it made a backup by itself, on a schedule.
    pub fn is_scheduled(&self) -> bool {
        self.schedule.is_some()
    }

    /// Whether it is a backup that can be restored: a whole one, of a database at Heroku.
    pub fn can_be_restored(&self) -> bool {
        self.from_type == "pg_dump" && self.to_type == "gof3r" && self.succeeded == Some(true)
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

    /// One of them, by its id; with its log if that is asked for. Only a client [`Client::for_data`] can ask this.
    pub fn transfer(&self, app: &AppName, uuid: &str, verbose: bool) -> Result<Transfer> {
        let query = if verbose { "?verbose=true" } else { "" };
        self.get(&format!("/client/v11/apps/{app}/transfers/{}{query}", segment(uuid)), Accept::V3)
    }

    /// A URL to download a backup from. Only a client [`Client::for_data`] can ask this.
    pub fn signed_url(&self, app: &AppName, backup: &Transfer) -> Result<SignedUrl> {
        let path = format!("/client/v11/apps/{app}/transfers/{}/actions/public-url", backup.num);
        self.post_repeatable(&path, Accept::V3, &Value::Null)
    }
}

/// A part of a path, which the answer of a server is not trusted to be.
fn segment(text: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Cancels a transfer that runs.
pub fn cancel_transfer(app: &AppName, transfer: &Transfer) -> Change {
    let path = format!("/client/v11/apps/{app}/transfers/{}/actions/cancel", segment(&transfer.uuid));
    Change::post(path, Value::Null).outdates([app], &[Resource::Backups])
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
