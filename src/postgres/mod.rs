//! Databases: where the local one is ([`local`]), how a database is written in one line ([`url`]), and how PostgreSQL's
//! programs are told of it ([`variables`]).

pub mod local;
pub mod url;
pub mod variables;

pub use url::PostgresUrl;
