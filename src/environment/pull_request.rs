//! The page of a pull request, as GitHub, GitLab, Bitbucket and Gitea spell its URL.

use crate::error::{Error, Result};

use super::Project;
use super::remote_url::shown;

/// A pull request, by the URL of its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    host: String,
    /// `owner/name`, in as many parts as there are.
    repository: String,
    /// Its number.
    pub number: u64,
}

/// What stands between repository and number: GitHub, GitLab, Bitbucket, Gitea.
const PAGES: [&str; 4] = ["pull", "merge_requests", "pull-requests", "pulls"];

/// Services whose name is in a remote's URL even where its host is an alias of ssh's configuration.
const SERVICES: [&str; 3] = ["github", "gitlab", "bitbucket"];

impl PullRequest {
    /// Reads a URL, with whatever follows the number: `https://github.com/o/r/pull/42/files`.
    pub(super) fn of_url(word: &str) -> Option<Self> {
        let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"))?;
        let (host, path) = rest.split_once('/')?;
        let parts: Vec<&str> = path.split(['/', '?', '#']).collect();
        let number = |after: &str| after.bytes().all(|b| b.is_ascii_digit()).then(|| after.parse().ok())?;
        let is_page = |pair: &[&str]| PAGES.contains(&pair[0]) && number(pair[1]).is_some();
        let at = parts.windows(2).position(is_page).filter(|at| *at >= 2)?;
        let repository = match parts[..at] {
            // Bitbucket's own servers: `projects/KEY/repos/NAME`, and `scm/KEY/NAME` in a remote.
            ["projects" | "users", owner, "repos", name] => format!("{owner}/{name}"),
            // GitLab puts a dash before what is not a part of the repository's name.
            ref parts => parts.strip_suffix(&["-"]).unwrap_or(parts).join("/"),
        };
        Some(Self { host: host.to_ascii_lowercase(), repository, number: number(parts[at + 1])? })
    }

    /// Exit 3 where it is of another repository than the project's: the number alone would be another pull request.
    pub(super) fn check_repository(&self, project: &Project<'_>) -> Result<()> {
        let elsewhere: Vec<&str> = project.other_remotes().map(|remote| remote.url.as_str()).collect();
        // Only a remote of the same service can contradict.
        if !elsewhere.iter().any(|url| self.may_be_on(url)) || elsewhere.iter().any(|url| self.is_of(url)) {
            return Ok(());
        }
        let urls = elsewhere.iter().map(|url| shown(url)).collect::<Vec<_>>().join(", ");
        Err(Error::unresolved(format!(
            "the pull request belongs to {}, but no git remote here does ({urls})",
            self.repository
        ))
        .hint("git remote -v"))
    }

    fn may_be_on(&self, url: &str) -> bool {
        let url = url.to_ascii_lowercase();
        let services = SERVICES.into_iter().filter(|service| self.host.contains(service));
        services.chain([self.host.as_str()]).any(|name| url.contains(name))
    }

    fn is_of(&self, url: &str) -> bool {
        let url = url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
        let repository = self.repository.to_ascii_lowercase();
        url.strip_suffix(&repository).is_some_and(|before| before.ends_with(['/', ':']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<(String, u64)> {
        PullRequest::of_url(url).map(|page| (page.repository, page.number))
    }

    #[test]
    fn pages_of_every_service_are_read() {
        for (url, repository) in [
            ("https://github.com/o/r/pull/42", "o/r"),
            ("https://github.com/o/r/pull/42/files?w=1#diff", "o/r"),
            ("http://git.stage.example/o/r/pulls/42", "o/r"),
            ("https://gitlab.com/group/sub/r/-/merge_requests/42/diffs", "group/sub/r"),
            ("https://gitlab.stage.example/o/r/merge_requests/42", "o/r"),
            ("https://bitbucket.org/o/r/pull-requests/42/a-title", "o/r"),
            ("https://git.stage.example/projects/O/repos/r/pull-requests/42/overview", "O/r"),
        ] {
            assert_eq!(of(url), Some((repository.to_owned(), 42)), "{url}");
        }
        for url in [
            "https://github.com/o/r",
            "https://github.com/o/r/pull/",
            "https://github.com/o/r/pull/x",
            "https://github.com/o/r/issues/42",
            "https://github.com/pull/42",
            "github.com/o/r/pull/42",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }

    #[test]
    fn a_remote_of_the_same_service_tells_whose_it_is() {
        let page = PullRequest::of_url("https://gitlab.com/O/r/-/merge_requests/1").unwrap();
        for url in ["git@gitlab.com:o/r.git", "https://gitlab.com/o/r/", "ssh://git@gitlab-work/o/r"] {
            assert!(page.may_be_on(url) && page.is_of(url), "{url}");
        }
        assert!(page.may_be_on("git@gitlab.com:o/other.git") && !page.is_of("git@gitlab.com:o/other.git"));
        assert!(!page.is_of("git@gitlab.com:oo/r.git") && !page.is_of("git@gitlab.com:x/o/rr.git"));
        assert!(!page.may_be_on("git@github.com:o/r.git"));
    }
}
