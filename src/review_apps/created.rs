//! A review app that is there: what `review create` and `review wait` print.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::heroku::{App, ReviewApp};
use crate::model::AppName;

/// A review app that is there.
#[derive(Debug, Serialize)]
pub struct Created<'a> {
    /// Its pull request; null where it was created for a branch alone.
    number: Option<u64>,
    branch: &'a str,
    app: AppName,
    /// Where it answers.
    url: Option<String>,
}

impl<'a> Created<'a> {
    /// The review app, and the app that it has.
    pub fn new(review: &'a ReviewApp, app: App) -> Self {
        Self { number: review.pr_number, branch: &review.branch, app: app.name, url: app.web_url }
    }

    /// Prints the address on stdout, or all of it as JSON.
    pub fn print(&self, context: &Context) -> Result<()> {
        if context.options.json {
            return context.terminal.print_json(self);
        }
        context.terminal.status(&format!("{} is up", self.app));
        match &self.url {
            Some(url) => context.terminal.print_lines(&format!("{url}\n")),
            None => Ok(()),
        }
    }
}
