//! `production diff`: lists the commits between two environments.

use serde::Serialize;

use crate::context::Context;
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::git::{Authored, ChangedFile, Commit, Difference, Repository, Subjects};
use crate::heroku::{ApiError, Client};
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::model::{AppName, CommitName, ReleaseVersion};
use crate::names;
use crate::parallel::both;
use crate::release::{Deployed, PipelineState, TreeMatch, ahead_behind};
use crate::terminal::{aligned, cut, one_line};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "List the commits between this environment and another one";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  production diff                  commits that the stage before has and production lacks
  production diff --stat           show the files that differ, too
  production diff staging          compare with any environment, revision or app
  production diff v16              changes since release v16
  staging diff HEAD                commits that are not on staging yet
  production diff --json | jq '.ahead | length'

+ marks a commit that only the other has, - one that only this environment has. The commits are those that the
running slugs were built from, read from this repository. OTHER is looked up as an environment, a revision, a
release, then an app. Nothing is fetched; run `git fetch origin` first.";

/// The Heroku CLI's `pipelines:diff` reads from GitHub instead.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values =
    &[("other", &[Words::OtherEnvironments, Words::Commits, Words::Live(Resource::Releases)])];

/// The other side, and how much is shown.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// An environment, a git revision, a release such as v16, or an app [default: the app in the stage before, else HEAD]
    #[arg(value_name = "OTHER")]
    other: Option<String>,

    /// Show the files that differ, too
    #[arg(long)]
    stat: bool,
}

/// One side of the comparison.
struct Side {
    /// The app's name, or the revision.
    name: String,
    app: Option<AppName>,
    version: Option<ReleaseVersion>,
    commit: CommitName,
}

/// The answer as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    environment: &'a str,
    /// The other side, as it was named.
    other: &'a str,
    from: SideAnswer<'a>,
    to: SideAnswer<'a>,
    ahead: Vec<CommitAnswer<'a>>,
    behind: Vec<CommitAnswer<'a>>,
    /// With `--stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileAnswer<'a>>>,
}

#[derive(Serialize)]
struct SideAnswer<'a> {
    app: Option<&'a AppName>,
    version: Option<ReleaseVersion>,
    commit: &'a CommitName,
}

#[derive(Serialize)]
struct CommitAnswer<'a> {
    commit: &'a CommitName,
    subject: &'a str,
    author: &'a str,
    date: &'a str,
}

#[derive(Serialize)]
struct FileAnswer<'a> {
    path: &'a str,
    /// The number of lines; null for a binary file.
    added: Option<u64>,
    removed: Option<u64>,
}

/// Prints the commits that only one side has.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let repository = context.repository()?.ok_or_else(|| {
        Error::failed("no git repository here to read commits from")
            .hint("run it inside the app's git repository")
    })?;
    let client = context.heroku()?;
    let (mut ours, mut other) = sides(context, client, repository, args.other.as_deref())?;
    let revision = if other.app.is_none() { other.commit.full() } else { None };
    let tree_match = TreeMatch::of(context.config()?, &context.name, repository, revision.as_ref());
    for side in [&mut ours, &mut other] {
        side.settle(context, repository, &tree_match)?;
    }
    let difference = if ours.commit == other.commit {
        Difference::default()
    } else {
        let difference = repository.difference(&ours.commit, &other.commit)?;
        difference.ok_or_else(|| not_here(repository, &ours, &other))?
    };
    if context.options.json {
        let files =
            if args.stat { Some(repository.changed_files(&ours.commit, &other.commit)?) } else { None };
        return context.terminal.print_json(&Answer {
            environment: &context.name,
            other: args.other.as_deref().unwrap_or(&other.name),
            from: ours.answer(),
            to: other.answer(),
            ahead: difference.ahead.iter().map(CommitAnswer::of).collect(),
            behind: difference.behind.iter().map(CommitAnswer::of).collect(),
            files: files.as_ref().map(|files| files.iter().map(FileAnswer::of).collect()),
        });
    }
    if ours.commit == other.commit {
        context.terminal.status(&format!("no difference: both run {}", ours.commit.short()));
        return Ok(());
    }
    let subjects = repository.subjects([&ours.commit, &other.commit])?;
    context.terminal.status(heading(&ours, &other, &subjects).trim_end());
    let width = context.terminal.width();
    context.terminal.print_change(&listed(&difference, width))?;
    if args.stat {
        context.terminal.print_lines(&repository.stat(&ours.commit, &other.commit, width)?)?;
    }
    context.terminal.status(&summary(&ours, &other, &difference));
    Ok(())
}

/// The environment's side, and the other one.
fn sides(
    context: &Context,
    client: &Client,
    repository: &Repository,
    other: Option<&str>,
) -> Result<(Side, Side)> {
    let ours = context.target()?.one_app()?;
    let running = |deployed: Result<Deployed>| Side::running(&deployed?, repository);
    let alone = || running(Deployed::of(client, ours));
    let beside = |other: &AppName| both(|| Deployed::of(client, ours), || Deployed::of(client, other));
    let Some(other) = other else {
        return match upstream(client, repository, ours)? {
            Some(sides) => Ok(sides),
            None => Ok((alone()?, Side::revision(repository, "HEAD")?)),
        };
    };
    if let Some(app) = environment_app(context, other)? {
        let (ours, other) = beside(&app);
        return Ok((running(ours)?, running(other)?));
    }
    let unknown = match Side::revision(repository, other) {
        Ok(side) => return Ok((alone()?, side)),
        Err(error) => error,
    };
    if let Some(version) = version_in(other) {
        let (ours_now, then) = both(|| Deployed::of(client, ours), || Deployed::at(client, ours, version));
        let then = then?.ok_or_else(|| no_release(ours, other))?;
        return Ok((
            running(ours_now)?,
            Side { name: format!("{version}"), ..Side::running(&then, repository)? },
        ));
    }
    let Ok(app) = other.parse() else { return Err(unknown) };
    let (ours, found) = beside(&app);
    let found = found.map_err(|error| match error.downcast_ref::<ApiError>() {
        Some(refusal) if refusal.status == 404 => nothing(&app),
        _ => error,
    });
    Ok((running(ours)?, running(found)?))
}

/// The version in `v16`.
fn version_in(word: &str) -> Option<ReleaseVersion> {
    word.starts_with(['v', 'V']).then(|| word.parse().ok()).flatten()
}

fn no_release(app: &AppName, name: &str) -> Error {
    Error::usage(format!("{name} is not an environment, a commit of this repository or a release of {app}"))
        .hint(Hint::about(app, ["releases"]))
}

fn nothing(name: &AppName) -> Error {
    Error::usage(format!(
        "{name} is not an environment, a commit of this repository or an app that you have access to"
    ))
    .hint("git fetch --all   # if it is a commit")
}

/// The app of the environment of this name, if there is one.
fn environment_app(context: &Context, name: &str) -> Result<Option<AppName>> {
    if names::check_name(name).is_err() {
        return Ok(None);
    }
    match context.with_project(|project| environment::resolve(name, project)) {
        Ok(target) => target.one_app().map(|app| Some(app.clone())),
        Err(error) if error.kind() == Kind::Unresolved => Ok(None),
        Err(error) => Err(error),
    }
}

/// The app and the one in the nearest earlier stage; `None` without such a stage.
fn upstream(client: &Client, repository: &Repository, ours: &AppName) -> Result<Option<(Side, Side)>> {
    let Some(coupling) = client.coupling_of(ours)? else { return Ok(None) };
    let stages = PipelineState::nearby(client, &coupling)?;
    let Some(running) = stages.app(ours.as_ref()) else { return Ok(None) };
    match stages.before(running).as_slice() {
        [] => Ok(None),
        [before] => {
            let side = |running| Side::running(&Deployed::from(running), repository);
            Ok(Some((side(running)?, side(before)?)))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|running| running.app.name.as_ref()).collect();
            Err(Error::usage(format!(
                "pipeline {} has several apps in the stage before {}: {}",
                stages.name,
                coupling.stage,
                names.join(", ")
            ))
            .hint(Hint::text(format!("name one of them: diff {}", names[0]))))
        }
    }
}

impl Side {
    fn running(deployed: &Deployed, repository: &Repository) -> Result<Self> {
        let commit = deployed.commit.as_ref().ok_or_else(|| deployed.no_commit())?;
        Ok(Self {
            name: deployed.app.to_string(),
            app: Some(deployed.app.clone()),
            version: deployed.release.as_ref().map(|release| release.version),
            commit: repository.completed(commit),
        })
    }

    fn revision(repository: &Repository, revision: &str) -> Result<Self> {
        let commit = repository.resolve(revision)?;
        Ok(Self { name: revision.to_owned(), app: None, version: None, commit: commit.into() })
    }

    /// Replaces the commit by the one that counts, with a message where that is another one.
    fn settle(&mut self, context: &Context, repository: &Repository, tree_match: &TreeMatch) -> Result<()> {
        if let Some(found) = tree_match.commit(repository, &self.commit)? {
            let (name, built) = (&self.name, self.commit.short());
            context.terminal.status(&format!(
                "{name} was built from {built}, which has the same files as {}",
                found.short()
            ));
            self.commit = found.into();
        }
        Ok(())
    }

    /// Its release, where the name is not the release.
    fn version(&self) -> String {
        let version = self.version.map(|version| format!("{version}"));
        version.filter(|version| *version != self.name).unwrap_or_default()
    }

    fn answer(&self) -> SideAnswer<'_> {
        SideAnswer { app: self.app.as_ref(), version: self.version, commit: &self.commit }
    }
}

impl<'a> CommitAnswer<'a> {
    fn of(Authored { commit, author, date }: &'a Authored) -> Self {
        Self { commit: &commit.id, subject: &commit.subject, author, date }
    }
}

impl<'a> FileAnswer<'a> {
    fn of(ChangedFile { path, added, removed }: &'a ChangedFile) -> Self {
        Self { path, added: *added, removed: *removed }
    }
}

/// Exit 1: the side whose commit this repository lacks.
fn not_here(repository: &Repository, ours: &Side, other: &Side) -> Error {
    let is_here = repository.holds(&ours.commit).unwrap_or(false);
    let Side { name, commit, .. } = if is_here { other } else { ours };
    Error::failed(format!("{name} runs {}, which is not in this repository", commit.short()))
        .hint("git fetch origin   # a shallow clone: git fetch --unshallow origin")
}

/// Both sides, each with its commit.
fn heading(ours: &Side, other: &Side, subjects: &Subjects) -> String {
    let row = |side: &Side| {
        let subject = subjects.get(&side.commit).map_or("", String::as_str);
        vec![side.name.clone(), side.version(), format!("{} {subject}", side.commit.short())]
    };
    aligned(&[row(ours), row(other)], 2)
}

/// A line for each commit, at most `width` columns wide.
fn listed(difference: &Difference, width: Option<usize>) -> String {
    let line = |sign, Commit { id, subject }: &Commit| {
        let line = format!("{sign} {} {subject}", id.short());
        width.map_or_else(|| line.clone(), |width| cut(&one_line(&line), width)) + "\n"
    };
    let ahead = difference.ahead.iter().map(|authored| line('+', &authored.commit));
    ahead.chain(difference.behind.iter().map(|authored| line('-', &authored.commit))).collect()
}

/// Both counts, and a legend for `-` where it occurs.
fn summary(ours: &Side, other: &Side, difference: &Difference) -> String {
    let (ahead, behind) = (difference.ahead.len(), difference.behind.len());
    let summary = ahead_behind(&other.name, &ours.name, ahead, behind);
    if behind == 0 {
        return summary;
    }
    format!("{summary}\n- marks a commit that {} runs and {} lacks", ours.name, other.name)
}
