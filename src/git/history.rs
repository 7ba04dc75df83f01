//! Commits, read by running git: it supports every object store, and speed does not matter here.
//!
//! Nothing in the repository's configuration may start a program or reach the network here.

use std::collections::HashMap;

use super::Repository;
use super::program::git;
use crate::error::{Error, Result};
use crate::model::{CommitId, CommitName};
use crate::process::CommandLine;

/// A commit of this repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// The first line of its message.
    pub subject: String,
}

/// The subjects of commits, by the names that were asked for.
pub type Subjects = HashMap<CommitName, String>;

/// How one commit relates to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The commits are the same.
    Same,
    /// The second came after the first, with these commits.
    Ahead(Commits),
    /// The second came before the first; these commits would be taken back.
    Behind(Commits),
    /// Each has commits that the other has not: what the second has, and how many the first has.
    Diverged(Commits, usize),
    /// This commit is not in this repository, or not what came before it; none where there is no repository to ask, or
    /// no commit is recorded.
    Unknown(Option<CommitName>),
}

/// Some commits, of which only the newest are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// The newest, newest first.
    pub newest: Vec<Commit>,
    /// How many there are in all.
    pub total: usize,
}

/// The most commits that are listed; the others are counted.
const LISTED: usize = 20;

impl Repository {
    /// The full id that `revision` names in this repository. A revision is data: it is never read as an option.
    pub fn resolve(&self, revision: &str) -> Result<CommitId> {
        let bad = || Error::usage(format!("no commit is named {revision:?} here")).hint("git fetch --all");
        if revision.starts_with('-') || revision.contains(char::is_control) {
            return Err(bad());
        }
        if revision == "HEAD" && self.is_empty() {
            return Err(Error::usage("this repository has no commit yet").hint("git commit"));
        }
        let wanted = format!("{revision}^{{commit}}");
        let id = self.git(["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
        let id = id.and_then(|id| id.trim().parse().ok());
        id.ok_or_else(|| match revision {
            "HEAD" => Error::failed("HEAD names no commit that can be read: the git repository is damaged")
                .hint("git fsck"),
            _ => bad(),
        })
    }

    /// Whether HEAD is a branch without a commit.
    fn is_empty(&self) -> bool {
        self.inner.head().is_ok_and(|head| head.is_unborn())
    }

    /// The commit by its full id, if it is named by a shortened one; as it is where this repository does not know it.
    pub fn completed(&self, commit: &CommitName) -> CommitName {
        let known = commit.is_shortened().then(|| self.resolve(commit.as_str()).ok()).flatten();
        known.map_or_else(|| commit.clone(), CommitName::from)
    }

    /// The text of a file as a commit has it; none where there is no such file.
    pub fn file_at(&self, commit: &CommitId, path: &str) -> Result<Option<String>> {
        self.git(["cat-file", "blob", &format!("{commit}:{path}")])
    }

    /// Whether two commits have the same tree; false if one is unknown here.
    pub fn same_tree(&self, one: &CommitName, other: &CommitName) -> Result<bool> {
        let (Some(one), Some(other)) = (one.full(), other.full()) else { return Ok(false) };
        let trees = [one, other].map(|commit| format!("{commit}^{{tree}}"));
        let found = self.git(["rev-parse", "--quiet", "--end-of-options", &trees[0], &trees[1]])?;
        Ok(found.is_some_and(|found| {
            // Some versions of git list the option too.
            let ids: Vec<&str> = found.lines().filter(|line| !line.starts_with('-')).collect();
            matches!(ids.as_slice(), [one, other] if one == other)
        }))
    }

    /// The newest commit before and at `tip`, but not before `commit`, that has the same files in it.
    pub fn with_the_same_files(&self, commit: &CommitName, tip: &CommitId) -> Result<Option<CommitId>> {
        let Some(commit) = commit.full() else { return Ok(None) };
        let wanted = format!("{commit}^{{tree}}");
        let Some(tree) = self.git(["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])? else {
            return Ok(None);
        };
        let range = format!("{commit}..{tip}");
        let plain = ["log", "--format=%H %T", "--no-show-signature", "--no-color", "--no-notes"];
        let listed = self.git(plain.into_iter().chain([&*range, "--"]))?.unwrap_or_default();
        let mut pairs = listed.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.find(|(_, found)| *found == tree.trim()).and_then(|(found, _)| found.parse().ok()))
    }

    /// Whether the commit has submodules.
    pub fn has_submodules(&self, commit: &CommitId) -> Result<bool> {
        let listed = self.git(["ls-tree", "-r", "--full-tree", commit.as_str()])?;
        Ok(listed.is_some_and(|listed| listed.lines().any(|line| line.starts_with("160000 "))))
    }

    /// The subject of each of `commits` that this repository holds, also of those that are named by a shortened id: one
    /// process for all of them.
    pub fn subjects<'a>(&self, commits: impl IntoIterator<Item = &'a CommitName>) -> Result<Subjects> {
        // Any other text would be read as a branch, or an option.
        let is_id = |name: &&CommitName| name.is_shortened() || name.full().is_some();
        let commits: Vec<&CommitName> = commits.into_iter().filter(is_id).collect();
        // A shortened id may be that of a file too; a commit is meant.
        let asked: Vec<String> =
            commits.iter().map(|commit| format!("{}^{{commit}}", commit.as_str())).collect();
        if asked.is_empty() {
            return Ok(Subjects::new());
        }
        let options = ["--no-walk", "--ignore-missing"].into_iter();
        let found = self.log(options.chain(asked.iter().map(String::as_str)).collect())?;
        let found: HashMap<CommitName, String> =
            found.into_iter().map(|commit| (commit.id.into(), commit.subject)).collect();
        let subject = |name: &CommitName| match found.get(name) {
            None if name.is_shortened() => {
                found.iter().find(|(id, _)| name.is(id)).map(|(_, subject)| subject)
            }
            exact => exact,
        };
        Ok(commits.into_iter().filter_map(|name| Some((name.clone(), subject(name)?.clone()))).collect())
    }

    /// The newest commits before and at HEAD.
    pub fn newest(&self, most: usize) -> Result<Vec<Commit>> {
        self.log(vec![&format!("--max-count={most}"), "HEAD"])
    }

    /// How `to` relates to `from`. A commit that is not named by its full id is unknown here.
    pub fn relation(&self, from: &CommitName, to: &CommitName) -> Result<Relation> {
        if from == to {
            return Ok(Relation::Same);
        }
        let unknown = |commit: &CommitName| Ok(Relation::Unknown(Some(commit.clone())));
        let Some(from) = &from.full() else { return unknown(from) };
        let Some(to) = &to.full() else { return unknown(to) };
        let Some((lost, gained)) = self.count_between(from, to)? else {
            return unknown(if self.holds(from)? { to } else { from });
        };
        if gained > 0 && lost > 0 && !self.have_common_ancestor(from, to)? {
            return unknown(from);
        }
        Ok(match (gained, lost) {
            (gained, 0) => Relation::Ahead(self.between(from, to, gained)?),
            (0, lost) => Relation::Behind(self.between(to, from, lost)?),
            (gained, lost) => Relation::Diverged(self.between(from, to, gained)?, lost),
        })
    }

    /// How many commits `from` has that `to` has not, and the other way around; none where one of them is not here.
    fn count_between(&self, from: &CommitId, to: &CommitId) -> Result<Option<(usize, usize)>> {
        let counts = self.git(["rev-list", "--left-right", "--count", &format!("{from}...{to}"), "--"])?;
        let counts = counts.as_deref().and_then(|counts| counts.trim().split_once('\t'));
        Ok(counts.and_then(|(left, right)| Some((left.parse().ok()?, right.parse().ok()?))))
    }

    /// Whether two commits that are here go back to a common one. Where history ends early, as in a shallow clone, they may
    /// do so and it is not known here; elsewhere they have none.
    pub(super) fn have_common_ancestor(&self, one: &CommitId, other: &CommitId) -> Result<bool> {
        Ok(!self.is_shallow() || self.git(["merge-base", one.as_str(), other.as_str()])?.is_some())
    }

    fn between(&self, from: &CommitId, to: &CommitId, total: usize) -> Result<Commits> {
        let newest = self.log(vec![&format!("--max-count={LISTED}"), &format!("{from}..{to}")])?;
        Ok(Commits { newest, total })
    }

    /// The commits that `git log` lists, none where git does not know what is asked for.
    fn log(&self, asked: Vec<&str>) -> Result<Vec<Commit>> {
        let line = ["log", "--format=%H %s", "--no-show-signature", "--no-color", "--no-notes"];
        let text = self.git(line.into_iter().chain(asked).chain(["--"]))?.unwrap_or_default();
        let commit = |line: &str| {
            let (id, subject) = line.split_once(' ')?;
            Some(Commit { id: id.parse().ok()?, subject: subject.to_owned() })
        };
        Ok(text.lines().filter_map(commit).collect())
    }

    /// git's output; `None` if it fails.
    pub(super) fn git<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Result<Option<String>> {
        let output = self.patience.borrow().run(&self.git_line(arguments)?)?;
        Ok(output.is_success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// git, at work on this repository's local data.
    pub(super) fn git_line<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Result<CommandLine> {
        Ok(git()?
            .args(["--no-pager", "-c", "core.fsmonitor=false"])
            .args(["--git-dir".as_ref(), self.inner.git_dir().as_os_str()])
            .args(arguments)
            .env("GIT_NO_LAZY_FETCH", "1")
            // For a git that does not know the one before: no way to fetch is allowed.
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0"))
    }
}
