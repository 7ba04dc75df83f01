//! The steps, one after the other, and tests and build side by side; the first failure ends what runs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::Args;
use super::lane::{Lane, News, What};
use super::promotion::{Gate, Moved, Promotion};
use super::route::{Route, Stop};
use super::step::{State, Step, Work};
use super::view::View;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::Client;
use crate::interrupts::Interrupts;
use crate::process::{CommandLine, internal};
use crate::release::{Running, short};
use crate::temporary;
use crate::text::quote;

/// How soon an end or an interrupt is noticed that nothing tells of.
const TICK: Duration = Duration::from_millis(20);

/// The same, where an end is about to come.
const SHORT_TICK: Duration = Duration::from_millis(1);

/// A promotion that is interrupted has this long to tell how it ends.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A commit on its way.
pub(super) struct Flow<'a> {
    context: &'a Context,
    args: &'a Args,
    route: &'a Route,
    client: &'a Arc<Client>,
    /// What is done, in the order in which it begins.
    pub(super) steps: Vec<Step>,
    /// Where that is shown.
    pub(super) view: View,
    /// When it began.
    pub(super) begun: Instant,
    /// What an interrupt left to itself.
    pub(super) left: Option<String>,
    interrupts: Option<Interrupts>,
    to: SyncSender<News>,
    news: Receiver<News>,
}

impl<'a> Flow<'a> {
    /// Nothing is begun; from now on interrupts are noticed.
    pub(super) fn new(context: &'a Context, args: &'a Args, route: &'a Route) -> Result<Self> {
        let steps = steps(args, route)?;
        let (to, news) = sync_channel(1024);
        Ok(Self {
            context,
            args,
            route,
            client: context.heroku()?,
            view: View::new(&context.terminal, &steps),
            steps,
            begun: Instant::now(),
            left: None,
            interrupts: Some(Interrupts::listen()?),
            to,
            news,
        })
    }

    /// Does all of it. After a failure nothing runs any more that was started here.
    pub(super) fn run(&mut self) -> Result<()> {
        let done = self.go_all_the_way();
        // What ran when it failed was ended by that.
        for at in 0..self.steps.len() {
            if self.steps[at].state == State::Running {
                self.end(at, State::Stopped);
            }
        }
        done
    }

    fn go_all_the_way(&mut self) -> Result<()> {
        self.prepare()?;
        let mut source = self.route.prepared.clone();
        for stop in 0..self.route.stops.len() {
            source = self.promote(stop, source)?;
            if let Some(smoke) = &self.args.smoke {
                self.smoke(stop, smoke)?;
            }
        }
        Ok(())
    }

    /// A step's place.
    fn place(&self, work: Work) -> usize {
        self.steps.iter().position(|step| step.work == work).unwrap_or_default()
    }

    /// The tests, and beside them the build, unless there is a slug of the commit already.
    fn prepare(&mut self) -> Result<()> {
        let (tests, build) = (self.place(Work::Tests), self.place(Work::Build));
        // What a build that is ended in the middle leaves there goes with it.
        let folder = temporary::Folder::new()?;
        let mut lanes = vec![self.start(tests, &in_repository(self.context, &self.args.test)?)?];
        if let Some(prepared) = &self.route.prepared {
            let version = prepared.release.as_ref().map_or(0, |release| release.version);
            let app = prepared.app.name.to_string();
            self.say(build, &format!("{} is prepared already: {app} v{version}", short(&self.route.commit)));
            self.steps[build].releases.push((app, version));
            self.end(build, State::Unchanged);
        } else if self.route.is_done(Work::Build) {
            self.say(build, &format!("{} runs already: nothing is built", short(&self.route.commit)));
            self.end(build, State::Unchanged);
        } else {
            let seconds = format!("{}s", self.args.wait_timeout.as_secs());
            let words = ["deploy", &self.route.commit, "--yes", "--wait-timeout", &seconds];
            let line = internal::in_environment("prepare", words)?;
            let line = ["TMPDIR", "TMP"].into_iter().fold(line, |line, name| line.env(name, folder.path()));
            lanes.push(self.start(build, &line)?);
        }
        self.wait(lanes)
    }

    /// Asks every app of a stop whether it answers, side by side.
    fn smoke(&mut self, stop: usize, smoke: &str) -> Result<()> {
        let route = self.route;
        let mut lanes = Vec::new();
        for (app, running) in route.stops[stop].apps.iter().enumerate() {
            let line = variables(&route.stops[stop], running, &route.commit)
                .into_iter()
                .fold(in_repository(self.context, smoke)?, |line, (name, value)| line.env(name, value));
            lanes.push(self.start(self.place(Work::Smoke(stop, app)), &line)?);
        }
        self.wait(lanes)
    }

    fn promote(&mut self, stop: usize, source: Option<Running>) -> Result<Option<Running>> {
        let at = self.place(Work::Promotion(stop));
        self.begin(at);
        let gate = Gate::default();
        let promotion = Promotion {
            gate: gate.clone(),
            client: Arc::clone(self.client),
            terminal: self.context.terminal.clone(),
            stages: self.route.stages.clone(),
            alike: self.route.alike.clone(),
            stop: self.route.stops[stop].clone(),
            source,
            commit: self.route.commit.clone(),
            again: self.context.command(self.args.words()),
            wait_timeout: self.args.wait_timeout,
        };
        promotion.begin(at, &self.to);
        let moved = loop {
            match self.hear(&mut []) {
                Ok(Some(moved)) => break moved,
                Ok(None) => {}
                Err(interrupted) => {
                    self.leave(stop, at, &gate);
                    return Err(interrupted);
                }
            }
        };
        match moved {
            Ok(moved) => Ok(self.moved(at, moved)),
            Err(error) => {
                self.end(at, State::Failed);
                Err(error)
            }
        }
    }

    fn moved(&mut self, at: usize, moved: Moved) -> Option<Running> {
        (self.steps[at].releases, self.steps[at].replaced) = (moved.releases, moved.replaced);
        self.end(at, if moved.unchanged { State::Unchanged } else { State::Passed });
        moved.source
    }

    /// After an interrupt: what was not asked for yet is not begun any more, and of the rest it is told what becomes of it.
    fn leave(&mut self, stop: usize, at: usize, gate: &Gate) {
        let stopped = gate.stop();
        let until = Instant::now() + LAST_WORDS;
        let mut moved = None;
        while let (None, Ok(News { step, what })) =
            (&moved, self.news.recv_timeout(until.saturating_duration_since(Instant::now())))
        {
            match what {
                What::Said(line) => self.say(step, &line),
                What::StreamEnded => {}
                What::Moved(result) => moved = Some(*result),
            }
        }
        self.context.terminal.divert(None);
        let promotion = format!("the promotion to {}", self.route.stops[stop].environment);
        match moved {
            Some(Ok(moved)) => _ = self.moved(at, moved),
            _ if stopped => {}
            Some(Err(error)) if !matches!(error.kind(), Kind::Silent(_)) => {
                self.say(at, &error.to_string());
                self.end(at, State::Failed);
            }
            Some(Err(_)) => self.left = Some(format!("{promotion} goes on by itself")),
            None => self.left = Some(format!("{promotion} may go on by itself")),
        }
    }

    /// Waits for the end of all of them; the first that fails ends the others.
    fn wait(&mut self, mut lanes: Vec<Lane>) -> Result<()> {
        while !lanes.is_empty() {
            self.hear(&mut lanes)?;
            let mut place = 0;
            while let Some(lane) = lanes.get_mut(place) {
                let Some(code) = lane.ended()? else {
                    place += 1;
                    continue;
                };
                let step = lanes.swap_remove(place).step;
                if code != 0 {
                    self.end(step, State::Failed);
                    return Err(self.failure(step, code));
                }
                self.end(step, State::Passed);
            }
        }
        Ok(())
    }

    /// Hears what is new, for a moment; an interrupt is an error.
    fn hear(&mut self, lanes: &mut [Lane]) -> Result<Option<Result<Moved>>> {
        let mut moved = None;
        let tick = if lanes.iter().any(Lane::is_ending) { SHORT_TICK } else { TICK };
        let mut next = self.news.recv_timeout(tick).ok();
        while let Some(News { step, what }) = next {
            match what {
                What::Said(line) => self.say(step, &line),
                What::StreamEnded => {
                    lanes.iter_mut().filter(|lane| lane.step == step).for_each(Lane::stream_ended);
                }
                What::Moved(result) => moved = Some(*result),
            }
            if let Some(code) = self.interrupted() {
                return Err(Error::silent(code));
            }
            next = self.news.try_recv().ok();
        }
        self.view.goes_on(&self.steps);
        match self.interrupted() {
            Some(code) => Err(Error::silent(code)),
            None => Ok(moved),
        }
    }

    fn interrupted(&self) -> Option<u8> {
        self.interrupts.as_ref().and_then(Interrupts::code)
    }

    /// From now on an interrupt ends the process again.
    pub(super) fn listens_no_more(&mut self) {
        self.interrupts = None;
    }

    fn start(&mut self, step: usize, line: &CommandLine) -> Result<Lane> {
        self.begin(step);
        let color = self.context.terminal.colors_stderr();
        Lane::start(step, line, color, &self.to).inspect_err(|_| self.end(step, State::Failed))
    }

    fn begin(&mut self, step: usize) {
        self.steps[step].begin();
        self.view.begins(&self.steps, step);
    }

    fn say(&mut self, step: usize, text: &str) {
        for line in text.split('\n') {
            self.view.says(&self.steps[step], line);
            self.steps[step].say(line.to_owned());
        }
    }

    fn end(&mut self, step: usize, state: State) {
        self.steps[step].end(state);
        self.view.ends(&self.steps, step);
    }

    /// A command that was typed for it fails with exit 1; what greenroom does itself keeps its own code.
    fn failure(&self, at: usize, code: u8) -> Error {
        let (what, typed) = match self.steps[at].work {
            Work::Tests => ("the tests failed".to_owned(), &self.args.test),
            Work::Smoke(stop, _) => {
                let environment = &self.route.stops[stop].environment;
                (
                    format!("the smoke command failed on {environment}"),
                    self.args.smoke.as_ref().unwrap_or(&self.args.test),
                )
            }
            Work::Build | Work::Promotion(_) => {
                let commit = short(&self.route.commit);
                return Error::new(
                    Kind::of_exit_code(code),
                    format!("{commit} could not be prepared (exit code {code})"),
                );
            }
        };
        Error::failed(format!("{what}: {} ended with exit code {code}", quote(typed.as_ref())))
    }
}

/// A line that was typed, to be run at the repository's root.
fn in_repository(context: &Context, typed: &str) -> Result<CommandLine> {
    let line = CommandLine::in_shell(typed)?;
    Ok(match context.repository()? {
        Some(repository) => line.current_dir(std::path::absolute(repository.root())?),
        None => line,
    })
}

/// What a smoke command is told of the app.
fn variables(stop: &Stop, app: &Running, commit: &str) -> Vec<(&'static str, String)> {
    let url = app.app.web_url.clone().map(|url| ("APP_URL", url));
    let told = [("GREENROOM_ENVIRONMENT", stop.environment.clone()), ("GREENROOM_COMMIT", commit.to_owned())];
    url.into_iter().chain(told).collect()
}

/// The steps of the way, each with the line that does it.
pub(super) fn steps(args: &Args, route: &Route) -> Result<Vec<Step>> {
    let commit = &route.commit;
    let mut steps = vec![
        Step::new(Work::Tests, "tests", args.test.clone()),
        Step::new(Work::Build, "build", format!("prepare deploy {commit} --yes")),
    ];
    for (place, stop) in route.stops.iter().enumerate() {
        let name = &stop.environment;
        let line = stop.promotion(route.source(), &["--commit", commit, "--yes"]);
        steps.push(Step::new(Work::Promotion(place), name, line.to_string()));
        let Some(smoke) = &args.smoke else { continue };
        for (at, app) in stop.apps.iter().enumerate() {
            let name = match stop.apps.len() {
                1 => format!("{name} smoke"),
                _ => format!("{name} smoke {}", app.app.name),
            };
            let told = variables(stop, app, commit).into_iter();
            let mut words: Vec<String> =
                told.map(|(name, value)| format!("{name}={}", quote(value.as_ref()))).collect();
            words.push(CommandLine::in_shell(smoke)?.to_string());
            steps.push(Step::new(Work::Smoke(place, at), name, words.join(" ")));
        }
    }
    Ok(steps)
}
