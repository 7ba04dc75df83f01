//! The plan of a ship: the app that builds the slug, and the environments it is promoted to. Whatever a later step would
//! refuse is refused here, before anything is started.

use super::Args;
use super::step::StepKind;
use crate::config::Match;
use crate::confirm;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::git::{Relation, Repository};
use crate::hint::Hint;
use crate::model::{CommitId, Stage};
use crate::parallel::both;
use crate::release::{
    self, BranchCheck, PipelineState, Plan, PlannedTarget, SlugSearch, Source, StageApp, TreeMatch,
};

/// An environment that the commit is promoted to.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// Its name.
    pub(super) environment: String,
    /// Whether the environment resolves by its name; without that, its apps are the whole stage.
    pub(super) is_known: bool,
    /// What of it is protected: the environment's or an app's name.
    pub(super) protected: Option<String>,
    /// Whether this repository knows the commits between the one that runs there and the shipped one.
    pub(super) compared: bool,
    /// Whether all of its apps ran the commit when the plan was shown.
    pub(super) is_done: bool,
    /// Its apps, as they were when the plan was shown.
    pub(super) apps: Vec<StageApp>,
}

/// The plan of a ship.
pub(super) struct ShipPlan {
    /// The commit's full id.
    pub(super) commit: CommitId,
    /// The pipeline, as it was when the plan was shown.
    pub(super) stages: PipelineState,
    /// Which commits count as equal by their files.
    pub(super) tree_match: TreeMatch,
    /// The app on which the slug is built.
    pub(super) builder: StageApp,
    /// The app that has the slug already.
    pub(super) prepared: Option<StageApp>,
    /// The environments, in the order of their promotions.
    pub(super) destinations: Vec<Destination>,
}

impl Destination {
    /// The name to show for an app: the environment's, where this is its only app.
    pub(super) fn called<'a>(&'a self, app: &'a StageApp) -> &'a str {
        if self.apps.len() == 1 { &self.environment } else { app.app.name.as_ref() }
    }
}

impl ShipPlan {
    /// Makes the plan, shows it, and asks for confirmation where anything in it is protected.
    pub(super) fn find(context: &Context, args: &Args) -> Result<Self> {
        let client = context.heroku()?;
        let (repository, commit) = release::commit_to_deploy(context, args.revision.as_deref())?;
        let app = &context.target()?.apps[0];
        let differences = || point_out_differences(context, repository, &commit);
        let (stages, pointed_out) = both(|| PipelineState::around(client, app), differences);
        pointed_out?;
        let mut stages = stages?;
        stages.complete_commits(repository);
        let tree_match = TreeMatch::of(context.config()?, &context.name, repository, Some(&commit));
        tree_match.apply_to_all(repository, &mut stages)?;
        let mut destinations = destinations(context, &stages)?;
        let builder = builder(context, &stages)?;
        let planned = destinations.clone();
        let apps: Vec<&StageApp> = planned.iter().flat_map(|destination| &destination.apps).collect();
        release::refuse_unsupported(&builder, &apps)?;
        let plan = Plan::new(Source::Build(&commit), &apps, Some(repository), false)?;
        release::show_plan(context, &plan, plan.targets.iter().map(|step| step.app))?;
        let is_here = |destination: &Destination, step: &PlannedTarget<'_>| {
            destination.apps.iter().any(|app| app.app.id == step.app.app.id)
        };
        for destination in &mut destinations {
            destination.is_done = !plan.targets.iter().any(|step| is_here(destination, step));
        }
        let Some(next) = destinations
            .iter()
            .find(|destination| !destination.is_done)
            .map(|destination| destination.apps[0].clone())
        else {
            return Ok(Self { commit, stages, tree_match, builder, prepared: None, destinations });
        };
        let line = args.words();
        let typed = BranchCheck { any_branch: args.any_branch, line: &line };
        let mut branches = Vec::new();
        let mut guarded = |name: &str, apps: &[StageApp]| {
            let protected = release::protected_in(context, name, apps.iter())?;
            let branch = typed.check(context, name, protected.is_some(), Some(&commit))?;
            branches.extend(branch.filter(|branch| !branches.contains(branch)));
            Ok::<_, Error>(protected)
        };
        let builder_protected = guarded("prepare", std::slice::from_ref(&builder))?;
        for destination in &mut destinations {
            destination.protected = guarded(&destination.environment, &destination.apps)?;
            for step in &plan.targets {
                if !destination.has(step) {
                    continue;
                }
                plan.refuse_loss(step, destination.protected.is_some(), &destination.back(&commit))?;
                destination.compared &= !matches!(step.change, Relation::Unknown(_));
            }
        }
        for branch in &branches {
            context.terminal.status(branch);
        }
        let matches = Match::Commit;
        let search = SlugSearch { client, repository, matches, commit: &commit };
        let prepared = search.upstream_of(&stages, &next)?.map(|prepared| prepared.source);
        let plan = Self { commit, stages, tree_match, builder, prepared, destinations };
        plan.ask(context, args, builder_protected)?;
        Ok(plan)
    }

    /// Whether a step has nothing to do: no build where every app runs the commit, no promotion where all of its apps do.
    pub(super) fn is_done(&self, work: StepKind) -> bool {
        match work {
            StepKind::Build => self.destinations.iter().all(|destination| destination.is_done),
            StepKind::Promotion(destination) => self.destinations[destination].is_done,
            StepKind::Tests | StepKind::Smoke(..) => false,
        }
    }

    /// The app that has the slug, or will be the first to have it.
    pub(super) fn source(&self) -> &str {
        self.prepared.as_ref().unwrap_or(&self.builder).app.name.as_ref()
    }

    /// The apps of all environments, in the order of their promotions.
    pub(super) fn apps(&self) -> impl Iterator<Item = &StageApp> {
        self.destinations.iter().flat_map(|destination| &destination.apps)
    }

    /// Asks once for all steps, where anything is protected.
    fn ask(&self, context: &Context, args: &Args, builder: Option<String>) -> Result<()> {
        if context.options.dry_run {
            return Ok(());
        }
        let protected =
            self.destinations.iter().rev().find_map(|destination| destination.protected.clone()).or(builder);
        let apps: Vec<&str> = self.apps().map(|running| running.app.name.as_ref()).collect();
        let question = format!("Ship {} to {}?", self.commit.short(), apps.join(", then "));
        confirm::ask(context, protected.as_deref(), &question, &args.words())?;
        Ok(())
    }
}

impl Destination {
    /// Whether the target is one of its apps.
    fn has(&self, step: &PlannedTarget<'_>) -> bool {
        self.apps.iter().any(|app| app.app.id == step.app.app.id)
    }

    /// The command that promotes the slug of `source` to it; `options` are added where the environment resolves by its name.
    pub(super) fn promotion(&self, source: &str, options: &[&str]) -> Hint {
        if self.is_known {
            return Hint::line([&self.environment, "promote"].iter().chain(options));
        }
        let apps: Vec<&str> = self.apps.iter().map(|running| running.app.name.as_ref()).collect();
        Hint::heroku(["pipelines:promote", "--app", source, "--to", &apps.join(",")])
    }

    /// The error, with hints about its app as they are typed in this environment.
    pub(super) fn told(&self, mut error: Error) -> Error {
        if let [app] = self.apps.as_slice()
            && self.is_known
        {
            error.told_in(&[self.environment.clone().into()], app.app.name.as_ref());
        }
        error
    }

    /// The command that goes back to the commit on purpose.
    pub(super) fn back(&self, commit: &CommitId) -> Hint {
        self.promotion("APP", &["--commit", commit.short(), "--force"])
    }
}

/// Warns where the checked-out files, which the tests see, are not those of the commit.
fn point_out_differences(context: &Context, repository: &Repository, commit: &CommitId) -> Result<()> {
    if let Some(head) = repository.head().filter(|head| head != commit) {
        context.terminal.warn(&format!(
            "the tests see {}, which is checked out; {} is shipped",
            head.short(),
            commit.short()
        ));
    }
    release::warn_of_uncommitted(context, repository, "; the tests see them, but they are not shipped")
}

/// The environments between `prepare` and this one, and this one.
fn destinations(context: &Context, stages: &PipelineState) -> Result<Vec<Destination>> {
    let here = release::targets(stages, &context.target()?.apps, &[])?;
    let destination = |environment: &str, is_known: bool, apps: Vec<&StageApp>| Destination {
        environment: environment.to_owned(),
        is_known,
        protected: None,
        compared: true,
        is_done: false,
        apps: apps.into_iter().cloned().collect(),
    };
    let mut destinations = Vec::new();
    match here[0].stage {
        Some(Stage::Development) => {
            return Err(Error::usage(format!(
                "{} is in stage development, which builds slugs; ship needs a later stage",
                here[0].app.name
            ))
            .hint(context.command(["deploy"])));
        }
        Some(Stage::Production) => {
            let staging: Vec<&StageApp> =
                stages.apps.iter().filter(|running| running.stage == Some(Stage::Staging)).collect();
            if !staging.is_empty() {
                destinations.push(
                    match context.with_project(|project| environment::resolve("staging", project)) {
                        Ok(named) => {
                            destination("staging", true, release::targets(stages, &named.apps, &[])?)
                        }
                        Err(error) if error.kind() == Kind::Unresolved => {
                            destination("staging", false, staging)
                        }
                        Err(error) => return Err(error),
                    },
                );
            }
        }
        _ => {}
    }
    destinations.push(destination(&context.name, true, here));
    Ok(destinations)
}

/// The app of `prepare`, which must be in the pipeline's stage `development`.
fn builder(context: &Context, stages: &PipelineState) -> Result<StageApp> {
    let mut prepared = stages.apps.iter().filter(|running| running.stage == Some(Stage::Development));
    if prepared.clone().next().is_none() {
        return Err(Error::unresolved(format!(
            "pipeline {} has no app in stage development to build slugs",
            stages.name
        ))
        .hint("prepare setup"));
    }
    let named = context.with_project(|project| environment::resolve("prepare", project))?;
    let named = named.one_app()?;
    prepared.find(|running| running.app.name == *named).cloned().ok_or_else(|| {
        Error::failed(format!(
            "prepare is {named}, which is not in stage development of pipeline {}",
            stages.name
        ))
        .hint("prepare which")
        .hint(Hint::pipeline("pipelines:info", &stages.name))
    })
}
