//! The app in a stage of a pipeline.

use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client, Coupling, NotLoggedIn, Pipeline};
use crate::hint::Hint;
use crate::terminal::counted;
use crate::text::with_operands;

use super::{Project, Reason, Target};
use crate::model::{AppName, Stage};

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
    let Place { pipeline, because } = find(client, named, project)?;
    let couplings: Vec<Coupling> = client
        .pipeline_couplings(&pipeline.id)?
        .into_iter()
        .filter(|coupling| coupling.stage == *stage)
        .collect();
    if couplings.is_empty() {
        return Err(Error::unresolved(format!("pipeline {} has no app in stage {stage}", pipeline.name))
            .context(format!("no app found for {environment}"))
            .hint(Hint::heroku(with_operands(
                &["pipelines:add", "--stage", stage.as_str(), "--app", "APP"],
                [&pipeline.name],
            ))));
    }
    let ids: Vec<&str> = couplings.iter().map(|coupling| coupling.app.id.as_str()).collect();
    let mut apps: Vec<AppName> = client.apps_by_id(&ids)?.into_iter().map(|app| app.name).collect();
    apps.sort_unstable();
    if apps.is_empty() {
        return Err(Error::denied(format!(
            "pipeline {} has {} in stage {stage}, but you have access to none of them",
            pipeline.name,
            counted(couplings.len(), "app")
        ))
        .hint(Hint::about("APP", ["access"]).note(format!("ask the owner of pipeline {}", pipeline.name))));
    }
    let reason = Reason::Stage { pipeline: pipeline.name, stage: stage.clone(), because };
    Ok(Target { environment: environment.to_owned(), apps, reason })
}

/// The pipeline that is `named`, else the configured one, else the one that the Heroku remotes' apps are coupled to.
pub(super) fn find(client: &Client, named: Option<&str>, project: &Project<'_>) -> Result<Place> {
    if let Some(name) = named.or(project.config.pipeline.as_deref()) {
        let because = format!("named in {}", super::file_names(project.config));
        return Ok(Place { pipeline: client.pipeline(name)?, because });
    }
    let remotes = project.heroku_remotes();
    let mut found: Vec<(Pipeline, String)> = Vec::new();
    let mut refused = None;
    for (looked_up, (remote, _)) in
        client.couplings_of(remotes.iter().map(|(_, app)| *app)).into_iter().zip(&remotes)
    {
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
        if !found.iter().any(|(pipeline, _)| pipeline.id == coupling.pipeline.id) {
            found.push((coupling.pipeline, remote.name.clone()));
        }
    }
    if found.len() > 1 {
        let pipelines: Vec<String> =
            found.iter().map(|(pipeline, remote)| format!("{} (remote {remote})", pipeline.name)).collect();
        return Err(Error::unresolved(format!(
            "the git remotes' apps are in different pipelines: {}",
            pipelines.join(", ")
        ))
        .hint(Hint::setting("pipeline", &found[0].0.name).note("in greenroom.toml")));
    }
    match found.pop() {
        Some((pipeline, remote)) => {
            Ok(Place { pipeline, because: format!("found through git remote {remote}") })
        }
        None => Err(no_pipeline(&remotes, refused)),
    }
}

/// The error if no remote's app is in a pipeline; `refused` is the first app that could not be read.
fn no_pipeline(remotes: &[(&crate::git::Remote, &AppName)], refused: Option<Error>) -> Error {
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
