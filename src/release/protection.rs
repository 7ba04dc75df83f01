//! What is protected of the apps that would change, and whether their environment's branch allows the commit.

use std::ffi::OsString;
use std::fmt::Display;

use super::branch::BranchRule;
use super::pipeline_state::StageApp;
use crate::config::Match;
use crate::context::Context;
use crate::environment;
use crate::error::Result;
use crate::model::{CommitName, Stage};

/// What of a change is protected: the environment, or else the first of these apps that is; none where nothing is.
pub fn protected<'a>(context: &Context, apps: impl Iterator<Item = &'a StageApp>) -> Result<Option<String>> {
    protected_in(context, &context.name, apps)
}

/// The same for a change in the environment `name`.
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
        let protected = apps.find(|target| {
            let found = environment::is_protected(name, &target.app.name, target.stage.as_ref(), project);
            open.extend((!found).then_some(target.stage.as_ref()).flatten());
            found
        });
        if protected.is_none() && (name == "production" || open.contains(&&Stage::Production)) {
            warn_unprotected(context)?;
        }
        Ok(protected.map(|target| target.app.name.to_string()))
    })
}

/// Warns that nobody will be asked about production, where only the team's file turns the question off.
fn warn_unprotected(context: &Context) -> Result<()> {
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
        let is_protected = |target: &&StageApp| {
            let stage = target.stage.as_ref();
            environment::is_protected(target.stage_name(), &target.app.name, stage, project)
        };
        Ok(apps.find(is_protected).map(|target| target.app.name.to_string()))
    })
}

/// Prints a plan on stderr; the names of those of these apps that are protected stand out.
pub fn show_plan<'a>(
    context: &Context,
    plan: &impl Display,
    apps: impl Iterator<Item = &'a StageApp>,
) -> Result<()> {
    let ours = &context.target()?.apps;
    let is_named = context.config()?.is_protected(&context.name);
    let mut protected: Vec<&str> = Vec::new();
    for target in apps {
        let is_ours = is_named && ours.contains(&target.app.name);
        if is_ours || protected_target(context, std::iter::once(target))?.is_some() {
            protected.push(target.app.name.as_ref());
        }
    }
    context.terminal.change(&plan.to_string(), &protected);
    Ok(())
}

/// How a command that moves code was typed, as far as the branch rule needs to know.
#[derive(Clone, Copy, Debug)]
pub struct BranchCheck<'a> {
    /// Whether `--any-branch` was given.
    pub any_branch: bool,
    /// The command line after the environment's name, without `--any-branch`.
    pub line: &'a [OsString],
}

impl BranchCheck<'_> {
    /// Exit 5 unless `commit` may run in the environment `name`; the line for the plan, as [`BranchRule::check`] has it.
    pub fn check(
        self,
        context: &Context,
        name: &str,
        protected: bool,
        commit: Option<&CommitName>,
    ) -> Result<Option<String>> {
        let branch = context.config()?.environments.get(name).and_then(|told| told.branch.as_deref());
        let flags =
            ["--any-branch"].into_iter().chain(context.options.yes.then_some("--yes")).map(OsString::from);
        let past = context.command(self.line.iter().cloned().chain(flags));
        let by_files = context.config()?.release.matches == Some(Match::Tree);
        let rule =
            BranchRule { environment: name, protected, branch, by_files, any: self.any_branch, past: &past };
        rule.check(context.repository()?, commit)
    }
}
