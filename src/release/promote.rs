//! A promotion: a slug that was built and tried upstream goes on to an environment's apps, without being built again.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use super::pipeline_state::{PipelineState, StageApp};
use super::plan::{Plan, Source};
use super::promotion::{Outcome, run_promotion};
use super::protection::{self, BranchCheck};
use super::report::Report;
use super::requested::RequestedCommit;
use super::roll_out::wait_until_served;
use super::settled::settled;
use super::source::choose;
use super::targets::targets;
use super::tree_match::TreeMatch;
use super::unsupported::refuse_unsupported;
use crate::confirm;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::Client;
use crate::model::AppName;
use crate::names;

/// What is promoted, and where to.
#[derive(Clone, Debug)]
pub struct PromoteRequest {
    /// The environment or app whose slug is taken.
    pub from: Option<String>,
    /// The commit, as it was typed, that the slug must be of.
    pub commit: Option<String>,
    /// The apps of the stage that get it; all of the environment's without any.
    pub to: Vec<AppName>,
    /// Whether commits that the targets run may be lost.
    pub force: bool,
    /// Whether the branch rule is off.
    pub any_branch: bool,
    /// How long release phases, and then dynos, are waited for.
    pub wait_timeout: Duration,
    /// Whether the apps' dynos are waited for.
    pub wait_for_dynos: bool,
    /// The command line after the environment's name, for hints that repeat it.
    pub line: Vec<OsString>,
}

/// Shows the plan, asks for confirmation where something is protected, promotes, and waits for every target's release
/// phase.
pub fn promote(context: &Context, request: &PromoteRequest) -> Result<Report> {
    let deadline = Instant::now() + request.wait_timeout;
    context.wait_until(deadline)?;
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let apps = &context.target()?.apps;
    let pipeline = settled(
        context,
        deadline,
        || read(context, client),
        |pipeline| targets(pipeline, apps, &request.to),
    )?;
    let targets = targets(&pipeline, apps, &request.to)?;
    let source = source(context, request, &pipeline, &targets)?;
    refuse_unsupported(source, &targets)?;
    let plan = Plan::new(Source::Slug(source), &targets, context.repository()?, request.force)?;
    protection::show_plan(context, &plan, plan.targets.iter().map(|target| target.app))?;
    if plan.targets.is_empty() {
        wait_for_dynos(context, request, &mut [], &plan, deadline)?;
        return Ok(Report::unchanged(&plan));
    }
    let protected = protection::protected(context, plan.targets.iter().map(|target| target.app))?;
    let line = &request.line;
    if !request.force {
        plan.refuse_losses(protected.is_some(), &context.command(["promote", "--force"]))?;
    }
    let check = BranchCheck { any_branch: request.any_branch, line };
    if let Some(branch) = check.check(context, &context.name, protected.is_some(), plan.source.commit())? {
        context.terminal.status(&branch);
    }
    if context.options.dry_run {
        return Ok(Report::DryRun(client.describe_change(&plan.change(&pipeline.id)?)));
    }
    let apps = plan.apps().map(AppName::as_ref).collect::<Vec<_>>().join(", ");
    if confirm::ask(context, protected.as_deref(), &format!("Promote to {apps}?"), line)? {
        plan.refuse_moved(client, context.command(line))?;
    }
    let mut outcomes = run_promotion(client, &context.terminal, &pipeline.id, &plan, deadline)?;
    wait_for_dynos(context, request, &mut outcomes, &plan, deadline)?;
    Ok(Report::done("promoted", &plan, outcomes, Ok(())))
}

/// Waits until the dynos of the targets, and of those that ran the slug before, are up.
fn wait_for_dynos(
    context: &Context,
    request: &PromoteRequest,
    outcomes: &mut [Outcome],
    plan: &Plan<'_>,
    deadline: Instant,
) -> Result<()> {
    if !request.wait_for_dynos || context.options.dry_run {
        return Ok(());
    }
    wait_until_served(context.heroku()?, &context.terminal, outcomes, &plan.done, deadline)
}

/// Reads the pipeline that the environment's apps are in.
fn read(context: &Context, client: &Client) -> Result<PipelineState> {
    let mut pipeline = PipelineState::around(client, &context.target()?.apps[0])?;
    if let Some(repository) = context.repository()? {
        pipeline.complete_commits(repository);
        TreeMatch::of(context.config()?, &context.name, repository, None)
            .apply_to_all(repository, &mut pipeline)?;
    }
    Ok(pipeline)
}

/// The app whose slug is promoted.
fn source<'a>(
    context: &Context,
    request: &PromoteRequest,
    pipeline: &'a PipelineState,
    targets: &[&StageApp],
) -> Result<&'a StageApp> {
    let repository = context.repository()?;
    let requested = RequestedCommit::find(request.commit.as_deref(), repository)?;
    let from = match &request.from {
        // An app of the pipeline goes before an environment of the same name.
        Some(from) if pipeline.app(from).is_none() && names::check_name(from).is_ok() => {
            let named = context.with_project(|project| environment::resolve(from, project))?;
            Some(named.one_app()?.to_string())
        }
        from => from.clone(),
    };
    let head = repository.and_then(Repository::head);
    let source = choose(pipeline, targets[0], from.as_deref(), requested.as_ref(), head.as_ref())?;
    let app = &source.app.name;
    if source.release.is_none() {
        return Err(Error::failed(format!("{app} has no successful release to promote"))
            .hint_about(app, ["releases"]));
    }
    if let Some(newest) = source.newest.as_ref().filter(|newest| newest.is_pending()) {
        context
            .terminal
            .warn(&format!("{app} {} is still being released and is not promoted", newest.version));
    }
    if targets.iter().any(|target| target.app.id == source.app.id) {
        return Err(Error::usage(format!("{app} cannot be promoted to itself"))
            .hint(context.command(["promote", "--help"])));
    }
    Ok(source)
}
