//! `staging config:unset LOG_LEVEL`: removes config vars.

use std::ffi::OsString;
use std::sync::Arc;

use crate::config_vars::ConfigChange;
use crate::context::Context;
use crate::error::Result;
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::parallel::both;
use crate::text::nearest;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Unset config vars, which restarts the app";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:unset LOG_LEVEL
  staging config:unset LOG_LEVEL WEB_CONCURRENCY   one release for both
  production --dry-run config:unset LOG_LEVEL      print the request

A name that is not set is no failure, but a warning says so. A protected environment asks first.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["config:unset"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("names", &[Words::Live(Resource::ConfigVars)])];

/// What is unset.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The names of config vars
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

/// Unsets all of them in one request.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let changes = args.names.iter().map(|name| (name.clone(), None)).collect();
    let names = || Arc::as_ref(client).config_names(app);
    let (known, change) = both(names, || ConfigChange::prepare(context, client, app, changes));
    let (known, change) = (known?, change?);
    for name in args.names.iter().filter(|name| !known.contains(name)) {
        context.terminal.warn(&format!("{name} is not set on {app}"));
        if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
            context.terminal.hint(Hint::text(format!("did you mean {near}?")));
        }
    }
    if context.options.dry_run {
        return context.terminal.print_lines(&change.describe());
    }
    let names = args.names.join(", ");
    let again: Vec<OsString> =
        [OsString::from("config:unset")].into_iter().chain(args.names.iter().map(Into::into)).collect();
    change.ask_if_protected(&format!("Unset {names} on {app}?"), &again)?;
    let done = change.send()?;
    change.report(&format!("Unsetting {names}"), &done);
    if context.options.json { change.print_json(done.version) } else { Ok(()) }
}
