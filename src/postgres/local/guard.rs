//! Databases that no command of `development` works on.

use std::net::IpAddr;
use std::time::Duration;

use super::{DatabaseOptions, LocalDatabase, PORT, is_socket};
use crate::error::{Error, Result};
use crate::heroku::{ConfigVars, Secret};
use crate::hint::Hint;
use crate::postgres::psql::{self, PsqlOptions};
use crate::postgres::{MANAGED_ROLES, PostgresUrl};

/// The databases that PostgreSQL itself makes and needs.
const ITS_OWN: [&str; 3] = ["postgres", "template0", "template1"];

/// The variables by which frameworks are told that this is production.
const MODES: [&str; 6] = ["RAILS_ENV", "RACK_ENV", "NODE_ENV", "APP_ENV", "MIX_ENV", "DJANGO_ENV"];

/// Refuses to work where the environment says that this is production. Exit 5.
pub fn refuse_production() -> Result<()> {
    refuse_mode(&super::environment_variable)
}

fn refuse_mode(variable: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    let says_so = |name: &&&str| {
        variable(name).is_some_and(|mode| ["production", "prod"].contains(&mode.to_lowercase().as_str()))
    };
    match MODES.iter().find(says_so) {
        Some(name) => Err(Error::refused(format!("{name} says production, and development is not"))
            .hint(Hint::line(["unset", name]))),
        None => Ok(()),
    }
}

/// Refuses PostgreSQL's own databases, and hosts that are not this machine unless an option names them. Exit 5.
pub(super) fn refuse(database: &LocalDatabase, options: &DatabaseOptions) -> Result<()> {
    let LocalDatabase { name, source, .. } = database;
    if ITS_OWN.contains(&name.as_str()) {
        return Err(Error::refused(format!("{name} (from {source}) is PostgreSQL's own database"))
            .hint(Hint::line(["development", "which", "--to", "NAME"])));
    }
    let Some(host) = database.host.as_deref().filter(|host| !is_this_machine(host)) else { return Ok(()) };
    if options.remote_ok.iter().any(|accepted| accepted.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    let from = database.server_source.as_ref().unwrap_or(source);
    Err(Error::refused(format!("{name} is on {host} (from {from}), which is not this machine")).hint(
        Hint::line(["development", "which", "--remote-ok", host]).note("if it is a database to develop with"),
    ))
}

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Refuses a server with one of those roles.
pub(super) fn refuse_managed(database: &LocalDatabase) -> Result<()> {
    let query = format!("select rolname from pg_roles where rolname in ({MANAGED_ROLES}) limit 1");
    psql::require()?;
    let line = psql::connecting(&database.into(), &PsqlOptions::default()).env("PGCONNECT_TIMEOUT", "10");
    let output = line.args(["-X", "-q", "-A", "-t", "-c", &query]).output(PATIENCE)?;
    if output.code != 0 {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::failed(said).context(format!("no connection to {database}")));
    }
    match String::from_utf8_lossy(&output.stdout).trim() {
        "" => Ok(()),
        role => Err(Error::refused(format!(
            "{} has the role {role}, which only managed servers have: the port may be a tunnel",
            database.server()
        ))
        .context(format!("{} is not a database of this machine", database.name))),
    }
}

/// Refuses a database that an app's config var leads to.
pub(super) fn refuse_app(database: &LocalDatabase, app: &str, vars: &ConfigVars) -> Result<()> {
    let is_it = |value: &Secret| {
        value.reveal().parse::<PostgresUrl>().is_ok_and(|url| {
            let host = |host: Option<&str>| host.map(str::to_lowercase);
            url.name.as_deref() == Some(&database.name)
                && host(url.host.as_deref()) == host(database.host.as_deref())
                && url.port.unwrap_or(PORT) == database.port
        })
    };
    match vars.iter().find(|(_, value)| is_it(value)) {
        Some((name, _)) => Err(Error::refused(format!(
            "{} on {} is the database in {name} of {app}",
            database.name,
            database.server()
        ))),
        None => Ok(()),
    }
}

/// Whether a host is this machine without a doubt: a socket, `localhost`, or a loopback address.
pub fn is_this_machine(host: &str) -> bool {
    let is_loopback = |address: IpAddr| match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
    };
    is_socket(host) || host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_these_names() {
        for host in
            ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "/tmp", "@x"]
        {
            assert!(is_this_machine(host), "{host}");
        }
        for host in
            ["db", "localhost.example", "10.0.0.1", "0.0.0.0", "127.1.example", "::2", "", "2130706433"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn the_database_of_an_app_is_refused() {
        let database = |url: &str| {
            let source = crate::postgres::local::Source::Option;
            crate::postgres::local::Settings::of_url(url, source).unwrap().completed(&|_| None).unwrap()
        };
        let vars = ConfigVars::from([(
            "PINK_URL".to_owned(),
            Secret::new("postgres://u:p@EC2.example/d1?sslmode=require"),
        )]);
        assert!(database("postgres://localhost/d1").refuse_app("x", &vars).is_ok());
        let error = database("postgres://other@ec2.example:5432/d1").refuse_app("x", &vars).unwrap_err();
        assert_eq!(error.to_string(), "d1 on ec2.example:5432 is the database in PINK_URL of x");
        assert_eq!(error.kind().exit_code(), 5);
    }

    #[test]
    fn production_is_told_by_any_framework() {
        for mode in ["production", "Production", "prod"] {
            let variable = |name: &str| (name == "NODE_ENV").then(|| mode.to_owned());
            assert_eq!(refuse_mode(&variable).unwrap_err().kind().exit_code(), 5, "{mode}");
        }
        assert!(refuse_mode(&|_| Some("development".to_owned())).is_ok());
    }
}
