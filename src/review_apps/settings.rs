//! The options that set how a pipeline's review apps are created and destroyed.

use crate::error::{Error, Result};
use crate::heroku::{Client, Pipeline, ReviewAppSettings, SettingsChange};
use crate::hint::Hint;
use crate::values::{Values, Words};

/// The values that completion offers for the options.
pub const SETTING_VALUES: Values = &[
    ("automatic", SWITCH),
    ("stale_days", &[Words::These(&["5", "14", "30", "off"])]),
    ("wait_for_ci", SWITCH),
    ("base_name", &[Words::Free]),
];

const SWITCH: &[Words] = &[Words::These(&["on", "off"])];

/// The settings to change; those that are not given stay.
#[derive(clap::Args, Debug)]
pub struct SettingOptions {
    /// Create a review app for each pull request
    #[arg(long, value_name = "on|off", value_parser = switch)]
    automatic: Option<bool>,

    /// Destroy a review app after this many days without a deploy: 1 to 30, or off
    #[arg(long, value_name = "DAYS|off", value_parser = stale_days)]
    stale_days: Option<StaleDays>,

    /// Create a review app only after the commit's checks have passed
    #[arg(long, value_name = "on|off", value_parser = switch)]
    wait_for_ci: Option<bool>,

    /// Begin the names of the apps with this
    #[arg(long, value_name = "NAME")]
    base_name: Option<String>,
}

/// After how many days a review app is destroyed; none for never.
#[derive(Clone, Copy, Debug)]
struct StaleDays(Option<u64>);

impl SettingOptions {
    /// The change that the options ask for.
    pub fn change(&self) -> SettingsChange {
        SettingsChange {
            automatic_review_apps: self.automatic,
            destroy_stale_apps: self.stale_days.map(|days| days.0.is_some()),
            stale_days: self.stale_days.and_then(|days| days.0),
            wait_for_ci: self.wait_for_ci,
            base_name: self.base_name.clone(),
        }
    }
}

/// The settings of the pipeline's review apps; exit 1 where they are not enabled.
pub fn read_settings(client: &Client, pipeline: &Pipeline) -> Result<ReviewAppSettings> {
    client.review_app_settings(&pipeline.id)?.ok_or_else(|| {
        Error::failed(format!("review apps are not enabled for pipeline {}", pipeline.name))
            .hint(Hint::line(["review", "enable"]))
    })
}

/// The settings, read again after `change` was accepted; exit 1 where they are not what it asks for.
pub fn read_changed(
    client: &Client,
    pipeline: &Pipeline,
    change: &SettingsChange,
) -> Result<ReviewAppSettings> {
    let settings = read_settings(client, pipeline)?;
    if change.holds_in(&settings) {
        return Ok(settings);
    }
    Err(Error::failed(format!("pipeline {} does not have the new settings", pipeline.name))
        .hint(Hint::line(["review", "settings"])))
}

/// The repository that the pipeline is connected to; exit 5 where it is not.
pub fn connected_repository(client: &Client, pipeline: &Pipeline) -> Result<String> {
    client.connected_repository(pipeline)?.ok_or_else(|| {
        let page = format!("https://dashboard.heroku.com/pipelines/{}/settings", pipeline.id);
        Error::refused(format!("pipeline {} is not connected to a repository", pipeline.name))
            .hint(Hint::line([page]).note("connects it to GitHub"))
    })
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("on or off".to_owned()),
    }
}

fn stale_days(text: &str) -> Result<StaleDays, String> {
    if text == "off" {
        return Ok(StaleDays(None));
    }
    let days = text.parse().ok().filter(|days| (1..=30).contains(days));
    days.map(|days| StaleDays(Some(days))).ok_or_else(|| "a number from 1 to 30, or off".to_owned())
}
