//! All environments that are known here, each with what it resolves to.

use std::collections::BTreeMap;

use super::this_machine::{BUILDS, THIS_MACHINE};
use super::{
    Place, Project, Reason, Target, is_protected, is_this_machine, known, pipeline, resolve, stage_named,
};
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Client, Coupling};
use crate::model::{AppName, Stage};
use crate::terminal::Terminal;

/// The environments that are known here, and the pipeline that the project belongs to.
pub struct Overview {
    /// In the order in which code moves through them; those outside the pipeline's stages last, by name.
    pub environments: Vec<Known>,
    /// The project's pipeline, where it has one and it could be read.
    pub pipeline: Option<Pipeline>,
    /// Why the pipeline could not be read: not logged in, no access, no connection.
    pub unread: Option<Error>,
}

impl Overview {
    /// Says why the pipeline could not be read, where it could not.
    pub fn warn_of_unread(&self, terminal: &Terminal) {
        if let Some(error) = &self.unread {
            terminal.warn(&format!("the pipeline could not be read: {error}"));
            error.hints().for_each(|hint| terminal.hint(hint.clone()));
        }
    }
}

/// A pipeline with its apps, review apps left out.
pub struct Pipeline {
    /// The pipeline, and what named it.
    pub place: Place,
    /// The apps that can be seen, each with its stage.
    pub apps: Vec<(AppName, Stage)>,
}

/// An environment that is known here.
pub struct Known {
    /// The name that people type.
    pub name: String,
    /// What it stands for; the error that any of its commands would give where it stands for nothing.
    pub stands_for: Result<StandsFor>,
}

/// What an environment stands for.
pub enum StandsFor {
    /// Apps, and why these.
    Apps {
        /// Each app.
        apps: Vec<KnownApp>,
        /// How they were found.
        reason: Reason,
    },
    /// This machine.
    ThisMachine,
    /// The review apps of the pipeline of this name.
    ReviewApps(String),
}

/// An app of an environment.
pub struct KnownApp {
    /// Its name.
    pub name: AppName,
    /// Its stage; none where it is in no pipeline, or where that could not be asked.
    pub stage: Option<Stage>,
    /// Whether moving code to it takes a confirmation.
    pub protected: bool,
    /// Why Heroku shows nothing of it: it does not exist, or the account has no access.
    pub refused: Option<String>,
}

/// Everything that is known here: the environments of the configuration, of the Heroku remotes, of the pipeline's stages,
/// and `linked` ones.
///
/// One that cannot be resolved is part of the answer, with its error.
pub fn overview(linked: &[String], project: &Project<'_>) -> Overview {
    let (pipeline, unread) = match pipeline_of(project) {
        Ok(found) => (found, None),
        Err(error) => (None, Some(error)),
    };
    let targets: Vec<(String, Result<Target>)> = names(linked, pipeline.as_ref(), project)
        .into_iter()
        .map(|name| {
            let target =
                in_stage(&name, pipeline.as_ref(), project).unwrap_or_else(|| resolve(&name, project));
            (name, target)
        })
        .collect();
    let stages = stages(&targets, pipeline.as_ref(), project);
    let mut environments: Vec<Known> = targets
        .into_iter()
        .map(|(name, target)| {
            let stands_for = target.map(|target| known_apps(&name, target, &stages, project));
            Known { name, stands_for }
        })
        .collect();
    if let Some(pipeline) = &pipeline {
        let of = pipeline.place.pipeline.name.clone();
        environments.push(Known { name: "review".to_owned(), stands_for: Ok(StandsFor::ReviewApps(of)) });
    }
    if is_this_machine(THIS_MACHINE, project) {
        environments.push(Known { name: THIS_MACHINE.to_owned(), stands_for: Ok(StandsFor::ThisMachine) });
    }
    Overview { environments, pipeline, unread }
}

/// The project's pipeline with its apps; none where nothing names one.
fn pipeline_of(project: &Project<'_>) -> Result<Option<Pipeline>> {
    if project.config.pipeline.is_none() && project.heroku_remotes().is_empty() {
        return Ok(None);
    }
    let client = (project.heroku)()?;
    let (place, apps) = pipeline::find_around(client, None, project, |id| apps_of(client, id))?;
    Ok(Some(Pipeline { place, apps: apps? }))
}

/// The pipeline's apps that can be seen, each with its stage.
fn apps_of(client: &Client, pipeline: &str) -> Result<Vec<(AppName, Stage)>> {
    let couplings = client.pipeline_couplings(pipeline)?;
    let stages: BTreeMap<&str, &Stage> = couplings
        .iter()
        .filter(|coupling| coupling.stage != Stage::Review)
        .map(|Coupling { app, stage, .. }| (app.id.as_str(), stage))
        .collect();
    if stages.is_empty() {
        return Ok(Vec::new());
    }
    let apps = client.apps_by_id(&stages.keys().copied().collect::<Vec<_>>())?;
    let mut apps: Vec<(AppName, Stage)> = apps
        .into_iter()
        .filter_map(|app| Some((app.name, Stage::clone(stages.get(app.id.as_str())?))))
        .collect();
    apps.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(apps)
}

/// The names of what stands for apps: in the order of stages, then by name.
fn names(linked: &[String], pipeline: Option<&Pipeline>, project: &Project<'_>) -> Vec<String> {
    let mut names = known(project);
    names.extend(linked.iter().cloned());
    for name in [BUILDS, "staging", "production"] {
        let stage = stage_named(name);
        if pipeline
            .is_some_and(|pipeline| pipeline.apps.iter().any(|(_, found)| Some(found) == stage.as_ref()))
        {
            names.push(name.to_owned());
        }
    }
    // `heroku` is what the first remote is called by default, and no environment.
    let is_one = |name: &str| name != "review" && name != "heroku" && !is_this_machine(name, project);
    names.retain(|name| is_one(name) || (name == "heroku" && project.config.environments.contains_key(name)));
    names.sort_unstable_by(|one, other| {
        let order =
            |name: &str| stage_named(name).and_then(|stage| stage.promotion_order()).unwrap_or(usize::MAX);
        (order(one), one).cmp(&(order(other), other))
    });
    names.dedup();
    names
}

/// The apps in the stage of this name, for an environment that nothing else decides: they are known already.
fn in_stage(name: &str, pipeline: Option<&Pipeline>, project: &Project<'_>) -> Option<Result<Target>> {
    let is_configured =
        project.config.environments.get(name).is_some_and(crate::config::Environment::names_an_app);
    let is_remote = project.heroku_remotes().iter().any(|(remote, _)| remote.name == name);
    let (stage, Pipeline { place, apps }) = (stage_named(name)?, pipeline?);
    let apps: Vec<AppName> =
        apps.iter().filter(|(_, found)| *found == stage).map(|(app, _)| app.clone()).collect();
    if is_configured || is_remote || apps.is_empty() {
        return None;
    }
    let reason =
        Reason::Stage { pipeline: place.pipeline.name.clone(), stage, because: place.because.clone() };
    Some(Ok(Target { environment: name.to_owned(), apps, reason }))
}

/// What is known of each app: from the project's pipeline, else asked for by itself. An error is Heroku's refusal.
fn stages(
    targets: &[(String, Result<Target>)],
    pipeline: Option<&Pipeline>,
    project: &Project<'_>,
) -> BTreeMap<AppName, Result<Option<Stage>>> {
    let mut stages: BTreeMap<AppName, Result<Option<Stage>>> = pipeline
        .into_iter()
        .flat_map(|pipeline| &pipeline.apps)
        .map(|(app, stage)| (app.clone(), Ok(Some(stage.clone()))))
        .collect();
    let mut others: Vec<&AppName> = targets
        .iter()
        .filter_map(|(_, target)| target.as_ref().ok())
        .flat_map(|target| &target.apps)
        .filter(|app| !stages.contains_key(*app))
        .collect();
    others.sort_unstable();
    others.dedup();
    if others.is_empty() {
        return stages;
    }
    let Ok(client) = (project.heroku)() else { return stages };
    let asked = client.couplings_of(others.iter().copied());
    let stage = |coupling: Result<Option<Coupling>>| Ok(coupling?.map(|coupling| coupling.stage));
    stages.extend(others.into_iter().cloned().zip(asked.into_iter().map(stage)));
    stages
}

fn known_apps(
    name: &str,
    Target { apps, reason, .. }: Target,
    stages: &BTreeMap<AppName, Result<Option<Stage>>>,
    project: &Project<'_>,
) -> StandsFor {
    let app = |app: AppName| {
        let (stage, refused) = match stages.get(&app) {
            Some(Ok(stage)) => (stage.clone(), None),
            Some(Err(error)) if ApiError::is_about_one_thing(error) => (None, Some(message(error))),
            _ => (None, None),
        };
        KnownApp { protected: is_protected(name, &app, stage.as_ref(), project), name: app, stage, refused }
    };
    StandsFor::Apps { apps: apps.into_iter().map(app).collect(), reason }
}

/// Heroku's own words.
fn message(error: &Error) -> String {
    let refusal = error.downcast_ref::<ApiError>();
    refusal.map_or_else(|| error.to_string(), |refusal| refusal.message.trim_end_matches('.').to_owned())
}
