//! What a promotion would do, told before it is done.

use std::fmt::{self, Display};

use serde_json::Value;

use super::stages::Running;
use super::wanted::same;
use crate::error::{Error, Result};
use crate::git::{Relation, Repository, Subjects};
use crate::heroku::{AppName, Release, promotion_body};

/// A promotion that could be done.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Whose slug goes.
    pub source: &'a Running,
    /// Where it goes: the apps that do not run it yet.
    pub targets: Vec<Step<'a>>,
    /// The apps that run it already.
    pub done: Vec<&'a Running>,
    subjects: Subjects,
}

/// One target of a plan.
#[derive(Debug)]
pub struct Step<'a> {
    /// The app.
    pub app: &'a Running,
    /// How the source's commit stands to what it runs.
    pub change: Relation,
}

impl<'a> Plan<'a> {
    /// Works out what would change; the repository, where there is one, tells subjects and what lies between.
    ///
    /// An app that runs the commit in a slug of its own counts as done, unless `again` wants this very slug.
    pub fn new(
        source: &'a Running,
        targets: &[&'a Running],
        repository: Option<&Repository>,
        again: bool,
    ) -> Result<Self> {
        let mut plan = Self { source, targets: Vec::new(), done: Vec::new(), subjects: Subjects::new() };
        for target in targets {
            if runs_the_slug(source, target) || (runs_the_commit(source, target) && !again) {
                plan.done.push(target);
            } else {
                let change = relation(source, target, repository)?;
                plan.targets.push(Step { app: target, change });
            }
        }
        if let Some(repository) = repository {
            let commits = [source].into_iter().chain(targets.iter().copied());
            plan.subjects = repository.subjects(commits.filter_map(|running| running.commit.as_deref()))?;
        }
        Ok(plan)
    }

    /// Exit 5 where the promotion would take commits back: where it goes backwards, and, if the environment is
    /// protected, where the histories diverged (a fix that went to production alone, say).
    ///
    /// Where this repository cannot tell (CI often fetches one commit only), the time of the builds does.
    pub fn refuse_losses(&self, environment: &str, protected: bool) -> Result<()> {
        for Step { app, change } in &self.targets {
            let refused = match change {
                Relation::Behind(lost) => self.refusal(app, "is behind", lost.total),
                Relation::Diverged(_, lost) if protected => self.refusal(app, "has diverged from", *lost),
                Relation::Unknown(_) if is_older(self.source, app) => Error::refused(format!(
                    "{} runs a slug that was built before the one {} runs, and what lies between is not known here",
                    self.source.app.name, app.app.name
                ))
                .hint("git fetch --unshallow   # or in the app's repository: git fetch --all"),
                _ => continue,
            };
            return Err(refused.hint(format!("{environment} promote --force   # to go back on purpose")));
        }
        Ok(())
    }

    fn refusal(&self, app: &Running, how: &str, lost: usize) -> Error {
        let commits = if lost == 1 { "commit" } else { "commits" };
        Error::refused(format!(
            "{} {how} {}: {lost} {commits} that it runs would be taken back",
            self.source.app.name, app.app.name
        ))
    }

    /// The request body that does it.
    pub fn body(&self, pipeline: &str) -> Result<Value> {
        let Some(release) = &self.source.release else {
            return Err(Error::failed(format!("{} has no release yet", self.source.app.name)));
        };
        let targets: Vec<&str> = self.targets.iter().map(|step| step.app.app.id.as_str()).collect();
        Ok(promotion_body(pipeline, &self.source.app.id, &release.id, &targets))
    }

    /// The apps of the plan whose newest release is no longer the one that the plan was made from.
    pub fn moved(&self, latest: &[Release]) -> Vec<&AppName> {
        let newest = |running: &Running| {
            let now = latest.iter().find(|release| release.app.id == running.app.id);
            now.map(|release| release.id.as_str())
                == running.newest.as_ref().map(|release| release.id.as_str())
        };
        let apps = [self.source].into_iter().chain(self.targets.iter().map(|step| step.app));
        apps.filter(|running| !newest(running)).map(|running| &running.app.name).collect()
    }

    /// `v12  1a2b3c4 Its subject`.
    fn state(&self, running: &Running) -> String {
        let Some(release) = &running.release else { return "no release yet".to_owned() };
        let commit = match running.commit.as_deref() {
            Some(commit) => match self.subjects.get(commit) {
                Some(subject) => format!("{} {subject}", short(commit)),
                None => format!("{} (not in this repository)", short(commit)),
            },
            None => "no commit recorded".to_owned(),
        };
        format!("v{}  {commit}", release.version)
    }
}

impl Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = self.targets.iter().map(|step| step.app).chain(self.done.iter().copied());
        let all = [self.source].into_iter().chain(targets);
        let width = all.map(|running| running.app.name.as_ref().len()).max().unwrap_or(0);
        write!(f, "from {:width$}  {}", self.source.app.name, self.state(self.source))?;
        for Step { app, change } in &self.targets {
            write!(f, "\nto   {:width$}  {}", app.app.name, self.state(app))?;
            write_change(f, change)?;
        }
        self.done.iter().try_for_each(|app| write!(f, "\n     {:width$}  runs it already", app.app.name))
    }
}

fn write_change(f: &mut fmt::Formatter<'_>, change: &Relation) -> fmt::Result {
    let (sign, commits) = match change {
        Relation::Same => return write!(f, "\n     the same commit, built again"),
        Relation::Unknown(commit) if commit.is_empty() => return Ok(()),
        Relation::Unknown(commit) => {
            return write!(
                f,
                "\n     what lies between is not known: {} is not in this repository",
                short(commit)
            );
        }
        Relation::Ahead(commits) => ('+', commits),
        Relation::Behind(commits) => ('-', commits),
        Relation::Diverged(commits, lost) => {
            write!(f, "\n     diverged: {lost} commit(s) that run there are not in it")?;
            ('+', commits)
        }
    };
    for commit in &commits.newest {
        write!(f, "\n     {sign} {} {}", short(&commit.id), commit.subject)?;
    }
    match commits.total.saturating_sub(commits.newest.len()) {
        0 => Ok(()),
        more => write!(f, "\n     {sign} … and {more} more"),
    }
}

fn runs_the_slug(source: &Running, target: &Running) -> bool {
    let slug = |running: &Running| running.release.as_ref()?.slug.as_ref().map(|slug| slug.id.clone());
    slug(source).is_some() && slug(source) == slug(target)
}

fn runs_the_commit(source: &Running, target: &Running) -> bool {
    let commits = source.commit.as_deref().zip(target.commit.as_deref());
    commits.is_some_and(|(a, b)| same(a, b))
}

/// Whether the source's slug was built before the target's.
fn is_older(source: &Running, target: &Running) -> bool {
    source.built_at.as_deref().zip(target.built_at.as_deref()).is_some_and(|(source, target)| source < target)
}

fn relation(source: &Running, target: &Running, repository: Option<&Repository>) -> Result<Relation> {
    match (repository, target.commit.as_deref(), source.commit.as_deref()) {
        (Some(repository), Some(runs), Some(comes)) => repository.relation(runs, comes),
        _ => Ok(Relation::Unknown(String::new())),
    }
}

/// A commit's first seven digits.
pub fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
