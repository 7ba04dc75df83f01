//! The branch rule: only commits of an environment's branch may run there. It holds for every command that moves code.

use crate::error::{Error, Kind, Result};
use crate::git::{Remote, Repository};
use crate::hint::Hint;
use crate::model::{CommitId, CommitName};

/// The branch rule of one environment.
#[derive(Clone, Copy, Debug)]
pub struct BranchRule<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// Whether it is protected: without a configured branch, the default branch of `origin` counts.
    pub protected: bool,
    /// The configured branch.
    pub branch: Option<&'a str>,
    /// Whether a commit of the branch with the same files is enough.
    pub by_files: bool,
    /// Whether `--any-branch` was given.
    pub any: bool,
    /// The typed command line, with `--any-branch`.
    pub past: &'a Hint,
}

impl BranchRule<'_> {
    /// Exit 5 unless the environment's branch on `origin` contains the commit. Returns a line for the plan; none where the
    /// environment has no branch rule.
    ///
    /// `origin` is only contacted where the last fetch does not have the commit, and so that the hint is right: fetch first,
    /// or merge and push first. Where nothing can decide, a protected environment requires `--any-branch`.
    pub fn check(
        &self,
        repository: Option<&Repository>,
        commit: Option<&CommitName>,
    ) -> Result<Option<String>> {
        if self.branch.is_none() && !self.protected {
            return Ok(None);
        }
        if self.any {
            return Ok(Some("branch: not checked (--any-branch)".to_owned()));
        }
        let Some(commit) = commit else {
            return self.cannot_tell("no commit is recorded of the slug");
        };
        let Some(repository) = repository else {
            return self.cannot_tell("there is no git repository here");
        };
        let origin = repository.remotes().into_iter().find(|remote| remote.name == "origin");
        match (origin, self.branch) {
            (Some(origin), _) => self.check_origin(repository, &origin, commit).map(Some),
            (None, Some(branch)) => self.check_own(repository, branch, commit).map(Some),
            (None, None) => self.cannot_tell("there is no git remote named origin"),
        }
    }

    fn check_origin(&self, repository: &Repository, origin: &Remote, commit: &CommitName) -> Result<String> {
        let branch = match self.branch.map(str::to_owned).or_else(|| repository.origin_branch()) {
            Some(branch) => branch,
            None => self.head_of(repository, origin)?,
        };
        let found = Ok(format!("branch: origin/{branch} contains {}", commit.short()));
        let fetched = repository.tracked("origin", &branch);
        let contains = |tip: Option<&CommitId>| tip.map_or(Ok(false), |tip| repository.contains(tip, commit));
        if contains(fetched.as_ref())? {
            return found;
        }
        let fetch = Hint::line(["git", "fetch", "origin", &word(&branch)]);
        let short = commit.short();
        let asked = repository.ask(&origin.url, Some(&branch)).map_err(|error| {
            let asked = error.context(format!(
                "{short} is not in origin's {branch} as far as it was fetched, and origin does not answer"
            ));
            self.with_way_past(refused(asked).hint(fetch.clone()))
        })?;
        if contains(asked.tip.as_ref())? {
            return found;
        }
        for tip in [&fetched, &asked.tip].into_iter().flatten().filter(|_| self.by_files) {
            if let Some(alike) = repository.with_the_same_files(commit, tip)? {
                let alike = alike.short();
                return Ok(format!("branch: origin/{branch} contains {alike}, with the files of {short}"));
            }
        }
        if asked.tip.is_some() && asked.tip != fetched {
            return Err(self.with_way_past(
                Error::refused(format!(
                    "{short} is not in origin's {branch} as last fetched, and origin has newer commits"
                ))
                .hint(fetch),
            ));
        }
        if asked.tip.is_some() && repository.is_shallow() {
            return Err(self.with_way_past(
                Error::refused(format!(
                    "cannot tell whether origin's {branch} contains {short}: this clone is shallow"
                ))
                .hint("git fetch --unshallow origin"),
            ));
        }
        let push = Hint::line(["git", "push", "origin", &format!("{short}:{branch}")]);
        Err(self.not_in(commit, &format!("origin's {branch}"), push.note("or merge it first")))
    }

    fn check_own(&self, repository: &Repository, branch: &str, commit: &CommitName) -> Result<String> {
        match repository.branch_tip(branch) {
            Some(tip) if repository.contains(&tip, commit)? => {
                Ok(format!("branch: {branch} contains {} (there is no remote origin)", commit.short()))
            }
            _ => {
                let merge = Hint::script("git switch {} && git merge {}", [[branch], [commit.short()]]);
                Err(self.not_in(commit, branch, merge))
            }
        }
    }

    /// The branch that `origin`'s HEAD names, where it is not known locally.
    fn head_of(&self, repository: &Repository, origin: &Remote) -> Result<String> {
        let unknown = |cause: Error| {
            let unknown = cause.context(format!(
                "it is not known here which branch may be deployed to {}",
                self.environment
            ));
            let unknown = refused(unknown).hint("git remote set-head origin --auto");
            self.with_way_past(unknown.hint(self.other_branch()))
        };
        let asked = repository.ask(&origin.url, None).map_err(unknown)?;
        asked.head.ok_or_else(|| unknown(Error::failed("origin's HEAD names no branch")))
    }

    /// The branch's commits are not known. Only a protected environment refuses the commit for that.
    fn cannot_tell(&self, why: &str) -> Result<Option<String>> {
        let branch = self.branch.map_or_else(|| "its branch".to_owned(), |branch| format!("branch {branch}"));
        if !self.protected {
            return Ok(Some(format!("branch: cannot tell whether {branch} contains it: {why}")));
        }
        Err(self.with_way_past(Error::refused(format!(
            "{} takes only what {branch} contains, which cannot be checked: {why}",
            self.environment
        ))))
    }

    fn not_in(&self, commit: &CommitName, place: &str, way_in: Hint) -> Error {
        let refused = Error::refused(format!(
            "{} is not in {place}, and nothing else may be deployed to {}",
            commit.short(),
            self.environment
        ));
        self.with_way_past(refused.hint(way_in).hint(self.other_branch()))
    }

    fn other_branch(&self) -> Hint {
        let key = format!("environments.{}.branch", self.environment);
        Hint::setting(&key, "BRANCH").note("in greenroom.toml, if it is another branch")
    }

    fn with_way_past(&self, error: Error) -> Error {
        error.hint(self.past.clone().note("from any branch, on purpose"))
    }
}

/// Exit 5 where origin does not answer, since nothing may move then. A missing login and an interrupt keep their exit codes.
fn refused(error: Error) -> Error {
    match error.kind() {
        Kind::Denied | Kind::Silent(_) => error,
        _ => error.kind_of(Kind::Refused),
    }
}

/// The branch as an argument of git, never read as a flag.
fn word(branch: &str) -> String {
    if branch.starts_with('-') { format!("refs/heads/{branch}") } else { branch.to_owned() }
}
