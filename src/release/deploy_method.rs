//! The deploy method: how a commit gets to an app, by a push, as an archive, or as a slug that the app had before.

use std::sync::Arc;
use std::time::Instant;

use super::pipeline_state::StageApp;
use super::slug_search::SlugSearch;
use crate::config::Match;
use crate::error::{Error, Kind, Result};
use crate::git::{AppRepository, Borrowed, Commit, Relation, Repository};
use crate::heroku::{Client, Release, release_again};
use crate::hint::Hint;
use crate::model::{CommitId, ReleaseStatus};
use crate::terminal::{Terminal, counted};
use crate::text::{join, with_operands};

/// The deploy of one commit to one app.
pub(super) struct Deploy<'a> {
    /// Reaches Heroku.
    pub(super) client: &'a Arc<Client>,
    /// Where progress is shown.
    pub(super) terminal: &'a Terminal,
    /// The repository that has the commit.
    pub(super) repository: &'a Repository,
    /// The app, in its current state.
    pub(super) app: &'a StageApp,
    /// The commit.
    pub(super) commit: &'a CommitId,
    /// The URL of the app's git repository.
    pub(super) url: String,
    /// The name of its remote in this clone, or the URL that people push to.
    pub(super) remote: String,
    /// The credential helper for git.
    pub(super) helper: String,
    /// The id of the newest build before the deploy.
    pub(super) last_build: Option<String>,
    /// When waiting ends.
    pub(super) deadline: Instant,
}

/// How a commit gets to an app.
#[derive(Clone, Debug)]
pub(super) enum DeployMethod {
    /// The commit is pushed to this branch.
    Push {
        /// `main` or `master`.
        branch: &'static str,
        /// The branch's commit that is replaced, where the push is not a fast-forward.
        replaces: Option<CommitId>,
    },
    /// A slug that the app had before is released again.
    Rerelease(Box<Release>),
    /// The commit is built from an archive.
    Archive,
}

/// What decides the deploy method.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeployOptions {
    /// Whether the commit may be built.
    pub(super) build: BuildPolicy,
    /// Whether an archive is requested in place of a push.
    pub(super) archive: bool,
    /// Whether a push must not drop commits that Heroku's git has.
    pub(super) protected: bool,
    /// Whether a commit with the same files counts as equal, so that replacing it drops nothing.
    pub(super) by_files: bool,
}

/// Whether a commit may be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildPolicy {
    /// Only if no slug of the commit exists.
    IfNeeded,
    /// Even if a slug of the commit exists.
    Always,
    /// Never.
    Never,
}

impl DeployMethod {
    /// The word for a script: `pushed`, `retried` or `built`.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Push { .. } => "pushed",
            Self::Rerelease(_) => "retried",
            Self::Archive => "built",
        }
    }
}

impl Deploy<'_> {
    /// Chooses the deploy method; none where the commit must not be built and has no slug. Exit 5 where a push would drop
    /// commits that a protected app's repository has.
    pub(super) fn method(&self, options: DeployOptions) -> Result<Option<DeployMethod>> {
        if options.build != BuildPolicy::Always
            && let Some(release) = self.released_before()?
        {
            return Ok(Some(DeployMethod::Rerelease(Box::new(release))));
        }
        if options.build == BuildPolicy::Never {
            return Ok(None);
        }
        if options.archive {
            return self.archive_method().map(Some);
        }
        if self.repository.is_partial() {
            self.terminal
                .status("this clone does not hold all files of its commits: building from an archive");
            return self.archive_method().map(Some);
        }
        if self.repository.is_shallow() {
            self.terminal
                .status("this clone is shallow, which Heroku's git does not take: building from an archive");
            return self.archive_method().map(Some);
        }
        self.push_method(options).map(Some)
    }

    fn archive_method(&self) -> Result<DeployMethod> {
        self.repository.check_complete(self.commit)?;
        Ok(DeployMethod::Archive)
    }

    fn push_method(&self, options: DeployOptions) -> Result<DeployMethod> {
        let lent = self.repository.lend()?;
        let head = self.repository_at(&lent).head().map_err(|error| match error.kind() {
            Kind::Denied => error.hint_about(&self.app.app.name, ["access"]),
            _ => error,
        })?;
        let branch = head.branch;
        let Some(has) = head.commit else { return Ok(DeployMethod::Push { branch, replaces: None }) };
        if has == *self.commit {
            self.terminal.status(&format!(
                "Heroku's git has {} already, and would build nothing: building from an archive",
                self.commit.short()
            ));
            return self.archive_method();
        }
        let dropped = match self.repository.relation(self.commit, &has)? {
            Relation::Same | Relation::Behind(_) => return Ok(DeployMethod::Push { branch, replaces: None }),
            dropped => dropped,
        };
        if options.by_files && self.repository.with_the_same_files(&has, self.commit)?.is_some() {
            return Ok(DeployMethod::Push { branch, replaces: Some(has) });
        }
        let app = &self.app.app.name;
        if options.protected {
            return Err(Error::refused(format!(
                "a push of {} to {app} would drop what Heroku's git has: {}",
                self.commit.short(),
                told(&dropped)
            ))
            .hint(
                Hint::line(with_operands(&["git", "fetch"], [&self.remote]))
                    .note("then merge it, or look what it is"),
            ));
        }
        self.terminal.warn(&format!("the push drops what Heroku's git has on {app}: {}", told(&dropped)));
        Ok(DeployMethod::Push { branch, replaces: Some(has) })
    }

    /// The app's newest release of the commit, successful or failed, if its slug still exists.
    fn released_before(&self) -> Result<Option<Release>> {
        let (client, repository, commit) = (self.client, self.repository, self.commit);
        SlugSearch { client, repository, matches: Match::Commit, commit }
            .released_on(self.app, &[ReleaseStatus::Succeeded, ReleaseStatus::Failed])
            .map(|found| found.and_then(|prepared| prepared.source.release))
    }

    /// The command or request, for a dry run.
    pub(super) fn describe(&self, method: &DeployMethod) -> String {
        let app = &self.app.app.name;
        match method {
            DeployMethod::Push { branch, replaces } => {
                let lease =
                    replaces.as_ref().map(|old| format!("--force-with-lease=refs/heads/{branch}:{old}"));
                let place = format!("{}:refs/heads/{branch}", self.commit);
                let begin = ["git", "push"].map(str::to_owned).into_iter();
                join(begin.chain(lease).chain([self.url.clone(), place]))
            }
            DeployMethod::Rerelease(release) => {
                self.client.describe_change(&release_again(app, release, &again(release)))
            }
            DeployMethod::Archive => self.client.describe_build(app, self.commit),
        }
    }

    pub(super) fn repository_at<'r>(&'r self, lent: &'r Borrowed) -> AppRepository<'r> {
        AppRepository::new(lent, &self.url, &self.helper)
    }
}

/// The description that the Heroku CLI gives a retried release.
pub(super) fn again(release: &Release) -> String {
    format!("Retry of {}: {}", release.version, release.description)
}

/// The commits that a push would drop, in words; `dropped` is the relation of Heroku's commit to the pushed one.
fn told(dropped: &Relation) -> String {
    let commits = match dropped {
        Relation::Ahead(commits) | Relation::Diverged(commits, _) => commits,
        Relation::Unknown(Some(commit)) => {
            return format!("{} and what came before it, which is not in this repository", commit.short());
        }
        Relation::Same | Relation::Behind(_) | Relation::Unknown(None) => return "nothing".to_owned(),
    };
    let line = |commit: &Commit| format!("\n- {} {}", commit.id.short(), commit.subject);
    let listed: String = commits.newest.iter().map(line).collect();
    format!("{}{listed}", counted(commits.total, "commit"))
}
