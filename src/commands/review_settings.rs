//! `review settings`: shows or changes the settings of the pipeline's review apps.

use serde::Serialize;
use serde::de::IgnoredAny;

use crate::context::Context;
use crate::environment;
use crate::error::Result;
use crate::heroku::{self, ReviewAppSettings};
use crate::parallel::both;
use crate::review_apps::{SETTING_VALUES, SettingOptions, read_changed, read_settings};
use crate::terminal::aligned;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Show or change the settings of the pipeline's review apps";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review settings
  review settings --automatic on --wait-for-ci on
  review settings --stale-days 5
  review settings --stale-days off";

/// No command of the Heroku CLI shows them.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = SETTING_VALUES;

/// What to change.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    settings: SettingOptions,
}

/// The settings as `--json` prints them.
#[derive(Serialize)]
struct Answer<'a> {
    pipeline: &'a str,
    /// The connected repository, `owner/name`; null where there is none.
    repository: Option<String>,
    #[serde(flatten)]
    settings: ReviewAppSettings,
}

/// Changes what is given, and prints the settings as they are then.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let place = context.with_project(environment::review_pipeline)?;
    let (client, pipeline) = (context.heroku()?, &place.pipeline);
    let change = args.settings.change();
    if !change.is_empty() {
        let request = heroku::change_review_app_settings(&pipeline.id, &change);
        if context.options.dry_run {
            return context.terminal.print_lines(&format!("{}\n", client.describe_change(&request)));
        }
        if let Err(error) = client.change::<IgnoredAny>(&request) {
            // Where review apps are not enabled, Heroku says that something was not found.
            read_settings(client, pipeline)?;
            return Err(error);
        }
    }
    let (settings, repository) =
        both(|| read_changed(client, pipeline, &change), || client.connected_repository(pipeline));
    let answer = Answer { pipeline: &pipeline.name, repository: repository?, settings: settings? };
    answer.print(context)
}

impl Answer<'_> {
    fn print(&self, context: &Context) -> Result<()> {
        if context.options.json {
            return context.terminal.print_json(self);
        }
        let settings = &self.settings;
        let on = |on: bool| if on { "on" } else { "off" }.to_owned();
        let stale =
            if settings.destroy_stale_apps { settings.stale_days.to_string() } else { "off".to_owned() };
        let rows = [
            ("repository", self.repository.clone().unwrap_or_else(|| "-".to_owned())),
            ("automatic", on(settings.automatic_review_apps)),
            ("stale-days", stale),
            ("wait-for-ci", on(settings.wait_for_ci)),
            ("base-name", settings.base_name.clone().unwrap_or_else(|| "-".to_owned())),
        ];
        context.terminal.print_lines(&aligned(&rows.map(|(name, value)| vec![name.to_owned(), value]), 2))
    }
}
