//! A plan carried out, step by step, each told when it is done.

use serde::de::IgnoredAny;

use super::plan::{Plan, SetupStep};
use crate::error::{Error, Kind, Result};
use crate::git::Repository;
use crate::heroku::{ApiError, Change, Client, Pipeline, couple, create_pipeline, scale_to_zero};
use crate::model::AppName;
use crate::process::exit_code;
use crate::process::internal;
use crate::terminal::Terminal;
use crate::text::{join, with_operands};

/// The id that a pipeline has in a dry run, as long as it is not there.
const ID_TO_COME: &str = "PIPELINE_ID";

/// What would be sent and run, as lines that can be pasted. Values of config vars are not in them.
pub fn requests(client: &Client, plan: &Plan) -> Vec<String> {
    let pipeline = plan.pipeline.as_deref().unwrap_or(ID_TO_COME);
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

/// Does what is to be done. The first failure ends it, and says so: what was done stays, and is found there when the
/// plan is made again. The first build's answer goes to stdout where it `answers`.
pub fn apply(
    client: &Client,
    terminal: &Terminal,
    repository: Option<&Repository>,
    plan: &Plan,
    answers: bool,
) -> Result<()> {
    let mut worker = Worker { client, terminal, repository, pipeline: plan.pipeline.clone(), answers };
    let steps: Vec<_> = plan.steps().collect();
    for (done, (text, step)) in steps.iter().enumerate() {
        worker.take(step).map_err(|error| {
            let left = steps.len() - done;
            error
                .context(format!(
                    "could not {text}; {done} of {} steps are done, {left} are left",
                    steps.len()
                ))
                .hint("the same command goes on from there")
        })?;
        terminal.status(&format!("done {text}"));
    }
    Ok(())
}

/// Takes one step after the other.
struct Worker<'a> {
    client: &'a Client,
    terminal: &'a Terminal,
    repository: Option<&'a Repository>,
    pipeline: Option<String>,
    /// Whether stdout is the first build's.
    answers: bool,
}

impl Worker<'_> {
    fn take(&mut self, step: &SetupStep) -> Result<()> {
        match step {
            SetupStep::Change(change) => self.ask(change),
            SetupStep::CreateApp(name, change) => self.ask(change).map_err(|error| taken(name, error)),
            SetupStep::CreatePipeline(name, owner) => {
                let made: Pipeline = self.client.change(&create_pipeline(name, owner))?;
                self.pipeline = Some(made.id);
                Ok(())
            }
            SetupStep::Couple(app, stage) => {
                let pipeline = self.pipeline.as_deref().unwrap_or(ID_TO_COME);
                self.ask(&couple(app, pipeline, stage))
            }
            SetupStep::AddRemote(name, url) => match self.repository {
                Some(repository) => repository.add_remote(name, url),
                None => Ok(()),
            },
            SetupStep::FirstBuild => build(self.terminal, self.answers),
            SetupStep::ScaleDown(app, _) => self.scale_down(app),
        }
    }

    /// Whatever process types the app has by now.
    fn scale_down(&self, app: &AppName) -> Result<()> {
        let formation = self.client.formation(app)?;
        let running = formation.iter().filter(|formation| formation.quantity > 0);
        let kinds: Vec<&str> = running.map(|formation| formation.kind.as_str()).collect();
        if kinds.is_empty() { Ok(()) } else { self.ask(&scale_to_zero(app, kinds)) }
    }

    fn ask(&self, change: &Change) -> Result<()> {
        self.client.change::<IgnoredAny>(change).map(|_| ())
    }
}

/// Deploys what is checked out, in a process of its own that finds `prepare` as it is now.
fn build(terminal: &Terminal, answers: bool) -> Result<()> {
    let mut words = vec!["deploy", "HEAD", "--yes"];
    words.extend(terminal.is_verbose().then_some("--verbose"));
    words.extend((!terminal.colors_stderr()).then_some("--no-color"));
    let line = internal::in_environment("prepare", words)?;
    let status = if answers { line.spawn()? } else { line.spawn_without_answer()? }.wait()?;
    if status.success() {
        return Ok(());
    }
    let code = exit_code(status);
    Err(Error::new(Kind::of_exit_code(code), format!("prepare deploy ended with exit code {code}")))
}

/// Names of apps are everybody's: another one is the way out.
fn taken(name: &AppName, error: Error) -> Error {
    let is_taken = |refusal: &ApiError| refusal.status == 422 && refusal.message.contains("taken");
    if !error.downcast_ref().is_some_and(is_taken) {
        return error;
    }
    error.context(format!("the name {name} is taken by somebody else")).hint("prepare setup --app NAME")
}
