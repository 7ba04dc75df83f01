//! The environment of PostgreSQL's programs: the variables that lead libpq to a database. Arguments are no place for them,
//! as every user of this machine can see those.

use std::env;

use super::url::{PARAMETERS, PostgresUrl};
use crate::process::CommandLine;

/// libpq's variables that lead it to no other server and change nothing there.
const HARMLESS: [&str; 4] = ["PGPASSFILE", "PGSYSCONFDIR", "PGTZ", "PGDATESTYLE"];

/// `line` connecting to this database, and to nothing else: libpq's variables of this process are not passed on.
pub fn connecting(database: &PostgresUrl, line: CommandLine) -> CommandLine {
    let password = database.password.as_ref().map(|password| password.reveal().to_owned());
    let ours = [
        ("PGAPPNAME", Some("greenroom".to_owned())),
        ("PGDATABASE", database.name.clone()),
        ("PGHOST", database.host.clone()),
        ("PGPORT", database.port.map(|port| port.to_string())),
        ("PGUSER", database.user.clone()),
        ("PGPASSWORD", password),
    ];
    let named = |key: &str| PARAMETERS.iter().find(|(known, _)| *known == key).map(|(_, variable)| *variable);
    let parameters =
        database.parameters.iter().filter_map(|(key, value)| Some((named(key)?, Some(value.clone()))));
    let set = ours.into_iter().chain(parameters).filter_map(|(name, value)| Some((name, value?)));
    set.fold(without_libpqs(line), |line, (name, value)| line.env(name, value))
}

/// `line` without libpq's variables of this process.
fn without_libpqs(line: CommandLine) -> CommandLine {
    let is_libpqs = |name: &String| name.starts_with("PG") && !HARMLESS.contains(&name.as_str());
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(is_libpqs).fold(line, CommandLine::without_env)
}
