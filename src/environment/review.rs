//! Review apps, asked of the API by number, pull request, branch or the branch that is checked out.
//!
//! Their app names follow no pattern that could be relied on, so none is ever guessed.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use crate::error::{Error, Result};
use crate::heroku::{Client, ReviewApp};
use crate::hint::Hint;
use crate::model::ReviewAppStatus;

use super::remote_url::shown;
use super::{Place, Project, Reason, Target, pipeline};

/// How a person names a review app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// A pull request's number: `42` or `#42`.
    Number(u64),
    /// A pull request's URL, with the repository (`owner/name`) it is of.
    PullRequest {
        /// `owner/name`.
        repository: String,
        /// The pull request's number.
        number: u64,
    },
    /// A branch.
    Branch(String),
    /// The branch that is checked out.
    CurrentBranch,
}

impl Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Number(number) | Selector::PullRequest { number, .. } => {
                write!(f, "pull request {number}")
            }
            Selector::Branch(branch) => write!(f, "branch {branch}"),
            Selector::CurrentBranch => f.write_str("the current branch"),
        }
    }
}

impl Selector {
    /// The word that names the review app again; none for the branch that is checked out.
    pub fn word(&self) -> Option<String> {
        match self {
            Selector::Number(number) | Selector::PullRequest { number, .. } => Some(number.to_string()),
            Selector::Branch(branch) => Some(branch.clone()),
            Selector::CurrentBranch => None,
        }
    }

    /// Reads a word that can be nothing but a selector: a number, `#n`, or a pull request's URL.
    pub fn unmistakable(word: &str) -> Option<Self> {
        let digits = word.strip_prefix('#').unwrap_or(word);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return digits.parse().ok().map(Selector::Number);
        }
        let path = word.strip_prefix("https://")?.split_once('/')?.1;
        let mut parts = path.split(['/', '?', '#']);
        let (owner, name) = (parts.next()?, parts.next()?);
        if parts.next()? != "pull" {
            return None;
        }
        let number = parts.next()?.parse().ok()?;
        Some(Selector::PullRequest { repository: format!("{owner}/{name}"), number })
    }

    /// Reads any word as a selector; what is no number and no URL is a branch.
    pub fn of_word(word: &str) -> Self {
        Self::unmistakable(word).unwrap_or_else(|| Selector::Branch(word.to_owned()))
    }
}

pub(super) fn target(selector: &Selector, project: &Project<'_>) -> Result<Target> {
    let (place, found) = find(selector, project)?;
    let app = app_of((project.heroku)()?, &found, &place.pipeline.name)?;
    Ok(Target {
        environment: "review".to_owned(),
        apps: vec![app],
        reason: Reason::ReviewApp {
            pipeline: place.pipeline.name,
            branch: found.branch.clone(),
            number: found.pr_number,
        },
    })
}

/// The review app that `selector` means, whatever its status, and its pipeline.
pub(super) fn find(selector: &Selector, project: &Project<'_>) -> Result<(Place, ReviewApp)> {
    let selector = checked(selector, project)?;
    let (place, all) = all((project.heroku)()?, project)?;
    let found = choose(&all, &selector, &place.pipeline.name)?.clone();
    Ok((place, found))
}

/// The project's pipeline and its review apps, those that are gone too.
pub(super) fn all(client: &Client, project: &Project<'_>) -> Result<(Place, Vec<ReviewApp>)> {
    let (place, all) =
        pipeline::find_around(client, configured(project), project, |id| client.review_apps(id))?;
    Ok((place, all?))
}

/// The project's pipeline.
pub(super) fn pipeline_of(client: &Client, project: &Project<'_>) -> Result<Place> {
    Ok(pipeline::find_around(client, configured(project), project, |_| ())?.0)
}

/// The pipeline that is configured for review apps alone.
fn configured<'a>(project: &'a Project<'_>) -> Option<&'a str> {
    project.config.environments.get("review").and_then(|review| review.pipeline.as_deref())
}

/// The branch that is checked out, as origin calls it; exit 3 where there is none.
pub(super) fn current_branch(project: &Project<'_>) -> Result<String> {
    project.repository.and_then(crate::git::Repository::branch).ok_or_else(|| {
        Error::unresolved("no branch is checked out, so a review app must be named")
            .hint("review 42 which   # by the pull request's number")
    })
}

/// The branches that origin has now. A failure where it has none: then each review app would seem to be obsolete.
pub(super) fn branches_of_origin(project: &Project<'_>) -> Result<BTreeSet<String>> {
    let repository = project.repository.ok_or_else(|| {
        Error::usage("no git repository here, so no branches of origin").hint("cd into the app's repository")
    })?;
    let origin = project.remotes().find(|remote| remote.name == "origin");
    let origin = origin.ok_or_else(|| {
        Error::usage("no git remote named origin").hint(Hint::line(["git", "remote", "-v"]))
    })?;
    let branches = repository.branches_at(&origin.url)?;
    if branches.is_empty() {
        return Err(Error::failed(format!("{} has no branches", shown(&origin.url))));
    }
    Ok(branches)
}

/// Fills in the current branch, and refuses a pull request of another repository: the number alone would hit ours.
fn checked(selector: &Selector, project: &Project<'_>) -> Result<Selector> {
    match selector {
        Selector::CurrentBranch => Ok(Selector::Branch(current_branch(project)?)),
        Selector::PullRequest { repository, .. } => {
            let elsewhere: Vec<&str> = project.other_remotes().map(|remote| remote.url.as_str()).collect();
            let ours = |url: &&str| {
                let url = url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
                url.ends_with(&format!("/{0}", repository.to_ascii_lowercase()))
                    || url.ends_with(&format!(":{0}", repository.to_ascii_lowercase()))
            };
            // Only remotes that could be on GitHub can contradict.
            let told = elsewhere.iter().any(|url| url.contains("github"));
            if told && !elsewhere.iter().any(ours) {
                return Err(Error::unresolved(format!(
                    "the pull request belongs to {repository}, but no git remote here does ({})",
                    elsewhere.iter().map(|url| shown(url)).collect::<Vec<_>>().join(", ")
                ))
                .hint("git remote -v"));
            }
            Ok(selector.clone())
        }
        other => Ok(other.clone()),
    }
}

/// The review app that is meant, one that exists before one that is going or gone. Of a pull request it is the newest;
/// a branch's own goes before a fork's, and between two of a branch nobody but a person can choose.
fn choose<'a>(all: &'a [ReviewApp], selector: &Selector, pipeline: &str) -> Result<&'a ReviewApp> {
    let meant: Vec<&ReviewApp> = match selector {
        Selector::Number(number) | Selector::PullRequest { number, .. } => {
            all.iter().filter(|review| review.pr_number == Some(*number)).collect()
        }
        Selector::Branch(branch) => {
            let of_branch: Vec<_> = all.iter().filter(|review| review.branch == *branch).collect();
            let own = |review: &&&ReviewApp| !review.is_of_fork() && !review.is_going();
            let own: Vec<_> = of_branch.iter().filter(own).copied().collect();
            let candidates = if own.is_empty() { of_branch } else { own };
            let alive: Vec<_> = candidates.iter().filter(|review| review.is_alive()).copied().collect();
            if alive.len() > 1 {
                return Err(several(&alive, selector, pipeline));
            }
            candidates
        }
        Selector::CurrentBranch => Vec::new(),
    };
    let newest = meant.into_iter().max_by_key(|review| (review.is_alive(), review.created_at.as_str()));
    newest.ok_or_else(|| none_such(selector, pipeline, all))
}

fn several(alive: &[&ReviewApp], selector: &Selector, pipeline: &str) -> Error {
    let name = |review: &&ReviewApp| match review.pr_number {
        Some(number) if review.is_of_fork() => format!("pull request {number} (of a fork)"),
        Some(number) => format!("pull request {number}"),
        None => "one without a pull request".to_owned(),
    };
    let names = alive.iter().map(name).collect::<Vec<_>>().join(", ");
    let error = Error::unresolved(format!(
        "pipeline {pipeline} has {} review apps for {selector}: {names}",
        alive.len()
    ));
    if alive.iter().any(|review| review.pr_number.is_some()) {
        return error.hint("review NUMBER COMMAND");
    }
    error.hint(Hint::pipeline("pipelines:open", pipeline))
}

fn app_of(client: &Client, review: &ReviewApp, pipeline: &str) -> Result<crate::model::AppName> {
    let what = review.described();
    match (&review.app, &review.status) {
        (Some(app), ReviewAppStatus::Created | ReviewAppStatus::Deleting) => Ok(client.app(&app.id)?.name),
        (_, ReviewAppStatus::Errored) => {
            Err(Error::unresolved(format!("{what} could not be created: {}", review.failure()))
                .hint(command(review, "destroy").note("then create it again")))
        }
        (_, ReviewAppStatus::Pending | ReviewAppStatus::Creating) => {
            Err(Error::unresolved(StillCreating(review.clone())).hint(command(review, "wait")))
        }
        (_, status) => Err(Error::unresolved(format!("{what} is {status}"))
            .hint(Hint::pipeline("pipelines:open", pipeline).note("shows its progress"))),
    }
}

/// The cause of an error about a review app that does not have its app yet.
#[derive(Debug)]
pub struct StillCreating(pub ReviewApp);

impl Display for StillCreating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.0.described(), self.0.status)
    }
}

/// The line that runs a command on this review app.
pub fn command(review: &ReviewApp, command: &str) -> Hint {
    let selector = review.pr_number.map_or_else(|| review.branch.clone(), |number| number.to_string());
    Hint::line(["review", &selector, command])
}

fn none_such(selector: &Selector, pipeline: &str, all: &[ReviewApp]) -> Error {
    let error = Error::unresolved(format!("pipeline {pipeline} has no review app for {selector}"));
    let known: Vec<String> = all
        .iter()
        .filter(|review| review.is_alive())
        .map(|review| match review.pr_number {
            Some(number) => format!("{number} ({})", review.branch),
            None => review.branch.clone(),
        })
        .collect();
    if known.is_empty() {
        return error.hint(Hint::pipeline("pipelines:open", pipeline).note("it has no review apps yet"));
    }
    error.hint(Hint::text(format!("its review apps: {}", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Review apps of branch `main`: number, status, fork, in the order of their making.
    fn reviews(of: &[(Value, &str, Value)]) -> Vec<ReviewApp> {
        let review = |(place, (number, status, fork)): (usize, &(Value, &str, Value))| {
            json!({"id": "r", "app": {"id": "x"}, "branch": "main", "pr_number": number, "status": status, "message": null,
                "error_status": null, "fork_repo": fork, "created_at": format!("2026-01-0{}T00:00:00Z", place + 1)})
        };
        serde_json::from_value(of.iter().enumerate().map(review).collect()).unwrap()
    }

    #[test]
    fn a_branch_of_this_repository_goes_before_a_forks() {
        let on_main = Selector::Branch("main".into());
        let number = |of: &[(Value, &str, Value)]| {
            choose(&reviews(of), &on_main, "playhouse").map(|review| review.pr_number)
        };
        let fork = || json!({"id": 7});
        let own = |number: u64, status| (json!(number), status, Value::Null);
        let forks = |number: u64, status| (json!(number), status, fork());
        assert_eq!(number(&[own(1, "created"), forks(2, "created")]).unwrap(), Some(1));
        assert_eq!(number(&[own(1, "errored"), forks(2, "created")]).unwrap(), Some(1));
        assert_eq!(number(&[own(1, "deleted"), forks(2, "created")]).unwrap(), Some(2));
        assert_eq!(number(&[own(1, "deleted"), own(2, "created"), own(3, "deleting")]).unwrap(), Some(2));
        assert_eq!(number(&[(json!(1), "created", json!({"id": null}))]).unwrap(), Some(1));
    }

    #[test]
    fn two_review_apps_of_a_branch_are_not_chosen_between() {
        let all = reviews(&[
            (json!(4), "created", json!({"id": 7})),
            (json!(5), "pending", json!({"id": 8})),
            (json!(6), "deleted", Value::Null),
        ]);
        let error = choose(&all, &Selector::Branch("main".into()), "playhouse").unwrap_err();
        assert_eq!(error.kind().exit_code(), 3);
        assert!(
            error.to_string().ends_with("pull request 4 (of a fork), pull request 5 (of a fork)"),
            "{error}"
        );
        assert_eq!(choose(&all, &Selector::Number(5), "playhouse").unwrap().pr_number, Some(5));
        assert_eq!(choose(&all, &Selector::Number(6), "playhouse").unwrap().pr_number, Some(6));
    }

    #[test]
    fn words_that_can_be_nothing_else() {
        assert_eq!(Selector::unmistakable("42"), Some(Selector::Number(42)));
        assert_eq!(Selector::unmistakable("#42"), Some(Selector::Number(42)));
        for url in ["https://github.com/o/r/pull/42", "https://github.com/o/r/pull/42/files?w=1#diff"] {
            let meant = Selector::PullRequest { repository: "o/r".into(), number: 42 };
            assert_eq!(Selector::unmistakable(url), Some(meant), "{url}");
        }
        for word in ["tail", "my-branch", "#", "42a", "https://github.com/o/r", "99999999999999999999999"] {
            assert_eq!(Selector::unmistakable(word), None, "{word}");
        }
        assert_eq!(Selector::of_word("my-branch"), Selector::Branch("my-branch".into()));
    }
}
