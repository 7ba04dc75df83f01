//! Databases at Heroku: which one is meant ([`attachment`]), how a backup of it is made ([`capture`]) and found
//! ([`find_backup`]), how backups and restores are waited for ([`transfer`]), how one app's backup gets into another's database ([`remote_restore`]), how
//! backups are downloaded ([`download`]) and found for a restore here ([`from_heroku`]).
//!
//! Databases of this machine: where one is ([`local`]), how it is written in one line ([`url`]), and how PostgreSQL's
//! programs are told of it ([`variables`]), such as [`psql`]; [`reach`] says whether they get to an app's. Dumps: what is in one ([`archive`], [`contents`]), which program reads it
//! ([`tools`]), where they are kept ([`dumps`]), and how one becomes a database without a loss ([`restore`]).

pub mod archive;
pub mod attachment;
pub mod backup;
pub mod capture;
pub mod client;
pub mod contents;
pub mod download;
pub mod dumps;
pub mod find_backup;
pub mod from_heroku;
pub mod local;
mod lock;
pub mod pattern;
pub mod psql;
pub mod reach;
pub mod remote_restore;
pub mod restore;
pub mod tools;
pub mod transfer;
pub mod url;
pub mod variables;

pub use pattern::Pattern;
pub use url::PostgresUrl;

/// The roles that only managed servers have, as an SQL list: those of RDS, which Heroku's servers are, of Google Cloud SQL and
/// of Azure.
const MANAGED_ROLES: &str = "'rds_superuser', 'rdsadmin', 'heroku_admin', 'cloudsqladmin', 'azure_pg_admin'";
