//! `production promote`: a slug that was built and tried upstream goes on, without being built again.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::confirm;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::heroku::{Accept, Client, PROMOTIONS};
use crate::hint::Hint;
use crate::inventory::{self, Resource};
use crate::model::AppName;
use crate::names;
use crate::release::{self, PipelineState, Plan, RequestedCommit, Source, StageApp, TreeMatch};
use crate::values::{Values, Words};

pub(super) mod report;

/// One line of help.
pub const ABOUT: &str = "Promote a slug that is ready upstream to this environment";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  production promote                     from prepare where it holds HEAD, else from staging
  production promote --from staging
  staging promote --commit HEAD --yes    in CI: exactly this commit, or exit 1
  production --dry-run promote           the plan, and the request that would be sent";

/// The Heroku CLI's is `pipelines:promote`.
pub const HEROKU: &[&str] = &[];

/// What Tab offers for its arguments.
pub const VALUES: Values = &[
    ("from", &[Words::Upstream, Words::Live(Resource::Apps)]),
    ("commit", &[Words::Commits]),
    ("to", &[Words::Live(Resource::OwnApps)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// What is promoted, and how long is waited.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Take the slug of this environment or app
    #[arg(long, value_name = "ENV|APP")]
    from: Option<String>,

    /// Only a slug of this commit; in CI the commit that is built [default: none]
    #[arg(long, value_name = "REV")]
    commit: Option<String>,

    /// Only to these of the stage's apps
    #[arg(long, value_name = "APP", value_delimiter = ',')]
    to: Vec<AppName>,

    /// Wait this long for the release phase: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,

    /// Take commits back that run there: go back to an older commit, or over a diverged history
    #[arg(long)]
    force: bool,

    /// Allow a commit that is not in the environment's branch
    #[arg(long)]
    any_branch: bool,
}

impl Args {
    /// The same command, as it would be typed again.
    fn words(&self) -> Vec<OsString> {
        let to = self.to.iter().map(AppName::as_ref).collect::<Vec<_>>().join(",");
        let given = [
            ("--from", self.from.clone()),
            ("--commit", self.commit.clone()),
            ("--to", Some(to).filter(|to| !to.is_empty())),
        ];
        let given = given.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?]));
        let mut words: Vec<OsString> = vec!["promote".into()];
        words.extend(given.flatten().map(OsString::from));
        words.extend(self.force.then(|| "--force".into()));
        words.extend(self.any_branch.then(|| "--any-branch".into()));
        words.extend(release::wait_option(self.wait_timeout));
        words
    }
}

/// Shows the plan, asks where it must, promotes, and waits for every target's release phase.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    context.wait_until(deadline)?;
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let target = context.target()?;
    let stages = settled(context, client, args, deadline)?;
    let targets = targets(&stages, &target.apps, &args.to)?;
    let source = source(context, args, &stages, &targets)?;
    release::refuse_unsupported(source, &targets)?;
    let plan = Plan::new(Source::Slug(source), &targets, context.repository()?, args.force)?;
    confirm::show(context, &plan, plan.targets.iter().map(|step| step.app))?;
    if plan.targets.is_empty() {
        return report::nothing_to_do(context, "unchanged", &plan);
    }
    let protected = confirm::protected(context, plan.targets.iter().map(|step| step.app))?;
    let again = args.words();
    let typed = confirm::Typed { any_branch: args.any_branch, line: &again };
    let commit = plan.source.commit();
    if !args.force {
        plan.refuse_losses(protected.is_some(), &context.command(["promote", "--force"]))?;
    }
    if let Some(branch) = confirm::check_branch(context, &context.name, protected.is_some(), commit, typed)? {
        context.terminal.status(&branch);
    }
    if context.options.dry_run {
        let line = client.describe("POST", PROMOTIONS, Accept::V3, Some(&plan.body(&stages.pipeline)?));
        return context.terminal.print_lines(&format!("{line}\n"));
    }
    let apps = plan.targets.iter().map(|step| step.app.app.name.as_ref()).collect::<Vec<_>>().join(", ");
    if confirm::ask(context, protected.as_deref(), &format!("Promote to {apps}?"), &again)? {
        plan.refuse_moved(client, context.command(&again))?;
    }
    let outcomes = release::promote(client, &context.terminal, &stages.pipeline, &plan, deadline);
    inventory::changed(plan.apps(), inventory::RELEASED);
    let outcomes = outcomes?;
    report::print(context, "promoted", &plan, &outcomes)
}

/// Reads the stages, after every release that is still being made on a target has come to its end.
fn settled(context: &Context, client: &Client, args: &Args, deadline: Instant) -> Result<PipelineState> {
    let apps = &context.target()?.apps;
    loop {
        let mut stages = PipelineState::around(client, &apps[0])?;
        if let Some(repository) = context.repository()? {
            stages.complete_commits(repository);
            TreeMatch::of(context.config()?, &context.name, repository, None)
                .apply_to_all(repository, &mut stages)?;
        }
        let targets = targets(&stages, apps, &args.to)?;
        let pending =
            targets.iter().find_map(|running| Some((&running.app.name, release::pending_release(running)?)));
        match pending {
            None => return Ok(stages),
            Some((app, newest)) if context.options.dry_run => {
                context.terminal.warn(&format!("{app} v{} is still being released", newest.version));
                return Ok(stages);
            }
            Some(_) => release::wait_for_pending_releases(client, &context.terminal, &targets, deadline)?,
        }
    }
}

/// The environment's apps in the pipeline, or those of its stage that `--to` names.
pub(super) fn targets<'a>(
    stages: &'a PipelineState,
    apps: &[AppName],
    only: &[AppName],
) -> Result<Vec<&'a StageApp>> {
    let find = |app: &AppName| {
        stages.app(app.as_ref()).ok_or_else(|| {
            Error::failed(format!(
                "{app} is in no stage of pipeline {} that code is promoted to",
                stages.name
            ))
            .hint(Hint::pipeline("pipelines:info", &stages.name))
        })
    };
    let ours = each_once(apps.iter().map(find).collect::<Result<Vec<_>>>()?);
    if only.is_empty() {
        return Ok(ours);
    }
    let stage = &ours[0].stage;
    let named = each_once(only.iter().map(find).collect::<Result<Vec<_>>>()?);
    match named.iter().find(|running| running.stage != *stage) {
        Some(other) => {
            Err(Error::usage(format!("{} is in stage {}, not in {stage}", other.app.name, other.stage))
                .hint(Hint::pipeline("pipelines:info", &stages.name)))
        }
        None => Ok(named),
    }
}

/// An app that is named twice is one target.
fn each_once(mut apps: Vec<&StageApp>) -> Vec<&StageApp> {
    let mut seen = BTreeSet::new();
    apps.retain(|running| seen.insert(running.app.id.as_str()));
    apps
}

fn source<'a>(
    context: &Context,
    args: &Args,
    stages: &'a PipelineState,
    targets: &[&StageApp],
) -> Result<&'a StageApp> {
    let repository = context.repository()?;
    let wanted = RequestedCommit::find(args.commit.as_deref(), repository)?;
    let from = match &args.from {
        // An app of the pipeline is meant before an environment of the same name.
        Some(from) if stages.app(from).is_none() && names::check_name(from).is_ok() => {
            let named = context.with_project(|project| environment::resolve(from, project))?;
            Some(named.one_app()?.to_string())
        }
        from => from.clone(),
    };
    let head = repository.and_then(crate::git::Repository::head);
    let stage = &targets[0].stage;
    let source = release::choose(stages, stage, from.as_deref(), wanted.as_ref(), head.as_deref())?;
    if source.release.is_none() {
        return Err(Error::failed(format!("{} has no release that succeeded", source.app.name))
            .hint_about(&source.app.name, ["releases"]));
    }
    if let Some(newest) = source.newest.as_ref().filter(|newest| newest.is_pending()) {
        let app = &source.app.name;
        context
            .terminal
            .warn(&format!("{app} v{} is still being released, and is not what is taken", newest.version));
    }
    if targets.iter().any(|target| target.app.id == source.app.id) {
        return Err(Error::usage(format!("{} cannot be promoted to itself", source.app.name))
            .hint(context.command(["promote", "--help"])));
    }
    Ok(source)
}
