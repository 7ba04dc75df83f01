//! `staging config:set LOG_LEVEL=debug`: sets config vars.

use std::ffi::OsString;

use crate::config_vars::{ConfigChange, listed, valued};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{ConfigChanges, Secret};
use crate::usage::OURS;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Set config vars, which restarts the app";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:set LOG_LEVEL=debug
  staging config:set LOG_LEVEL=debug WEB_CONCURRENCY=2   one release for both
  staging config:set MOTTO='break a leg' --show
  production --dry-run config:set LOG_LEVEL=debug        print the request, without values

It waits for the release phase, if the app has one, and fails where that fails. Values are printed with --show only;
`heroku config:set` always prints them, into the logs of CI too.

A protected environment asks first.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["config:set"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("settings", &[Words::Assignment])];

/// What is set.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to set
    #[arg(value_name = "NAME=VALUE", required = true)]
    settings: Vec<String>,

    /// Print the new values
    #[arg(long, help_heading = OURS)]
    show: bool,
}

/// Sets all of them in one request.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let settings = args.settings.iter().map(|word| setting(context, word)).collect::<Result<Vec<_>>>()?;
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let names = settings.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let changes: ConfigChanges =
        settings.iter().map(|(name, value)| ((*name).to_owned(), Some(Secret::new(*value)))).collect();
    let change = ConfigChange::prepare(context, client, app, changes)?;
    if context.options.dry_run {
        return context.terminal.print_lines(&change.describe());
    }
    // The line to type again is printed, so it must not have the values.
    let again = settings.iter().map(|(name, _)| format!("{name}=VALUE").into());
    let again: Vec<OsString> = [OsString::from("config:set")].into_iter().chain(again).collect();
    change.ask_if_protected(&format!("Set {names} on {app}?"), &again)?;
    let done = change.send()?;
    change.report(&format!("Setting {names}"), &done);
    if context.options.json {
        return change.print_json(done.version);
    }
    // The CLI leaves out what was set to nothing.
    let is_meant =
        |name: &str, value: &Secret| change.changes.contains_key(name) && !value.reveal().is_empty();
    let set = done.vars.0.iter().filter(|(name, value)| is_meant(name, value));
    let set = set.map(|(name, value)| (name.as_str(), value));
    if args.show {
        context.terminal.print_exact(&valued(set))
    } else {
        context.terminal.print_lines(&listed(set.map(|(name, _)| name)))
    }
}

/// The name and the value of `NAME=VALUE`.
fn setting<'w>(context: &Context, word: &'w str) -> Result<(&'w str, &'w str)> {
    match word.split_once('=') {
        Some(("", _)) => Err(Error::usage("a setting has no name before its =")
            .hint(context.command(["config:set", "NAME=VALUE"]))),
        Some(setting) => Ok(setting),
        // It may be a value that belongs to the word before.
        None => Err(Error::usage("a word without = is not a setting; a value with blanks needs quotes")
            .hint(context.command(["config:set", "NAME=VALUE"]))),
    }
}
