//! `staging psql`: PostgreSQL's terminal on the environment's database.

use std::ffi::OsString;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::fallback::Fallback;
use crate::heroku::DatabaseAttachment;
use crate::inventory::Resource;
use crate::postgres::attachment;
use crate::postgres::psql::{self, PsqlOptions};
use crate::postgres::reach::Reach;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Open psql on the environment's database";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging psql
  staging psql -c 'select count(*) from seats'
  staging psql PINK -f report.sql              another attachment
  production psql --read-only                  writes are refused, until the session itself allows them

psql is the one on this machine. It is given the password in its environment, never among its arguments.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["pg:psql"];

/// What Tab offers for the arguments.
pub const VALUES: Values = &[
    ("command", &[Words::Free]),
    ("credential", &[Words::Free]),
    ("database", &[Words::Live(Resource::Attachments)]),
    ("file", &[Words::Files]),
];

/// Which database, and what psql does.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The database: an attachment, a config var or an add-on
    #[arg(
        value_name = "DATABASE",
        help = "The database: an attachment, a config var or an add-on [default: DATABASE_URL]"
    )]
    database: Option<String>,

    #[command(flatten)]
    psql: PsqlOptions,

    /// Connect with this credential
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,

    /// Bind the password to the channel
    #[arg(long, hide = true, value_parser = ["disable", "require"], default_value = "require")]
    channel_binding: String,
}

/// Becomes psql.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.credential.is_some() {
        return Err(to_heroku(args, "credentials are resolved there"));
    }
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let database = attachment::resolve(client, app, args.database.as_deref())?;
    let url = match Reach::of(client, &database)? {
        Reach::Url(url) => url,
        Reach::OnlyByHeroku(reason) => return Err(to_heroku(args, reason)),
    };
    let line = psql::connecting(&url, &args.psql)
        .env("PGSSLMODE", psql::tls_mode(&url))
        .args(arguments(args, &database));
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{line}\n"));
    }
    psql::require()?;
    confirm::banner(context, app)?;
    context.terminal.status(&format!("--> Connecting to {}", database.addon.name));
    Err(line.exec())
}

/// The arguments that the Heroku CLI gives psql.
fn arguments(args: &Args, database: &DatabaseAttachment) -> Vec<OsString> {
    let mut words = args.psql.arguments();
    if args.psql.is_interactive() {
        words.extend(psql::set(psql::session_settings(database.app.name.as_ref(), &database.name)));
    }
    let binding = format!("channel_binding={}", args.channel_binding);
    words.extend(psql::set(["sslmode=require".to_owned(), binding]));
    words
}

/// The error that leaves the line to the Heroku CLI. It cannot keep a session from writing.
fn to_heroku(args: &Args, reason: &str) -> Error {
    if args.psql.read_only {
        return Error::usage(format!(
            "--read-only is not supported: only the Heroku CLI can connect, as {reason}"
        ));
    }
    Fallback::error(reason)
}
