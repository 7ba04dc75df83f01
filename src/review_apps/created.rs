//! A review app that is there: what `review create` and `review wait` print.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::heroku::ReviewApp;
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
    /// The review app with its app's address, which is asked for.
    pub fn read(context: &Context, review: &'a ReviewApp, app: AppName) -> Result<Self> {
        let url = context.heroku()?.app(app.as_ref())?.web_url;
        Ok(Self { number: review.pr_number, branch: &review.branch, app, url })
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
