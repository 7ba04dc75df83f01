//! `staging url`: prints where the app answers.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{AppName, page_url};
use crate::parallel::in_parallel;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print the app's web URL";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging url
  curl --head \"$(staging url)\"
  staging url --json | jq -r '.[].url'

An environment with several apps prints a line for each. `open` opens it.";

/// The Heroku CLI prints it only among other things.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// There are no options.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// An app's URL as `--json` prints it.
#[derive(Serialize)]
struct Located<'a> {
    app: &'a AppName,
    url: String,
}

/// Prints the web URLs of the environment's apps.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let located = in_parallel(&target.apps, |app| {
        let web_url = client.app(app.as_ref())?.web_url;
        let web_url = web_url.ok_or_else(|| Error::failed(format!("{app} has no web URL")))?;
        let url = page_url(&web_url, "").map_err(|why| Error::failed(format!("{app}: {why}")))?;
        Ok(Located { app, url })
    });
    let located: Vec<Located> = located.into_iter().collect::<Result<_>>()?;
    if context.options.json {
        return context.terminal.print_json(&located);
    }
    let lines: Vec<&str> = located.iter().flat_map(|one| [&one.url, "\n"]).collect();
    context.terminal.print(&lines.concat())
}
