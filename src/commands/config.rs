//! `staging config`: prints the config vars, as `heroku config` does.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::config_vars::{shell_quote, valued};
use crate::context::Context;
use crate::error::Result;
use crate::heroku::OrderedConfigVars;
use crate::parallel::in_parallel;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print the config vars, with their values";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config
  staging config --shell           NAME=value, quoted for a shell
  staging config --json | jq -r .LOG_LEVEL

It is what `heroku config` prints. On a terminal control characters in values are shown, not obeyed; a pipe or a file
gets every value as it is.

See also config:get, config:set, config:unset, config:edit, config:diff, config:pull and config:push.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["config"];

/// Its flags take no values.
pub const VALUES: Values = &[];

/// The flags of `heroku config`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print NAME=value, quoted for a shell
    #[arg(short, long)]
    shell: bool,

    /// The same as --json
    #[arg(short = 'j')]
    j: bool,
}

/// An app's config vars as one JSON object, in Heroku's order.
struct Answer<'a>(&'a OrderedConfigVars);

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.0.iter().map(|(name, value)| (name, value.reveal())))
    }
}

/// Prints the config vars of the environment's apps; `--shell` and `--json` work on one app.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let as_json = args.j || context.options.json;
    if args.shell || as_json {
        target.one_app()?;
    }
    let client = Arc::as_ref(context.heroku()?);
    for (app, vars) in
        target.apps.iter().zip(in_parallel(&target.apps, |app| client.config_vars_in_order(app)))
    {
        let vars = vars?;
        if as_json && !args.shell {
            return context.terminal.print_json(&Answer(&vars));
        }
        let mut text = String::new();
        if args.shell {
            for (name, value) in &vars.0 {
                _ = writeln!(text, "{name}={}", shell_quote(value.reveal()));
            }
        } else {
            let vars = vars.0.iter().map(|(name, value)| (name.as_str(), value));
            text = format!("=== {app} Config Vars\n\n{}", valued(vars));
        }
        context.terminal.print_exact(&text)?;
    }
    Ok(())
}
