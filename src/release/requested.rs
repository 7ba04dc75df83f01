//! The requested commit: the one that was typed, or the one that CI is building.

use std::env;

use crate::error::{Error, Result};
use crate::git::Repository;
use crate::model::{CommitId, CommitName};

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
    /// The commit, by its full id where this repository has it; else by the id that was given.
    pub commit: CommitName,
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
            let commit: CommitId = env::var(name).ok()?.parse().ok()?;
            Some(Self { commit: commit.into(), requested_by: name })
        }))
    }

    fn named(revision: &str, repository: Option<&Repository>) -> Result<Self> {
        let commit =
            match (repository.map(|repository| repository.resolve(revision)), CommitName::of_id(revision)) {
                (Some(Ok(commit)), _) => commit.into(),
                // A shallow clone may lack the commit that the apps run.
                (_, Some(commit)) => commit,
                (Some(Err(error)), None) => return Err(error),
                (None, None) => {
                    return Err(Error::usage(format!(
                        "{revision:?} is not a commit id, and there is no git repository here"
                    ))
                    .hint("--commit needs 7 to 40 hexadecimal digits outside a repository"));
                }
            };
        Ok(Self { commit, requested_by: "--commit" })
    }

    /// Whether `commit` is the requested one. Either may be shortened.
    pub fn is(&self, commit: &CommitName) -> bool {
        self.commit.is(commit)
    }
}
