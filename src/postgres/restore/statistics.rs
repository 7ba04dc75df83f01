//! The statistics that PostgreSQL plans queries with. They are in no dump, and without them the first queries are slow.

use std::thread;

use crate::error::{Error, Result};
use crate::postgres::client::{Client, identifier};

/// The tables of a database with rows of their own, the largest first.
const TABLES: &str = "select coalesce(jsonb_agg(jsonb_build_array(n.nspname, c.relname) order by c.relpages desc), '[]') \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm') \
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'";

/// Gathers them for all tables of `database`, with this many sessions side by side.
pub(super) fn gather(client: &Client<'_>, database: &str, jobs: usize) -> Result<()> {
    let tables: Vec<(String, String)> = client.query(database, TABLES)?;
    let mut scripts = vec![String::new(); jobs.clamp(1, tables.len().max(1))];
    for ((schema, table), place) in tables.iter().zip((0..scripts.len()).cycle()) {
        scripts[place].extend(["analyze ", &identifier(schema), ".", &identifier(table), ";\n"]);
    }
    thread::scope(|scope| {
        let sessions: Vec<_> =
            scripts.iter().map(|script| scope.spawn(move || client.execute(database, script))).collect();
        let ended = sessions.into_iter().map(|session| {
            session.join().unwrap_or_else(|_| Err(Error::failed("ANALYZE has ended unexpectedly")))
        });
        ended.collect()
    })
}
