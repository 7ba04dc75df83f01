//! Applies a plan, step by step, and reports each step when it is done.

use serde::de::IgnoredAny;

use super::plan::{Plan, SetupStep};
use crate::context::{Context, Options};
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::{ApiError, Change, Client, Pipeline, couple, create_pipeline, scale_to_zero};
use crate::inventory;
use crate::model::AppName;
use crate::release::{self, DeployRequest};
use crate::text::{join, with_operands};

/// Stands for the id of a pipeline that does not exist yet, in a dry run.
const PIPELINE_ID: &str = "PIPELINE_ID";

/// The requests and commands of a plan, as lines that can be pasted. They hold no values of config vars.
pub fn requests(client: &Client, plan: &Plan) -> Vec<String> {
    let pipeline = plan.pipeline.as_deref().unwrap_or(PIPELINE_ID);
    let line = |step: &SetupStep| match step {
        SetupStep::Change(change) | SetupStep::CreateApp(_, change) => client.describe_change(change),
        SetupStep::CreatePipeline(name, owner) => client.describe_change(&create_pipeline(name, owner)),
        SetupStep::Couple(app, stage) => client.describe_change(&couple(app, pipeline, stage)),
        SetupStep::AddRemote(name, url) => join(with_operands(&["git", "remote", "add"], [name, url])),
        SetupStep::FirstBuild => "prepare deploy HEAD".to_owned(),
        SetupStep::ScaleDown(app, kinds) => {
            client.describe_change(&scale_to_zero(app, kinds.iter().map(String::as_str)))
        }
    };
    plan.steps().map(|(_, step)| line(step)).collect()
}

/// Does the plan's steps, reporting each. The first failure ends it: what was done stays, and the next plan finds it there.
/// `prints` is whether the first build's release goes to stdout.
pub fn apply(context: &Context, plan: &Plan, prints: bool) -> Result<()> {
    let (client, repository) = (context.heroku()?, context.repository()?);
    let mut worker = Worker { context, client, repository, pipeline: plan.pipeline.clone(), prints };
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
    client: &'a Client,
    repository: Option<&'a Repository>,
    pipeline: Option<String>,
    /// Whether the first build's release goes to stdout.
    prints: bool,
}

impl Worker<'_> {
    fn take(&mut self, step: &SetupStep) -> Result<()> {
        match step {
            SetupStep::Change(change) => self.send(change),
            SetupStep::CreateApp(name, change) => self.send(change).map_err(|error| taken(name, error)),
            SetupStep::CreatePipeline(name, owner) => {
                let made: Pipeline = self.client.change(&create_pipeline(name, owner))?;
                self.pipeline = Some(made.id);
                Ok(())
            }
            SetupStep::Couple(app, stage) => {
                let pipeline = self.pipeline.as_deref().unwrap_or(PIPELINE_ID);
                self.send(&couple(app, pipeline, stage))
            }
            SetupStep::AddRemote(name, url) => match self.repository {
                Some(repository) => repository.add_remote(name, url),
                None => Ok(()),
            },
            SetupStep::FirstBuild => build(self.context, self.prints),
            SetupStep::ScaleDown(app, _) => self.scale_down(app),
        }
    }

    /// Scales every process type that has dynos by now.
    fn scale_down(&self, app: &AppName) -> Result<()> {
        let formation = self.client.formation(app)?;
        let running = formation.iter().filter(|formation| formation.quantity > 0);
        let kinds: Vec<&str> = running.map(|formation| formation.kind.as_str()).collect();
        if kinds.is_empty() { Ok(()) } else { self.send(&scale_to_zero(app, kinds)) }
    }

    fn send(&self, change: &Change) -> Result<()> {
        self.client.change::<IgnoredAny>(change).map(|_| ())
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

/// App names are global; the hint is the option that sets another one.
fn taken(name: &AppName, error: Error) -> Error {
    let is_taken = |refusal: &ApiError| refusal.status == 422 && refusal.message.contains("taken");
    if !error.downcast_ref().is_some_and(is_taken) {
        return error;
    }
    error.context(format!("the app name {name} is taken")).hint("prepare setup --app NAME")
}
