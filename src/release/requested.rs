//! The requested commit: the one that was typed, or the one that CI is building.

use std::env;

use crate::error::{Error, Result};
use crate::git::{Repository, is_commit_id};

/// The environment variables in which CI services name the commit they build.
const CI: [&str; 10] = [
    "GIT_COMMIT",
    "GITHUB_SHA",
    "CIRCLE_SHA1",
    "CI_COMMIT_SHA",
    "HEROKU_TEST_RUN_COMMIT_VERSION",
    "BUILDKITE_COMMIT",
    "TRAVIS_COMMIT",
    "BITBUCKET_COMMIT",
    "DRONE_COMMIT_SHA",
    "SEMAPHORE_GIT_SHA",
];

/// A requested commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedCommit {
    /// Its id, complete where this repository has the commit; else as it was given, at least 7 digits.
    pub commit: String,
    /// Where the request comes from: `--commit`, or the variable's name.
    pub requested_by: &'static str,
}

impl RequestedCommit {
    /// The commit that `--commit` or, without it, CI's environment requests.
    pub fn find(revision: Option<&str>, repository: Option<&Repository>) -> Result<Option<Self>> {
        if let Some(revision) = revision {
            return Self::named(revision, repository).map(Some);
        }
        Ok(CI.into_iter().find_map(|name| {
            let commit = env::var(name).ok().filter(|value| is_commit_id(value))?;
            Some(Self { commit: commit.to_ascii_lowercase(), requested_by: name })
        }))
    }

    fn named(revision: &str, repository: Option<&Repository>) -> Result<Self> {
        let looks_like_an_id = revision.len() >= 7 && revision.bytes().all(|b| b.is_ascii_hexdigit());
        let commit = match repository.map(|repository| repository.resolve(revision)) {
            Some(Ok(commit)) => commit,
            // A shallow clone may lack the commit that the apps run.
            _ if looks_like_an_id => revision.to_ascii_lowercase(),
            Some(Err(error)) => return Err(error),
            None => {
                return Err(Error::usage(format!(
                    "{revision:?} is not a commit id, and there is no git repository here"
                ))
                .hint("--commit needs 7 to 40 hexadecimal digits outside a repository"));
            }
        };
        Ok(Self { commit, requested_by: "--commit" })
    }

    /// Whether `commit` is the requested one. Either may be shortened.
    pub fn is(&self, commit: &str) -> bool {
        same(&self.commit, commit)
    }
}

/// Whether two ids, of which either may be shortened to 7 digits or more, name one commit.
pub fn same(a: &str, b: &str) -> bool {
    let length = a.len().min(b.len());
    length >= 7 && a.as_bytes()[..length].eq_ignore_ascii_case(&b.as_bytes()[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_full_ids_of_a_commit_match() {
        assert!(same("1a2b3c4", "1A2B3C4d5e"));
        assert!(!same("1a2b3c", "1a2b3c"), "six digits are too few");
        assert!(!same("1a2b3c4", "1a2b3c5"));
    }
}
