//! `staging which`: prints the environment's app, and why it is that one.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::model::AppName;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print the environment's app and why it was chosen";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging which           the app on stdout, the reason on stderr
  staging which --json    both, for a script
  review 42 which         the app of pull request 42";

/// The Heroku CLI's `which` says something else (the plugin a command is in).
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `which` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// The answer as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    environment: &'a str,
    apps: &'a [AppName],
    /// `configuration`, `remote`, `pipeline` or `review-app`.
    source: &'static str,
    /// The same in words.
    reason: String,
}

/// Prints the environment's apps, one per line.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let target = context.target()?;
    if context.options.json {
        return context.terminal.print_json(&Answer {
            environment: &target.environment,
            apps: &target.apps,
            source: target.reason.word(),
            reason: target.reason.to_string(),
        });
    }
    let apps: String = target.apps.iter().flat_map(|app: &AppName| [app.as_ref(), "\n"]).collect();
    context.terminal.print(&apps)?;
    context.terminal.status(&target.reason.to_string());
    Ok(())
}
