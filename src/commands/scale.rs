//! `staging scale`: prints or changes how many dynos run each process type.

use std::collections::HashSet;
use std::ffi::OsString;

use serde::Serialize;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{self, ApiError, Client, Formation};
use crate::model::{AppName, Scaling};
use crate::parallel::in_parallel;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Print or change how many dynos run, and their size";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging scale                           print the formation
  staging scale web=2 worker+1
  production scale web=2:performance-m    with another size
  staging scale web=0                     no web dyno

A protected environment asks before it is scaled to 0 or down by a number.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["ps:scale"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("changes", &[Words::Scale])];

/// The changes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A process type and its number of dynos: web=2, worker+1, web=1:standard-2x
    #[arg(value_name = "TYPE=NUMBER")]
    changes: Vec<Scaling>,
}

/// A process type of an app.
#[derive(Serialize)]
struct Entry<'a> {
    app: &'a AppName,
    #[serde(rename = "type")]
    process_type: String,
    quantity: u64,
    size: String,
}

/// Prints the formation of the environment's apps, or changes that of one.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.changes.is_empty() { print(context) } else { change(context, &args.changes) }
}

fn print(context: &Context) -> Result<()> {
    let apps = &context.target()?.apps;
    let client = context.heroku()?;
    let all = in_parallel(apps, |app| entries(client, app, client.formation(app)?));
    let all: Vec<Vec<Entry<'_>>> = all.into_iter().collect::<Result<_>>()?;
    if context.options.json {
        return context.terminal.print_json(&all.into_iter().flatten().collect::<Vec<_>>());
    }
    for (app, entries) in apps.iter().zip(all) {
        if entries.is_empty() {
            return Err(Error::failed(format!("{app} has no process types"))
                .hint("add a Procfile: https://devcenter.heroku.com/articles/procfile"));
        }
        let mut shown: Vec<String> = entries
            .iter()
            .map(|entry| format!("{}={}:{}", entry.process_type, entry.quantity, entry.size))
            .collect();
        shown.sort_unstable();
        let label = if apps.len() > 1 { format!("{app}: ") } else { String::new() };
        context.terminal.print_lines(&format!("{label}{}\n", shown.join(" ")))?;
    }
    Ok(())
}

fn change(context: &Context, changes: &[Scaling]) -> Result<()> {
    let mut named = HashSet::new();
    if let Some(twice) = changes.iter().find(|change| !named.insert(&change.process_type)) {
        return Err(Error::usage(format!("{} is given twice", twice.process_type)));
    }
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let change = heroku::scale(app, changes);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&change)));
    }
    if changes.iter().any(Scaling::may_leave_none) {
        let words: Vec<String> = changes.iter().map(Scaling::to_string).collect();
        let question = format!("Scale {app} to {}?", words.join(" "));
        let again = ["scale".to_owned()].into_iter().chain(words).map(OsString::from).collect::<Vec<_>>();
        confirm::change_of(context, app, &question, &again)?;
    }
    let answer: Result<Vec<Formation>> = client.change(&change);
    let formation =
        answer.map_err(|error| ApiError::hint_where_missing(error, context.command(["scale"])))?;
    let mut entries = entries(client, app, formation)?;
    entries.retain(|entry| named.contains(&entry.process_type));
    if context.options.json {
        return context.terminal.print_json(&entries);
    }
    let shown: Vec<String> = entries
        .iter()
        .map(|entry| format!("{} at {}:{}", entry.process_type, entry.quantity, entry.size))
        .collect();
    context.terminal.status(&format!("{app} now runs {}", shown.join(", ")));
    Ok(())
}

/// The formation as it is shown: in a Shield space `Private-M` is `Shield-M`.
fn entries<'a>(client: &Client, app: &'a AppName, formation: Vec<Formation>) -> Result<Vec<Entry<'a>>> {
    let is_private = formation.iter().any(|kind| kind.size.starts_with("Private-"));
    let is_shielded = is_private && client.app(app.as_ref())?.is_shielded();
    let entry = |kind: Formation| {
        let size = if is_shielded { kind.size.replacen("Private-", "Shield-", 1) } else { kind.size };
        Entry { app, process_type: kind.kind, quantity: kind.quantity, size }
    };
    Ok(formation.into_iter().map(entry).collect())
}
