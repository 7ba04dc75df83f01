//! The plan of a deploy or a promotion: what would move where, shown before it is done.

use std::fmt::{self, Display};

use super::pipeline_state::StageApp;
use crate::error::{Error, Result};
use crate::git::{Relation, Repository, Subjects};
use crate::heroku::{App, Change, Client, start_promotion};
use crate::hint::Hint;
use crate::model::{AppName, CommitId, CommitName};
use crate::parallel::in_parallel;
use crate::terminal::counted;

/// Where the code of a plan comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The slug that an app runs or ran, which is promoted.
    Slug(&'a StageApp),
    /// This commit, from which a slug is built.
    Build(&'a CommitId),
}

/// A plan to move code.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What moves.
    pub source: Source<'a>,
    /// The apps that it moves to: those that do not run it yet.
    pub targets: Vec<PlannedTarget<'a>>,
    /// The apps that run it already.
    pub done: Vec<&'a StageApp>,
    subjects: Subjects,
}

/// One target of a plan.
#[derive(Debug)]
pub struct PlannedTarget<'a> {
    /// The app.
    pub app: &'a StageApp,
    /// The relation of the source's commit to the one that the app runs.
    pub change: Relation,
}

impl<'a> Plan<'a> {
    /// Makes the plan; the repository, where there is one, has the commits' subjects and their relation.
    ///
    /// An app that runs the commit in another slug counts as done, unless `again` requests this very slug.
    pub fn new(
        source: Source<'a>,
        targets: &[&'a StageApp],
        repository: Option<&Repository>,
        again: bool,
    ) -> Result<Self> {
        let mut plan = Self { source, targets: Vec::new(), done: Vec::new(), subjects: Subjects::new() };
        for target in targets {
            if source.is_the_slug_of(target) || (source.is_the_commit_of(target) && !again) {
                plan.done.push(target);
            } else {
                let change = relation(source, target, repository)?;
                plan.targets.push(PlannedTarget { app: target, change });
            }
        }
        if let Some(repository) = repository {
            let apps = targets.iter().copied().chain(source.slug());
            let commits = apps.flat_map(|running| running.commit.iter().chain(&running.built_from));
            plan.subjects = repository.subjects(source.commit().into_iter().chain(commits))?;
        }
        Ok(plan)
    }

    /// The apps that it moves code to.
    pub fn apps(&self) -> impl Iterator<Item = &AppName> {
        self.targets.iter().map(|step| &step.app.app.name)
    }

    /// Exit 5 where the move would lose commits: where it goes backwards, and, if the environment is protected, where the
    /// histories diverged (a fix that went to production alone, say).
    ///
    /// Where this repository does not have the commits (CI often fetches only one), the build times decide; a protected
    /// environment is not changed where there is no build yet. `back` is the command that loses commits on purpose.
    pub fn refuse_losses(&self, protected: bool, back: &Hint) -> Result<()> {
        self.targets.iter().try_for_each(|step| self.refuse_loss(step, protected, back))
    }

    /// The same for one of its targets.
    pub fn refuse_loss(&self, step: &PlannedTarget<'_>, protected: bool, back: &Hint) -> Result<()> {
        let PlannedTarget { app, change } = step;
        let refused = match change {
            Relation::Behind(lost) => self.refusal(app, "is behind", lost.total),
            Relation::Diverged(_, lost) if protected => self.refusal(app, "has diverged from", *lost),
            Relation::Unknown(_) if self.source.is_older(app) => Error::refused(format!(
                "{} runs a slug that was built before the one {} runs, and what lies between is not known here",
                self.source.name(),
                app.app.name
            ))
            .hint("git fetch --unshallow   # or in the app's repository: git fetch --all"),
            Relation::Unknown(Some(_)) if protected && self.source.slug().is_none() => {
                Error::refused(format!(
                    "{} runs {}, and it is not known here whether {} would take commits back",
                    app.app.name,
                    app.commit.as_ref().map_or("what is not known", CommitName::short),
                    self.source.name()
                ))
                .hint("git fetch --unshallow   # in a shallow clone; else: git fetch --all")
            }
            _ => return Ok(()),
        };
        let on_purpose = match change {
            Relation::Diverged(..) => "to take that back on purpose",
            _ => "to go back on purpose",
        };
        Err(refused.hint(back.clone().note(on_purpose)))
    }

    fn refusal(&self, app: &StageApp, how: &str, lost: usize) -> Error {
        Error::refused(format!(
            "{} {how} {}: {} that it runs would be taken back",
            self.source.name(),
            app.app.name,
            counted(lost, "commit")
        ))
    }

    /// The change that promotes the slug; exit 1 where the source has no release.
    pub fn change(&self, pipeline: &str) -> Result<Change> {
        let slug = self.source.slug().and_then(|source| Some((source, source.release.as_ref()?)));
        let Some((source, release)) = slug else {
            return Err(Error::failed(format!("{} has no release to promote", self.source.name())));
        };
        let targets: Vec<&App> = self.targets.iter().map(|step| &step.app.app).collect();
        Ok(start_promotion(pipeline, &source.app, &release.id, &targets))
    }

    /// Exit 5 where an app of the plan got another release since the plan was made: somebody else may have released while
    /// the question waited, and the answer was to another plan. `again` is the command that shows the new plan.
    pub fn refuse_moved(&self, client: &Client, again: Hint) -> Result<()> {
        let apps = self.source.slug().into_iter().chain(self.targets.iter().map(|step| step.app));
        let moved = in_parallel(apps, |running| {
            Ok(running.is_overtaken(client)?.then_some(running.app.name.as_ref()))
        });
        let moved: Vec<&str> = moved.into_iter().filter_map(Result::transpose).collect::<Result<_>>()?;
        if moved.is_empty() {
            return Ok(());
        }
        let moved = moved.join(", ");
        Err(Error::refused(format!("nothing was changed: {moved} got another release meanwhile"))
            .hint(again.note("shows the current plan")))
    }

    /// `v12  1a2b3c4 Its subject`.
    fn state(&self, running: &StageApp) -> String {
        let Some(release) = &running.release else { return "no release yet".to_owned() };
        let commit = running.commit.as_ref().map(|commit| self.titled(commit));
        format!("{}  {}", release.version, commit.unwrap_or_else(|| "no commit recorded".to_owned()))
    }

    fn write_built_from(&self, f: &mut fmt::Formatter<'_>, running: &StageApp) -> fmt::Result {
        match &running.built_from {
            Some(commit) => write!(f, "\n     built from {}, which has the same files", self.titled(commit)),
            None => Ok(()),
        }
    }

    /// `1a2b3c4 Its subject`.
    fn titled(&self, commit: &CommitName) -> String {
        let subject = self.subjects.get(commit).map_or("(not in this repository)", String::as_str);
        format!("{} {subject}", commit.short())
    }
}

impl Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = self.targets.iter().map(|step| step.app).chain(self.done.iter().copied());
        let all = self.source.slug().into_iter().chain(targets);
        let width = all.map(|running| running.app.name.as_ref().len()).max().unwrap_or(0);
        match self.source {
            Source::Slug(source) => {
                write!(f, "from {:width$}  {}", source.app.name, self.state(source))?;
                self.write_built_from(f, source)?;
            }
            Source::Build(commit) => write!(f, "commit {}", self.titled(commit))?,
        }
        for PlannedTarget { app, change } in &self.targets {
            write!(f, "\nto   {:width$}  {}", app.app.name, self.state(app))?;
            self.write_built_from(f, app)?;
            write_change(f, change)?;
        }
        self.done.iter().try_for_each(|app| write!(f, "\n     {:width$}  runs it already", app.app.name))
    }
}

impl<'a> Source<'a> {
    /// The app that has the slug; none for a build.
    pub fn slug(self) -> Option<&'a StageApp> {
        match self {
            Self::Slug(running) => Some(running),
            Self::Build(_) => None,
        }
    }

    /// The commit, where it is known.
    pub fn commit(self) -> Option<&'a CommitName> {
        match self {
            Self::Slug(running) => running.commit.as_ref(),
            Self::Build(commit) => Some(commit),
        }
    }

    fn name(self) -> &'a str {
        match self {
            Self::Slug(running) => running.app.name.as_ref(),
            Self::Build(commit) => commit.short(),
        }
    }

    /// Whether the source's slug was built before the target's.
    fn is_older(self, target: &StageApp) -> bool {
        let built = self.slug().and_then(|source| source.built_at.as_deref());
        built.zip(target.built_at.as_deref()).is_some_and(|(source, target)| source < target)
    }

    fn is_the_slug_of(self, target: &StageApp) -> bool {
        let release = self.slug().and_then(|source| source.release.as_ref());
        release.zip(target.release.as_ref()).is_some_and(|(source, target)| source.runs_same_code(target))
    }

    fn is_the_commit_of(self, target: &StageApp) -> bool {
        self.commit().is_some_and(|commit| target.runs(commit))
    }
}

/// Writes the commits that a change adds (`+`) or removes (`-`), one per line.
pub(super) fn write_change(f: &mut fmt::Formatter<'_>, change: &Relation) -> fmt::Result {
    let (sign, commits) = match change {
        Relation::Same => return write!(f, "\n     the same commit, built again"),
        Relation::Unknown(None) => return Ok(()),
        Relation::Unknown(Some(commit)) => {
            return write!(
                f,
                "\n     what lies between is not known: {} is not in this repository, or not what came before it",
                commit.short()
            );
        }
        Relation::Ahead(commits) => ('+', commits),
        Relation::Behind(commits) => ('-', commits),
        Relation::Diverged(commits, lost) => {
            write!(f, "\n     diverged: it lacks {} of what runs there", counted(*lost, "commit"))?;
            ('+', commits)
        }
    };
    for commit in &commits.newest {
        write!(f, "\n     {sign} {} {}", commit.id.short(), commit.subject)?;
    }
    match commits.total.saturating_sub(commits.newest.len()) {
        0 => Ok(()),
        more => write!(f, "\n     {sign} … and {more} more"),
    }
}

fn relation(source: Source<'_>, target: &StageApp, repository: Option<&Repository>) -> Result<Relation> {
    match (repository, &target.commit, source.commit()) {
        (Some(repository), Some(runs), Some(comes)) => repository.relation(runs, comes),
        _ => Ok(Relation::Unknown(None)),
    }
}
