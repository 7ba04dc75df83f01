//! `staging deploy`: a commit comes to run, in the slug that was prepared for it, else in one that is built now.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::upstream::Upstream;
use super::promote::{self, report};
use crate::config::Match;
use crate::confirm;
use crate::context::Context;
use crate::environment::GitHosts;
use crate::error::{Error, Kind, Result};
use crate::git::Repository;
use crate::heroku::{Accept, Build, Client, PROMOTIONS};
use crate::hint::Hint;
use crate::inventory;
use crate::model::AppName;
use crate::parallel::{both, in_parallel};
use crate::process::internal;
use crate::release::{
    self, BuildPolicy, Deploy, DeployOptions, Maintenance, PipelineState, Plan, PreparedSlug, Pushed, Source,
    StageApp, TreeMatch, short,
};
use crate::terminal::counted;
use crate::values::{Values, Words};

mod upstream;

/// One line of help.
pub const ABOUT: &str = "Deploy a commit: the slug that was prepared for it, else a build of it";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  staging deploy                   HEAD: promoted where prepare has it, else pushed
  production deploy v1.4 --yes     in CI: waits for the release phase, exit 1 if it fails
  production deploy --no-build     only what is prepared, or is being built on prepare
  review 42 deploy --source        from an archive of the commit, without git push";

/// The Heroku CLI deploys by git alone.
pub const HEROKU: &[&str] = &[];

/// What Tab offers for its arguments.
pub const VALUES: Values =
    &[("revision", &[Words::Commits]), ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)])];

/// What is deployed, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The commit: a branch, a tag, an id [default: HEAD]
    revision: Option<String>,

    /// Build it, even where a slug of it is there
    #[arg(long)]
    build: bool,

    /// Never build: exit 1 where no slug of it is there
    #[arg(long, conflicts_with_all = ["build", "source"])]
    no_build: bool,

    /// Do not wait for a build of it that is under way on prepare
    #[arg(long)]
    no_wait_prepared: bool,

    /// Build it from an archive instead of a git push
    #[arg(long)]
    source: bool,

    /// Take commits back that run there: go back to an older commit, or over a diverged history
    #[arg(long)]
    force: bool,

    /// Allow a commit that is not in the environment's branch
    #[arg(long)]
    any_branch: bool,

    /// Turn on maintenance mode while deploying
    #[arg(long)]
    maintenance: bool,

    /// Wait this long for build and release phase: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Deploys, and waits until the commit runs; starts over when somebody else's build came first.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    context.wait_until(deadline)?;
    let (repository, commit) = commit(context, args.revision.as_deref())?;
    if args.revision.is_none() {
        point_out_changes(context, repository, "; they are not deployed")?;
    }
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let task = Task { context, args, client, repository, commit: &commit, deadline };
    while task.attempt()? == Attempt::Again {}
    Ok(())
}

/// The repository, and the commit of it that is meant.
pub(super) fn commit<'c>(context: &'c Context, revision: Option<&str>) -> Result<(&'c Repository, String)> {
    let repository = context.repository()?.ok_or_else(|| {
        Error::usage("there is no git repository here, and so no commit to deploy")
            .hint("cd into the app's repository")
    })?;
    let commit = repository.resolve(revision.unwrap_or("HEAD"))?;
    Ok((repository, commit))
}

/// What is not committed does not go along, and not everybody thinks of it; `so` is what that means.
pub(super) fn point_out_changes(context: &Context, repository: &Repository, so: &str) -> Result<()> {
    let there = match repository.uncommitted()? {
        Some(0) => return Ok(()),
        Some(1) => "1 file has".to_owned(),
        Some(count) => format!("{} have", counted(count, "file")),
        None => "git cannot tell whether there are".to_owned(),
    };
    context.terminal.warn(&format!("{there} changes that are not committed{so}"));
    Ok(())
}

impl Args {
    /// The same command, as it would be typed again.
    fn words(&self) -> Vec<OsString> {
        let flags = [
            (self.build, "--build"),
            (self.no_build, "--no-build"),
            (self.no_wait_prepared, "--no-wait-prepared"),
            (self.source, "--source"),
            (self.force, "--force"),
            (self.any_branch, "--any-branch"),
            (self.maintenance, "--maintenance"),
        ];
        let mut words: Vec<OsString> = vec!["deploy".into()];
        words.extend(self.revision.as_ref().map(OsString::from));
        words.extend(flags.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag.into()));
        words.extend(release::wait_option(self.wait_timeout));
        words
    }
}

/// One commit on its way to the environment.
struct Task<'a> {
    context: &'a Context,
    args: &'a Args,
    client: &'a Arc<Client>,
    repository: &'a Repository,
    commit: &'a str,
    deadline: Instant,
}

/// How an attempt to deploy ended, where it did not fail.
#[derive(PartialEq, Eq)]
enum Attempt {
    /// There is nothing more to do.
    Done,
    /// What was in the way has ended: the plan is made anew.
    Again,
}

/// Why a deploy may begin.
struct Allowed {
    /// What the environment's branch says of the commit, for a person.
    branch: Option<String>,
    /// What is protected of what would change.
    protected: Option<String>,
}

impl Task<'_> {
    /// Deploys, unless a build that somebody else began has to end first.
    fn attempt(&self) -> Result<Attempt> {
        let (stages, last_build) = self.settled()?;
        let targets = self.targets(&stages)?;
        let protected = confirm::protected(self.context, targets.iter().copied())?;
        let plan = Plan::new(Source::Build(self.commit), &targets, Some(self.repository), self.args.build)?;
        if plan.targets.is_empty() {
            self.context.terminal.status(&plan.to_string());
            report::nothing_to_do(self.context, "unchanged", &plan)?;
            return Ok(Attempt::Done);
        }
        let allowed = Allowed { branch: self.check_branch(protected.is_some())?, protected };
        match self.upstream(&stages, &targets)? {
            Upstream::Slug(prepared) => {
                self.promote(&stages, &targets, &prepared, &allowed).map(|()| Attempt::Done)
            }
            Upstream::Pending(pending_slug) if self.context.options.dry_run => {
                self.describe_coming(&stages, &plan, &pending_slug, &allowed).map(|()| Attempt::Done)
            }
            Upstream::Pending(pending_slug) => self.wait_for(pending_slug).map(|()| Attempt::Again),
            Upstream::Nothing => self.build(&plan, &allowed, last_build),
        }
    }

    /// What the environment's branch says of the commit, for the plan; exit 5 where it must not go there.
    fn check_branch(&self, protected: bool) -> Result<Option<String>> {
        let typed = confirm::Typed { any_branch: self.args.any_branch, line: &self.args.words() };
        confirm::check_branch(self.context, &self.context.name, protected, Some(self.commit), typed)
    }

    /// Shows what would change, and why it may.
    fn show(&self, plan: &Plan<'_>, allowed: &Allowed) -> Result<()> {
        confirm::show(self.context, plan, plan.targets.iter().map(|step| step.app))?;
        if let Some(branch) = &allowed.branch {
            self.context.terminal.status(branch);
        }
        Ok(())
    }

    /// What runs, after every build and release that is still being made has come to its end; and the newest build.
    fn settled(&self) -> Result<(PipelineState, Option<String>)> {
        let terminal = &self.context.terminal;
        let apps = &self.context.target()?.apps;
        loop {
            let (stages, builds) = both(
                || PipelineState::around_or_alone(self.client, &apps[0]),
                || in_parallel(apps, |app| Ok(self.client.builds(app.as_ref(), 1)?.pop())),
            );
            let mut stages = stages?;
            let builds: Vec<Option<Build>> = builds.into_iter().collect::<Result<_>>()?;
            // One that is under way; which is the newest matters only where there is one app.
            let builds = apps.iter().zip(builds).filter_map(|(app, build)| Some((app, build?)));
            let newest = builds.max_by_key(|(_, build)| build.is_pending());
            stages.complete_commits(self.repository);
            let name = &self.context.name;
            TreeMatch::of(self.context.config()?, name, self.repository, Some(self.commit))
                .apply_to_all(self.repository, &mut stages)?;
            let targets = self.targets(&stages)?;
            let releases = targets.iter().any(|running| release::pending_release(running).is_some());
            match newest {
                Some((app, build)) if build.is_pending() && !self.context.options.dry_run => {
                    release::wait_for_build(self.client, terminal, app.as_ref(), build, self.deadline)?;
                }
                _ if releases && !self.context.options.dry_run => {
                    release::wait_for_pending_releases(self.client, terminal, &targets, self.deadline)?;
                }
                newest => {
                    if releases || newest.as_ref().is_some_and(|(_, build)| build.is_pending()) {
                        terminal.warn(&format!("{} is being deployed by somebody else", apps[0]));
                    }
                    return Ok((stages, newest.map(|(_, build)| build.id)));
                }
            }
        }
    }

    fn targets<'s>(&self, stages: &'s PipelineState) -> Result<Vec<&'s StageApp>> {
        let target = self.context.target()?;
        if stages.pipeline.is_empty() {
            target.one_app()?;
        }
        promote::targets(stages, &target.apps, &[])
    }

    fn promote(
        &self,
        stages: &PipelineState,
        targets: &[&StageApp],
        prepared: &PreparedSlug,
        allowed: &Allowed,
    ) -> Result<()> {
        let (context, client) = (self.context, self.client);
        let plan = Plan::new(Source::Slug(&prepared.source), targets, Some(self.repository), false)?;
        self.show(&plan, allowed)?;
        if plan.targets.is_empty() {
            return report::nothing_to_do(context, "unchanged", &plan);
        }
        self.refuse_losses(&plan, allowed)?;
        let body = plan.body(&stages.pipeline)?;
        let line = || client.describe("POST", PROMOTIONS, Accept::V3, Some(&body));
        let Some(maintenance) = self.agreed(&plan, allowed, line)? else { return Ok(()) };
        // What went before, a question for instance, is not part of the wait.
        let deadline = Instant::now() + self.args.wait_timeout;
        let _limit = client.within(deadline);
        let outcomes = release::promote(client, &context.terminal, &stages.pipeline, &plan, deadline);
        inventory::changed(plan.apps(), inventory::RELEASED);
        let outcomes = outcomes?;
        let ended = maintenance.end();
        report::print(context, "promoted", &plan, &outcomes)?;
        ended
    }

    fn build(&self, plan: &Plan<'_>, allowed: &Allowed, last_build: Option<String>) -> Result<Attempt> {
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
            build: match (self.args.build, self.args.no_build) {
                (true, _) => BuildPolicy::Always,
                (_, true) => BuildPolicy::Never,
                _ => BuildPolicy::IfNeeded,
            },
            archive: self.args.source,
            protected: allowed.protected.is_some() && !self.args.force,
            by_files: context.config()?.release.matches == Some(Match::Tree),
        };
        self.refuse_losses(plan, allowed)?;
        let method = deploy.method(options).map_err(|error| match error.kind() {
            Kind::Refused => error.hint(self.forced().note("to drop it on purpose")),
            _ => error,
        });
        let Some(method) = method? else { return Err(self.not_prepared()) };
        self.show(plan, allowed)?;
        let line = || deploy.describe(&method);
        let Some(maintenance) = self.agreed(plan, allowed, line)? else { return Ok(Attempt::Done) };
        deploy.deadline = Instant::now() + self.args.wait_timeout;
        let _limit = self.client.within(deploy.deadline);
        context.wait_until(deploy.deadline)?;
        let pushed = deploy.go(&method);
        inventory::changed([app], inventory::RELEASED);
        let pushed = pushed?;
        let ended = maintenance.end();
        match pushed {
            Pushed::Busy(build) => {
                ended?;
                release::wait_for_build(self.client, &context.terminal, app.as_ref(), build, self.deadline)?;
                Ok(Attempt::Again)
            }
            Pushed::Done(outcome) => {
                report::print(context, method.word(), plan, &[outcome])?;
                ended.map(|()| Attempt::Done)
            }
        }
    }

    /// The same line with `--force`.
    fn forced(&self) -> Hint {
        self.context.command(self.args.words().into_iter().chain([OsString::from("--force")]))
    }

    fn refuse_losses(&self, plan: &Plan<'_>, allowed: &Allowed) -> Result<()> {
        match allowed.protected {
            Some(_) if !self.args.force => plan.refuse_losses(true, &self.forced()),
            _ => Ok(()),
        }
    }

    /// Asks where it must, and turns maintenance mode on if that is wanted. None in a dry run, which prints `line`.
    fn agreed(
        &self,
        plan: &Plan<'_>,
        allowed: &Allowed,
        line: impl FnOnce() -> String,
    ) -> Result<Option<Maintenance>> {
        let context = self.context;
        if context.options.dry_run {
            context.terminal.print_lines(&format!("{}\n", line()))?;
            return Ok(None);
        }
        let targets: Vec<&StageApp> = plan.targets.iter().map(|step| step.app).collect();
        let names = targets.iter().map(|running| running.app.name.as_ref()).collect::<Vec<_>>().join(", ");
        let question = format!("Deploy {} to {names}?", short(self.commit));
        let again = self.args.words();
        if confirm::ask(context, allowed.protected.as_deref(), &question, &again)? {
            plan.refuse_moved(self.client, context.command(&again))?;
        }
        let maintained = if self.args.maintenance { targets.as_slice() } else { &[] };
        Maintenance::begin(self.client, &context.terminal, maintained).map(Some)
    }

    fn not_prepared(&self) -> Error {
        let short = short(self.commit);
        Error::failed(format!("no slug of {short} is there, and --no-build was given"))
            .hint(Hint::line(["prepare", "deploy", short]).note("or without --no-build"))
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
