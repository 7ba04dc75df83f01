//! The two sides of a comparison: what each of them runs.

use super::answer::SideAnswer;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::git::Repository;
use crate::heroku::{ApiError, Client};
use crate::hint::Hint;
use crate::model::{AppName, CommitName, ReleaseVersion};
use crate::names;
use crate::parallel::both;
use crate::release::{Deployed, PipelineState, TreeMatch};

/// One side of the comparison.
pub(super) struct Side {
    /// The app's name, or the revision.
    pub(super) name: String,
    pub(super) app: Option<AppName>,
    pub(super) version: Option<ReleaseVersion>,
    pub(super) commit: CommitName,
}

impl Side {
    pub(super) fn running(deployed: &Deployed, repository: &Repository) -> Result<Self> {
        let commit = deployed.commit.as_ref().ok_or_else(|| deployed.no_commit())?;
        Ok(Self {
            name: deployed.app.to_string(),
            app: Some(deployed.app.clone()),
            version: deployed.release.as_ref().map(|release| release.version),
            commit: repository.completed(commit),
        })
    }

    pub(super) fn revision(repository: &Repository, revision: &str) -> Result<Self> {
        let commit = repository.resolve(revision)?;
        Ok(Self { name: revision.to_owned(), app: None, version: None, commit: commit.into() })
    }

    /// Replaces the commit by the one that counts, with a message where that is another one.
    pub(super) fn settle(
        &mut self,
        context: &Context,
        repository: &Repository,
        tree_match: &TreeMatch,
    ) -> Result<()> {
        if let Some(found) = tree_match.commit(repository, &self.commit)? {
            let (name, built) = (&self.name, self.commit.short());
            context.terminal.status(&format!(
                "{name} was built from {built}, which has the same files as {}",
                found.short()
            ));
            self.commit = found.into();
        }
        Ok(())
    }

    /// Its release, where the name is not the release.
    pub(super) fn version(&self) -> String {
        let version = self.version.map(|version| format!("{version}"));
        version.filter(|version| *version != self.name).unwrap_or_default()
    }

    pub(super) fn answer(&self) -> SideAnswer<'_> {
        SideAnswer { app: self.app.as_ref(), version: self.version, commit: &self.commit }
    }
}

/// The environment's side, and the other one.
pub(super) fn sides(
    context: &Context,
    client: &Client,
    repository: &Repository,
    other: Option<&str>,
) -> Result<(Side, Side)> {
    let ours = context.target()?.one_app()?;
    let running = |deployed: Result<Deployed>| Side::running(&deployed?, repository);
    let alone = || running(Deployed::of(client, ours));
    let beside = |other: &AppName| both(|| Deployed::of(client, ours), || Deployed::of(client, other));
    let Some(other) = other else {
        return match upstream(client, repository, ours)? {
            Some(sides) => Ok(sides),
            None => Ok((alone()?, Side::revision(repository, "HEAD")?)),
        };
    };
    if let Some(app) = environment_app(context, other)? {
        let (ours, other) = beside(&app);
        return Ok((running(ours)?, running(other)?));
    }
    let unknown = match Side::revision(repository, other) {
        Ok(side) => return Ok((alone()?, side)),
        Err(error) => error,
    };
    if let Some(version) = version_in(other) {
        let (ours_now, then) = both(|| Deployed::of(client, ours), || Deployed::at(client, ours, version));
        let then = then?.ok_or_else(|| no_release(ours, other))?;
        return Ok((
            running(ours_now)?,
            Side { name: format!("{version}"), ..Side::running(&then, repository)? },
        ));
    }
    let Ok(app) = other.parse() else { return Err(unknown) };
    let (ours, found) = beside(&app);
    let found = found.map_err(|error| match error.downcast_ref::<ApiError>() {
        Some(refusal) if refusal.status == 404 => nothing(&app),
        _ => error,
    });
    Ok((running(ours)?, running(found)?))
}

/// The version in `v16`.
fn version_in(word: &str) -> Option<ReleaseVersion> {
    word.starts_with(['v', 'V']).then(|| word.parse().ok()).flatten()
}

fn no_release(app: &AppName, name: &str) -> Error {
    Error::usage(format!("{name} is not an environment, a commit of this repository or a release of {app}"))
        .hint(Hint::about(app, ["releases"]))
}

fn nothing(name: &AppName) -> Error {
    Error::usage(format!(
        "{name} is not an environment, a commit of this repository or an app that you have access to"
    ))
    .hint("git fetch --all   # if it is a commit")
}

/// The app of the environment of this name, if there is one.
fn environment_app(context: &Context, name: &str) -> Result<Option<AppName>> {
    if names::check_name(name).is_err() {
        return Ok(None);
    }
    match context.with_project(|project| environment::resolve(name, project)) {
        Ok(target) => target.one_app().map(|app| Some(app.clone())),
        Err(error) if error.kind() == Kind::Unresolved => Ok(None),
        Err(error) => Err(error),
    }
}

/// The app and the one in the nearest earlier stage; `None` without such a stage.
fn upstream(client: &Client, repository: &Repository, ours: &AppName) -> Result<Option<(Side, Side)>> {
    let Some(coupling) = client.coupling_of(ours)? else { return Ok(None) };
    let stages = PipelineState::nearby(client, &coupling)?;
    let Some(running) = stages.app(ours.as_ref()) else { return Ok(None) };
    match stages.before(running).as_slice() {
        [] => Ok(None),
        [before] => {
            let side = |running| Side::running(&Deployed::from(running), repository);
            Ok(Some((side(running)?, side(before)?)))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|running| running.app.name.as_ref()).collect();
            Err(Error::usage(format!(
                "pipeline {} has several apps in the stage before {}: {}",
                stages.name,
                coupling.stage,
                names.join(", ")
            ))
            .hint(Hint::text(format!("name one of them: diff {}", names[0]))))
        }
    }
}
