//! The git remote that each environment's app should have.

use std::ffi::OsString;

use super::{GitHosts, Known, Project, StandsFor};
use crate::model::AppName;
use crate::text::with_operands;

/// What `heroku create` calls every first remote: it says nothing about the environment.
pub const UNNAMED: &str = "heroku";

/// An app's git remote, there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRemote {
    /// The environment's name.
    pub environment: String,
    /// The app.
    pub app: AppName,
    /// The remote's name, also where it is missing.
    pub name: String,
    /// Where it is pushed to.
    pub url: String,
    /// Whether it is there.
    pub state: RemoteState,
}

/// Whether an app's git remote is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteState {
    /// It is.
    There,
    /// No remote of this name or of this app.
    Missing,
    /// The app's remote is called `heroku`.
    Unnamed,
    /// A remote of this name is another place.
    Taken,
}

impl AppRemote {
    /// The remote of `app`, which is to be called `name`.
    pub fn of(environment: &str, app: &AppName, name: &str, project: &Project<'_>) -> Self {
        let theirs: Vec<&str> = project
            .heroku_remotes()
            .into_iter()
            .filter(|(_, other)| *other == app)
            .map(|(remote, _)| remote.name.as_str())
            .collect();
        let is_taken = project.remotes().any(|remote| remote.name == name);
        let found = theirs
            .iter()
            .find(|remote| **remote == name)
            .or_else(|| theirs.iter().find(|remote| **remote != UNNAMED));
        let state = match found {
            Some(_) => RemoteState::There,
            None if is_taken => RemoteState::Taken,
            None if !theirs.is_empty() => RemoteState::Unnamed,
            None => RemoteState::Missing,
        };
        Self {
            environment: environment.to_owned(),
            app: app.clone(),
            name: (*found.unwrap_or(&name)).to_owned(),
            url: GitHosts::from_environment().url(app),
            state,
        }
    }

    /// The line that makes it; none where it is there.
    pub fn words(&self) -> Option<Vec<OsString>> {
        let line = |verb, operands: [&str; 2]| Some(with_operands(&["git", "remote", verb], operands));
        match self.state {
            RemoteState::There => None,
            RemoteState::Missing => line("add", [&self.name, &self.url]),
            RemoteState::Unnamed => line("rename", [UNNAMED, &self.name]),
            RemoteState::Taken => line("set-url", [&self.name, &self.url]),
        }
    }
}

/// The remotes of an environment's apps: named after it, or after the apps where it has several.
pub fn app_remotes(Known { name, stands_for }: &Known, project: &Project<'_>) -> Vec<AppRemote> {
    let Ok(StandsFor::Apps { apps, .. }) = stands_for else { return Vec::new() };
    let wanted = |app: &AppName| if apps.len() == 1 { name.clone() } else { app.to_string() };
    apps.iter().map(|app| AppRemote::of(name, &app.name, &wanted(&app.name), project)).collect()
}
