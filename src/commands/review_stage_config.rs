//! `review stage-config`: the config vars that the pipeline gives to new review apps.

use serde::Serialize;
use serde::de::IgnoredAny;

use crate::config_vars::{listed, valued};
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::heroku::{ConfigChanges, OrderedConfigVars, Secret, change_review_config_vars};
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Show or change the config vars that new review apps get from the pipeline";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review stage-config
  review stage-config SEATS=9 LOG_LEVEL=debug
  review stage-config --unset LOG_LEVEL
  review --dry-run stage-config SEATS=9        print the request, without values

The review apps that exist keep theirs: `review 42 config` shows those of one.";

/// No command of the Heroku CLI shows them.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values =
    &[("settings", &[Words::Assignment]), ("unset", &[Words::Live(Resource::ConfigVars)])];

/// What to change.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to set
    #[arg(value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,

    /// Unset a config var (repeatable)
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or_else(|| "NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The config vars as `--json` prints them.
#[derive(Serialize)]
struct Answer<'a> {
    pipeline: &'a str,
    vars: Vec<Var<'a>>,
}

#[derive(Serialize)]
struct Var<'a> {
    name: &'a str,
    value: &'a str,
}

/// Changes what is given, and prints the config vars: their values where nothing is changed.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let place = context.with_project(environment::review_pipeline)?;
    let (client, pipeline) = (context.heroku()?, &place.pipeline);
    let changes = changes(args);
    if !changes.is_empty() {
        let request = change_review_config_vars(&pipeline.id, &changes);
        if context.options.dry_run {
            return context.terminal.print_lines(&format!("{}\n", client.describe_change(&request)));
        }
        client.change::<IgnoredAny>(&request)?;
    }
    let vars = client.review_config_vars(&pipeline.id)?;
    if changes.iter().any(|(name, value)| vars.get(name) != value.as_ref()) {
        return Err(Error::failed(format!("pipeline {} does not have the new config vars", pipeline.name))
            .hint(Hint::line(["review", "stage-config"])));
    }
    let all = || vars.0.iter().map(|(name, value)| (name.as_str(), value));
    if context.options.json {
        let vars = all().map(|(name, value)| Var { name, value: value.reveal() }).collect();
        return context.terminal.print_json(&Answer { pipeline: &pipeline.name, vars });
    }
    if changes.is_empty() {
        return print_all(context, &vars, &pipeline.name);
    }
    context.terminal.status("review apps get them when they are created; those that exist keep theirs");
    context.terminal.print_lines(&listed(all().map(|(name, _)| name)))
}

fn changes(args: &Args) -> ConfigChanges {
    let set = args.settings.iter().map(|(name, value)| (name.clone(), Some(Secret::new(value))));
    set.chain(args.unset.iter().map(|name| (name.clone(), None))).collect()
}

fn print_all(context: &Context, vars: &OrderedConfigVars, pipeline: &str) -> Result<()> {
    if vars.0.is_empty() {
        context.terminal.status(&format!("pipeline {pipeline} has no config vars for review apps"));
        return Ok(());
    }
    context.terminal.print_exact(&valued(vars.0.iter().map(|(name, value)| (name.as_str(), value))))
}
