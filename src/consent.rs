//! Code only moves to a protected environment after a yes, and nothing is set up without one.

use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::release::{self, Running};

/// What is protected of what would change: the environment, or else the first of these apps that is.
pub fn protected<'a>(context: &Context, apps: impl Iterator<Item = &'a Running>) -> Result<Option<String>> {
    protected_in(context, &context.name, apps)
}

/// The same of another environment.
pub fn protected_in<'a>(
    context: &Context,
    name: &str,
    mut apps: impl Iterator<Item = &'a Running>,
) -> Result<Option<String>> {
    if context.config()?.is_protected(name) {
        return Ok(Some(name.to_owned()));
    }
    context.surrounded(|around| {
        let protected =
            apps.find(|running| environment::is_protected(name, &running.app.name, &running.stage, around));
        Ok(protected.map(|running| running.app.name.to_string()))
    })
}

/// Asks `question` if anything is `protected` and `--yes` was not given; whether it was asked, and so answered with a
/// yes. Anything else, and nobody to ask, is exit 5. `command` is what would be typed again.
pub fn ask(context: &Context, protected: Option<&str>, question: &str, command: &str) -> Result<bool> {
    let Some(protected) = protected else { return Ok(false) };
    agree(context, &format!("{protected} is protected"), question, command)
}

/// Asks `question` unless `--yes` was given, as [`ask`] does; `why` says why it has to be asked.
pub fn agree(context: &Context, why: &str, question: &str, command: &str) -> Result<bool> {
    if context.options.yes {
        return Ok(false);
    }
    if !context.terminal.can_ask() {
        return Err(Error::refused(format!("{why}, and nobody can be asked here"))
            .hint(format!("{} {command} --yes", whole_name(context))));
    }
    if context.terminal.confirm(question)? {
        return Ok(true);
    }
    Err(Error::refused("nothing was changed"))
}

/// The environment as it would be typed again: `staging`, or `review 42`.
fn whole_name(context: &Context) -> &str {
    context.target().map_or(&context.name, |target| &target.environment)
}

/// Exit 5 unless the commit is in the environment's branch, where it has one; a protected environment's is what `origin`
/// calls its own, unless it is configured.
pub fn check_branch(
    context: &Context,
    name: &str,
    protected: bool,
    repository: &Repository,
    commit: &str,
) -> Result<()> {
    let configured = context.config()?.environments.get(name).and_then(|told| told.branch.as_deref());
    release::check_branch(repository, name, protected, configured, commit)
}
