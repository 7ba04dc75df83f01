//! `production diff`: lists the commits between two environments.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Commit, Difference, Repository, Subjects};
use crate::inventory::Resource;
use crate::release::{TreeMatch, ahead_behind};
use crate::terminal::{aligned, cut, one_line};
use crate::values::{Values, Words};

mod answer;
mod side;

use answer::{Answer, CommitAnswer, FileAnswer};
use side::{Side, sides};

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
