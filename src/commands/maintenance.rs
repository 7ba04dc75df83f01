//! `staging maintenance`: prints whether maintenance mode is on.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::model::AppName;
use crate::parallel::in_parallel;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print whether maintenance mode is on or off";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production maintenance
  production maintenance:on && production deploy && production maintenance:off";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["maintenance"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `maintenance` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Entry<'a> {
    app: &'a AppName,
    maintenance: bool,
}

/// Prints the maintenance mode of the environment's apps.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let apps = &context.target()?.apps;
    let client = context.heroku()?;
    let read = |app| Ok(Entry { app, maintenance: client.app(AppName::as_ref(app))?.maintenance });
    let all: Vec<Entry<'_>> = in_parallel(apps, read).into_iter().collect::<Result<_>>()?;
    if context.options.json {
        return context.terminal.print_json(&all);
    }
    for Entry { app, maintenance } in all {
        let word = if maintenance { "on" } else { "off" };
        let label = if apps.len() > 1 { format!("{app}: ") } else { String::new() };
        context.terminal.print(&format!("{label}{word}\n"))?;
    }
    Ok(())
}
