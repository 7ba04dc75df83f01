//! Runs the steps of a ship in order, tests and build in parallel; the first failure ends everything that runs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::Args;
use super::display::Display;
use super::plan::ShipPlan;
use super::promotion::{Gate, Promoted, Promotion};
use super::step::{Step, StepKind, StepState};
use super::steps::{in_repository, steps, variables};
use super::task::{Event, EventKind, Task};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::Client;
use crate::interrupts::Interrupts;
use crate::model::ReleaseVersion;
use crate::process::{CommandLine, internal};
use crate::release::StageApp;
use crate::temporary;
use crate::text::quote;

/// How soon the end of a process or an interrupt is noticed.
const TICK: Duration = Duration::from_millis(20);

/// The same, where a process has closed its output and is about to end.
const SHORT_TICK: Duration = Duration::from_millis(1);

/// An interrupted promotion may report its end for this long.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A ship that is running.
pub(super) struct ShipRun<'a> {
    context: &'a Context,
    args: &'a Args,
    plan: &'a ShipPlan,
    client: &'a Arc<Client>,
    /// The steps, in the order in which they begin.
    pub(super) steps: Vec<Step>,
    /// Shows the steps.
    pub(super) display: Display,
    /// When the ship began.
    pub(super) begun: Instant,
    /// What goes on after an interrupt, for a person.
    pub(super) left: Option<String>,
    interrupts: Option<Interrupts>,
    to: SyncSender<Event>,
    events: Receiver<Event>,
}

impl<'a> ShipRun<'a> {
    /// Listens for interrupts from now on; no step has begun.
    pub(super) fn new(context: &'a Context, args: &'a Args, plan: &'a ShipPlan) -> Result<Self> {
        let steps = steps(args, plan)?;
        let (to, events) = sync_channel(1024);
        Ok(Self {
            context,
            args,
            plan,
            client: context.heroku()?,
            display: Display::new(&context.terminal, &steps),
            steps,
            begun: Instant::now(),
            left: None,
            interrupts: Some(Interrupts::listen()?),
            to,
            events,
        })
    }

    /// Runs all steps. After a failure nothing that was started here runs any more.
    pub(super) fn run(&mut self) -> Result<()> {
        let done = self.go_all_the_way();
        // Steps that ran at a failure were ended by it.
        for at in 0..self.steps.len() {
            if self.steps[at].state == StepState::Running {
                self.end(at, StepState::Stopped);
            }
        }
        done
    }

    fn go_all_the_way(&mut self) -> Result<()> {
        self.prepare()?;
        let mut source = self.plan.prepared.clone();
        for destination in 0..self.plan.destinations.len() {
            source = self.promote(destination, source)?;
            if let Some(smoke) = &self.args.smoke {
                self.smoke(destination, smoke)?;
            }
        }
        Ok(())
    }

    /// The index of a step.
    fn place(&self, work: StepKind) -> usize {
        self.steps.iter().position(|step| step.work == work).unwrap_or_default()
    }

    /// Runs the tests and, unless there is a slug of the commit already, the build beside them.
    fn prepare(&mut self) -> Result<()> {
        let (tests, build) = (self.place(StepKind::Tests), self.place(StepKind::Build));
        // A build that is ended leaves its temporary files here; they are removed with the folder.
        let folder = temporary::Folder::new()?;
        let mut tasks = vec![self.start(tests, &in_repository(self.context, &self.args.test)?)?];
        if let Some(prepared) = &self.plan.prepared {
            let version = prepared.release.as_ref().map_or(ReleaseVersion::NONE, |release| release.version);
            let app = prepared.app.name.to_string();
            self.say(build, &format!("{} is prepared already: {app} {version}", self.plan.commit.short()));
            self.steps[build].releases.push((app, version));
            self.end(build, StepState::Unchanged);
        } else if self.plan.is_done(StepKind::Build) {
            self.say(build, &format!("{} runs already: nothing is built", self.plan.commit.short()));
            self.end(build, StepState::Unchanged);
        } else {
            let seconds = format!("{}s", self.args.wait_timeout.as_secs());
            let words = ["deploy", self.plan.commit.as_str(), "--yes", "--wait-timeout", &seconds];
            // A process of its own, not a call: when the tests fail or an interrupt comes, the build may be in the middle of
            // a git push or an upload, and a group of processes can be ended there while a thread cannot. Its output is also
            // captured line by line, git's among it.
            let line = internal::in_environment("prepare", words)?;
            let line = ["TMPDIR", "TMP"].into_iter().fold(line, |line, name| line.env(name, folder.path()));
            tasks.push(self.start(build, &line)?);
        }
        self.wait(tasks)
    }

    /// Runs the smoke command for every app of an environment, in parallel.
    fn smoke(&mut self, destination: usize, smoke: &str) -> Result<()> {
        let plan = self.plan;
        let mut tasks = Vec::new();
        for (app, running) in plan.destinations[destination].apps.iter().enumerate() {
            let line = variables(&plan.destinations[destination], running, &plan.commit)
                .into_iter()
                .fold(in_repository(self.context, smoke)?, |line, (name, value)| line.env(name, value));
            tasks.push(self.start(self.place(StepKind::Smoke(destination, app)), &line)?);
        }
        self.wait(tasks)
    }

    fn promote(&mut self, destination: usize, source: Option<StageApp>) -> Result<Option<StageApp>> {
        let at = self.place(StepKind::Promotion(destination));
        self.begin(at);
        let gate = Gate::default();
        let promotion = Promotion {
            gate: gate.clone(),
            client: Arc::clone(self.client),
            terminal: self.context.terminal.clone(),
            stages: self.plan.stages.clone(),
            tree_match: self.plan.tree_match.clone(),
            destination: self.plan.destinations[destination].clone(),
            source,
            commit: self.plan.commit.clone(),
            again: self.context.command(self.args.words()),
            wait_timeout: self.args.wait_timeout,
            wait_for_dynos: !self.args.no_wait_dynos,
        };
        promotion.begin(at, &self.to);
        let moved = loop {
            match self.hear(&mut []) {
                Ok(Some(moved)) => break moved,
                Ok(None) => {}
                Err(interrupted) => {
                    self.leave(destination, at, &gate);
                    return Err(interrupted);
                }
            }
        };
        match moved {
            Ok(moved) => Ok(self.moved(at, moved)),
            Err(error) => {
                self.end(at, StepState::Failed);
                Err(error)
            }
        }
    }

    fn moved(&mut self, at: usize, moved: Promoted) -> Option<StageApp> {
        (self.steps[at].releases, self.steps[at].replaced) = (moved.releases, moved.replaced);
        self.end(at, if moved.unchanged { StepState::Unchanged } else { StepState::Passed });
        moved.source
    }

    /// After an interrupt: keeps a promotion from beginning, or finds out whether one that has begun goes on.
    fn leave(&mut self, destination: usize, at: usize, gate: &Gate) {
        let stopped = gate.stop();
        let until = Instant::now() + LAST_WORDS;
        let mut moved = None;
        while let (None, Ok(Event { step, kind })) =
            (&moved, self.events.recv_timeout(until.saturating_duration_since(Instant::now())))
        {
            match kind {
                EventKind::Said(line) => self.say(step, &line),
                EventKind::StreamEnded => {}
                EventKind::Promoted(result) => moved = Some(*result),
            }
        }
        self.context.terminal.divert(None);
        let promotion = format!("the promotion to {}", self.plan.destinations[destination].environment);
        match moved {
            Some(Ok(moved)) => _ = self.moved(at, moved),
            _ if stopped => {}
            Some(Err(error)) if !matches!(error.kind(), Kind::Silent(_)) => {
                self.say(at, &error.to_string());
                self.end(at, StepState::Failed);
            }
            Some(Err(_)) => self.left = Some(format!("{promotion} continues at Heroku")),
            None => self.left = Some(format!("{promotion} may continue at Heroku")),
        }
    }

    /// Waits for all tasks; the first one that fails ends the others.
    fn wait(&mut self, mut tasks: Vec<Task>) -> Result<()> {
        while !tasks.is_empty() {
            self.hear(&mut tasks)?;
            let mut place = 0;
            while let Some(task) = tasks.get_mut(place) {
                let Some(code) = task.ended()? else {
                    place += 1;
                    continue;
                };
                let step = tasks.swap_remove(place).step;
                if code != 0 {
                    self.end(step, StepState::Failed);
                    return Err(self.failure(step, code));
                }
                self.end(step, StepState::Passed);
            }
        }
        Ok(())
    }

    /// Handles events for a moment; an interrupt is an error.
    fn hear(&mut self, tasks: &mut [Task]) -> Result<Option<Result<Promoted>>> {
        let mut moved = None;
        let tick = if tasks.iter().any(Task::is_ending) { SHORT_TICK } else { TICK };
        let mut next = self.events.recv_timeout(tick).ok();
        while let Some(Event { step, kind }) = next {
            match kind {
                EventKind::Said(line) => self.say(step, &line),
                EventKind::StreamEnded => {
                    tasks.iter_mut().filter(|task| task.step == step).for_each(Task::stream_ended);
                }
                EventKind::Promoted(result) => moved = Some(*result),
            }
            if let Some(code) = self.interrupted() {
                return Err(Error::silent(code));
            }
            next = self.events.try_recv().ok();
        }
        self.display.goes_on(&self.steps);
        match self.interrupted() {
            Some(code) => Err(Error::silent(code)),
            None => Ok(moved),
        }
    }

    fn interrupted(&self) -> Option<u8> {
        self.interrupts.as_ref().and_then(Interrupts::code)
    }

    /// Stops listening: from now on an interrupt ends the process.
    pub(super) fn listens_no_more(&mut self) {
        self.interrupts = None;
    }

    fn start(&mut self, step: usize, line: &CommandLine) -> Result<Task> {
        self.begin(step);
        let color = self.context.terminal.colors_stderr();
        Task::start(step, line, color, &self.to).inspect_err(|_| self.end(step, StepState::Failed))
    }

    fn begin(&mut self, step: usize) {
        self.steps[step].begin();
        self.display.begins(&self.steps, step);
    }

    fn say(&mut self, step: usize, text: &str) {
        for line in text.split('\n') {
            self.display.says(&self.steps[step], line);
            self.steps[step].say(line.to_owned());
        }
    }

    fn end(&mut self, step: usize, state: StepState) {
        self.steps[step].end(state);
        self.display.ends(&self.steps, step);
    }

    /// Exit 1 for a failed test or smoke command; a failed build keeps its own exit code.
    fn failure(&self, at: usize, code: u8) -> Error {
        let (what, typed) = match self.steps[at].work {
            StepKind::Tests => ("the tests failed".to_owned(), &self.args.test),
            StepKind::Smoke(destination, _) => {
                let environment = &self.plan.destinations[destination].environment;
                (
                    format!("the smoke command failed on {environment}"),
                    self.args.smoke.as_ref().unwrap_or(&self.args.test),
                )
            }
            StepKind::Build | StepKind::Promotion(_) => {
                let commit = self.plan.commit.short();
                return Error::new(
                    Kind::of_exit_code(code),
                    format!("{commit} could not be prepared (exit code {code})"),
                );
            }
        };
        Error::failed(format!("{what}: {} ended with exit code {code}", quote(typed.as_ref())))
    }
}
