//! The pull request and the branch that a CI service builds, from the variables that it sets (`docs/resolving.md`).

use std::env;

use super::selector::Selector;

/// A CI service, and the variables it sets. Of each list the first that has a usable value counts.
struct Service {
    /// Set in every build of the service.
    marker: &'static str,
    /// A pull request's number, its URL, or a reference such as `refs/pull/42/merge`.
    numbers: &'static [&'static str],
    /// The branch: of a pull request its source.
    branches: &'static [&'static str],
}

const SERVICES: [Service; 10] = [
    Service {
        marker: "GITHUB_ACTIONS",
        numbers: &["GITHUB_REF"],
        branches: &["GITHUB_HEAD_REF", "GITHUB_REF"],
    },
    Service {
        marker: "GITLAB_CI",
        numbers: &["CI_MERGE_REQUEST_IID"],
        branches: &["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME"],
    },
    Service {
        marker: "CIRCLECI",
        numbers: &["CIRCLE_PR_NUMBER", "CIRCLE_PULL_REQUEST"],
        branches: &["CIRCLE_BRANCH"],
    },
    Service {
        marker: "BITBUCKET_BUILD_NUMBER",
        numbers: &["BITBUCKET_PR_ID"],
        branches: &["BITBUCKET_BRANCH"],
    },
    Service { marker: "BUILDKITE", numbers: &["BUILDKITE_PULL_REQUEST"], branches: &["BUILDKITE_BRANCH"] },
    Service {
        marker: "TRAVIS",
        numbers: &["TRAVIS_PULL_REQUEST"],
        branches: &["TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH"],
    },
    Service { marker: "JENKINS_URL", numbers: &["CHANGE_ID"], branches: &["CHANGE_BRANCH", "BRANCH_NAME"] },
    Service {
        marker: "TF_BUILD",
        numbers: &["SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"],
        branches: &["SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"],
    },
    Service {
        marker: "SEMAPHORE",
        numbers: &["SEMAPHORE_GIT_PR_NUMBER"],
        branches: &["SEMAPHORE_GIT_WORKING_BRANCH", "SEMAPHORE_GIT_BRANCH"],
    },
    Service { marker: "HEROKU_TEST_RUN_ID", numbers: &[], branches: &["HEROKU_TEST_RUN_BRANCH"] },
];

/// What a CI service builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Build {
    /// The pull request's number.
    pub(super) number: Option<u64>,
    /// The branch.
    pub(super) branch: Option<String>,
}

impl Build {
    /// What this process is a part of building; none outside of CI, and for a build of a tag.
    pub(super) fn here() -> Option<Self> {
        Self::of(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let service = SERVICES.iter().find(|service| variable(service.marker).is_some())?;
        let first = |names: &[&str], read: fn(&str) -> Option<String>| {
            names.iter().find_map(|name| read(&variable(name)?))
        };
        let number = first(service.numbers, |value| Some(number(value)?.to_string()));
        let build = Self {
            number: number.and_then(|number| number.parse().ok()),
            branch: first(service.branches, branch),
        };
        (build.number.is_some() || build.branch.is_some()).then_some(build)
    }
}

/// The number in `42`, `refs/pull/42/merge` or a pull request's URL; none in `false`, or in the reference of a branch.
fn number(value: &str) -> Option<u64> {
    let part = match value.strip_prefix("refs/") {
        Some(reference) => reference.strip_prefix("pull/")?.split('/').next()?,
        None => value,
    };
    Selector::unmistakable(part)?.number()
}

/// The branch in `name` or `refs/heads/name`; none in another reference.
fn branch(value: &str) -> Option<String> {
    let name = value.strip_prefix("refs/heads/").unwrap_or(value);
    (!name.starts_with("refs/")).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<(Option<u64>, Option<String>)> {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Build::of(get).map(|build| (build.number, build.branch))
    }

    #[test]
    fn every_service_says_what_it_builds() {
        let both = Some((Some(42), Some("curtain-call".to_owned())));
        let branch = Some((None, Some("curtain-call".to_owned())));
        for (variables, expected) in [
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_REF", "refs/pull/42/merge"),
                    ("GITHUB_HEAD_REF", "curtain-call"),
                ][..],
                &both,
            ),
            (&[("GITHUB_ACTIONS", "true"), ("GITHUB_REF", "refs/heads/curtain-call")], &branch),
            (&[("GITHUB_ACTIONS", "true"), ("GITHUB_REF", "refs/tags/v1")], &None),
            (
                &[
                    ("GITLAB_CI", "true"),
                    ("CI_MERGE_REQUEST_IID", "42"),
                    ("CI_COMMIT_REF_NAME", "curtain-call"),
                ],
                &both,
            ),
            (
                &[
                    ("CIRCLECI", "true"),
                    ("CIRCLE_PULL_REQUEST", "https://github.com/o/r/pull/42"),
                    ("CIRCLE_BRANCH", "curtain-call"),
                ],
                &both,
            ),
            (
                &[
                    ("BITBUCKET_BUILD_NUMBER", "7"),
                    ("BITBUCKET_PR_ID", "42"),
                    ("BITBUCKET_BRANCH", "curtain-call"),
                ],
                &both,
            ),
            (
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_PULL_REQUEST", "false"),
                    ("BUILDKITE_BRANCH", "curtain-call"),
                ],
                &branch,
            ),
            (
                &[
                    ("TRAVIS", "true"),
                    ("TRAVIS_PULL_REQUEST", "42"),
                    ("TRAVIS_BRANCH", "main"),
                    ("TRAVIS_PULL_REQUEST_BRANCH", "curtain-call"),
                ],
                &both,
            ),
            (&[("JENKINS_URL", "x"), ("CHANGE_ID", "42"), ("CHANGE_BRANCH", "curtain-call")], &both),
            (&[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/curtain-call")], &branch),
            (
                &[
                    ("SEMAPHORE", "true"),
                    ("SEMAPHORE_GIT_PR_NUMBER", "42"),
                    ("SEMAPHORE_GIT_WORKING_BRANCH", "curtain-call"),
                ],
                &both,
            ),
            (&[("HEROKU_TEST_RUN_ID", "x"), ("HEROKU_TEST_RUN_BRANCH", "curtain-call")], &branch),
            (&[("GITHUB_REF", "refs/heads/curtain-call")], &None),
        ] {
            assert_eq!(of(variables), *expected, "{variables:?}");
        }
    }
}
