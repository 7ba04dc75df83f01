//! The branches of `origin`, as last fetched and as they are now.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::Repository;
use crate::error::Result;
use crate::model::{CommitId, CommitName};
use crate::process::Place;

/// A remote repository's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The branch that its HEAD names.
    pub head: Option<String>,
    /// The commit of the branch that was asked for, where there is such a branch.
    pub tip: Option<CommitId>,
}

impl Repository {
    /// The branch that `origin`'s HEAD names, as it was when it was fetched; `main` or `master` where that is not known
    /// but one of them was fetched.
    pub fn origin_branch(&self) -> Option<String> {
        let name = "refs/remotes/origin/HEAD";
        let head = self.is_readable(name).then(|| self.inner.find_reference(name).ok()).flatten();
        let named = head.and_then(|head| match head.target() {
            gix::refs::TargetRef::Symbolic(name) => {
                let name = name.as_bstr().to_string();
                name.strip_prefix("refs/remotes/origin/").map(str::to_owned)
            }
            gix::refs::TargetRef::Object(_) => None,
        });
        let is_there = |branch: &&str| self.tracked("origin", branch).is_some();
        named.or_else(|| ["main", "master"].into_iter().find(is_there).map(str::to_owned))
    }

    /// The commit that `remote`'s branch had when it was fetched last.
    pub fn tracked(&self, remote: &str, branch: &str) -> Option<CommitId> {
        self.commit_at(&format!("refs/remotes/{remote}/{branch}"))
    }

    /// The commit of a branch of this repository.
    pub fn branch_tip(&self, branch: &str) -> Option<CommitId> {
        self.commit_at(&format!("refs/heads/{branch}"))
    }

    fn commit_at(&self, reference: &str) -> Option<CommitId> {
        if !self.is_readable(reference) {
            return None;
        }
        let mut reference = self.inner.find_reference(reference).ok()?;
        reference.peel_to_id().ok()?.to_string().parse().ok()
    }

    /// Asks the repository at `url` for its HEAD and for `branch`; a failure, with what git said, where it does not answer.
    ///
    /// git asks from outside of this repository, so that only the person's own settings say which programs it runs.
    pub fn ask(&self, url: &str, branch: Option<&str>) -> Result<Elsewhere> {
        let reference = branch.map(|branch| format!("refs/heads/{branch}"));
        let wanted: Vec<&str> = ["HEAD"].into_iter().chain(reference.as_deref()).collect();
        Ok(Elsewhere::read(&self.list_at(url, &wanted)?, reference.as_deref()))
    }

    /// The branches of the repository at `url`; a failure, with what git said, where it does not answer.
    pub fn branches_at(&self, url: &str) -> Result<BTreeSet<String>> {
        let listed = self.list_at(url, &["refs/heads/*"])?;
        let names = listed.lines().filter_map(|line| line.split_once("\trefs/heads/"));
        Ok(names.map(|(_, name)| name.to_owned()).collect())
    }

    /// What git lists of the references at `url` that match `patterns`.
    fn list_at(&self, url: &str, patterns: &[&str]) -> Result<String> {
        let lent = self.lend()?;
        let line = lent.git()?.args(["ls-remote", "--quiet", "--symref", "--"]);
        let line = line.args([self.reachable(url)]).args(patterns);
        let terminal = lent.patience.terminal().filter(|terminal| terminal.can_ask());
        // Without a terminal to ask on, git must not find one either.
        let place = if terminal.is_some() { Place::Here } else { Place::WithoutTerminal };
        let _waiting = match terminal.filter(|_| is_ssh(url)) {
            // ssh may want a passphrase: a line that is drawn again and again would wipe out the question.
            Some(terminal) => {
                terminal.status("asking origin");
                None
            }
            None => lent.patience.waiting("origin"),
        };
        let output = lent.patience.ask(&line, place, "origin")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A path as a URL is relative to this repository.
    fn reachable(&self, url: &str) -> OsString {
        let is_relative = !url.contains(':') && !url.starts_with(['/', '~', '\\']);
        let path = std::path::absolute(self.root().join(url)).ok().filter(|_| is_relative);
        path.map_or_else(|| url.into(), Into::into)
    }

    /// Whether `commit` is `tip`, or came before it.
    pub fn contains(&self, tip: &CommitId, commit: &CommitName) -> Result<bool> {
        let Some(commit) = commit.full() else { return Ok(false) };
        Ok(commit == *tip
            || self.git(["merge-base", "--is-ancestor", commit.as_str(), tip.as_str()])?.is_some())
    }
}

/// Whether git has ssh reach this URL: `ssh://host/path`, or `host:path`.
fn is_ssh(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => scheme.contains("ssh"),
        None => url.split('/').next().is_some_and(|host| host.contains(':')),
    }
}

impl Elsewhere {
    /// Reads what `git ls-remote --symref` lists.
    fn read(listed: &str, reference: Option<&str>) -> Self {
        let lines = || listed.lines().filter_map(|line| line.split_once('\t'));
        let symbolic = |(value, name): (&str, &str)| {
            let target = value.strip_prefix("ref: refs/heads/").filter(|_| name == "HEAD")?;
            Some(target.to_owned())
        };
        let tip = lines().find_map(|(id, name)| id.parse().ok().filter(|_| Some(name) == reference));
        Self { head: lines().find_map(symbolic), tip }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_is_told_from_other_ways() {
        assert!(
            ["git@github.com:a/b.git", "ssh://git@heroku.com/a.git", "git+ssh://x/y"].map(is_ssh)
                == [true; 3]
        );
        assert!(
            ["https://github.com/a/b.git", "../b", "/a:b", "./a:b", "file:///a"].map(is_ssh) == [false; 5]
        );
    }

    #[test]
    fn a_list_of_references_is_read() {
        let id = "1111111111111111111111111111111111111111";
        let listed = format!("ref: refs/heads/trunk\tHEAD\n{id}\tHEAD\n{id}\trefs/heads/trunk\n");
        let both = Elsewhere { head: Some("trunk".into()), tip: id.parse().ok() };
        assert_eq!(Elsewhere::read(&listed, Some("refs/heads/trunk")), both);
        assert_eq!(Elsewhere::read(&listed, Some("refs/heads/main")).tip, None);
        assert_eq!(Elsewhere::read("", None), Elsewhere::default());
    }
}
