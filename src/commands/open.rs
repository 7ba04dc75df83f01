//! `staging open`: opens the app in the browser.

use crate::browser;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::page_url;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Open the app, or one of its pages, in the browser";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging open
  staging open /seats?row=7
  review 42 open
  staging --dry-run open /seats        print the URL

The browser is the one in BROWSER, else the system's. Without a browser, or without a display, the URL is printed.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["apps:open"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("path", &[Words::Free])];

/// What is opened.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The page's path, with its query and fragment [default: /]
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

/// Opens the page.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let web_url = client.app(app.as_ref())?.web_url;
    let web_url = web_url.ok_or_else(|| Error::failed(format!("{app} has no web URL")))?;
    let url = page_url(&web_url, args.path.as_deref().unwrap_or_default()).map_err(Error::usage)?;
    browser::open(context, Some(app), &url)
}
