//! The commit that a command names, and what of the work tree is not in it.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::model::CommitId;
use crate::terminal::counted;

/// The repository, and the commit of it that `revision` names: HEAD without one. Exit 2 outside a repository.
pub fn commit_to_deploy<'c>(
    context: &'c Context,
    revision: Option<&str>,
) -> Result<(&'c Repository, CommitId)> {
    let repository = context.repository()?.ok_or_else(|| {
        Error::usage("no git repository here, so no commit to deploy").hint("cd into the app's repository")
    })?;
    let commit = repository.resolve(revision.unwrap_or("HEAD"))?;
    Ok((repository, commit))
}

/// Warns of uncommitted changes, which stay behind; `consequence` ends the sentence.
pub fn warn_of_uncommitted(context: &Context, repository: &Repository, consequence: &str) -> Result<()> {
    let changed = match repository.uncommitted()? {
        Some(0) => return Ok(()),
        Some(1) => "1 file has".to_owned(),
        Some(count) => format!("{} have", counted(count, "file")),
        None => "git cannot tell whether there are".to_owned(),
    };
    context.terminal.warn(&format!("{changed} uncommitted changes{consequence}"));
    Ok(())
}
