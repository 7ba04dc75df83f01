//! A deploy: a commit comes to run on an environment's apps, from the slug that was prepared for it, else from a build.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::build::wait_for_build;
use super::checkout::{commit_to_deploy, warn_of_uncommitted};
use super::deploy_method::{BuildPolicy, Deploy, DeployOptions};
use super::maintenance::Maintenance;
use super::pending_release::pending_release;
use super::pipeline_state::{PipelineState, StageApp};
use super::plan::{Plan, Source};
use super::promotion::{Outcome, run_promotion};
use super::protection::{self, BranchCheck};
use super::push::Pushed;
use super::report::Report;
use super::roll_out::wait_until_served;
use super::settled::settled;
use super::slug_search::PreparedSlug;
use super::targets::targets;
use super::tree_match::TreeMatch;
use super::upstream::Upstream;
use super::wait_timeout::DEFAULT_WAIT_TIMEOUT;
use crate::config::Match;
use crate::confirm;
use crate::context::Context;
use crate::environment::GitHosts;
use crate::error::{Error, Kind, Result};
use crate::git::Repository;
use crate::heroku::{Build, Client};
use crate::hint::Hint;
use crate::model::{AppName, CommitId};
use crate::parallel::{both, in_parallel};
use crate::process::internal;

/// What is deployed, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Clone, Debug)]
pub struct DeployRequest {
    /// The commit as it was typed; HEAD without one.
    pub revision: Option<String>,
    /// Whether it may be built.
    pub build: BuildPolicy,
    /// Whether it is built from an archive in place of a push.
    pub archive: bool,
    /// Whether a build of it that is under way upstream is waited for.
    pub wait_for_prepared: bool,
    /// Whether commits that the targets run may be lost.
    pub force: bool,
    /// Whether the branch rule is off.
    pub any_branch: bool,
    /// Whether the apps are in maintenance mode meanwhile.
    pub maintenance: bool,
    /// How long build and release phase, and then dynos, are waited for.
    pub wait_timeout: Duration,
    /// Whether the apps' dynos are waited for.
    pub wait_for_dynos: bool,
    /// The command line after the environment's name, for hints that repeat it.
    pub line: Vec<OsString>,
}

impl DeployRequest {
    /// HEAD, from the slug that was prepared for it, else from a build.
    pub fn of_head() -> Self {
        Self {
            revision: Some("HEAD".to_owned()),
            build: BuildPolicy::IfNeeded,
            archive: false,
            wait_for_prepared: true,
            force: false,
            any_branch: false,
            maintenance: false,
            wait_timeout: DEFAULT_WAIT_TIMEOUT,
            wait_for_dynos: true,
            line: ["deploy", "HEAD"].map(OsString::from).into(),
        }
    }
}

/// Deploys, and waits until the commit runs; starts over where somebody else's build came first.
pub fn deploy(context: &Context, request: &DeployRequest) -> Result<Report> {
    let deadline = Instant::now() + request.wait_timeout;
    context.wait_until(deadline)?;
    let (repository, commit) = commit_to_deploy(context, request.revision.as_deref())?;
    if request.revision.is_none() {
        warn_of_uncommitted(context, repository, "; they are not deployed")?;
    }
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let task = DeployTask { context, request, client, repository, commit: &commit, deadline };
    loop {
        if let Some(report) = task.attempt()? {
            return Ok(report);
        }
    }
}

/// The deploy of one commit to one environment.
pub(super) struct DeployTask<'a> {
    pub(super) context: &'a Context,
    pub(super) request: &'a DeployRequest,
    pub(super) client: &'a Arc<Client>,
    pub(super) repository: &'a Repository,
    pub(super) commit: &'a CommitId,
    pub(super) deadline: Instant,
}

/// Why a deploy may begin.
pub(super) struct Allowed {
    /// What the environment's branch says of the commit, for a person.
    branch: Option<String>,
    /// What is protected of what would change.
    protected: Option<String>,
}

impl DeployTask<'_> {
    /// Deploys; none where a build that somebody else began had to end first, and the plan has to be made again.
    fn attempt(&self) -> Result<Option<Report>> {
        let (pipeline, last_build) = self.settled()?;
        let targets = self.targets(&pipeline)?;
        let protected = protection::protected(self.context, targets.iter().copied())?;
        let again = self.request.build == BuildPolicy::Always;
        let plan = Plan::new(Source::Build(self.commit), &targets, Some(self.repository), again)?;
        if plan.targets.is_empty() {
            self.context.terminal.status(&plan.to_string());
            self.wait_for_dynos(&mut [], &plan, self.deadline)?;
            return Ok(Some(Report::unchanged(&plan)));
        }
        let allowed = Allowed { branch: self.check_branch(protected.is_some())?, protected };
        match self.upstream(&pipeline, &targets)? {
            Upstream::Slug(prepared) => self.promote(&pipeline, &targets, &prepared, &allowed).map(Some),
            Upstream::Pending(pending) if self.context.options.dry_run => {
                self.describe_pending(&pipeline, &plan, &pending, &allowed).map(Some)
            }
            Upstream::Pending(pending) => self.wait_for(pending).map(|()| None),
            Upstream::Nothing => self.build(&plan, &allowed, last_build),
        }
    }

    /// What the environment's branch says of the commit, for the plan; exit 5 where it must not go there.
    fn check_branch(&self, protected: bool) -> Result<Option<String>> {
        let check = BranchCheck { any_branch: self.request.any_branch, line: &self.request.line };
        check.check(self.context, &self.context.name, protected, Some(self.commit))
    }

    /// Shows what would change, and why it may.
    pub(super) fn show(&self, plan: &Plan<'_>, allowed: &Allowed) -> Result<()> {
        protection::show_plan(self.context, plan, plan.targets.iter().map(|target| target.app))?;
        if let Some(branch) = &allowed.branch {
            self.context.terminal.status(branch);
        }
        Ok(())
    }

    /// What the apps run once no build or release of theirs is under way, and the id of the newest build.
    fn settled(&self) -> Result<(PipelineState, Option<String>)> {
        if !self.context.options.dry_run {
            return settled(
                self.context,
                self.deadline,
                || self.read_after_builds(),
                |(pipeline, _)| self.targets(pipeline),
            );
        }
        let (pipeline, newest) = self.read()?;
        let is_released =
            self.targets(&pipeline)?.into_iter().any(|target| pending_release(target).is_some());
        if is_released || newest.as_ref().is_some_and(|(_, build)| build.is_pending()) {
            let app = &self.context.target()?.apps[0];
            self.context.terminal.warn(&format!("{app} is being deployed by someone else"));
        }
        Ok((pipeline, newest.map(|(_, build)| build.id)))
    }

    /// What the apps run once no build of theirs is under way, and the id of the newest build.
    fn read_after_builds(&self) -> Result<(PipelineState, Option<String>)> {
        loop {
            let (pipeline, newest) = self.read()?;
            match newest {
                Some((app, build)) if build.is_pending() => {
                    self.targets(&pipeline)?;
                    wait_for_build(self.client, &self.context.terminal, app.as_ref(), build, self.deadline)?;
                }
                newest => return Ok((pipeline, newest.map(|(_, build)| build.id))),
            }
        }
    }

    /// What the apps run, and the newest build with its app: a pending one before all others.
    fn read(&self) -> Result<(PipelineState, Option<(&AppName, Build)>)> {
        let apps = &self.context.target()?.apps;
        let (pipeline, builds) = both(
            || PipelineState::around_or_alone(self.client, &apps[0]),
            || in_parallel(apps, |app| Ok(self.client.builds(app.as_ref(), 1)?.pop())),
        );
        let mut pipeline = pipeline?;
        let builds: Vec<Option<Build>> = builds.into_iter().collect::<Result<_>>()?;
        let builds = apps.iter().zip(builds).filter_map(|(app, build)| Some((app, build?)));
        // Which is the newest matters only where there is one app.
        let newest = builds.max_by_key(|(_, build)| build.is_pending());
        pipeline.complete_commits(self.repository);
        TreeMatch::of(self.context.config()?, &self.context.name, self.repository, Some(self.commit))
            .apply_to_all(self.repository, &mut pipeline)?;
        Ok((pipeline, newest))
    }

    fn targets<'s>(&self, pipeline: &'s PipelineState) -> Result<Vec<&'s StageApp>> {
        let target = self.context.target()?;
        if pipeline.id.is_empty() {
            target.one_app()?;
        }
        targets(pipeline, &target.apps, &[])
    }

    fn promote(
        &self,
        pipeline: &PipelineState,
        targets: &[&StageApp],
        prepared: &PreparedSlug,
        allowed: &Allowed,
    ) -> Result<Report> {
        let (context, client) = (self.context, self.client);
        let plan = Plan::new(Source::Slug(&prepared.source), targets, Some(self.repository), false)?;
        self.show(&plan, allowed)?;
        if plan.targets.is_empty() {
            self.wait_for_dynos(&mut [], &plan, self.deadline)?;
            return Ok(Report::unchanged(&plan));
        }
        self.refuse_losses(&plan, allowed)?;
        if context.options.dry_run {
            return Ok(Report::DryRun(client.describe_change(&plan.change(&pipeline.id)?)));
        }
        let maintenance = self.confirm(&plan, allowed)?;
        // Time spent before, on a question for instance, is not part of the wait.
        let deadline = Instant::now() + self.request.wait_timeout;
        let _limit = client.within(deadline);
        let mut outcomes = run_promotion(client, &context.terminal, &pipeline.id, &plan, deadline)?;
        self.wait_for_dynos(&mut outcomes, &plan, deadline)?;
        Ok(Report::done("promoted", &plan, outcomes, maintenance.end()))
    }

    /// Deploys a build; none where somebody else's build came first.
    fn build(
        &self,
        plan: &Plan<'_>,
        allowed: &Allowed,
        last_build: Option<String>,
    ) -> Result<Option<Report>> {
        let context = self.context;
        let app = context.target()?.one_app()?;
        let mut deploy = Deploy {
            client: self.client,
            terminal: &context.terminal,
            repository: self.repository,
            app: plan.targets[0].app,
            commit: self.commit,
            url: self.client.git_url(app, GitHosts::from_environment().url(app)),
            remote: remote(context, app),
            helper: internal::git_helper()?,
            last_build,
            deadline: self.deadline,
        };
        let options = DeployOptions {
            build: self.request.build,
            archive: self.request.archive,
            protected: allowed.protected.is_some() && !self.request.force,
            by_files: context.config()?.release.matches == Some(Match::Tree),
        };
        self.refuse_losses(plan, allowed)?;
        let method = deploy.method(options).map_err(|error| match error.kind() {
            Kind::Refused => error.hint(self.forced().note("drops it on purpose")),
            _ => error,
        });
        let Some(method) = method? else { return Err(self.not_prepared()) };
        self.show(plan, allowed)?;
        if context.options.dry_run {
            return Ok(Some(Report::DryRun(deploy.describe(&method))));
        }
        let maintenance = self.confirm(plan, allowed)?;
        deploy.deadline = Instant::now() + self.request.wait_timeout;
        let _limit = self.client.within(deploy.deadline);
        context.wait_until(deploy.deadline)?;
        match deploy.run(&method)? {
            Pushed::Busy(build) => {
                maintenance.end()?;
                wait_for_build(self.client, &context.terminal, app.as_ref(), build, self.deadline)?;
                Ok(None)
            }
            Pushed::Done(outcome) => {
                let mut outcomes = vec![outcome];
                self.wait_for_dynos(&mut outcomes, plan, deploy.deadline)?;
                Ok(Some(Report::done(method.word(), plan, outcomes, maintenance.end())))
            }
        }
    }

    /// Waits until the dynos of the apps that got a release, and of those that ran the commit before, are up.
    fn wait_for_dynos(&self, outcomes: &mut [Outcome], plan: &Plan<'_>, deadline: Instant) -> Result<()> {
        if !self.request.wait_for_dynos || self.context.options.dry_run {
            return Ok(());
        }
        wait_until_served(self.client, &self.context.terminal, outcomes, &plan.done, deadline)
    }

    /// The same line with `--force`.
    fn forced(&self) -> Hint {
        self.context.command(self.request.line.iter().cloned().chain([OsString::from("--force")]))
    }

    fn refuse_losses(&self, plan: &Plan<'_>, allowed: &Allowed) -> Result<()> {
        match allowed.protected {
            Some(_) if !self.request.force => plan.refuse_losses(true, &self.forced()),
            _ => Ok(()),
        }
    }

    /// Asks for confirmation where something is protected, and turns maintenance mode on where that was requested.
    fn confirm(&self, plan: &Plan<'_>, allowed: &Allowed) -> Result<Maintenance> {
        let context = self.context;
        let targets: Vec<&StageApp> = plan.targets.iter().map(|target| target.app).collect();
        let names = targets.iter().map(|target| target.app.name.as_ref()).collect::<Vec<_>>().join(", ");
        let question = format!("Deploy {} to {names}?", self.commit.short());
        let line = &self.request.line;
        if confirm::ask(context, allowed.protected.as_deref(), &question, line)? {
            plan.refuse_moved(self.client, context.command(line))?;
        }
        let maintained = targets.iter().filter(|_| self.request.maintenance).map(|target| &target.app.name);
        Maintenance::begin(self.client, &context.terminal, &maintained.collect::<Vec<_>>())
    }

    fn not_prepared(&self) -> Error {
        let short = self.commit.short();
        Error::failed(format!("no slug found for {short}, and --no-build was given"))
            .hint(Hint::line(["prepare", "deploy", short]).note("or leave out --no-build"))
    }
}

/// The git remote that is the app's, else its URL.
fn remote(context: &Context, app: &AppName) -> String {
    let remote = context.with_project(|project| {
        let remotes = project.heroku_remotes();
        Ok(remotes.into_iter().find(|(_, named)| *named == app).map(|(remote, _)| remote.name.clone()))
    });
    remote.ok().flatten().unwrap_or_else(|| GitHosts::from_environment().url(app))
}
