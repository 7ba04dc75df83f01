//! A survey of how all apps of the prepare flow are set up.

use super::apps::Apps;
use super::facts::{Builder, Config, Facts};
use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client};
use crate::model::{AppName, Stage};
use crate::parallel::{both, in_parallel};

/// How the apps are set up.
#[derive(Debug)]
pub struct Survey<'a> {
    /// The name of the app that builds.
    pub name: &'a AppName,
    /// The app that builds, if it exists.
    pub builder: Option<Builder>,
    /// The apps of production; the first is the model.
    pub production: Vec<Facts>,
    /// The apps of staging.
    pub staging: Vec<Facts>,
    /// The model's config vars.
    pub config: Config,
}

impl<'a> Survey<'a> {
    /// Reads every app of the flow.
    pub fn make(client: &Client, apps: &'a Apps) -> Result<Self> {
        let targets = apps.production.iter().chain(&apps.staging);
        let (targets, (config, builder)) = both(
            || in_parallel(targets, |name| Facts::read(client, name)),
            || both(|| Config::read(client, &apps.production[0]), || find_builder(client, &apps.builder)),
        );
        let mut production: Vec<Facts> = targets.into_iter().collect::<Result<_>>()?;
        let staging = production.split_off(apps.production.len());
        Ok(Self { name: &apps.builder, builder: builder?, production, staging, config: config? })
    }

    /// The app whose setup is copied to the app that builds.
    pub fn model(&self) -> &Facts {
        &self.production[0]
    }

    /// Where slugs go: the apps of staging and production.
    pub fn targets(&self) -> impl Iterator<Item = &Facts> {
        self.staging.iter().chain(&self.production)
    }

    /// Each app with the stage it belongs in, production first, and its facts if it exists.
    pub fn stages(&self) -> Vec<(&AppName, Option<&Facts>, Stage)> {
        let production = self.production.iter().map(|facts| (facts.name(), Some(facts), Stage::Production));
        let staging = self.staging.iter().map(|facts| (facts.name(), Some(facts), Stage::Staging));
        let builder = self.builder.as_ref().map(|builder| &builder.facts);
        production.chain(staging).chain([(self.name, builder, Stage::Development)]).collect()
    }

    /// Exit 1 where an app has no slugs: container and Fir apps.
    pub fn refuse_kinds(&self) -> Result<()> {
        for app in self.stages().into_iter().filter_map(|(_, facts, _)| Some(&facts?.app)) {
            if app.is_container() || app.is_fir() {
                let kind = if app.is_container() { "runs a container image" } else { "is a Fir app" };
                return Err(Error::failed(format!("{} {kind} and has no slug to promote", app.name))
                    .hint_about(&app.name, ["apps:info"]));
            }
        }
        Ok(())
    }

    /// Exit 1 where the app that builds and production are in different teams.
    pub fn refuse_team(&self) -> Result<()> {
        let model = self.model();
        match self.builder.as_ref().map(|builder| &builder.facts) {
            Some(builder) if builder.team() != model.team() => Err(Error::failed(format!(
                "{} belongs to {} and {} to {}; slugs cannot be promoted between them",
                builder.name(),
                builder.team_words(),
                model.name(),
                model.team_words()
            ))
            .hint("prepare setup --app NAME   # another app")),
            _ => Ok(()),
        }
    }
}

/// The app that builds; exit 4 where an app of that name belongs to another user.
fn find_builder(client: &Client, name: &AppName) -> Result<Option<Builder>> {
    Builder::find(client, name).map_err(|error| {
        if error.downcast_ref().is_none_or(|refusal: &ApiError| refusal.status != 403) {
            return error;
        }
        error
            .kind_of(Kind::Denied)
            .context(format!("an app {name} exists, but you have no access to it"))
            .hint("prepare setup --app NAME   # another name")
    })
}
