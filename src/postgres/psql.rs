//! `psql`, PostgreSQL's own terminal: the arguments that it is given, and what a session may do.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use super::local::is_this_machine;
use super::url::PostgresUrl;
use super::variables;
use crate::error::{Error, Result};
use crate::process::CommandLine;

/// The program's name.
const PROGRAM: &str = "psql";

/// What psql does, and what it may do.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PsqlOptions {
    /// Run this SQL and exit
    #[arg(short, long, value_name = "SQL", allow_hyphen_values = true)]
    pub command: Option<OsString>,

    /// Run this file and exit
    #[arg(short, long, value_name = "FILE", conflicts_with = "command")]
    pub file: Option<OsString>,

    /// Begin each transaction as one that only reads
    #[arg(long, help_heading = crate::usage::OURS)]
    pub read_only: bool,
}

impl PsqlOptions {
    /// The name that the server knows the session by.
    fn application(&self) -> &'static str {
        if self.is_interactive() { "psql interactive" } else { "psql non-interactive" }
    }

    /// Whether it is a session on the terminal, or reads stdin.
    pub fn is_interactive(&self) -> bool {
        self.command.is_none() && self.file.is_none()
    }

    /// psql's arguments for them.
    pub fn arguments(&self) -> Vec<OsString> {
        let given = [("-c", &self.command), ("-f", &self.file)];
        given.into_iter().filter_map(|(flag, value)| Some([flag.into(), value.clone()?])).flatten().collect()
    }
}

/// The psql on PATH, without arguments.
pub fn program() -> CommandLine {
    CommandLine::find(PROGRAM).unwrap_or_else(|| CommandLine::at(PROGRAM, PROGRAM))
}

/// A `psql` that runs a script up to its first error: quiet, without the person's own settings, and without a question.
pub fn scripted(psql: CommandLine) -> CommandLine {
    let line = psql.args([
        "--no-psqlrc",
        "--no-password",
        "--quiet",
        "--tuples-only",
        "--no-align",
        "--set=ON_ERROR_STOP=1",
        "--set=VERBOSITY=verbose",
    ]);
    line.env("PGCLIENTENCODING", "UTF8").env("PGCONNECT_TIMEOUT", "15")
}

/// psql connecting to this database, without arguments.
pub fn connecting(database: &PostgresUrl, options: &PsqlOptions) -> CommandLine {
    let line = variables::connecting(database, program()).env("PGAPPNAME", options.application());
    if options.read_only { line.env("PGOPTIONS", "-c default_transaction_read_only=on") } else { line }
}

/// Exit 1 where psql is not installed.
pub fn require() -> Result<()> {
    match CommandLine::find(PROGRAM) {
        Some(_) => Ok(()),
        None => Err(Error::failed("psql was not found on PATH")
            .hint("https://devcenter.heroku.com/articles/heroku-postgresql#local-setup")),
    }
}

/// How TLS is used: as the person's own `PGSSLMODE` says if that is no weaker than `require`; else it must be, unless the
/// server is on this machine.
pub fn tls_mode(database: &PostgresUrl) -> String {
    let own = env::var("PGSSLMODE")
        .ok()
        .filter(|mode| ["require", "verify-ca", "verify-full"].contains(&mode.as_str()));
    let is_here = database.host.as_deref().is_none_or(is_this_machine);
    own.unwrap_or_else(|| if is_here { "prefer" } else { "require" }.to_owned())
}

/// The variables of psql that the Heroku CLI sets for a session: its prompts and, with `HEROKU_PSQL_HISTORY`, the file of
/// its history.
pub fn session_settings(app: &str, attachment: &str) -> Vec<String> {
    let prompt = format!("{app}::{attachment}%R%# ");
    let prompts = ["PROMPT1", "PROMPT2"].map(|name| format!("{name}={prompt}"));
    let history = env::var("HEROKU_PSQL_HISTORY").ok().and_then(|path| history(&path, app));
    prompts.into_iter().chain(history.map(|file| format!("HISTFILE={file}"))).collect()
}

fn history(path: &str, app: &str) -> Option<String> {
    let is_folder = |path: &Path| fs::metadata(path).is_ok_and(|found| found.is_dir());
    if is_folder(Path::new(path)) {
        return Some(format!("{path}/{app}"));
    }
    let parent =
        Path::new(path).parent().map(|parent| if parent == OsStr::new("") { Path::new(".") } else { parent });
    parent.is_some_and(is_folder).then(|| path.to_owned())
}

/// `--set` in front of each.
pub fn set(settings: impl IntoIterator<Item = String>) -> impl Iterator<Item = OsString> {
    settings.into_iter().flat_map(|setting| ["--set".into(), setting.into()])
}
