//! `development psql`: PostgreSQL's terminal on this machine's database.

use crate::context::Context;
use crate::error::Result;
use crate::postgres::PostgresUrl;
use crate::postgres::local::{DatabaseOptions, LocalDatabase};
use crate::postgres::psql::{self, PsqlOptions};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Open psql on this machine's database";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development psql
  development psql -c 'select count(*) from seats'
  development psql --to playhouse_scratch -f setup.sql

The database is the one that `development which` prints.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// What Tab offers for the arguments.
pub const VALUES: Values = &[
    ("command", &[Words::Free]),
    ("database", &[Words::Free]),
    ("file", &[Words::Files]),
    ("remote_ok", &[Words::Free]),
    ("to", &[Words::Free]),
];

/// Which database, and what psql does.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    psql: PsqlOptions,

    #[command(flatten)]
    database: DatabaseOptions,
}

/// Becomes psql.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let database = LocalDatabase::find(context, &args.database)?;
    let line = psql::connecting(&PostgresUrl::from(&database), &args.psql).args(args.psql.arguments());
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{line}\n"));
    }
    database.refuse_managed()?;
    context.terminal.status(&format!("--> {database}"));
    Err(line.exec())
}
