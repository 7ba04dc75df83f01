//! `staging config:diff production`: compares the config vars of two environments, by name.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{ConfigVars, Secret};
use crate::model::AppName;
use crate::parallel::both;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Compare the config vars with another environment's, by name";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:diff production
  staging config:diff production --show        print the values, too
  staging config:diff production --exit-code   exit 1 if anything differs

+ marks a config var that only the other has, - one that only this environment has, ! one whose values differ. Values
are printed with --show only.";

/// No command of the Heroku CLI does this.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("other", &[Words::OtherEnvironments])];

/// The other side, and how much is shown.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// An environment, or an app
    #[arg(value_name = "OTHER")]
    other: String,

    /// Print the values, too
    #[arg(long)]
    show: bool,

    /// Exit 1 if anything differs
    #[arg(long)]
    exit_code: bool,
}

/// The difference as JSON; values are null without `--show`, and where a side has none.
#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    other: &'a AppName,
    vars: Vec<Compared<'a>>,
}

/// A config var on both sides.
#[derive(Serialize)]
struct Compared<'a> {
    name: &'a str,
    state: State,
    value: Option<&'a str>,
    other_value: Option<&'a str>,
}

/// Which side has a config var, and whether the values are equal.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Here,
    There,
    Same,
    Different,
}

/// Compares, and prints a line for each config var that is not the same.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let app = context.target()?.one_app()?;
    let other = &context.app_of(&args.other)?;
    let client = context.heroku()?;
    let (here, there) = both(|| client.config_vars(app.as_ref()), || client.config_vars(other.as_ref()));
    let (here, there) = (here?, there?);
    let vars = compare(&here, &there, args.show);
    let differs = vars.iter().any(|var| var.state != State::Same);
    if context.options.json {
        context.terminal.print_json(&Answer { app, other, vars })?;
    } else if differs {
        context.terminal.print_change(&vars.iter().map(Compared::line).collect::<String>())?;
    } else {
        context.terminal.status(&format!("no difference: {app} and {other} have the same config vars"));
    }
    if differs && args.exit_code { Err(Error::silent(1)) } else { Ok(()) }
}

fn compare<'a>(here: &'a ConfigVars, there: &'a ConfigVars, show: bool) -> Vec<Compared<'a>> {
    let mut names: Vec<&String> = here.keys().chain(there.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let shown = |value: Option<&'a Secret>| value.filter(|_| show).map(Secret::reveal);
    let compared = |name: &'a String| {
        let (value, other) = (here.get(name), there.get(name));
        let state = match (value, other) {
            (Some(value), Some(other)) if value == other => State::Same,
            (Some(_), Some(_)) => State::Different,
            (Some(_), None) => State::Here,
            _ => State::There,
        };
        Compared { name, state, value: shown(value), other_value: shown(other) }
    };
    names.into_iter().map(compared).collect()
}

impl Compared<'_> {
    /// `+ NAME`, with the values if they are shown; nothing where both are the same.
    fn line(&self) -> String {
        let name = self.name;
        let with = |value: Option<&str>| value.map(|value| format!("={value:?}")).unwrap_or_default();
        match self.state {
            State::Same => String::new(),
            State::Here => format!("- {name}{}\n", with(self.value)),
            State::There => format!("+ {name}{}\n", with(self.other_value)),
            State::Different if self.value.is_some() => {
                format!("- {name}{}\n+ {name}{}\n", with(self.value), with(self.other_value))
            }
            State::Different => format!("! {name}\n"),
        }
    }
}
