//! Rollback to an earlier release of an app, with a plan of what it changes.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Instant;

use super::deployed::LOOKED_AT;
use super::outcome::wait_for_release;
use super::pipeline_state::{StageApp, State, running_of, slug_of};
use super::plan::write_change;
use super::promotion::unsure;
use super::tree_match::TreeMatch;
use crate::error::{Error, Result};
use crate::git::{Relation, Repository, Subjects};
use crate::heroku::{ApiError, Client, ConfigVars, Release, roll_back};
use crate::model::{AppName, CommitName, ReleaseVersion};
use crate::parallel::both;
use crate::terminal::{Terminal, aligned};

/// The releases of an app.
pub(super) struct ReleaseHistory {
    /// What the app runs.
    pub(super) running: StageApp,
    releases: Vec<Release>,
}

/// A rollback that could be made.
#[derive(Debug)]
pub(super) struct Rollback<'a> {
    /// What the app runs.
    pub(super) running: &'a StageApp,
    /// The release whose slug and config vars are restored.
    pub(super) target: Release,
    /// The commit of its slug, where that is recorded.
    pub(super) commit: Option<CommitName>,
    change: Relation,
    config: Changes,
    subjects: Subjects,
}

/// The names of the config vars that would change. Values are never shown.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    set: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
}

impl ReleaseHistory {
    /// Reads an app's releases and its stage.
    pub(super) fn of(client: &Client, app: &AppName) -> Result<Self> {
        let releases = || client.releases(app.as_ref(), LOOKED_AT);
        let facts = || both(|| client.app(app.as_ref()), || client.coupling_of(app));
        let (releases, (app, coupling)) = both(releases, facts);
        let (app, releases) = (app?, releases?);
        let stage = coupling?.map(|coupling| coupling.stage);
        let release = releases.iter().find(|release| release.is_running()).cloned();
        let slug = slug_of(client, release.as_ref())?;
        let seen = State { newest: releases.first().cloned(), release, slug };
        Ok(Self { running: running_of(app, stage, seen), releases })
    }

    /// The rollback to release `version`, else to the newest possible one before the running one. Commits are compared by
    /// `tree_match`.
    ///
    /// Exit 5, with the reason, where no rollback is possible.
    pub(super) fn back_to(
        &self,
        client: &Client,
        version: Option<ReleaseVersion>,
        repository: Option<&Repository>,
        tree_match: &TreeMatch,
    ) -> Result<Rollback<'_>> {
        let target = match version {
            Some(version) => self.named(client, version)?,
            None => self.previous()?,
        };
        let app = self.running.app.name.as_ref();
        let config = || both(|| client.config_vars_of(app, &target.id), || client.config_vars(app));
        let ((then, now), slug) = both(config, || slug_of(client, Some(&target)));
        let config = Changes::between(&now?, &then?);
        let counted = |commit: &CommitName| match repository {
            Some(repository) => tree_match.counted(repository, repository.completed(commit)),
            None => Ok(commit.clone()),
        };
        let commit = slug?.and_then(|slug| slug.commit).as_ref().map(counted).transpose()?;
        let runs = self.running.commit.as_ref().map(counted).transpose()?;
        let same = self.running.release.as_ref().is_some_and(|runs| runs.runs_same_code(&target));
        let change = match (repository, &runs, &commit) {
            _ if same => Relation::Same,
            (Some(repository), Some(runs), Some(commit)) => repository.relation(runs, commit)?,
            _ => Relation::Unknown(None),
        };
        let mut subjects = Subjects::new();
        if let Some(repository) = repository {
            let commits = [&commit, &runs, &self.running.commit];
            subjects = repository.subjects(commits.into_iter().flatten())?;
        }
        Ok(Rollback { running: &self.running, target, commit, change, config, subjects })
    }

    /// The release that the app was rolled back to, where nothing was released since: the same command ran before.
    pub(super) fn rolled_back_to(&self) -> Option<ReleaseVersion> {
        self.running.release.as_ref()?.rolls_back_to()
    }

    /// The newest release before `version` to which a rollback is possible.
    pub(super) fn earlier_than(&self, version: ReleaseVersion) -> Option<&Release> {
        let mut earlier = self.releases.iter().filter(|release| release.version < version);
        earlier.find(|release| release.obstacle().is_none())
    }

    fn named(&self, client: &Client, version: ReleaseVersion) -> Result<Release> {
        let app = &self.running.app.name;
        let known = self.releases.iter().find(|release| release.version == version).cloned();
        let found = known.map_or_else(|| client.release(app.as_ref(), &version.number().to_string()), Ok);
        let release = found.map_err(|error| match error.downcast_ref::<ApiError>() {
            Some(refusal) if refusal.status == 404 => {
                refused(app, &format!("{app} has no release {version}"))
            }
            _ => error,
        })?;
        match release.obstacle() {
            Some(why) => Err(refused(app, &format!("{app} cannot be rolled back to {version}: {why}"))),
            None => Ok(release),
        }
    }

    fn previous(&self) -> Result<Release> {
        let app = &self.running.app.name;
        let runs = self.running.release.as_ref().map_or(ReleaseVersion::LAST, |release| release.version);
        self.earlier_than(runs)
            .cloned()
            .ok_or_else(|| refused(app, &format!("{app} has no earlier release to roll back to")))
    }
}

fn refused(app: &AppName, why: &str) -> Error {
    Error::refused(why.to_owned()).hint_about(app, ["releases"])
}

impl Rollback<'_> {
    /// The request as a line that can be pasted.
    pub(super) fn describe(&self, client: &Client) -> String {
        client.describe_change(&roll_back(&self.running.app.name, &self.target.id))
    }

    /// Rolls back, and waits for the release phase; see [`wait_for_release`]. Where the answer is lost, the app's releases show
    /// whether the rollback was made.
    pub(super) fn go(&self, client: &Arc<Client>, terminal: &Terminal, deadline: Instant) -> Result<Release> {
        let app = &self.running.app.name;
        let release = match client.change(&roll_back(app, &self.target.id)) {
            Ok(release) => release,
            Err(error) => {
                let made = ApiError::leaves_open(&error).then(|| self.made(client)).flatten();
                let made = made.ok_or_else(|| unsure(error, "the rollback", [app].into_iter()))?;
                terminal.status(&format!("the answer was lost, but {app} {} is the rollback", made.version));
                made
            }
        };
        wait_for_release(client, terminal, release, deadline)
    }

    /// The rollback, if it has become the app's newest release since the app was read.
    fn made(&self, client: &Client) -> Option<Release> {
        let newest = client.releases(self.running.app.name.as_ref(), 1).ok()?.pop()?;
        let before = self.running.newest.as_ref().map_or(ReleaseVersion::NONE, |release| release.version);
        let is_ours = newest.version > before && newest.rolls_back_to() == Some(self.target.version);
        is_ours.then_some(newest)
    }

    /// `1a2b3c4 Its subject`.
    fn commit_text(&self, commit: Option<&CommitName>) -> String {
        let Some(commit) = commit else { return "no commit recorded".to_owned() };
        match self.subjects.get(commit) {
            Some(subject) => format!("{} {subject}", commit.short()),
            None => commit.short().to_owned(),
        }
    }
}

impl Display for Rollback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = format!("from {}", self.running.app.name);
        let version = |release: &Release| format!("{}", release.version);
        let runs = match &self.running.release {
            Some(release) => vec![from, version(release), self.commit_text(self.running.commit.as_ref())],
            None => vec![from, "-".to_owned(), "no release that succeeded".to_owned()],
        };
        let back = vec!["back to".to_owned(), version(&self.target), self.commit_text(self.commit.as_ref())];
        f.write_str(aligned(&[runs, back], 2).trim_end())?;
        match &self.change {
            Relation::Same => write!(f, "\n     the code does not change"),
            change => write_change(f, change),
        }?;
        write!(f, "\n     {}", self.config)
    }
}

impl Changes {
    fn between(now: &ConfigVars, then: &ConfigVars) -> Self {
        let pick = |vars: &ConfigVars, is: &dyn Fn(&str) -> bool| -> Vec<String> {
            vars.keys().filter(|name| is(name)).cloned().collect()
        };
        Self {
            set: pick(then, &|name| now.get(name).is_none()),
            changed: pick(then, &|name| now.get(name).is_some_and(|value| then.get(name) != Some(value))),
            removed: pick(now, &|name| then.get(name).is_none()),
        }
    }
}

impl Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [("to restore", &self.set), ("to change", &self.changed), ("to remove", &self.removed)];
        let kinds = kinds.iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<String> = kinds.map(|(what, names)| format!("{what}: {}", names.join(", "))).collect();
        if parts.is_empty() {
            return f.write_str("the config vars stay as they are");
        }
        write!(f, "config vars {}", parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_changes_are_listed_by_name() {
        let vars = |json: &str| serde_json::from_str::<ConfigVars>(json).unwrap();
        let now = vars(r#"{"A":"1","B":"2","NEW":"3"}"#);
        let then = vars(r#"{"A":"1","B":"old","GONE":"4"}"#);
        assert_eq!(
            Changes::between(&now, &then).to_string(),
            "config vars to restore: GONE; to change: B; to remove: NEW"
        );
        assert_eq!(Changes::between(&now, &now).to_string(), "the config vars stay as they are");
    }
}
