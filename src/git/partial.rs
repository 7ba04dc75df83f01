//! Clones that were made without all that their commits hold. What is missing is not fetched here: the way to it is in the
//! repository's own configuration, and could run a program.

use std::collections::{BTreeSet, HashSet};

use super::Repository;
use crate::error::{Error, Result};
use crate::model::CommitId;

/// The most missing files that are named and fetched one by one.
const NAMED: usize = 10;

impl Repository {
    /// Whether this clone was made without all that its commits hold; what is missing would have to be fetched.
    pub fn is_partial(&self) -> bool {
        self.promisor().is_some()
    }

    /// The remote that has what is missing.
    fn promisor(&self) -> Option<String> {
        let config = self.inner.config_snapshot();
        let named = config.string("extensions.partialClone").map(|name| name.to_string());
        let mut remotes = config.plumbing().sections_by_name("remote").into_iter().flatten();
        let promises = |name: &gix::bstr::BStr| name != "false";
        named.or_else(|| {
            let remote = remotes
                .find(|remote| remote.value("promisor").is_some_and(|value| promises(value.as_ref())))?;
            Some(remote.header().subsection_name()?.to_string())
        })
    }

    /// Exit 1 with the line that fetches it, if an object of the commit is missing.
    pub fn check_complete(&self, commit: &CommitId) -> Result<()> {
        let Some(remote) = self.promisor() else { return Ok(()) };
        let listed =
            self.git(["rev-list", "--objects", "--no-walk", "--missing=print", commit.as_str(), "--"])?;
        let listed = listed.unwrap_or_default();
        let missing: HashSet<&str> = listed.lines().filter_map(|line| line.strip_prefix('?')).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let all = missing.len();
        let files = self.git(["ls-tree", "-r", "-z", "--full-tree", commit.as_str()])?.unwrap_or_default();
        let is_missing = |entry: &str| {
            let (file, path) = entry.split_once('\t')?;
            missing.contains(file.rsplit(' ').next()?).then(|| path.to_owned())
        };
        let paths: BTreeSet<String> = files.split('\0').filter_map(is_missing).collect();
        // A missing tree hides the entries below it.
        let named =
            if paths.is_empty() { missing.iter().map(|id| (*id).to_owned()).collect() } else { paths };
        let more =
            if named.len() > NAMED { format!(" and {} more", named.len() - NAMED) } else { String::new() };
        let named: Vec<String> = named.into_iter().take(NAMED).collect();
        let mut fetch = vec!["git", "fetch"];
        if all > NAMED {
            fetch.extend(["--refetch", "--no-filter", &remote]);
        } else {
            let mut ids: Vec<&str> = missing.into_iter().collect();
            ids.sort_unstable();
            fetch.push(&remote);
            fetch.extend(ids);
        }
        Err(Error::failed(format!(
            "this partial clone does not hold all of {}: {}{more}",
            commit.short(),
            named.join(", ")
        ))
        .hint_line(fetch))
    }
}
