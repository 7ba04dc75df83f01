//! A new build of a review app's branch.

use std::time::Instant;

use crate::context::Context;
use crate::error::Result;
use crate::git::Repository;
use crate::heroku::{App, ReviewApp};
use crate::model::CommitId;
use crate::release;

/// Builds the branch's commit on the review app from an archive, and waits until its release is there. The `postdeploy`
/// script does not run again.
///
/// None in a dry run, which prints the requests.
pub fn redeploy(context: &Context, review: &ReviewApp, app: &App, deadline: Instant) -> Result<Option<App>> {
    let (repository, commit) = commit_of(context, &review.branch)?;
    let client = context.heroku()?;
    if context.options.dry_run {
        context.terminal.print_lines(&format!("{}\n", client.describe_build(&app.name, &commit)))?;
        return Ok(None);
    }
    let made =
        release::build_from_archive(client, &context.terminal, &app.name, repository, &commit, deadline)?;
    release::wait_for_release(client, &context.terminal, made, deadline)?;
    client.app(app.name.as_ref()).map(Some)
}

/// The commit of a branch: the one that is checked out where that is the branch, or none is; else the branch's tip here.
pub(super) fn commit_of<'c>(context: &'c Context, branch: &str) -> Result<(&'c Repository, CommitId)> {
    let (repository, head) = release::commit_to_deploy(context, None)?;
    let is_here = repository.branch().is_none_or(|here| {
        here == branch || repository.upstream(&here).is_some_and(|upstream| upstream.branch() == Some(branch))
    });
    if is_here {
        release::warn_of_uncommitted(context, repository, "; they are not built")?;
        return Ok((repository, head));
    }
    let tip = repository.branch_tip(branch).or_else(|| repository.tracked("origin", branch));
    match tip {
        Some(tip) => Ok((repository, tip)),
        None => release::commit_to_deploy(context, Some(branch)),
    }
}
