//! The names of commits.

use super::Repository;
use crate::error::Result;

/// Branches and tags.
const NAMES: [&str; 3] = ["refs/heads", "refs/remotes", "refs/tags"];

/// A branch or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name as git accepts it: `main`, `origin/main`, `v1.0`.
    pub name: String,
    /// The first line of its commit's message.
    pub subject: String,
    /// Whether it is a branch of this repository itself.
    pub is_local: bool,
}

impl Repository {
    /// Branches and tags, those with the newest commits first; no more than `most`.
    pub fn references(&self, most: usize) -> Result<Vec<Reference>> {
        let count = format!("--count={most}");
        let line = [
            "for-each-ref",
            "--sort=-committerdate",
            "--format=%(refname)%09%(symref)%09%(contents:subject)",
        ];
        let listed = self.git(line.into_iter().chain([count.as_str()]).chain(NAMES))?.unwrap_or_default();
        Ok(listed.lines().filter_map(reference).collect())
    }
}

/// Parses a line; `None` for an alias such as `origin/HEAD` or a name that is not UTF-8.
fn reference(line: &str) -> Option<Reference> {
    let mut fields = line.splitn(3, '\t');
    let (name, alias, subject) = (fields.next()?, fields.next()?, fields.next()?);
    let short = NAMES.iter().find_map(|kind| name.strip_prefix(kind)?.strip_prefix('/'))?;
    let is_local = name.starts_with(NAMES[0]);
    let is_meant = alias.is_empty() && !name.contains(char::REPLACEMENT_CHARACTER);
    is_meant.then(|| Reference { name: short.to_owned(), subject: subject.to_owned(), is_local })
}
