//! The repository of the current folder: remotes and branch are read in process, history by git.

use std::cell::RefCell;
use std::env;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, BString, ByteSlice};

use crate::error::{Error, Result};
use crate::model::CommitId;
use crate::text::with_operands;

mod borrowed;
mod difference;
mod distances;
mod history;
mod ignored;
mod origin;
mod partial;
mod program;
mod push;
mod references;
mod sound;
mod upstream;
mod work_tree;

pub use borrowed::Borrowed;
pub use difference::{Authored, ChangedFile, Difference};
pub use distances::Distance;
pub use history::{Commit, Commits, Relation, Subjects};
pub use program::is_denial;
pub use push::{AppRepository, Head};
pub use references::Reference;
pub use upstream::Upstream;

/// A git repository, opened for reading.
pub struct Repository {
    inner: gix::Repository,
    patience: RefCell<program::Patience>,
}

/// A remote and the URL it is fetched from, as `git remote -v` shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name, such as `staging`.
    pub name: String,
    /// Its fetch URL, after `url.*.insteadOf`.
    pub url: String,
}

impl Repository {
    /// The repository that contains the current folder.
    ///
    /// One that git itself would refuse (another owner's, an unreadable or oversized configuration) is an error.
    pub fn discover() -> Result<Option<Self>> {
        let here = current_dir()?;
        if let Some(git_dir) = env::var_os("GIT_DIR") {
            sound::check(Path::new(&git_dir))?;
        } else {
            sound::check_way_up(&here)?;
            let options = gix::discover::upwards::Options::default().apply_environment();
            let Ok((path, _)) = gix::discover::upwards_opts(&here, options) else { return Ok(None) };
            sound::check(&path.into_repository_and_work_tree_directories().0)?;
        }
        let inner = gix::ThreadSafeRepository::discover_with_environment_overrides(&here)
            .map_err(|error| {
                let cause = anyhow::Error::from(error);
                Error::usage(format!("{cause:#}"))
                    .context("cannot read the git repository")
                    .hint("git remote -v")
            })?
            .to_thread_local();
        if inner.git_dir_trust() == gix::sec::Trust::Reduced {
            let path = inner.workdir().unwrap_or(inner.git_dir()).display().to_string();
            return Err(Error::usage(format!("the git repository in {path} belongs to another user"))
                .hint_line(["git", "config", "--global", "--add", "safe.directory", &path]));
        }
        Ok(Some(Self { inner, patience: RefCell::default() }))
    }

    /// The root of the work tree, or the git directory of a bare repository.
    pub fn root(&self) -> &Path {
        self.inner.workdir().unwrap_or(self.inner.git_dir())
    }

    /// The remotes in the order `git remote -v` lists them: by name. Names and URLs that are not UTF-8 are left out:
    /// neither an environment nor an app can be meant by them.
    pub fn remotes(&self) -> Vec<Remote> {
        let config = self.inner.config_snapshot();
        let file = config.plumbing();
        let rewrites = rewrites(file);
        let mut remotes: Vec<Remote> = Vec::new();
        let mut names: Vec<BString> = file
            .sections_by_name("remote")
            .into_iter()
            .flatten()
            .filter_map(|section| section.header().subsection_name().map(BStr::to_owned))
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let Some(url) = first_url(file, name.as_ref()) else { continue };
            let url = rewrite(url, &rewrites);
            if let (Ok(name), Ok(url)) = (name.to_str(), url.to_str()) {
                remotes.push(Remote { name: name.to_owned(), url: url.to_owned() });
            }
        }
        remotes
    }

    /// Where `git push` to this remote goes, after `url.*.pushInsteadOf`; none where git cannot tell.
    pub fn push_url(&self, remote: &str) -> Result<Option<String>> {
        let url = self.git(["remote", "get-url", "--push", "--", remote])?;
        Ok(url.map(|url| url.trim_end().to_owned()))
    }

    /// Adds a remote.
    pub fn add_remote(&self, name: &str, url: &str) -> Result<()> {
        match self.git(["remote", "add", "--", name, url])? {
            Some(_) => Ok(()),
            None => Err(Error::failed(format!("git does not add the remote {name}"))
                .hint_line(with_operands(&["git", "remote", "add"], [name, url]))),
        }
    }

    /// Renames a remote, with the branches that were fetched from it.
    pub fn rename_remote(&self, from: &str, to: &str) -> Result<()> {
        match self.git(["remote", "rename", "--", from, to])? {
            Some(_) => Ok(()),
            None => Err(Error::failed(format!("git does not rename the remote {from}"))
                .hint_line(with_operands(&["git", "remote", "rename"], [from, to]))),
        }
    }

    /// Whether the file of a reference, if it has one, can be read to its end.
    fn is_readable(&self, reference: &str) -> bool {
        sound::regular(&self.inner.common_dir().join(reference)).is_ok()
    }

    /// Whether history ends before its beginning here, as CI services often fetch it.
    pub fn is_shallow(&self) -> bool {
        self.inner.is_shallow().unwrap_or(false)
    }

    /// The branch that is checked out, without `refs/heads/`; none when HEAD is detached.
    pub fn branch(&self) -> Option<String> {
        Some(self.inner.head_name().ok()??.shorten().to_str().ok()?.to_owned())
    }

    /// The commit of HEAD; `None` before the first commit.
    pub fn head(&self) -> Option<CommitId> {
        let branch = self.inner.head_name().ok()?;
        branch.map_or(Some(()), |branch| self.is_readable(branch.as_bstr().to_str().ok()?).then_some(()))?;
        self.inner.head_id().ok()?.to_string().parse().ok()
    }
}

/// The current folder; exit 1 if it was deleted.
pub fn current_dir() -> Result<PathBuf> {
    env::current_dir().map_err(|error| {
        Error::from(error)
            .context("cannot tell which folder this is: it was removed, or may not be read")
            .hint("cd")
    })
}

/// The URL that is fetched from: the first of `remote.NAME.url` since the last empty one, which resets the list.
fn first_url(file: &gix::config::File, name: &BStr) -> Option<BString> {
    let urls = file.raw_values_by("remote", Some(name), "url").ok()?;
    let since = urls.iter().rposition(|url| url.is_empty()).map_or(0, |reset| reset + 1);
    urls.get(since).cloned()
}

/// Every `url.BASE.insteadOf`, as (what is replaced, what replaces it).
fn rewrites(file: &gix::config::File) -> Vec<(BString, BString)> {
    let mut rules = Vec::new();
    for section in file.sections_by_name("url").into_iter().flatten() {
        let Some(base) = section.header().subsection_name() else { continue };
        rules.extend(section.values("insteadOf").into_iter().map(|from| (from, base.to_owned())));
    }
    rules
}

/// git's rule: the longest match wins, the first of two that are as long.
fn rewrite(url: BString, rules: &[(BString, BString)]) -> BString {
    let mut best: Option<&(BString, BString)> = None;
    for rule in rules {
        if url.starts_with(rule.0.as_slice()) && best.is_none_or(|best| rule.0.len() > best.0.len()) {
            best = Some(rule);
        }
    }
    match best {
        Some((from, to)) => [to.as_slice(), &url[from.len()..]].concat().into(),
        None => url,
    }
}
