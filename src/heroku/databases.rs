//! Databases: the attachments by which apps know them, what the data API says of them, and what it does with them.

use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

use super::addons::Plan;
use super::change::Change;
use super::{Accept, Client, Secret, Transfer};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// The service of the add-ons that are databases.
const SERVICE: &str = "heroku-postgresql";

/// What the API leaves out of an attachment unless it is asked for.
const INCLUDED: &str = "addon:plan,config_vars";

/// A database under the name that an app knows it by.
#[derive(Clone, Debug, Deserialize)]
pub struct DatabaseAttachment {
    /// The attachment's name, such as `DATABASE`.
    pub name: String,
    /// `credential:NAME` where it leads to the database with another credential than the default one.
    pub namespace: Option<String>,
    /// The app that it is attached to.
    pub app: AppReference,
    /// The database.
    pub addon: DatabaseAddon,
    /// The config vars that it sets.
    #[serde(default)]
    pub config_vars: Vec<String>,
}

/// The add-on that is a database.
#[derive(Clone, Debug, Deserialize)]
pub struct DatabaseAddon {
    /// Its id.
    pub id: String,
    /// Its name, such as `postgresql-curved-12345`.
    pub name: String,
    /// The app that it belongs to, and that its transfers are listed under.
    pub app: AppReference,
    /// Its plan.
    pub plan: Plan,
}

/// An app, where another thing names it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct AppReference {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: AppName,
}

impl DatabaseAttachment {
    /// Whether it is a Heroku Postgres database at all.
    pub fn is_database(&self) -> bool {
        self.addon.plan.name.split(':').next() == Some(SERVICE)
    }

    /// The plan's own name, such as `standard-0`.
    pub fn plan(&self) -> &str {
        self.addon.plan.name.split(':').nth(1).unwrap_or_default()
    }

    /// Whether the database belongs to another app than the one that it is attached to.
    pub fn is_foreign(&self) -> bool {
        self.addon.app.id != self.app.id
    }

    /// The config var that holds the URL of the database: `NAME_URL` where there are several.
    pub fn url_var(&self) -> Option<&str> {
        let named = format!("{}_URL", self.name);
        let mut urls = self.config_vars.iter().filter(|var| var.ends_with("_URL"));
        self.config_vars.iter().find(|var| **var == named).or_else(|| urls.next()).map(String::as_str)
    }
}

impl fmt::Display for DatabaseAttachment {
    /// `DATABASE of playhouse-staging`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.name, self.app.name)
    }
}

/// What the data API tells of a database.
#[derive(Clone, Debug, Deserialize)]
pub struct DatabaseInfo {
    #[serde(default)]
    info: Vec<Row>,
    /// The URL of the database that it follows, which holds a password.
    #[serde(default)]
    following: Option<Secret>,
}

#[derive(Clone, Debug, Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    values: Vec<Value>,
}

impl DatabaseInfo {
    /// The first value of a row, such as `PG Version`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.info.iter().find(|row| row.name == name)?.values.first()?.as_str()
    }

    /// The major version of its PostgreSQL.
    pub fn major(&self) -> Option<u32> {
        self.value("PG Version")?.split('.').next()?.parse().ok()
    }

    /// The size of its data and the most that its plan holds, in bytes: `8633 kB / 1 GB` is both.
    pub fn size(&self) -> (Option<u64>, Option<u64>) {
        let row = self.value("Data Size").unwrap_or_default();
        let (size, limit) = row.split_once(" / ").unwrap_or((row, ""));
        (bytes(size), bytes(limit))
    }

    /// Whether it follows another database, and only reads.
    pub fn is_follower(&self) -> bool {
        self.following.as_ref().is_some_and(|leader| !leader.reveal().is_empty())
            || self.info.iter().any(|row| row.name == "Following" && !row.values.is_empty())
    }
}

/// A size as `pg_size_pretty` and plans have it: `8633 kB`, `1.5 TB`.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let power = ["bytes", "kB", "MB", "GB", "TB"].iter().position(|known| *known == unit)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let unit = 1024_u64.checked_pow(u32::try_from(power).ok()?)?;
    let tenths: u64 = if part.is_empty() { 0 } else { part.get(..1)?.parse().ok()? };
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(tenths * (unit / 10))
}

impl Client {
    /// The attachments that `word` means in an app: the name of an attachment, of its config var or of an add-on. An app's
    /// name in front, `APP::WORD`, wins. 404 where there is none.
    pub fn resolve_attachment(&self, app: &AppName, word: &str) -> Result<Vec<DatabaseAttachment>> {
        let body = json!({ "addon_attachment": word, "app": app });
        self.ask_including("/actions/addon-attachments/resolve", Accept::Sdk, &body, INCLUDED)
    }

    /// All attachments of an app, as [`Client::resolve_attachment`] gives them.
    pub fn database_attachments(&self, app: &AppName) -> Result<Vec<DatabaseAttachment>> {
        let all: Vec<DatabaseAttachment> =
            self.list_including(&format!("/apps/{app}/addon-attachments"), Accept::Sdk, INCLUDED)?;
        Ok(all.into_iter().filter(DatabaseAttachment::is_database).collect())
    }

    /// What is told of a database. Only a client [`Client::for_data`] can ask this.
    pub fn database(&self, addon: &DatabaseAddon) -> Result<DatabaseInfo> {
        self.get(&path(addon, ""), Accept::V3)
    }
}

/// Makes a backup of a database; the answer is its [`Transfer`].
pub fn capture(addon: &DatabaseAddon) -> Change {
    Change::post(path(addon, "/backups"), Value::Null).outdates([&addon.app.name], &[Resource::Backups])
}

/// Restores a backup into a database; the answer is the restore's [`Transfer`]. Only a dry run has no backup yet.
pub fn restore(addon: &DatabaseAddon, backup: Option<&Transfer>) -> Change {
    let url = backup.and_then(|backup| backup.kept_at.as_ref()).map(Secret::reveal);
    let name = backup.map_or_else(|| "the new backup".to_owned(), Transfer::name);
    Change::post(path(addon, "/restores"), json!({ "backup_url": url }))
        .shown_as(json!({ "backup_url": format!("(where {name} is kept)") }))
        .outdates([&addon.app.name], &[Resource::Backups])
}

/// Removes everything that is in a database.
pub fn reset(addon: &DatabaseAddon) -> Change {
    Change::put(path(addon, "/reset"), json!({})).once().outdates_nothing()
}

fn path(addon: &DatabaseAddon, rest: &str) -> String {
    format!("/client/v11/databases/{}{rest}", addon.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_heroku_prints_them() {
        let size = |row: &str| {
            let info = json!({ "info": [{ "name": "Data Size", "values": [row] }] });
            serde_json::from_value::<DatabaseInfo>(info).unwrap().size()
        };
        assert_eq!(size("8633 kB / 1 GB"), (Some(8633 << 10), Some(1 << 30)));
        assert_eq!(size("1.5 TB / 4 TB"), (Some((1 << 40) + 5 * ((1 << 40) / 10)), Some(4 << 40)));
        assert_eq!(size("512 bytes"), (Some(512), None));
        assert_eq!(size("unknown / ∞"), (None, None));
    }
}
