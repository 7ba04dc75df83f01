//! What is asked for on the command line.

use std::ffi::OsString;

use super::ci::Service;
use crate::error::{Error, Result};
use crate::heroku::AppPlace;
use crate::model::{AppName, Stage};

/// The new project, as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What the names of its apps begin with; the pipeline's name too, unless that is given.
    pub name: &'a str,
    /// The pipeline's name.
    pub pipeline: Option<&'a str>,
    /// Whether it has an app that builds slugs.
    pub prepare: bool,
    /// The team that owns the apps.
    pub team: Option<&'a str>,
    /// The private space that they run in.
    pub space: Option<&'a str>,
    /// Their region.
    pub region: Option<&'a str>,
    /// Their stack.
    pub stack: Option<&'a str>,
    /// Whether Procfile and app.json are written.
    pub write_files: bool,
    /// The CI service whose pipeline file is written.
    pub ci: Option<Service>,
}

impl Wanted<'_> {
    /// The environments of a project with this name: name, app, stage. Exit 2 where that makes no app names.
    pub(super) fn environments(&self, name: &str) -> Result<Vec<(&'static str, AppName, Stage)>> {
        let all =
            [("production", Stage::Production), ("staging", Stage::Staging), ("prepare", Stage::Development)];
        let app = |environment: &str| {
            format!("{name}-{environment}")
                .parse::<AppName>()
                .map_err(|bad| Error::usage(bad).hint("greenroom setup --create NAME   # up to 19 letters"))
        };
        let made = all.into_iter().filter(|(environment, _)| self.prepare || *environment != "prepare");
        made.map(|(environment, stage)| Ok((environment, app(environment)?, stage))).collect()
    }

    /// Where the apps are made.
    pub(super) fn place(&self) -> AppPlace<'_> {
        AppPlace { team: self.team, space: self.space, region: self.region, stack: self.stack }
    }

    /// The line that asks for the same under this name.
    pub fn words(&self, name: &str) -> Vec<OsString> {
        let values = [
            ("--pipeline", self.pipeline),
            ("--team", self.team),
            ("--space", self.space),
            ("--region", self.region),
            ("--stack", self.stack),
            ("--ci", self.ci.map(Service::word)),
        ];
        let switches = [("--prepare", self.prepare), ("--write-files", self.write_files)];
        ["greenroom", "setup", "--create", name]
            .into_iter()
            .chain(switches.into_iter().filter(|(_, is_on)| *is_on).map(|(flag, _)| flag))
            .chain(values.into_iter().filter_map(|(flag, value)| Some([flag, value?])).flatten())
            .map(OsString::from)
            .collect()
    }
}
