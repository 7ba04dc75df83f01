//! What may be deployed where: only what a branch contains.

use super::plan::short;
use crate::error::{Error, Kind, Result};
use crate::git::{Remote, Repository};

/// Exit 5 unless `origin`'s branch contains the commit: the one that is `configured` for the environment, else, where that
/// is protected, the one that `origin`'s HEAD names. Without an `origin` the repository's own branch is meant.
///
/// `origin` itself is asked only where what was fetched last does not tell, and so that the way out can be told: fetch
/// first, or merge and push first.
pub fn check_branch(
    repository: &Repository,
    environment: &str,
    protected: bool,
    configured: Option<&str>,
    commit: &str,
) -> Result<()> {
    if configured.is_none() && !protected {
        return Ok(());
    }
    let Some(origin) = repository.remotes().into_iter().find(|remote| remote.name == "origin") else {
        return match configured {
            Some(branch) => check_own(repository, environment, branch, commit),
            None => Ok(()),
        };
    };
    let branch = match configured.map(str::to_owned).or_else(|| repository.origin_branch()) {
        Some(branch) => branch,
        None => head_of(repository, &origin, environment)?,
    };
    let fetched = repository.tracked("origin", &branch);
    let contains = |tip: Option<&String>| tip.map_or(Ok(false), |tip| repository.contains(tip, commit));
    if contains(fetched.as_ref())? {
        return Ok(());
    }
    let fetch = format!("git fetch origin {branch}");
    let asked = repository.ask(&origin.url, Some(&branch)).map_err(|error| {
        let short = short(commit);
        error
            .context(format!(
                "{short} is not in origin's {branch} as far as it was fetched, and origin does not answer"
            ))
            .kind_of(Kind::Refused)
            .hint(fetch.clone())
    })?;
    if contains(asked.tip.as_ref())? {
        return Ok(());
    }
    if asked.tip.is_some() && asked.tip != fetched {
        return Err(Error::refused(format!(
            "{} is not in origin's {branch} as it was fetched last, and origin has more by now",
            short(commit)
        ))
        .hint(fetch));
    }
    let push = format!("git push origin {}:{branch}   # or merge it first", short(commit));
    Err(not_in(environment, commit, &format!("origin's {branch}")).hint(push).hint(other_branch(environment)))
}

fn check_own(repository: &Repository, environment: &str, branch: &str, commit: &str) -> Result<()> {
    match repository.branch_tip(branch) {
        Some(tip) if repository.contains(&tip, commit)? => Ok(()),
        _ => {
            let merge = format!("git switch {branch} && git merge {}", short(commit));
            Err(not_in(environment, commit, branch).hint(merge).hint(other_branch(environment)))
        }
    }
}

/// The branch that `origin`'s HEAD names, where no fetch has told it.
fn head_of(repository: &Repository, origin: &Remote, environment: &str) -> Result<String> {
    let unknown = |cause: Error| {
        cause
            .context(format!("it is not known here which branch may be deployed to {environment}"))
            .kind_of(Kind::Refused)
            .hint("git remote set-head origin --auto")
            .hint(other_branch(environment))
    };
    let asked = repository.ask(&origin.url, None).map_err(unknown)?;
    asked.head.ok_or_else(|| unknown(Error::failed("origin's HEAD names no branch")))
}

fn not_in(environment: &str, commit: &str, place: &str) -> Error {
    let short = short(commit);
    Error::refused(format!("{short} is not in {place}, and nothing else may be deployed to {environment}"))
}

fn other_branch(environment: &str) -> String {
    format!("environments.{environment}.branch = \"BRANCH\"   # in greenroom.toml, if it is another branch")
}
