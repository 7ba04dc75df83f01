//! What is found out before anything is made.

use super::names::Environment;
use super::{Wanted, is_in};
use crate::config::PROJECT_FILE;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client, Owner, Pipeline};
use crate::hint::Hint;
use crate::model::Stage;
use crate::parallel::both;
use crate::text::nearest;

/// Exit 2 for a region or a stack that Heroku does not have.
pub(super) fn refuse_place(client: &Client, wanted: &Wanted<'_>) -> Result<()> {
    let (regions, stacks) = both(
        || wanted.region.map(|_| client.regions()).transpose(),
        || wanted.stack.map(|_| client.stacks()).transpose(),
    );
    for (what, word, known) in [("region", wanted.region, regions?), ("stack", wanted.stack, stacks?)] {
        let (Some(word), Some(known)) = (word, known) else { continue };
        if known.iter().any(|name| name == word) {
            continue;
        }
        let error = Error::usage(format!("Heroku has no {what} {word:?}, but {}", known.join(", ")));
        return Err(match nearest(word, known.iter().map(String::as_str)) {
            Some(near) => error.hint(Hint::text(format!("did you mean {near}?"))),
            None => error,
        });
    }
    Ok(())
}

/// Who the pipeline is to belong to: the team, the space's team, or the `user`. Exit 4 where the account is in no such team.
pub(super) fn owner(client: &Client, wanted: &Wanted<'_>, user: &Owner) -> Result<Owner> {
    let team = match (wanted.team, wanted.space) {
        (Some(team), _) => client.team(team).map_err(|error| not_ours("team", team, error))?,
        (None, Some(space)) => client.space(space).map_err(|error| not_ours("space", space, error))?.team,
        (None, None) => return Ok(user.clone()),
    };
    Ok(Owner { id: team.id, kind: "team" })
}

/// A team or a space that does not exist cannot be told from one that the account is not in.
fn not_ours(what: &str, name: &str, error: Error) -> Error {
    let is_refused = ApiError::is_refusal(&error);
    let error = error.context(format!("{what} {name} cannot be used"));
    if is_refused { error.kind_of(Kind::Denied).hint(Hint::heroku([format!("{what}s")])) } else { error }
}

/// Exit 5 where the configuration names another pipeline.
pub(super) fn refuse_configured(context: &Context, name: &str) -> Result<()> {
    match context.config()?.pipeline.as_deref() {
        Some(named) if named != name => Err(Error::refused(format!(
            "{PROJECT_FILE} names pipeline {named}: this project is set up already"
        ))
        .hint("greenroom setup")),
        _ => Ok(()),
    }
}

/// Exit 5 where an app is elsewhere, or the pipeline has others.
pub(super) fn refuse_elsewhere(
    client: &Client,
    environments: &[Environment],
    pipeline: Option<&Pipeline>,
    wanted: &Wanted<'_>,
) -> Result<()> {
    for Environment { app, stage, made, .. } in environments {
        let Some((found, coupling)) = made else { continue };
        if let Some(coupling) = coupling
            && (!is_in(coupling, pipeline) || coupling.stage != *stage)
        {
            let (at, of) = (&coupling.stage, &coupling.pipeline.name);
            return Err(Error::refused(format!("{app} is in stage {at} of pipeline {of} already"))
                .hint(Hint::line(wanted.words("NAME")).note("another name")));
        }
        let region = found.region.as_ref().map(|region| region.name.as_str());
        for (what, has, asked) in
            [("in region", region, wanted.region), ("on", Some(found.builds_on()), wanted.stack)]
        {
            if let (Some(has), Some(asked)) = (has, asked)
                && has != asked
            {
                return Err(Error::refused(format!("{app} exists already {what} {has}, not {what} {asked}"))
                    .hint_about(app, ["apps:info"]));
            }
        }
    }
    pipeline.map_or(Ok(()), |pipeline| refuse_strangers(client, environments, pipeline))
}

/// Exit 5 where the pipeline has other apps in the stages of the environments.
fn refuse_strangers(client: &Client, environments: &[Environment], pipeline: &Pipeline) -> Result<()> {
    let ours =
        |id: &str| environments.iter().any(|one| one.made.as_ref().is_some_and(|(app, _)| app.id == id));
    let couplings = client.pipeline_couplings(&pipeline.id)?;
    let stages: Vec<&Stage> = environments.iter().map(|environment| &environment.stage).collect();
    let other =
        couplings.iter().find(|coupling| stages.contains(&&coupling.stage) && !ours(&coupling.app.id));
    other.map_or(Ok(()), |coupling| {
        let name = &pipeline.name;
        Err(Error::refused(format!(
            "pipeline {name} exists, and has another app in stage {}",
            coupling.stage
        ))
        .hint(Hint::line(["greenroom", "setup", "--pipeline", name]).note("sets up this clone for it"))
        .hint("greenroom setup --create NAME --pipeline ANOTHER"))
    })
}
