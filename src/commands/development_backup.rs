//! `development backup`: dumps the database of this machine into a file that is kept.

use std::fs;

use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::postgres::backup;
use crate::postgres::local::{DatabaseOptions, LocalDatabase};
use crate::text::size;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Dump the database of this machine into a file that is kept";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  development backup
  development backup before-migration
  development restore before-migration      the database is as it was

`development backups` lists what is kept.";

/// The Heroku CLI has nothing to do with this machine.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("name", &[Words::Free]),
    ("to", &[Words::Free]),
    ("database", &[Words::Free]),
    ("remote_ok", &[Words::Free]),
];

/// The backup's name, and the database.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The backup's name [default: the time]
    name: Option<String>,

    #[command(flatten)]
    database: DatabaseOptions,
}

/// The backup as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    name: &'a str,
    database: &'a str,
    file: String,
    /// In bytes.
    size: u64,
}

/// Writes the backup.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let database = LocalDatabase::find(context, &args.database)?;
    let now =
        || Timestamp::now().to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d-%H%M%S").to_string();
    let name = args.name.clone().unwrap_or_else(now);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", backup::describe(&database, &name)?));
    }
    context.terminal.status(&format!("dumping {database}"));
    let file = backup::back_up(&database, &name, &context.terminal)?;
    let bytes = fs::metadata(&file)?.len();
    if context.options.json {
        let file = file.display().to_string();
        return context.terminal.print_json(&Answer {
            name: &name,
            database: &database.name,
            file,
            size: bytes,
        });
    }
    context.terminal.status(&format!("{name} has {} ({})", size(bytes), file.display()));
    context.terminal.hint(context.command(["restore", &name]).note("restores it"));
    Ok(())
}
