//! Carries out a plan, step by step, and reports each step when it is done.

use serde::de::IgnoredAny;

use super::{Plan, Step, write};
use crate::context::{Context, Options};
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::{ApiError, Change, Client, Pipeline, couple, create_pipeline, scale_to_zero};
use crate::hint::Hint;
use crate::inventory;
use crate::model::AppName;
use crate::release::{self, DeployRequest};
use crate::shells::install::{self, InstallState};
use crate::text::{join, with_operands};

/// Stands for the id of a pipeline that does not exist yet, in a dry run.
const PIPELINE_ID: &str = "PIPELINE_ID";

/// The requests and commands of a plan, as lines that can be pasted. They hold no values of config vars. Exit 4 where a
/// request is among them and nobody is logged in.
pub fn requests(context: &Context, plan: &Plan) -> Result<Vec<String>> {
    let pipeline = plan.pipeline.as_deref().unwrap_or(PIPELINE_ID);
    let request = |change: &Change| Ok(context.heroku()?.describe_change(change));
    let line = |step: &Step| match step {
        Step::Change(change) | Step::CreateApp(_, change, _) => request(change),
        Step::CreatePipeline(name, owner) => request(&create_pipeline(name, owner)),
        Step::Couple(app, stage) => request(&couple(app, pipeline, stage)),
        Step::AddRemote(name, url) => Ok(join(with_operands(&["git", "remote", "add"], [name, url]))),
        Step::RenameRemote(from, to) => Ok(join(with_operands(&["git", "remote", "rename"], [from, to]))),
        Step::Write(new) => Ok(write::line(new)),
        Step::InstallCompletion(shell) => Ok(join(["greenroom", "completions", shell.name(), "--install"])),
        Step::FirstBuild => Ok("prepare deploy HEAD".to_owned()),
        Step::ScaleDown(app, kinds) => request(&scale_to_zero(app, kinds.iter().map(String::as_str))),
    };
    plan.steps().map(|(_, step)| line(step)).collect()
}

/// Does the plan's steps, reporting each. The first failure ends it: what was done stays, and the next plan finds it there.
/// `prints` is whether the first build's release goes to stdout.
pub fn apply(context: &Context, plan: &Plan, prints: bool) -> Result<()> {
    let mut worker = Worker { context, pipeline: plan.pipeline.clone(), prints };
    let steps: Vec<_> = plan.steps().collect();
    for (done, (text, step)) in steps.iter().enumerate() {
        worker.take(step).map_err(|error| {
            let left = steps.len() - done;
            error
                .context(format!(
                    "could not {text}; {done} of {} steps are done, {left} are left",
                    steps.len()
                ))
                .hint("run the same command again to continue")
        })?;
        context.terminal.status(&format!("done {text}"));
    }
    Ok(())
}

/// Takes one step after the other.
struct Worker<'a> {
    context: &'a Context,
    pipeline: Option<String>,
    /// Whether the first build's release goes to stdout.
    prints: bool,
}

impl<'a> Worker<'a> {
    fn take(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Change(change) => self.send(change),
            Step::CreateApp(name, change, hint) => {
                self.send(change).map_err(|error| taken(name, hint, error))
            }
            Step::CreatePipeline(name, owner) => {
                let made: Pipeline = self.client()?.change(&create_pipeline(name, owner))?;
                self.pipeline = Some(made.id);
                Ok(())
            }
            Step::Couple(app, stage) => {
                let pipeline = self.pipeline.as_deref().unwrap_or(PIPELINE_ID);
                self.send(&couple(app, pipeline, stage))
            }
            Step::AddRemote(name, url) => self.in_repository(|git| git.add_remote(name, url)),
            Step::RenameRemote(from, to) => self.in_repository(|git| git.rename_remote(from, to)),
            Step::Write(new) => write::write(&self.context.root()?.unwrap_or_default(), new),
            Step::InstallCompletion(shell) => {
                let parts = install::parts(*shell)?;
                for part in &parts {
                    if part.state()? != InstallState::Current {
                        part.check()?;
                        part.install()?;
                    }
                }
                Ok(())
            }
            Step::FirstBuild => build(self.context, self.prints),
            Step::ScaleDown(app, _) => self.scale_down(app),
        }
    }

    fn client(&self) -> Result<&'a Client> {
        self.context.heroku().map(AsRef::as_ref)
    }

    fn in_repository(&self, act: impl FnOnce(&Repository) -> Result<()>) -> Result<()> {
        self.context.repository()?.map_or(Ok(()), act)
    }

    /// Scales every process type that has dynos by now.
    fn scale_down(&self, app: &AppName) -> Result<()> {
        let formation = self.client()?.formation(app)?;
        let running = formation.iter().filter(|formation| formation.quantity > 0);
        let kinds: Vec<&str> = running.map(|formation| formation.kind.as_str()).collect();
        if kinds.is_empty() { Ok(()) } else { self.send(&scale_to_zero(app, kinds)) }
    }

    fn send(&self, change: &Change) -> Result<()> {
        self.client()?.change::<IgnoredAny>(change).map(|_| ())
    }
}

/// Deploys HEAD in a new context, because the steps before may have changed which app `prepare` is.
fn build(context: &Context, prints: bool) -> Result<()> {
    let options = Options { yes: true, json: false, ..context.options.clone() };
    let prepare = Context::new(&context.name, options, None);
    let deployed = release::deploy(&prepare, &DeployRequest::of_head());
    inventory::refresh_changed(&prepare);
    let deployed = deployed.and_then(|report| if prints { report.print(&prepare) } else { report.check() });
    deployed.map_err(|error| prepare.told(error))
}

/// App names are global: the hint is the line with another one.
fn taken(name: &AppName, hint: &Hint, error: Error) -> Error {
    if !ApiError::is_about_a_taken_name(&error) {
        return error;
    }
    error.context(format!("the app name {name} is taken")).hint(hint.clone())
}
