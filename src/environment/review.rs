//! Review apps, asked of the API by number, pull request, branch or the branch that is checked out.
//!
//! Their app names follow no pattern that could be relied on, so none is ever guessed.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::heroku::{Client, ReviewApp};
use crate::hint::Hint;
use crate::model::ReviewAppStatus;

use super::remote_url::shown;
use super::selector::Selector;
use super::{Place, Project, Reason, Target, pipeline};

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

/// The branch that is checked out; exit 3 where there is none.
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
            Err(Error::unresolved(format!("{what} is {}", review.status)).hint(command(review, "wait")))
        }
        (_, status) => Err(Error::unresolved(format!("{what} is {status}"))
            .hint(Hint::pipeline("pipelines:open", pipeline).note("shows its progress"))),
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
}
