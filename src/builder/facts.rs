//! The facts about one app of the prepare flow, read in parallel.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::heroku::{ApiError, App, Client, ConfigVars, Coupling, Formation, Release};
use crate::model::{AppName, ReleaseStatus};
use crate::parallel::both;

/// The labs feature that tells dynos the commit they run.
pub const METADATA: &str = "runtime-dyno-metadata";

/// This many releases are searched for a slug.
const RECENT: usize = 50;

/// The facts that decide which slug an app builds, and where it can be promoted.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The app.
    pub app: App,
    /// Its coupling to a pipeline.
    pub coupling: Option<Coupling>,
    /// The URLs of its buildpacks.
    pub buildpacks: Vec<String>,
}

/// An app's config vars, and which of them its add-ons set.
#[derive(Debug)]
pub struct Config {
    /// All of them.
    pub vars: ConfigVars,
    /// The names that add-ons set.
    pub from_addons: BTreeSet<String>,
}

/// The app that builds.
#[derive(Debug)]
pub struct Builder {
    /// The facts that every app has.
    pub facts: Facts,
    /// Its config vars.
    pub config: Config,
    /// Whether dynos are told the commit they run.
    pub metadata: bool,
    /// Its process types.
    pub formation: Vec<Formation>,
    /// How many promotable slugs its recent releases have.
    pub slugs: usize,
}

impl Facts {
    /// Reads an app.
    pub fn read(client: &Client, name: &AppName) -> Result<Self> {
        Self::of(client, client.app(name.as_ref())?)
    }

    fn of(client: &Client, app: App) -> Result<Self> {
        let (coupling, buildpacks) = both(|| client.coupling_of(&app.name), || client.buildpacks(&app.name));
        Ok(Self { coupling: coupling?, buildpacks: buildpacks?, app })
    }

    /// The app's name.
    pub fn name(&self) -> &AppName {
        &self.app.name
    }

    /// The name of the app's team.
    pub fn team(&self) -> Option<&str> {
        self.app.team.as_ref().map(|team| team.name.as_str())
    }

    /// The same for a sentence: `team stagehands`, or `no team`.
    pub fn team_words(&self) -> String {
        self.team().map_or("no team".to_owned(), |team| format!("team {team}"))
    }

    /// The name of the app's region.
    pub fn region(&self) -> &str {
        self.app.region.as_ref().map_or("", |region| &region.name)
    }
}

impl Config {
    /// Reads an app's config vars.
    pub fn read(client: &Client, app: &AppName) -> Result<Self> {
        let (vars, from_addons) = both(|| client.config_vars(app.as_ref()), || client.addon_config_vars(app));
        Ok(Self { vars: vars?, from_addons: from_addons? })
    }

    /// The names that people set, not add-ons or Heroku.
    pub fn own_names(&self) -> impl Iterator<Item = &str> {
        let own = |name: &&String| !self.from_addons.contains(*name) && !name.starts_with("HEROKU_");
        self.vars.keys().filter(own).map(String::as_str)
    }
}

impl Builder {
    /// Reads the app that builds; none where it does not exist.
    pub fn find(client: &Client, name: &AppName) -> Result<Option<Self>> {
        let app = match client.app(name.as_ref()) {
            Ok(app) => app,
            Err(error) if error.downcast_ref().is_some_and(is_missing) => return Ok(None),
            Err(error) => return Err(error),
        };
        let ((facts, config), (metadata, (formation, releases))) = both(
            || both(|| Facts::of(client, app), || Config::read(client, name)),
            || {
                let rest = || both(|| client.formation(name), || client.releases(name.as_ref(), RECENT));
                both(|| client.has_feature(name, METADATA), rest)
            },
        );
        Ok(Some(Self {
            facts: facts?,
            config: config?,
            metadata: metadata?,
            formation: formation?,
            slugs: releases?.iter().filter_map(promotable_slug).collect::<BTreeSet<_>>().len(),
        }))
    }

    /// Whether it has a slug that could be promoted.
    pub fn has_slug(&self) -> bool {
        self.slugs > 0
    }

    /// Whether its only dyno is the web dyno that Heroku starts for an app's first slug. A setup that was interrupted before
    /// it scaled to 0 leaves the app so.
    ///
    /// Heroku does not record who scaled an app. Other dynos, or those of an app that has built more than once or was not set
    /// up for building, are taken to be intended.
    pub fn has_first_dynos(&self) -> bool {
        let running: Vec<_> = self.running().collect();
        let is_default = matches!(running[..], [only] if only.kind == "web" && only.quantity == 1);
        is_default && self.slugs == 1 && self.metadata
    }

    /// The process types that have dynos.
    pub fn running(&self) -> impl Iterator<Item = &Formation> {
        self.formation.iter().filter(|formation| formation.quantity > 0)
    }

    /// The same for a sentence: `web (2), worker (1)`.
    pub fn dynos(&self) -> String {
        let listed = self.running().map(|formation| format!("{} ({})", formation.kind, formation.quantity));
        listed.collect::<Vec<_>>().join(", ")
    }
}

/// The slug of a release, if it could be promoted.
fn promotable_slug(release: &Release) -> Option<&str> {
    release.code_id().filter(|_| release.status == ReleaseStatus::Succeeded)
}

fn is_missing(refusal: &ApiError) -> bool {
    refusal.status == 404
}
