//! `development which`: prints the database of this machine, and from where that was read.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::postgres::local::{DatabaseOptions, LocalDatabase};

pub use crate::postgres::local::DATABASE_VALUES as VALUES;

/// One line of help.
pub const ABOUT: &str = "Print the database of this machine and where that was read";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development which
  development which --to playhouse_scratch    that name on the project's server
  development which --json

development is this machine. `[environments.development]` in greenroom.toml with an app, or a git remote development that is
Heroku's, makes it an app like the others, and then `which` prints that.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// The database.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    database: DatabaseOptions,
}

/// The answer as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    environment: &'a str,
    database: &'a str,
    /// A name, an address, or the folder of a socket; none for libpq's own socket.
    host: Option<&'a str>,
    port: u16,
    /// None for the role that is called like this machine's user.
    user: Option<&'a str>,
    /// From where the name was read.
    source: String,
    /// The same of the server, where it was another place.
    server_source: Option<String>,
}

/// Prints the database.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let database = LocalDatabase::find(context, &args.database)?;
    if context.options.json {
        return context.terminal.print_json(&Answer {
            environment: &context.name,
            database: &database.name,
            host: database.host.as_deref(),
            port: database.port,
            user: database.user.as_deref(),
            source: database.source.to_string(),
            server_source: database.server_source.as_ref().map(ToString::to_string),
        });
    }
    context.terminal.print_lines(&format!("{database}\n"))
}
