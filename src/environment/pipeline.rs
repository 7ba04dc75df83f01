//! The app in a stage of a pipeline.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Kind, Result};
use crate::git::Remote;
use crate::heroku::{ApiError, App, Client, Coupling, NotLoggedIn, Pipeline};
use crate::hint::Hint;
use crate::model::{AppName, Stage};
use crate::parallel::both;
use crate::pipeline_cache::Key;
use crate::terminal::counted;
use crate::text::with_operands;

use super::{Project, Reason, Target};

/// A pipeline, and what named it.
pub struct Place {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// How it was found, such as `found through git remote staging`.
    pub because: String,
}

/// The stage of an environment's name; `prepare` is the stage `development`.
pub fn stage_named(environment: &str) -> Option<Stage> {
    match environment {
        "prepare" | "development" => Some(Stage::Development),
        "staging" => Some(Stage::Staging),
        "production" => Some(Stage::Production),
        _ => None,
    }
}

/// The apps in `stage`: of the pipeline `named` for this environment, else of the project's.
pub(super) fn target(
    environment: &str,
    stage: &Stage,
    named: Option<&str>,
    project: &Project<'_>,
) -> Result<Target> {
    if named.or(project.config.pipeline.as_deref()).is_none() && project.heroku_remotes().is_empty() {
        return Err(super::unknown(environment, project));
    }
    let client = (project.heroku)().map_err(|error| no_api(error, environment, project))?;
    let (Place { pipeline, because }, found) =
        find_around(client, named, project, |id| apps_in(client, id, stage))?;
    let (count, mut apps) = found?;
    if count == 0 {
        return Err(Error::unresolved(format!("pipeline {} has no app in stage {stage}", pipeline.name))
            .context(format!("no app found for {environment}"))
            .hint(Hint::heroku(with_operands(
                &["pipelines:add", "--stage", stage.as_str(), "--app", "APP"],
                [&pipeline.name],
            ))));
    }
    apps.sort_unstable();
    if apps.is_empty() {
        return Err(Error::denied(format!(
            "pipeline {} has {} in stage {stage}, but you have access to none of them",
            pipeline.name,
            counted(count, "app")
        ))
        .hint(Hint::about("APP", ["access"]).note(format!("ask the owner of pipeline {}", pipeline.name))));
    }
    let reason = Reason::Stage { pipeline: pipeline.name, stage: stage.clone(), because };
    Ok(Target { environment: environment.to_owned(), apps, reason })
}

/// How many apps are in a stage of the pipeline with this id, and the names of those that can be seen.
///
/// The apps that were there last are named in the same round that verifies that they still are.
fn apps_in(client: &Client, pipeline: &str, stage: &Stage) -> Result<(usize, Vec<AppName>)> {
    let key = Key::Stage(pipeline, stage);
    let remembered = key.recall();
    let named = |ids: &[&str]| -> Result<Vec<AppName>> {
        Ok(client.apps_by_id(ids)?.into_iter().map(|app| app.name).collect())
    };
    let early = |ids: &Vec<String>| named(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let (early, couplings) = both(|| remembered.as_ref().map(early), || client.pipeline_couplings(pipeline));
    let couplings = couplings?;
    let mut ids: Vec<&str> = couplings
        .iter()
        .filter(|coupling| coupling.stage == *stage)
        .map(|coupling| coupling.app.id.as_str())
        .collect();
    ids.sort_unstable();
    let apps = match early.filter(|_| remembered.is_some_and(|remembered| remembered == ids)) {
        Some(apps) => apps?,
        None if ids.is_empty() => Vec::new(),
        None => {
            key.remember(&ids);
            named(&ids)?
        }
    };
    Ok((ids.len(), apps))
}

/// The pipeline that is `named`, else the configured one, else the one that the Heroku remotes' apps are coupled to; and what
/// `read` makes of its id.
///
/// Both happen at once where the pipeline is remembered, and `read` is called again only if it is another one. So it must
/// change nothing.
pub(super) fn find_around<T: Send>(
    client: &Client,
    named: Option<&str>,
    project: &Project<'_>,
    read: impl Fn(&str) -> T + Sync,
) -> Result<(Place, T)> {
    let remotes = project.heroku_remotes();
    let name = named.or(project.config.pipeline.as_deref());
    let keys = keys(name, &remotes);
    let remembered = keys.iter().find_map(|key| key.recall()?.pop());
    let find = || match name {
        Some(name) => Ok((found_by_name(client, name, project)?, vec![0])),
        None => found_by_remotes(client, &remotes),
    };
    let (early, found) = both(|| remembered.as_deref().map(&read), find);
    let (place, decisive) = found?;
    let id = &place.pipeline.id;
    for key in decisive.into_iter().map(|at| keys[at]) {
        if key.recall().is_none_or(|ids| ids != [id.as_str()]) {
            key.remember(&[id]);
        }
    }
    let value = early.filter(|_| remembered.as_ref() == Some(id)).unwrap_or_else(|| read(id));
    Ok((place, value))
}

fn keys<'a>(name: Option<&'a str>, remotes: &[(&Remote, &'a AppName)]) -> Vec<Key<'a>> {
    match name {
        Some(name) => vec![Key::Pipeline(name)],
        None => remotes.iter().map(|(_, app)| Key::App(app)).collect(),
    }
}

/// What was read of a pipeline, where that shows which pipeline it is.
pub(super) trait Contents {
    /// All couplings of the pipeline.
    fn couplings(&self) -> &[Coupling];

    /// The apps of the pipeline that can be seen, those in stage `review` perhaps left out.
    fn apps(&self) -> &[App];
}

/// The same as [`find_around`], without a request for the pipeline where it is remembered, and what `read` finds in it shows
/// that it is still the one: its name, or the apps of all remotes.
pub(super) fn find_by_contents<C: Contents + Send>(
    client: &Client,
    named: Option<&str>,
    project: &Project<'_>,
    read: impl Fn(&str) -> Result<C> + Sync,
) -> Result<(Place, C)> {
    let remotes = project.heroku_remotes();
    let name = named.or(project.config.pipeline.as_deref());
    let keys = keys(name, &remotes);
    let remembered: Option<BTreeSet<String>> = keys.iter().map(|key| key.recall()?.pop()).collect();
    let early = match remembered.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [id] => {
            let contents = read(id);
            let shown = contents.as_ref().ok().and_then(|contents| shown_by(contents, id, name, &remotes));
            if let Some(pipeline) = shown {
                let because = match remotes.first().filter(|_| name.is_none()) {
                    Some((remote, _)) => found_through(&remote.name),
                    None => named_in(project),
                };
                return Ok((Place { pipeline, because }, contents?));
            }
            Some((id.clone(), contents))
        }
        _ => None,
    };
    let early = Mutex::new(early);
    let not_again = |id: &str| {
        let mut early = early.lock().unwrap_or_else(PoisonError::into_inner);
        match early.take_if(|(read, _)| read == id) {
            Some((_, contents)) => contents,
            None => read(id),
        }
    };
    let (place, contents) = find_around(client, named, project, not_again)?;
    Ok((place, contents?))
}

/// The pipeline with this id, if its contents show that it has this name, or else that it has the apps of all remotes.
///
/// The name of its pipeline is no part of a coupling in Heroku's schema; where it is left out, nothing is shown.
fn shown_by(
    contents: &impl Contents,
    id: &str,
    name: Option<&str>,
    remotes: &[(&Remote, &AppName)],
) -> Option<Pipeline> {
    let pipeline = &contents.couplings().iter().find(|coupling| coupling.pipeline.id == id)?.pipeline;
    let has = |app: &AppName| {
        let found = contents.apps().iter().find(|found| found.name == *app);
        found.is_some_and(|found| contents.couplings().iter().any(|coupling| coupling.app.id == found.id))
    };
    let is_meant = match name {
        Some(name) => pipeline.name == name || pipeline.id == name,
        None => remotes.iter().all(|(_, app)| has(app)),
    };
    (is_meant && !pipeline.name.is_empty()).then(|| pipeline.clone())
}

fn named_in(project: &Project<'_>) -> String {
    format!("named in {}", super::file_names(project.config))
}

fn found_through(remote: &str) -> String {
    format!("found through git remote {remote}")
}

fn found_by_name(client: &Client, name: &str, project: &Project<'_>) -> Result<Place> {
    Ok(Place { pipeline: client.pipeline(name)?, because: named_in(project) })
}

/// The pipeline that the remotes' apps are coupled to, and the places of those remotes.
fn found_by_remotes(client: &Client, remotes: &[(&Remote, &AppName)]) -> Result<(Place, Vec<usize>)> {
    let mut found: Vec<(Pipeline, Vec<usize>)> = Vec::new();
    let mut refused = None;
    let apps = remotes.iter().map(|(_, app)| *app);
    for (place, looked_up) in client.couplings_of(apps).into_iter().enumerate() {
        // An app in no pipeline, or without access, does not decide; another remote may.
        let coupling = match looked_up {
            Ok(Some(coupling)) => coupling,
            Ok(None) => continue,
            Err(error) if ApiError::is_about_one_thing(&error) => {
                refused.get_or_insert(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        match found.iter_mut().find(|(pipeline, _)| pipeline.id == coupling.pipeline.id) {
            Some((_, places)) => places.push(place),
            None => found.push((coupling.pipeline, vec![place])),
        }
    }
    let remote = |place: usize| &remotes[place].0.name;
    if found.len() > 1 {
        let pipelines: Vec<String> = found
            .iter()
            .map(|(pipeline, at)| format!("{} (remote {})", pipeline.name, remote(at[0])))
            .collect();
        return Err(Error::unresolved(format!(
            "the git remotes' apps are in different pipelines: {}",
            pipelines.join(", ")
        ))
        .hint(Hint::setting("pipeline", &found[0].0.name).note("in greenroom.toml")));
    }
    match found.pop() {
        Some((pipeline, at)) => {
            let because = found_through(remote(at[0]));
            Ok((Place { pipeline, because }, at))
        }
        None => Err(no_pipeline(remotes, refused)),
    }
}

/// The error if no remote's app is in a pipeline; `refused` is the first app that could not be read.
fn no_pipeline(remotes: &[(&Remote, &AppName)], refused: Option<Error>) -> Error {
    let names =
        remotes.iter().map(|(remote, app)| format!("{} ({app})", remote.name)).collect::<Vec<_>>().join(", ");
    let looked = if names.is_empty() {
        "no pipeline is configured, and no git remote points to Heroku".to_owned()
    } else {
        format!(
            "no pipeline is configured, and no Heroku remote belongs to a pipeline you can access: {names}"
        )
    };
    let error = match refused {
        // An app that does not exist leaves the environment unresolved; not being allowed to see it is its own failure.
        Some(refused) if refused.kind() == Kind::Denied => refused.context(looked),
        Some(refused) => refused.context(looked).kind_of(Kind::Unresolved),
        None => Error::unresolved(looked),
    };
    error.hint("pipeline = \"NAME\"   # in greenroom.toml")
}

/// Without a login the pipeline cannot be asked: says so beside what was looked at.
fn no_api(error: Error, environment: &str, project: &Project<'_>) -> Error {
    if error.downcast_ref::<NotLoggedIn>().is_none() {
        return error;
    }
    let looked = super::looked_at(environment, project);
    error.context(format!("cannot look up {environment} in the pipeline ({looked})"))
}
