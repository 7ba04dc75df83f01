//! `staging dashboard`: opens the app's page of Heroku's dashboard.

use crate::browser;
use crate::context::Context;
use crate::environment::Reason;
use crate::error::Result;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Open the app in Heroku's dashboard";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production dashboard
  staging --dry-run dashboard          print the URL

A stage of a pipeline that has several apps opens the pipeline's page. The browser is the one in BROWSER, else the
system's. Without a browser, or without a display, the URL is printed.";

/// The Heroku CLI's command of this name prints a summary of other apps.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// There are no options.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Opens the page.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let target = context.target()?;
    if let (Reason::Stage { pipeline, .. }, [_, _, ..]) = (&target.reason, target.apps.as_slice()) {
        let pipeline = context.heroku()?.pipeline(pipeline)?;
        let url = format!("https://dashboard.heroku.com/pipelines/{}", pipeline.id);
        return browser::open(context, None, &url);
    }
    let app = target.one_app()?;
    browser::open(context, Some(app), &format!("https://dashboard.heroku.com/apps/{app}"))
}
