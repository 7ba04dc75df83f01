//! A new project: apps, pipeline, remotes and files. What an earlier run made is found at Heroku and in the folder, so that
//! the same line finishes an interrupted one.

use crate::builder::METADATA;
use crate::context::Context;
use crate::environment::{AppRemote, Project};
use crate::error::{Error, Kind, Result};
use crate::heroku::{
    Client, Coupling, Owner, Pipeline, ReviewAppSettings, SettingsChange, buildpack_name, create_app_in,
    enable_feature, enable_review_apps, set_buildpacks,
};
use crate::hint::Hint;
use crate::parallel::both;
use crate::steps::{Plan, PlanItem, State, Step};

mod ci;
mod files;
mod names;
mod refusals;
mod wanted;

pub use ci::Service;
use names::Environment;
pub use wanted::Wanted;

use super::{account, buildpacks, completion, remotes};

/// A new project, and what of it exists already.
pub struct NewProject<'a> {
    context: &'a Context,
    wanted: Wanted<'a>,
    /// Its name: the one that was asked for, or another that is free.
    name: String,
    login: PlanItem,
    environments: Vec<Environment>,
    pipeline: Option<Pipeline>,
    owner: Owner,
    /// Those of the files; none where Heroku finds the right one.
    buildpacks: Vec<String>,
    /// For each environment: the app's buildpacks, and whether it has the feature of the app that builds.
    fitted: Vec<(Vec<String>, bool)>,
    /// The connected repository, and the settings of review apps.
    review: Option<(String, Option<ReviewAppSettings>)>,
}

/// What a person decides about a new project.
#[derive(Clone, Copy, Debug)]
pub struct Files {
    /// Whether Procfile and app.json are written.
    pub write: bool,
    /// Whether Tab completion is installed.
    pub completion: bool,
}

impl<'a> NewProject<'a> {
    /// Looks at what exists. Names that are taken are found here, before anything is made: exit 5, with another name;
    /// where somebody can be asked, that is offered. Exit 4 without a login or access to the team.
    pub fn look(context: &'a Context, wanted: Wanted<'a>) -> Result<Self> {
        if context.repository()?.is_none() {
            return Err(Error::usage("no git repository here to set up").hint("git init"));
        }
        let login = account::login(context)?;
        if let State::Blocked(hint) = &login.state {
            return Err(Error::denied(login.text.clone()).hint(hint.clone()));
        }
        let client = context.heroku()?;
        refusals::refuse_place(client, &wanted)?;
        let user = client.account_as_owner()?;
        let owner = refusals::owner(client, &wanted, &user)?;
        let (name, environments) = settle(context, client, wanted, &user.id)?;
        let asked = wanted.pipeline.unwrap_or(&name);
        refusals::refuse_configured(context, asked)?;
        let pipeline = client.find_pipeline(asked)?;
        refusals::refuse_elsewhere(client, &environments, pipeline.as_ref(), &wanted)?;
        let review = pipeline.as_ref().map(|pipeline| review(client, pipeline)).transpose()?.flatten();
        let fitted = environments.iter().map(|environment| fitted(client, environment));
        let fitted = fitted.collect::<Result<Vec<_>>>()?;
        let buildpacks = buildpacks::wanted(&files::root(context)?)?;
        Ok(Self { context, wanted, name, login, environments, pipeline, owner, buildpacks, fitted, review })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The page on which the pipeline is connected to a repository; none where it is, or does not exist yet.
    pub fn page(&self) -> Option<String> {
        let pipeline = self.pipeline.as_ref().filter(|_| self.review.is_none())?;
        Some(format!("https://dashboard.heroku.com/pipelines/{}/settings", pipeline.id))
    }

    /// The files that could be written, and are not there.
    pub fn missing_files(&self) -> Result<Vec<&'static str>> {
        files::missing(self.context)
    }

    /// The plan: what is there, and what is missing.
    pub fn plan(&self, choices: Files) -> Result<Plan> {
        let mut plan =
            Plan { pipeline: self.pipeline.as_ref().map(|found| found.id.clone()), ..Plan::default() };
        plan.lines.push(PlanItem::there(&*self.login.text));
        let name = self.wanted.pipeline.unwrap_or(&self.name);
        let step = Step::CreatePipeline(name.to_owned(), self.owner.clone());
        plan.add(
            self.pipeline.is_some(),
            format!("pipeline {name}"),
            format!("create pipeline {name}"),
            step,
        );
        for (environment, (set, metadata)) in self.environments.iter().zip(&self.fitted) {
            self.app(&mut plan, environment);
            self.buildpacks(&mut plan, environment, set);
            Self::stage(&mut plan, environment, *metadata);
        }
        if let Some((repository, settings)) = &self.review {
            let step = enable_review_apps(
                plan.pipeline.as_deref().unwrap_or_default(),
                repository,
                &SettingsChange::default(),
            );
            let text = format!("review apps of {repository}");
            plan.add(settings.is_some(), &*text, format!("enable {text}"), Step::Change(step));
        }
        self.context.with_project(|project| {
            let remote = |environment| Self::remote(environment, project);
            plan.lines.extend(self.environments.iter().map(remote));
            Ok(())
        })?;
        let branch = branch(self.context)?;
        let for_ci = self.wanted.ci.map(|_| branch.as_str());
        plan.lines.push(files::configuration(self.context, name, for_ci)?);
        if choices.write {
            plan.lines.extend(files::items(self.context)?);
        }
        plan.lines.extend(files::ci(self.context, &self.wanted, &branch)?);
        plan.lines.extend(completion::item().filter(|_| choices.completion));
        Ok(plan)
    }

    fn app(&self, plan: &mut Plan, Environment { app, made, .. }: &Environment) {
        let place = self.wanted.place();
        let hint = Hint::line(self.wanted.words("NAME")).note("another name");
        let step = Step::CreateApp(app.clone(), create_app_in(app, place), hint);
        let told = [
            ("in team", place.team),
            ("in space", place.space),
            ("in region", place.region),
            ("on", place.stack),
        ];
        let told = told.into_iter().filter_map(|(word, value)| Some(format!(", {word} {}", value?)));
        let text = format!("create app {app}{}", told.collect::<String>());
        plan.add(made.is_some(), format!("app {app}"), text, step);
    }

    fn buildpacks(&self, plan: &mut Plan, Environment { app, .. }: &Environment, set: &[String]) {
        let listed =
            |urls: &[String]| urls.iter().map(|url| buildpack_name(url)).collect::<Vec<_>>().join(", ");
        if !set.is_empty() {
            plan.lines.push(PlanItem::there(format!("buildpacks {} on {app}", listed(set))));
        } else if !self.buildpacks.is_empty() {
            let step = Step::Change(set_buildpacks(app, &self.buildpacks));
            let text = format!("set buildpacks {} on {app}", listed(&self.buildpacks));
            plan.lines.push(PlanItem::to_do(text, step));
        }
    }

    fn stage(plan: &mut Plan, environment: &Environment, metadata: bool) {
        let Environment { name, app, stage, made } = environment;
        if *name == "prepare" {
            let step = Step::Change(enable_feature(app, METADATA));
            let there = format!("feature {METADATA} on {app}");
            plan.add(metadata, &*there, format!("enable {there}"), step);
        }
        let is_there = made.as_ref().is_some_and(|(_, coupling)| coupling.is_some());
        let step = Step::Couple(app.clone(), stage.clone());
        plan.add(is_there, format!("{app} in stage {stage}"), format!("put {app} in stage {stage}"), step);
    }

    fn remote(Environment { name, app, .. }: &Environment, project: &Project<'_>) -> PlanItem {
        remotes::item(&AppRemote::of(name, app, name, project), true)
    }

    /// The lines to type next, the first of which commits what was written.
    pub fn next(&self, plan: &Plan) -> Result<Vec<Hint>> {
        let written = plan.steps().filter_map(|(_, step)| match step {
            Step::Write(new) => Some(new.path.as_os_str()),
            _ => None,
        });
        let written: Vec<_> = written.collect();
        let has_origin = self
            .context
            .repository()?
            .is_some_and(|repository| repository.remotes().iter().any(|remote| remote.name == "origin"));
        let commit = (!written.is_empty()).then(|| {
            let add = ["git".as_ref(), "add".as_ref()].into_iter().chain(written);
            let script = if has_origin {
                "{} && git commit --message 'Set up Heroku' && git push origin HEAD"
            } else {
                "{} && git commit --message 'Set up Heroku'"
            };
            Hint::script(script, [add])
        });
        let deploy = if self.wanted.prepare { &["prepare setup"][..] } else { &[] };
        // What the branch contains cannot be checked without origin.
        let promote = if has_origin { "production promote" } else { "production promote --any-branch" };
        let lines = deploy.iter().copied().chain(["staging deploy", promote, "production tail"]);
        Ok(commit.into_iter().chain(lines.map(Hint::from)).take(3).collect())
    }
}

/// The name, and the environments under it: another name where the one that is asked for is taken and somebody agrees.
fn settle(
    context: &Context,
    client: &Client,
    wanted: Wanted<'_>,
    account: &str,
) -> Result<(String, Vec<Environment>)> {
    let taken = match names::survey(client, wanted.name, &wanted, account)? {
        Ok(environments) => return Ok((wanted.name.to_owned(), environments)),
        Err(taken) => taken,
    };
    let other = names::alternative(client, &wanted, account);
    let error = names::taken(&taken, other.as_deref(), &wanted);
    let may_ask = context.terminal.can_ask() && !context.options.yes && !context.options.dry_run;
    let Some(other) = other.filter(|_| may_ask) else { return Err(error) };
    context.terminal.warn(&error.to_string());
    if !context.terminal.confirm(&format!("Use {other} in place of {}?", wanted.name))? {
        context.terminal.status("nothing was changed");
        return Err(Error::silent(Kind::Refused.exit_code()));
    }
    match names::survey(client, &other, &wanted, account)? {
        Ok(environments) => Ok((other, environments)),
        Err(taken) => Err(names::taken(&taken, None, &wanted)),
    }
}

/// The connected repository and the settings of review apps; none where the pipeline is not connected.
fn review(client: &Client, pipeline: &Pipeline) -> Result<Option<(String, Option<ReviewAppSettings>)>> {
    let (repository, settings) =
        both(|| client.connected_repository(pipeline), || client.review_app_settings(&pipeline.id));
    repository?.map(|repository| Ok((repository, settings?))).transpose()
}

/// The buildpacks of an app that was made, and whether the app that builds has its feature.
fn fitted(client: &Client, environment: &Environment) -> Result<(Vec<String>, bool)> {
    if environment.made.is_none() {
        return Ok((Vec::new(), false));
    }
    let builds = environment.name == "prepare";
    let (buildpacks, feature) = both(
        || client.buildpacks(&environment.app),
        || if builds { client.has_feature(&environment.app, METADATA) } else { Ok(false) },
    );
    Ok((buildpacks?, feature?))
}

/// The branch that is deployed: the one that origin's HEAD names, else the one that is checked out.
fn branch(context: &Context) -> Result<String> {
    let repository = context.repository()?;
    let named = repository.and_then(|repository| repository.origin_branch().or_else(|| repository.branch()));
    Ok(named.unwrap_or_else(|| "main".to_owned()))
}

/// Whether this coupling is one in the pipeline.
fn is_in(coupling: &Coupling, pipeline: Option<&Pipeline>) -> bool {
    pipeline.is_some_and(|pipeline| pipeline.id == coupling.pipeline.id)
}
