//! One promotion on the way, in a thread of its own, so that an interrupt need not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::plan::Destination;
use super::task::{Event, EventKind};
use crate::config::Match;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::Client;
use crate::hint::Hint;
use crate::inventory;
use crate::parallel::{both, in_parallel};
use crate::release::{self, PipelineState, Plan, SlugSearch, Source, StageApp, TreeMatch, short};
use crate::terminal::Terminal;

/// What is promoted, and where to.
pub(super) struct Promotion {
    /// The way to the apps.
    pub(super) client: Arc<Client>,
    /// Where what is said goes: it is heard as the step's.
    pub(super) terminal: Terminal,
    /// The pipeline, as it was when the plan was shown.
    pub(super) stages: PipelineState,
    /// Which commits count as others.
    pub(super) tree_match: TreeMatch,
    /// Where the slug comes to.
    pub(super) destination: Destination,
    /// Who has the slug; none where that must be looked up.
    pub(super) source: Option<StageApp>,
    /// The commit's full id.
    pub(super) commit: String,
    /// Where an interrupt stops it.
    pub(super) gate: Gate,
    /// The line that shows the plan as it is now.
    pub(super) again: Hint,
    /// How long is waited.
    pub(super) wait_timeout: Duration,
}

/// Whether a promotion is asked for: it and an interrupt meet here, and whoever comes first decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<AtomicU8>);

/// What became of it.
const NOT_SENT: u8 = 0;
const SENT: u8 = 1;
const STOPPED: u8 = 2;

impl Gate {
    /// From now on nothing is asked for, if it was not yet; whether it was stopped.
    pub(super) fn stop(&self) -> bool {
        self.decide(STOPPED)
    }

    /// The promotion is about to be asked for; an error where it was stopped.
    fn pass(&self) -> Result<()> {
        if self.decide(SENT) {
            Ok(())
        } else {
            Err(Error::failed("the promotion was stopped before it began"))
        }
    }

    fn decide(&self, for_good: u8) -> bool {
        self.0.compare_exchange(NOT_SENT, for_good, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

/// A promotion that is done.
pub(super) struct Promoted {
    /// Who has the slug; none where that did not matter.
    pub(super) source: Option<StageApp>,
    /// What runs it now, as app and version.
    pub(super) releases: Vec<(String, u64)>,
    /// What ran before on those of them that got a release here.
    pub(super) replaced: Vec<(String, u64)>,
    /// Whether all of these ran it before.
    pub(super) unchanged: bool,
}

impl Promotion {
    /// Goes on by itself; what it says and how it ends is heard of `step`.
    pub(super) fn begin(self, step: usize, to: &SyncSender<Event>) {
        let to = to.clone();
        let (said, lines) = sync_channel(64);
        // Before the thread begins: whoever stops listening does so after this.
        self.terminal.divert(Some(said));
        thread::spawn(move || {
            let hears = to.clone();
            let hearing = thread::spawn(move || {
                lines.into_iter().try_for_each(|line| hears.send(Event { step, kind: EventKind::Said(line) }))
            });
            let terminal = self.terminal.clone();
            let reached = self.destination.clone();
            let moved = self.run().map_err(|error| reached.told(error));
            terminal.divert(None);
            // Its last words come before its end; that nobody listens any more is told below.
            _ = hearing.join();
            _ = to.send(Event { step, kind: EventKind::Promoted(Box::new(moved)) });
        });
    }

    fn run(self) -> Result<Promoted> {
        let deadline = Instant::now() + self.wait_timeout;
        let client = Arc::clone(&self.client);
        let _limit = client.within(deadline);
        let repository =
            Repository::discover()?.ok_or_else(|| Error::failed("the git repository is no longer there"))?;
        repository.wait_until(deadline);
        let early = || if self.destination.is_done { Ok(None) } else { self.source(&repository).map(Some) };
        let (targets, source) = both(|| self.targets(deadline), early);
        let (source, mut targets) = (source?, targets?);
        for commit in targets.iter_mut().filter_map(|running| running.commit.as_mut()) {
            *commit = repository.full_id(commit);
        }
        for running in &mut targets {
            self.tree_match.apply(&repository, running)?;
        }
        let moved = self.moved(&targets)?;
        if targets.iter().all(|running| running.runs(&self.commit)) {
            return Ok(self.unchanged(&targets));
        }
        let source = source.map_or_else(|| self.source(&repository), Ok)?;
        let targets: Vec<&StageApp> = targets.iter().collect();
        release::refuse_unsupported(&source, &targets)?;
        // Where nothing moved, what lies between was looked at before the plan was shown.
        let unsure = moved || !self.destination.compared;
        let plan = Plan::new(Source::Slug(&source), &targets, Some(&repository).filter(|_| unsure), false)?;
        if unsure {
            plan.refuse_losses(self.destination.protected.is_some(), &self.destination.back(&self.commit))?;
        }
        let mut releases: Vec<(String, u64)> = plan.done.iter().filter_map(|running| ran(running)).collect();
        let replaced = plan.targets.iter().filter_map(|step| ran(step.app)).collect();
        let unchanged = plan.targets.is_empty();
        if !unchanged {
            let pipeline = &self.stages.id;
            let outcomes =
                release::run_promotion_once(&self.client, &self.terminal, pipeline, &plan, deadline, || {
                    self.gate.pass()
                });
            inventory::changed(plan.apps(), inventory::RELEASED);
            let outcomes = outcomes?;
            release::failures(&outcomes)?;
            let made =
                outcomes.into_iter().filter_map(|outcome| Some((outcome.app, outcome.release?.version)));
            releases.extend(made);
        }
        drop(plan);
        Ok(Promoted { source: Some(source), releases, replaced, unchanged })
    }

    /// Where all of the apps run the commit.
    fn unchanged(&self, targets: &[StageApp]) -> Promoted {
        let releases = targets.iter().filter_map(ran).collect();
        Promoted { source: self.source.clone(), releases, replaced: Vec::new(), unchanged: true }
    }

    /// The app that has the slug now that it is built, as it was with that slug's release.
    fn source(&self, repository: &Repository) -> Result<StageApp> {
        if let Some(source) = &self.source {
            return Ok(source.clone());
        }
        let search =
            SlugSearch { client: &self.client, repository, matches: Match::Commit, commit: &self.commit };
        let found = search.upstream_of(&self.stages, &self.destination.apps[0].stage)?;
        found.map(|prepared| prepared.source).ok_or_else(|| {
            let short = short(&self.commit);
            Error::failed(format!(
                "{short} was built, but no app before {} has it",
                self.destination.environment
            ))
            .hint_line(["prepare", "deploy", short])
        })
    }

    /// The stop's apps as they are now, after releases that somebody else was making.
    fn targets(&self, deadline: Instant) -> Result<Vec<StageApp>> {
        loop {
            let now = in_parallel(&self.destination.apps, |running| running.again(&self.client));
            let now: Vec<StageApp> = now.into_iter().collect::<Result<_>>()?;
            let apps: Vec<&StageApp> = now.iter().collect();
            if apps.iter().all(|running| release::pending_release(running).is_none()) {
                return Ok(now);
            }
            release::wait_for_pending_releases(&self.client, &self.terminal, &apps, deadline)?;
        }
    }

    /// Whether any of the apps runs another commit than when the plan was shown. Exit 5 where it is protected: it was
    /// another plan that was agreed to.
    fn moved(&self, targets: &[StageApp]) -> Result<bool> {
        let has_moved = |(before, now): &(&StageApp, &StageApp)| {
            before.commit != now.commit && now.commit.as_deref() != Some(self.commit.as_str())
        };
        match self.destination.apps.iter().zip(targets).find(has_moved) {
            Some((_, now)) if self.destination.protected.is_some() => Err(Error::refused(format!(
                "{} got another commit meanwhile, and was left alone",
                now.app.name
            ))
            .hint(self.again.clone().note("shows the plan as it is now"))),
            moved => Ok(moved.is_some()),
        }
    }
}

/// The release that an app runs, as app and version.
fn ran(running: &StageApp) -> Option<(String, u64)> {
    Some((running.app.name.to_string(), running.release.as_ref()?.version))
}
