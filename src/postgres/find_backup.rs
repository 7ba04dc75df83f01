//! Which backup is meant: an app's transfers are those of all its databases.
//!
//! The attachment's name that a transfer bears does not tell them apart, as `pg:promote` gives `DATABASE` to another
//! database. The URL that was read does: each database has a name of its own, which a follower shares with its leader and
//! keeps once it is promoted; where one is known to be elsewhere, its host tells it from the other.

use crate::error::{Error, Result};
use crate::heroku::{Client, ConfigVars, DatabaseAttachment, Secret, Transfer, TransferKind};
use crate::hint::Hint;
use crate::model::AppName;
use crate::parallel::both;
use crate::postgres::{PostgresUrl, attachment};

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: Option<String>,
    port: Option<u16>,
    name: String,
}

impl Place {
    fn of(url: &Secret) -> Option<Self> {
        let url: PostgresUrl = url.reveal().parse().ok()?;
        Some(Self { host: url.host.map(|host| host.to_lowercase()), port: url.port, name: url.name? })
    }
}

/// One database, among those of its app.
#[derive(Clone, Debug)]
struct Known {
    place: Option<Place>,
    others: Vec<Place>,
}

impl Known {
    fn of(database: &DatabaseAttachment, all: &[DatabaseAttachment], vars: &ConfigVars) -> Self {
        let place = |one: &DatabaseAttachment| Place::of(attachment::url(one, vars)?);
        let (own, others): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.addon.id == database.addon.id);
        Self {
            place: own.into_iter().find_map(place),
            others: others.into_iter().filter_map(place).collect(),
        }
    }

    /// Whether a backup is of this database; none where that cannot be told.
    fn is_of(&self, backup: &Transfer) -> Option<bool> {
        let (of, place) = (Place::of(backup.read_from.as_ref()?)?, self.place.as_ref()?);
        // A host changes with maintenance of Heroku's, a name never.
        Some(of == *place || of.name == place.name && !self.others.contains(&of))
    }
}

/// The transfers of the app that a database belongs to.
#[derive(Clone, Debug)]
pub struct Backups<'a> {
    database: &'a DatabaseAttachment,
    transfers: Vec<Transfer>,
    known: Known,
}

impl<'a> Backups<'a> {
    /// Reads them. `data` is a client [`Client::for_data`].
    pub fn of(client: &Client, data: &Client, database: &'a DatabaseAttachment) -> Result<Self> {
        let owner = &database.addon.app.name;
        let facts = || both(|| client.database_attachments(owner), || client.config_vars(owner.as_ref()));
        let (transfers, (all, vars)) = both(|| data.transfers(owner), facts);
        Ok(Self { database, transfers: transfers?, known: Known::of(database, &all?, &vars?) })
    }

    /// The newest one of the database that can be restored. Exit 1 where there is none, or where the newest one may be of
    /// another database.
    pub fn newest(self) -> Result<Transfer> {
        let (database, owner) = (self.database, &self.database.addon.app.name);
        let known = self.known;
        let whole = self.transfers.into_iter().filter(Transfer::can_be_restored);
        let newest = whole
            .filter(|backup| known.is_of(backup) != Some(false))
            .max_by(|one, other| one.finished_at.cmp(&other.finished_at));
        let newest = newest.ok_or_else(|| {
            Error::failed(format!("{database} has no backup")).hint_about(owner, ["pg:backups:capture"])
        })?;
        if known.is_of(&newest).is_none() {
            let name = newest.name();
            return Err(Error::failed(format!(
                "it cannot be told whether backup {name} of {owner} is of {database}, {}",
                database.addon.name
            ))
            .hint(
                Hint::about(owner, ["pg:backups:info", &name])
                    .note("tells when it was made; --backup takes it"),
            ));
        }
        Ok(newest)
    }

    /// All of the database, whatever became of them, and how many more may be of it.
    pub fn all(mut self) -> (Vec<Transfer>, usize) {
        self.transfers.retain(|transfer| transfer.kind() == TransferKind::Backup);
        let of: Vec<Option<bool>> = self.transfers.iter().map(|one| self.known.is_of(one)).collect();
        let untold = of.iter().filter(|is_of| is_of.is_none()).count();
        let own = self.transfers.into_iter().zip(of).filter(|(_, is_of)| *is_of == Some(true));
        (own.map(|(backup, _)| backup).collect(), untold)
    }
}

/// The backup that `name` means, such as `b042`. Exit 1 where there is none, or it cannot be restored.
pub fn named(transfers: Vec<Transfer>, app: &AppName, name: &str) -> Result<Transfer> {
    let wanted = name.to_ascii_lowercase();
    let found = transfers.into_iter().find(|transfer| transfer.is_backup() && transfer.name() == wanted);
    let list = || Hint::about(app, ["pg:backups"]);
    let found =
        found.ok_or_else(|| Error::failed(format!("no backup {name} found in {app}")).hint(list()))?;
    if !found.can_be_restored() {
        return Err(Error::failed(format!("backup {name} of {app} is not complete")).hint(list()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(url: &str) -> Transfer {
        let json = format!(
            r#"{{"num":7,"from_type":"pg_dump","to_type":"gof3r","succeeded":true,"created_at":"","started_at":null,
            "finished_at":null,"from_url":{url}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn the_place_that_was_read_tells_whose_backup_it_is() {
        let place = |url: &str| Place::of(&Secret::new(url.to_owned()));
        let known = Known {
            place: place("postgres://u:new@Host-1.example:5432/d1"),
            others: vec![
                place("postgres://u:p@host-2.example:5432/d2").unwrap(),
                place("postgres://u:p@leader.example:5432/d1").unwrap(),
            ],
        };
        let is_of = |url: &str| known.is_of(&backup(&format!("\"{url}\"")));
        assert_eq!(is_of("postgres://u:old@host-1.example:5432/d1"), Some(true));
        assert_eq!(is_of("postgres://u:p@before-maintenance.example:5432/d1"), Some(true));
        assert_eq!(is_of("postgres://u:p@host-2.example:5432/d2"), Some(false));
        assert_eq!(is_of("postgres://u:p@leader.example:5432/d1"), Some(false));
        assert_eq!(is_of("postgres://u:p@gone.example:5432/d0"), Some(false));
        assert_eq!(is_of("(hidden)"), None);
        assert_eq!(known.is_of(&backup("null")), None);
        assert_eq!(Known { place: None, ..known.clone() }.is_of(&backup("\"postgres://h/d1\"")), None);
    }
}
