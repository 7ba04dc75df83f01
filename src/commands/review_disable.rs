//! `review disable`: disables review apps for the pipeline.

use serde::de::IgnoredAny;

use crate::confirm;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::heroku;
use crate::hint::Hint;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Disable review apps for the pipeline; those that exist stay";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review disable
  review disable --yes";

/// The Heroku CLI's command wants other flags.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// Nothing to choose.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Disables review apps after a question: their settings are lost.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let place = context.with_project(environment::review_pipeline)?;
    let (client, pipeline) = (context.heroku()?, &place.pipeline);
    let request = heroku::disable_review_apps(&pipeline.id);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&request)));
    }
    if client.review_app_settings(&pipeline.id)?.is_none() {
        context.terminal.status(&format!("review apps are not enabled for pipeline {}", pipeline.name));
        return Ok(());
    }
    let question = format!("Disable review apps for pipeline {}?", pipeline.name);
    confirm::agree(context, "the settings of the review apps are lost", &question, &["disable".into()])?;
    client.change::<IgnoredAny>(&request)?;
    if client.review_app_settings(&pipeline.id)?.is_some() {
        return Err(Error::failed(format!("review apps are still enabled for pipeline {}", pipeline.name))
            .hint(Hint::line(["review", "settings"])));
    }
    context.terminal.status(&format!("review apps are disabled for pipeline {}", pipeline.name));
    Ok(())
}
