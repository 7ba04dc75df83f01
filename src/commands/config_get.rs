//! `staging config:get LOG_LEVEL`: prints values of config vars, as `heroku config:get` does.

use serde::Serialize;

use crate::config_vars::shell_quote;
use crate::context::Context;
use crate::error::Result;
use crate::heroku::Secret;
use crate::inventory::Resource;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Print the values of config vars";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:get LOG_LEVEL
  staging config:get LOG_LEVEL NODE_ENV --shell
  psql \"$(staging config:get DATABASE_URL)\"

It is what `heroku config:get` prints: a line for each name, empty for a config var that is not set, and exit 0.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["config:get"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("names", &[Words::Live(Resource::ConfigVars)])];

/// The names, and the flags of `heroku config:get`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The names of config vars
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,

    /// Print NAME=value, quoted for a shell
    #[arg(short, long)]
    shell: bool,

    /// The same as --json
    #[arg(short = 'j')]
    j: bool,
}

/// A config var as JSON; the value is null where it is not set.
#[derive(Serialize)]
struct Answer<'a> {
    key: &'a str,
    value: Option<&'a str>,
}

/// Prints a line for each name, in their order.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let app = context.target()?.one_app()?;
    let as_json = args.j || context.options.json;
    let vars = context.heroku()?.config_vars_in_order(app)?;
    let value = |name: &str| vars.get(name).map(Secret::reveal);
    if as_json {
        let answers: Vec<_> = args.names.iter().map(|key| Answer { key, value: value(key) }).collect();
        return match answers.as_slice() {
            [answer] => context.terminal.print_json(answer),
            answers => context.terminal.print_json(&answers),
        };
    }
    let line = |name: &String| match (args.shell, value(name).unwrap_or_default()) {
        (true, value) => format!("{name}={}\n", shell_quote(value)),
        (false, value) => format!("{value}\n"),
    };
    context.terminal.print_exact(&args.names.iter().map(line).collect::<String>())
}
