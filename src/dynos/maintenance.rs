//! Maintenance mode, as a person turns it on and off. A deploy does it by itself, in `release`.

use serde::Serialize;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{self, App};
use crate::model::AppName;

#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    maintenance: bool,
}

/// Turns maintenance mode of the environment's app on or off, and prints that. Turning it on asks first where the app is
/// protected.
pub fn set_maintenance(context: &Context, on: bool) -> Result<()> {
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let change = heroku::set_maintenance(app.as_ref(), on);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&change)));
    }
    if on {
        let question = format!("Turn on maintenance mode of {app}?");
        confirm::change_of(context, app, &question, &["maintenance:on".into()])?;
    }
    let word = if on { "on" } else { "off" };
    if client.change::<App>(&change)?.maintenance != on {
        return Err(Error::failed(format!("maintenance mode of {app} was not turned {word}")));
    }
    context.terminal.status(&format!("{app}: maintenance mode is {word}"));
    if context.options.json {
        return context.terminal.print_json(&Answer { app, maintenance: on });
    }
    Ok(())
}
