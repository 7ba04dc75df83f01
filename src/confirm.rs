//! Code only moves to a protected environment after a yes, and nothing is set up without one.

use std::ffi::OsString;
use std::fmt::Display;

use crate::config::Match;
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::model::AppName;
use crate::release::{BranchRule, StageApp};

/// What is protected of what would change: the environment, or else the first of these apps that is.
pub fn protected<'a>(context: &Context, apps: impl Iterator<Item = &'a StageApp>) -> Result<Option<String>> {
    protected_in(context, &context.name, apps)
}

/// The same of another environment.
pub fn protected_in<'a>(
    context: &Context,
    name: &str,
    mut apps: impl Iterator<Item = &'a StageApp>,
) -> Result<Option<String>> {
    if context.config()?.is_protected(name) {
        return Ok(Some(name.to_owned()));
    }
    context.with_project(|project| {
        let mut open = Vec::new();
        let protected = apps.find(|running| {
            let found = environment::is_protected(name, &running.app.name, &running.stage, project);
            open.extend((!found).then_some(running.stage.as_str()));
            found
        });
        if protected.is_none() && (name == "production" || open.contains(&"production")) {
            tell_unprotected(context)?;
        }
        Ok(protected.map(|running| running.app.name.to_string()))
    })
}

/// Says of a plan for production that nobody will be asked, where the team's file alone wants it so.
fn tell_unprotected(context: &Context) -> Result<()> {
    if let Some(file) = context.config()?.unprotects_production() {
        let file = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        context.terminal.warn(&format!("{file} turns off the protection of production"));
    }
    Ok(())
}

/// The first of these apps that is protected as an app of its own stage, whatever environment was typed.
pub fn protected_target<'a>(
    context: &Context,
    mut apps: impl Iterator<Item = &'a StageApp>,
) -> Result<Option<String>> {
    context.with_project(|project| {
        let is_protected = |running: &&StageApp| {
            environment::is_protected(&running.stage, &running.app.name, &running.stage, project)
        };
        Ok(apps.find(is_protected).map(|running| running.app.name.to_string()))
    })
}

/// The same of one app, whose stage only Heroku can tell; an error where it does not.
pub fn protected_app(context: &Context, app: &AppName) -> Result<Option<String>> {
    let name = &context.name;
    if context.config()?.is_protected(name) {
        return Ok(Some(name.clone()));
    }
    let in_stage = |stage: &str| {
        context.with_project(|project| Ok(environment::is_protected(name, app, stage, project)))
    };
    let protected = in_stage("")? || {
        let coupling = context.heroku()?.coupling_of(app)?;
        coupling.map_or(Ok(false), |coupling| in_stage(&coupling.stage))?
    };
    Ok(protected.then(|| app.to_string()))
}

/// Says what would change; of these apps, those that are protected stand out.
pub fn show<'a>(
    context: &Context,
    change: &impl Display,
    apps: impl Iterator<Item = &'a StageApp>,
) -> Result<()> {
    let ours = &context.target()?.apps;
    let is_named = context.config()?.is_protected(&context.name);
    let mut protected: Vec<&str> = Vec::new();
    for running in apps {
        let is_ours = is_named && ours.contains(&running.app.name);
        if is_ours || protected_target(context, std::iter::once(running))?.is_some() {
            protected.push(running.app.name.as_ref());
        }
    }
    context.terminal.change(&change.to_string(), &protected);
    Ok(())
}

/// Asks `question` if anything is `protected` and `--yes` was not given; whether it was asked, and so answered with a
/// yes. Anything else, and nobody to ask, is exit 5. `command` is what would be typed again.
pub fn ask(context: &Context, protected: Option<&str>, question: &str, command: &[OsString]) -> Result<bool> {
    let Some(protected) = protected else { return Ok(false) };
    agree(context, &format!("{protected} is protected"), question, &[command, &["--yes".into()]].concat())
}

/// Asks `question` unless `--yes` was given, as [`ask`] does; `why` says why it has to be asked, and `agreed` is what would
/// be typed, with the `--yes`.
pub fn agree(context: &Context, why: &str, question: &str, agreed: &[OsString]) -> Result<bool> {
    if context.options.yes {
        return Ok(false);
    }
    if !context.terminal.can_ask() {
        return Err(Error::refused(format!("{why}, and confirmation requires a terminal"))
            .hint(context.command(agreed)));
    }
    if context.terminal.confirm(question)? {
        return Ok(true);
    }
    // That was decided by whoever answered, and is no failure.
    context.terminal.status("nothing was changed");
    Err(Error::silent(Kind::Refused.exit_code()))
}

/// How a command that moves code to environments was typed, as far as their branches matter.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// Whether `--any-branch` was.
    pub any_branch: bool,
    /// The line after the environment's name, without it.
    pub line: &'a [OsString],
}

/// Exit 5 unless the commit may run in the environment `name`; see [`BranchRule::check`].
pub fn check_branch(
    context: &Context,
    name: &str,
    protected: bool,
    commit: Option<&str>,
    typed: Typed<'_>,
) -> Result<Option<String>> {
    let branch = context.config()?.environments.get(name).and_then(|told| told.branch.as_deref());
    let flags =
        ["--any-branch"].into_iter().chain(context.options.yes.then_some("--yes")).map(OsString::from);
    let past = context.command(typed.line.iter().cloned().chain(flags));
    let by_files = context.config()?.release.matches == Some(Match::Tree);
    let any = typed.any_branch;
    let rule = BranchRule { environment: name, protected, branch, by_files, any, past: &past };
    rule.check(context.repository()?, commit)
}
