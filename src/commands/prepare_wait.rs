//! `prepare wait`: waits until the slug of a commit exists.

use std::time::{Duration, Instant};

use crate::config::Match;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{Build, Id, Release};
use crate::model::{BuildStatus, CommitName, ReleaseStatus, ReleaseVersion};
use crate::release::{self, PipelineState, Polling, PreparedSlug, RequestedCommit, SlugSearch, StageApp};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Wait for the slug of a commit";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  prepare wait                     HEAD, or the commit that CI builds
  prepare wait v1.4 --wait-timeout 10m && production promote --commit v1.4 --yes

A failed build or release phase of the commit is exit 1. One that had failed before counts only after 30 seconds, or a
quarter of --wait-timeout if that is shorter: until then, the commit may be built or released again.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values =
    &[("revision", &[Words::Commits]), ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)])];

/// A build or release phase that had failed before the wait counts after this long: the commit may be built again.
const GRACE: Duration = Duration::from_secs(30);

/// Which commit, and for how long.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The commit: a branch, a tag, an id [default: the commit that CI builds, else HEAD]
    revision: Option<String>,

    /// Wait at most this long: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Prints the release that has the slug. Exit 1 where its build or release phase failed, 6 after the timeout.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    context.wait_until(deadline)?;
    let repository = context.repository()?.ok_or_else(|| {
        Error::usage("no git repository here, so no commit to wait for").hint("cd into the app's repository")
    })?;
    let wanted = RequestedCommit::find(args.revision.as_deref(), Some(repository))?;
    let commit = match wanted {
        Some(wanted) => wanted.commit,
        None => repository.resolve("HEAD")?.into(),
    };
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let app = context.target()?.one_app()?;
    let mut stages = PipelineState::around_or_alone(client, app)?;
    stages.complete_commits(repository);
    let running = stages.app(app.as_ref()).ok_or_else(|| {
        Error::denied(format!("{app} is not accessible in its pipeline")).hint_about(app, ["access"])
    })?;
    let matches = context.config()?.release.matches.unwrap_or(Match::Commit);
    let search = SlugSearch { client, repository, matches, commit: &commit };
    let found = match search.on(running)? {
        Some(found) => found,
        None => Watch { context, search, running }.until_there(args.wait_timeout, deadline)?,
    };
    print(context, &found)
}

/// Polls for the slug, or the failure of its build or release.
struct Watch<'a> {
    context: &'a Context,
    search: SlugSearch<'a>,
    running: &'a StageApp,
}

/// The failure of the commit's newest build or its release.
struct Failure {
    /// The id of the build or the release that failed.
    of: String,
    error: Error,
}

impl Watch<'_> {
    /// Polls until the slug exists.
    fn until_there(&self, limit: Duration, deadline: Instant) -> Result<PreparedSlug> {
        let (app, commit) = (&self.running.app.name, self.search.commit.short());
        let terminal = &self.context.terminal;
        // Listens before the first message is printed, as Ctrl-C may follow it at once.
        let polling = Polling::begin(terminal, "a build that has begun")?;
        let mut polling = polling.shown_as(format!("the slug of {commit} on {app}"));
        terminal.status(&format!("waiting for the slug of {commit} on {app}"));
        let grace_ends = Instant::now() + GRACE.min(limit / 4);
        let mut first = None;
        let look = || {
            let (found, failure) = self.look()?;
            if found.is_some() {
                return Ok(found.map(Ok));
            }
            let failed = failure.as_ref().map(|failure| failure.of.clone());
            let is_new = failed != *first.get_or_insert_with(|| failed.clone());
            let counts = failure.filter(|_| is_new || Instant::now() >= grace_ends);
            Ok(counts.map(|failure| Err(failure.error)))
        };
        polling.until(deadline, look, |error| error)?.unwrap_or_else(|| {
            Err(Error::timed_out(format!("{app} got no slug of {commit} in time"))
                .hint(self.context.command(["deploy", commit])))
        })
    }

    /// The slug, else the failure of the newest build.
    fn look(&self) -> Result<(Option<PreparedSlug>, Option<Failure>)> {
        let builds = self.search.client.builds(self.running.app.name.as_ref(), 5)?;
        if let Some(found) = self.search.released(self.running)? {
            return Ok((Some(found), None));
        }
        let of_it = |version: &CommitName| version.is(self.search.commit);
        let mut builds = builds.into_iter();
        let newest = builds.find(|build| build.source_blob.version.as_ref().is_some_and(of_it));
        let failure = newest.map(|build| self.failure(build)).transpose()?.flatten();
        Ok((None, failure))
    }

    /// The failure of a build or of its release, if either failed.
    fn failure(&self, build: Build) -> Result<Option<Failure>> {
        let (app, commit) = (&self.running.app.name, self.search.commit.short());
        let again = |does: &str| self.context.command(["deploy", commit]).note(format!("{does} it again"));
        match (build.status, build.release) {
            (BuildStatus::Failed, _) => {
                let error = Error::failed(format!("the build of {commit} on {app} failed"));
                Ok(Some(Failure { of: build.id, error: error.hint(again("builds")) }))
            }
            (BuildStatus::Succeeded, Some(made)) => {
                let failed = self
                    .newest_with_its_slug(&made)?
                    .filter(|release| release.status == ReleaseStatus::Failed);
                Ok(failed.map(|Release { id, version, .. }| {
                    let error = Error::failed(format!("{app} {version} failed: its release phase failed"))
                        .hint_about(app, ["releases:output", &format!("{version}")]);
                    Failure { of: id, error: error.hint(again("releases")) }
                }))
            }
            _ => Ok(None),
        }
    }

    /// The newest release with the same slug, which may have been released again.
    fn newest_with_its_slug(&self, made: &Id) -> Result<Option<Release>> {
        let releases = self.search.client.releases(self.running.app.name.as_ref(), 20)?;
        let slug = releases.iter().find(|release| release.id == made.id).and_then(Release::code_id);
        let newest = slug.and_then(|slug| releases.iter().find(|release| release.code_id() == Some(slug)));
        Ok(newest.cloned())
    }
}

fn print(context: &Context, found: &PreparedSlug) -> Result<()> {
    if context.options.json {
        return context.terminal.print_json(&found.source.running());
    }
    let (app, commit) = (&found.source.app.name, found.source.commit.as_ref().map_or("", CommitName::short));
    let version = found.source.release.as_ref().map_or(ReleaseVersion::NONE, |release| release.version);
    context.terminal.print_lines(&format!("{app} {version} {commit}\n"))
}
