//! Review apps, asked of the API by number, pull request, branch, app or the branch that is checked out.
//!
//! Their app names follow no pattern that could be relied on, so none is ever guessed.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use crate::error::{Error, Result};
use crate::git::{Repository, Upstream};
use crate::heroku::{Client, ReviewApp};
use crate::hint::Hint;
use crate::model::{AppName, ReviewAppStatus};

use super::ci::Build;
use super::remote_url::shown;
use super::review_choice::{Found, ask, choose, none_such, several};
use super::selector::Selector;
use super::{Place, Project, Reason, Target, local_review, pipeline};

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
    let wanted = Wanted::of(selector, project)?;
    let client = (project.heroku)()?;
    let (place, mut all) = all(client, project)?;
    let pipeline = &place.pipeline.name;
    let allowed = |all: &[ReviewApp]| -> Vec<ReviewApp> {
        all.iter().filter(|review| wanted.allows(review)).cloned().collect()
    };
    let is_there = match choose(&allowed(&all), &wanted.names) {
        Found::One(review) => review.is_alive(),
        Found::Several(..) => true,
        Found::None => false,
    };
    if !is_there {
        all.extend(local_review::all(client, &place.pipeline.id, &all)?);
    }
    let allowed = allowed(&all);
    let found = match choose(&allowed, &wanted.names) {
        Found::One(review) => review.clone(),
        Found::Several(alive, name) => match project.terminal.filter(|terminal| terminal.can_ask()) {
            Some(terminal) => ask(terminal, &alive, name, pipeline)?.clone(),
            None => return Err(several(&alive, name, pipeline)),
        },
        Found::None => {
            let named = by_app(client, &all, selector)?;
            named.ok_or_else(|| none_such(&wanted.names, pipeline, &all))?.clone()
        }
    };
    Ok((place, found))
}

/// The review app whose app has the name that was typed; one request where it could be one.
fn by_app<'a>(client: &Client, all: &'a [ReviewApp], selector: &Selector) -> Result<Option<&'a ReviewApp>> {
    let Selector::Name(name) = selector else { return Ok(None) };
    let Ok(name) = name.parse::<AppName>() else { return Ok(None) };
    let id_of = |review: &'a ReviewApp| review.app.as_ref().map(|app| app.id.as_str());
    let ids: Vec<&str> = all.iter().filter_map(id_of).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let app = client.apps_by_id(&ids)?.into_iter().find(|app| app.name == name);
    Ok(app.and_then(|app| all.iter().find(|review| id_of(review) == Some(&app.id))))
}

/// What a selector comes to.
struct Wanted {
    /// The names to look for, the likeliest first.
    names: Vec<Selector>,
    /// The only pull request that a branch's review app may have.
    number: Option<u64>,
}

impl Wanted {
    /// Fills in the build's or the current branch, and refuses a pull request of another repository.
    fn of(selector: &Selector, project: &Project<'_>) -> Result<Self> {
        match selector {
            Selector::CurrentBranch => Self::here(project),
            Selector::PullRequest(page) => {
                page.check_repository(project)?;
                Ok(Self { names: vec![Selector::Number(page.number)], number: None })
            }
            other => Ok(Self { names: vec![other.clone()], number: None }),
        }
    }

    /// What a CI service builds, or else what is checked out.
    fn here(project: &Project<'_>) -> Result<Self> {
        if let Some(Build { number, branch }) = Build::here() {
            let number_and_branch = [number.map(Selector::Number), branch.map(Selector::Branch)];
            return Ok(Self { names: number_and_branch.into_iter().flatten().collect(), number });
        }
        let branch = current_branch(project)?;
        let names = project.repository.map(|repository| names_of(repository, &branch));
        Ok(Self { names: names.unwrap_or_default(), number: None })
    }

    /// Whether it is not another pull request's: a fork's branch may have the name of one of ours.
    fn allows(&self, review: &ReviewApp) -> bool {
        self.number.is_none() || review.pr_number.is_none() || review.pr_number == self.number
    }
}

/// What the branch `local` may be called at origin: by its upstream, and by its own name.
///
/// One that was begun as `git checkout -b fix origin/main` has `main` as its upstream, and is not `main`. One that was pushed
/// under its own name is meant by that.
fn names_of(repository: &Repository, local: &str) -> Vec<Selector> {
    let own = Selector::Branch(local.to_owned());
    let Some(upstream) = repository.upstream(local) else { return vec![own] };
    let default = repository.origin_branch();
    let upstream_name = match upstream.branch() {
        Some(branch) if branch == local || default.as_deref() == Some(branch) => None,
        Some(branch) => Some(Selector::Branch(branch.to_owned())),
        None => pull_request(&upstream).map(Selector::Number),
    };
    let Some(other) = upstream_name else { return vec![own] };
    if repository.tracked(&upstream.remote, local).is_some() { vec![own, other] } else { vec![other, own] }
}

/// The pull request that the upstream is the head of, as `gh pr checkout` records it for a fork's.
fn pull_request(upstream: &Upstream) -> Option<u64> {
    let head = upstream.reference.strip_prefix("refs/pull/");
    head.or_else(|| upstream.reference.strip_prefix("refs/merge-requests/"))?
        .strip_suffix("/head")?
        .parse()
        .ok()
}

/// The project's pipeline and its review apps, those that are gone too.
pub(super) fn all(client: &Client, project: &Project<'_>) -> Result<(Place, Vec<ReviewApp>)> {
    let (place, all) =
        pipeline::find_around(client, configured(project), project, |id| client.review_apps(id))?;
    Ok((place, all?))
}

/// The same with those that `review create --local` made.
pub(super) fn all_and_local(client: &Client, project: &Project<'_>) -> Result<(Place, Vec<ReviewApp>)> {
    let (place, mut all) = all(client, project)?;
    all.extend(local_review::all(client, &place.pipeline.id, &all)?);
    Ok((place, all))
}

/// The branch and the pull request that a CI service builds, or else the branch that is checked out; exit 3 where there is
/// none.
pub(super) fn branch_here(project: &Project<'_>) -> Result<(String, Option<u64>)> {
    match Build::here() {
        Some(Build { branch: Some(branch), number }) => Ok((branch, number)),
        Some(Build { branch: None, number }) => Ok((current_branch(project)?, number)),
        None => Ok((current_branch(project)?, None)),
    }
}

/// Those of `all` that a line without a selector means; none where no branch is checked out.
pub(super) fn current<'a>(project: &Project<'_>, all: &'a [ReviewApp]) -> Vec<&'a ReviewApp> {
    let Ok(wanted) = Wanted::here(project) else { return Vec::new() };
    match choose(all, &wanted.names) {
        Found::One(review) => vec![review],
        Found::Several(alive, _) => alive,
        Found::None => Vec::new(),
    }
}

/// The project's pipeline.
pub(super) fn pipeline_of(client: &Client, project: &Project<'_>) -> Result<Place> {
    Ok(pipeline::find_around(client, configured(project), project, |_| ())?.0)
}

/// The pipeline that is configured for review apps alone.
pub(super) fn configured<'a>(project: &'a Project<'_>) -> Option<&'a str> {
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

/// The cause of an error about a review app without an app that could be worked on.
#[derive(Clone, Debug)]
pub struct NotCreated {
    /// The review app.
    pub review: Box<ReviewApp>,
}

impl Display for NotCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, status) = (self.review.described(), &self.review.status);
        match status {
            ReviewAppStatus::Errored => {
                write!(f, "{what} could not be created: {}", self.review.failure())
            }
            _ => write!(f, "{what} is {status}"),
        }
    }
}

fn app_of(client: &Client, review: &ReviewApp, pipeline: &str) -> Result<AppName> {
    match (&review.app, &review.status) {
        // Its app is there from the beginning, and what hinders it can only be seen there.
        (Some(app), _) if review.is_local => Ok(client.app(&app.id)?.name),
        (Some(app), ReviewAppStatus::Created | ReviewAppStatus::Deleting) => {
            match client.find_app(&app.id)? {
                Some(app) => Ok(app.name),
                // It goes before the review app does.
                None => Err(Error::unresolved(format!("{} has lost its app", review.described()))
                    .hint(Hint::line(["review", "list", "--all"]))),
            }
        }
        (_, status) => {
            let error = Error::unresolved(NotCreated { review: Box::new(review.clone()) });
            Err(match status {
                ReviewAppStatus::Errored => {
                    error.hint(command(review, "destroy").note("then create it again"))
                }
                ReviewAppStatus::Pending | ReviewAppStatus::Creating => error.hint(command(review, "wait")),
                _ => error.hint(Hint::pipeline("pipelines:open", pipeline).note("shows its progress")),
            })
        }
    }
}

/// The line that runs a command on this review app.
pub fn command(review: &ReviewApp, command: &str) -> Hint {
    let selector = match review.pr_number {
        Some(number) => Selector::Number(number),
        None => Selector::Branch(review.branch.clone()),
    };
    let words = ["review".to_owned()].into_iter().chain(selector.words()).chain([command.to_owned()]);
    Hint::line(words)
}
