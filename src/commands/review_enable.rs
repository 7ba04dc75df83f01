//! `review enable`: enables review apps for the pipeline.

use serde::de::IgnoredAny;

use crate::context::Context;
use crate::environment;
use crate::error::Result;
use crate::heroku;
use crate::hint::Hint;
use crate::review_apps::{SETTING_VALUES, SettingOptions, connected_repository, read_changed};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Enable review apps for the pipeline";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review enable
  review enable --automatic on --stale-days 5

The pipeline must be connected to a GitHub repository.";

/// The Heroku CLI's command wants other flags.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = SETTING_VALUES;

/// The settings to begin with.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    settings: SettingOptions,
}

/// Enables review apps. Where they are enabled already, only the settings that are given are changed.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let place = context.with_project(environment::review_pipeline)?;
    let (client, pipeline) = (context.heroku()?, &place.pipeline);
    let repository = connected_repository(client, pipeline)?;
    let change = args.settings.change();
    let is_enabled = client.review_app_settings(&pipeline.id)?.is_some();
    if is_enabled && change.is_empty() {
        let message = format!("review apps are enabled already for pipeline {}", pipeline.name);
        context.terminal.status(&message);
        context.terminal.hint(Hint::line(["review", "settings"]));
        return Ok(());
    }
    let request = if is_enabled {
        heroku::change_review_app_settings(&pipeline.id, &change)
    } else {
        heroku::enable_review_apps(&pipeline.id, &repository, &change)
    };
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&request)));
    }
    client.change::<IgnoredAny>(&request)?;
    read_changed(client, pipeline, &change)?;
    context
        .terminal
        .status(&format!("review apps are enabled for pipeline {} ({repository})", pipeline.name));
    Ok(())
}
