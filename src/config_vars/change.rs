//! A change of an app's config vars: asked for where the app is protected, made, and followed until its release runs.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Client, ConfigChanges, OrderedConfigVars, Release, change_config_vars};
use crate::model::{AppName, ReleaseVersion};
use crate::parallel::both;
use crate::release;

/// The longest wait for the release phase of a change.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// A change that a command asks for.
pub struct ConfigChange<'a> {
    context: &'a Context,
    client: &'a Arc<Client>,
    app: &'a AppName,
    /// The names to set, with their values, and the names to unset.
    pub changes: ConfigChanges,
    /// The app's newest release before the change.
    before: ReleaseVersion,
    /// Why to ask before the change.
    reason: Option<String>,
}

/// The outcome of a change.
pub struct Changed {
    /// All config vars of the app, by Heroku's answer.
    pub vars: OrderedConfigVars,
    /// The release that the change made; none if Heroku made none.
    pub version: Option<ReleaseVersion>,
}

/// A change as JSON, without values.
#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    version: Option<ReleaseVersion>,
    set: Vec<&'a str>,
    unset: Vec<&'a str>,
}

impl<'a> ConfigChange<'a> {
    /// Reads what must be known before the change: the newest release, and whether the app is protected.
    pub fn prepare(
        context: &'a Context,
        client: &'a Arc<Client>,
        app: &'a AppName,
        changes: ConfigChanges,
    ) -> Result<Self> {
        let change = Self { context, client, app, changes, before: ReleaseVersion::NONE, reason: None };
        if context.options.dry_run {
            return Ok(change);
        }
        let protected = || if context.options.yes { Ok(None) } else { confirm::protected_app(context, app) };
        let client = Arc::as_ref(client);
        let (newest, protected) = both(|| newest(client, app), protected);
        let reason = match protected {
            Ok(protected) => protected.map(|protected| format!("{protected} is protected")),
            Err(error) => Some(confirm::cannot_tell(&error)),
        };
        let before = newest?.map_or(ReleaseVersion::NONE, |release| release.version);
        Ok(Self { before, reason, ..change })
    }

    /// Asks if the app is protected. Exit 5 after any answer but yes. `again` is the line to type again.
    pub fn ask_if_protected(&self, question: &str, again: &[OsString]) -> Result<()> {
        match &self.reason {
            Some(reason) => self.agree(reason, question, again),
            None => Ok(()),
        }
    }

    /// The same whether or not the app is protected; `why` is the reason for asking if it is not.
    pub fn ask(&self, why: &str, question: &str, again: &[OsString]) -> Result<()> {
        self.agree(self.reason.as_deref().unwrap_or(why), question, again)
    }

    fn agree(&self, why: &str, question: &str, again: &[OsString]) -> Result<()> {
        confirm::agree(self.context, why, question, again)?;
        Ok(())
    }

    /// The request as a line that can be pasted, with placeholders for values.
    pub fn describe(&self) -> String {
        format!("{}\n", self.client.describe_change(&change_config_vars(self.app, &self.changes)))
    }

    /// Makes the change and waits until its release runs. Exit 1 where its release phase fails, or where Heroku's answer is
    /// not what was asked for.
    pub fn send(&self) -> Result<Changed> {
        let (client, app) = (self.client, self.app);
        let progress = self.context.terminal.progress(format!("the new config vars of {app}"));
        let answer = client.change(&change_config_vars(app, &self.changes));
        let vars: OrderedConfigVars = answer.map_err(|error| {
            let line = self.context.command(["config"]).note("shows whether it was made");
            if ApiError::leaves_open(&error) { error.hint(line) } else { error }
        })?;
        self.check(&vars)?;
        let made = newest(client, app)
            .map_err(|error| error.context("the config vars were changed, but the release cannot be read"))?
            .filter(|release| release.version > self.before);
        drop(progress);
        let deadline = Instant::now() + LONGEST;
        let made = made.map(|made| release::wait_for_release(client, &self.context.terminal, made, deadline));
        Ok(Changed { vars, version: made.transpose()?.map(|made| made.version) })
    }

    /// Compares Heroku's answer with what was asked for.
    fn check(&self, vars: &OrderedConfigVars) -> Result<()> {
        let differs = |(name, value): &(&String, &Option<_>)| vars.get(name) != value.as_ref();
        match self.changes.iter().find(differs) {
            Some((name, _)) => {
                Err(Error::failed(format!("{name} was not changed: Heroku's answer has it otherwise"))
                    .hint(self.context.command(["config:get", name.as_str()])))
            }
            None => Ok(()),
        }
    }

    /// Says on stderr what was done, as the Heroku CLI does: `Setting LOG_LEVEL and restarting playhouse... done, v12`.
    pub fn report(&self, doing: &str, changed: &Changed) {
        let app = self.app;
        self.context.terminal.status(&match changed.version {
            Some(version) => format!("{doing} and restarting {app}... done, {version}"),
            None => format!("{doing} on {app}... nothing changed, and Heroku made no release"),
        });
    }

    /// Prints the change, and the release that it made, as JSON.
    pub fn print_json(&self, version: Option<ReleaseVersion>) -> Result<()> {
        let named = |is_set: bool| {
            let names = self.changes.iter().filter(|(_, value)| value.is_some() == is_set);
            names.map(|(name, _)| name.as_str()).collect()
        };
        self.context.terminal.print_json(&Answer {
            app: self.app,
            version,
            set: named(true),
            unset: named(false),
        })
    }
}

/// The app's newest release, whatever its status.
fn newest(client: &Client, app: &AppName) -> Result<Option<Release>> {
    Ok(client.releases(app.as_ref(), 1)?.pop())
}
