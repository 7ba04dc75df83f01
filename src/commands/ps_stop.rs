//! `staging ps:stop`: stops dynos.

use std::ffi::OsString;

use serde::Serialize;
use serde::de::IgnoredAny;

use crate::confirm;
use crate::context::Context;
use crate::dynos::{SELECTED, SelectedDynos};
use crate::error::{Error, Result};
use crate::heroku::{self, ApiError};
use crate::model::{AppName, DynoSelection};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Stop dynos of the app";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging ps:stop run.1234       a one-off dyno
  staging ps:stop -p worker      the dynos of a process type

Heroku starts other dynos than one-off dynos again. `scale web=0` keeps them down. A protected environment asks first.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["ps:stop"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &SELECTED;

/// Which dynos to stop.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    dynos: SelectedDynos,
}

#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    dynos: String,
}

/// Stops the dynos, after a question where the app is protected.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let dynos = args.dynos.selection();
    if *dynos == DynoSelection::All {
        return Err(Error::usage("no dyno or process type given")
            .hint(context.command(["ps:stop", "--process-type", "web"]))
            .hint(context.command(["ps"]).note("lists the dynos")));
    }
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let change = heroku::stop_dynos(app, dynos);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&change)));
    }
    let again: Vec<OsString> = [vec!["ps:stop".into()], args.dynos.words()].concat();
    confirm::change_of(context, app, &format!("Stop {dynos} on {app}?"), &again)?;
    let done = client.change::<IgnoredAny>(&change);
    done.map_err(|error| ApiError::hint_where_missing(error, context.command(["ps"])))?;
    context.terminal.status(&format!("stopping {dynos} on {app}"));
    if context.options.json {
        return context.terminal.print_json(&Answer { app, dynos: dynos.to_string() });
    }
    Ok(())
}
