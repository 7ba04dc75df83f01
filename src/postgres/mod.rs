//! Databases: which one at Heroku is meant ([`attachment`]), how a backup of it is made ([`capture`]), how
//! backups and restores are waited for ([`transfer`]) and
//! its backups are downloaded ([`download`]),
//! where the local one is ([`local`]), how a database is written in one line ([`url`]), and how PostgreSQL's
//! programs are told of it ([`variables`]).

pub mod attachment;
pub mod capture;
pub mod download;
pub mod local;
pub mod transfer;
pub mod url;
pub mod variables;

pub use url::PostgresUrl;
