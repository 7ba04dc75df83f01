//! `staging config:push FILE`: sets the config vars that a file has.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config_vars::{ConfigChange, Difference, EnvFile, named};
use crate::context::Context;
use crate::error::Result;
use crate::heroku::{ConfigChanges, ConfigVars};
use crate::parallel::both;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Set the config vars in a .env file, which restarts the app";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:push staging.env
  sops decrypt staging.env | staging config:push -
  staging --dry-run config:push staging.env    print the names and the request, without values

It prints the names that change (+ new, ! another value), never values, and sets them in one request. Config vars that
are not in the file stay as they are. What an add-on sets is left out. It waits for the release phase, as config:set does.

A protected environment asks first.";

/// No command of the Heroku CLI does this.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("file", &[Words::Files])];

/// What is set.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Compares, asks where the app is protected, and sets all of them in one request.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let file = EnvFile::read(&args.file)?;
    let wanted = file.unmistakable_vars()?;
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let reading = Arc::as_ref(client);
    let ((before, from_addons), change) = both(
        || both(|| reading.config_vars(app.as_ref()), || reading.addon_config_vars(app)),
        || ConfigChange::prepare(context, client, app, ConfigChanges::new()),
    );
    let (before, from_addons, mut change) = (before?, from_addons?, change?);
    change.changes = different(wanted, &before);
    change.changes.retain(|name, _| {
        let is_own = !from_addons.contains(name);
        if !is_own {
            context.terminal.warn(&format!("{name} is left out: an add-on of {app} sets it"));
        }
        is_own
    });
    if change.changes.is_empty() {
        context.terminal.status(&format!("nothing to set: {app} has the config vars of {}", file.shown()));
        return if context.options.json { change.print_json(None) } else { Ok(()) };
    }
    Difference::new(&before, &change.changes).tell(&context.terminal);
    if context.options.dry_run {
        return context.terminal.print_lines(&change.describe());
    }
    let names = named(&change.changes);
    let again: [OsString; 2] = ["config:push".into(), args.file.clone().into()];
    change.ask_if_protected(&format!("Set {names} on {app}?"), &again)?;
    let done = change.send()?;
    change.report(&format!("Setting {names}"), &done);
    if context.options.json { change.print_json(done.version) } else { Ok(()) }
}

/// What of the file the app does not have.
fn different(wanted: ConfigVars, before: &ConfigVars) -> ConfigChanges {
    let other = wanted.into_iter().filter(|(name, value)| before.get(name) != Some(value));
    other.map(|(name, value)| (name, Some(value))).collect()
}
