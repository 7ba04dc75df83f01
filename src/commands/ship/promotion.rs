//! One promotion of a ship, in a thread of its own, so that an interrupt need not wait for it.

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
use crate::model::{CommitId, ReleaseVersion};
use crate::parallel::{both, in_parallel};
use crate::release::{self, Outcome, PipelineState, Plan, SlugSearch, Source, StageApp, TreeMatch};
use crate::terminal::Terminal;

/// A promotion to one environment.
pub(super) struct Promotion {
    /// Reaches Heroku.
    pub(super) client: Arc<Client>,
    /// Its messages become events of the step.
    pub(super) terminal: Terminal,
    /// The pipeline, as it was when the plan was shown.
    pub(super) stages: PipelineState,
    /// Which commits count as equal by their files.
    pub(super) tree_match: TreeMatch,
    /// The environment that gets the slug.
    pub(super) destination: Destination,
    /// The app that has the slug; `None` if it must be looked up.
    pub(super) source: Option<StageApp>,
    /// The commit.
    pub(super) commit: CommitId,
    /// Lets an interrupt stop it.
    pub(super) gate: Gate,
    /// The command that shows the current plan.
    pub(super) again: Hint,
    /// How long the promotion, and then the dynos, are waited for.
    pub(super) wait_timeout: Duration,
    /// Whether the dynos are waited for before the smoke command starts.
    pub(super) wait_for_dynos: bool,
}

/// Whether the promotion's request is sent. The promotion and an interrupt decide it here, whichever comes first.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<AtomicU8>);

/// The states of a gate.
const NOT_SENT: u8 = 0;
const SENT: u8 = 1;
const STOPPED: u8 = 2;

impl Gate {
    /// Keeps the request from being sent; true unless it was sent already.
    pub(super) fn stop(&self) -> bool {
        self.decide(STOPPED)
    }

    /// Called before the request is sent; an error stops it.
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

/// A promotion that ended well.
pub(super) struct Promoted {
    /// The app that has the slug; `None` if it was not looked up.
    pub(super) source: Option<StageApp>,
    /// The releases that run the commit now, as app and version.
    pub(super) releases: Vec<(String, ReleaseVersion)>,
    /// The releases that these replaced, as app and version.
    pub(super) replaced: Vec<(String, ReleaseVersion)>,
    /// Whether all of the apps ran the commit before.
    pub(super) unchanged: bool,
}

impl Promotion {
    /// Starts the thread; messages and end are sent as events of `step`.
    pub(super) fn begin(self, step: usize, to: &SyncSender<Event>) {
        let to = to.clone();
        let (said, lines) = sync_channel(64);
        // Before the thread starts, so that a later `divert(None)` is the last word.
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
            // All messages go before the end; a receiver that is gone shows below.
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
            *commit = repository.completed(commit);
        }
        for running in &mut targets {
            self.tree_match.apply(&repository, running)?;
        }
        let moved = self.moved(&targets)?;
        if targets.iter().all(|running| running.runs(&self.commit)) {
            self.wait_for_dynos(&mut [], &targets.iter().collect::<Vec<_>>(), deadline)?;
            return Ok(self.unchanged(&targets));
        }
        let source = source.map_or_else(|| self.source(&repository), Ok)?;
        let targets: Vec<&StageApp> = targets.iter().collect();
        release::refuse_unsupported(&source, &targets)?;
        // Where nothing moved, losses were checked before the plan was shown.
        let unsure = moved || !self.destination.compared;
        let plan = Plan::new(Source::Slug(&source), &targets, Some(&repository).filter(|_| unsure), false)?;
        if unsure {
            plan.refuse_losses(self.destination.protected.is_some(), &self.destination.back(&self.commit))?;
        }
        let mut releases: Vec<(String, ReleaseVersion)> =
            plan.done.iter().filter_map(|running| ran(running)).collect();
        let replaced = plan.targets.iter().filter_map(|step| ran(step.app)).collect();
        let unchanged = plan.targets.is_empty();
        if !unchanged {
            let pipeline = &self.stages.id;
            let outcomes =
                release::run_promotion_once(&self.client, &self.terminal, pipeline, &plan, deadline, || {
                    self.gate.pass()
                });
            let mut outcomes = outcomes?;
            self.wait_for_dynos(&mut outcomes, &plan.done, deadline)?;
            release::failures(&outcomes)?;
            let made =
                outcomes.into_iter().filter_map(|outcome| Some((outcome.app, outcome.release?.version)));
            releases.extend(made);
        }
        drop(plan);
        Ok(Promoted { source: Some(source), releases, replaced, unchanged })
    }

    /// Waits until the dynos of the targets, and of the apps that ran the commit before, are up: the smoke command must
    /// reach the new code.
    fn wait_for_dynos(
        &self,
        outcomes: &mut [Outcome],
        unchanged: &[&StageApp],
        deadline: Instant,
    ) -> Result<()> {
        if !self.wait_for_dynos {
            return Ok(());
        }
        release::wait_until_served(&self.client, &self.terminal, outcomes, unchanged, deadline)
    }

    /// The result where all of the apps run the commit.
    fn unchanged(&self, targets: &[StageApp]) -> Promoted {
        let releases = targets.iter().filter_map(ran).collect();
        Promoted { source: self.source.clone(), releases, replaced: Vec::new(), unchanged: true }
    }

    /// The app that has the slug now that it is built, in the state of that slug's release.
    fn source(&self, repository: &Repository) -> Result<StageApp> {
        if let Some(source) = &self.source {
            return Ok(source.clone());
        }
        let search =
            SlugSearch { client: &self.client, repository, matches: Match::Commit, commit: &self.commit };
        let found = search.upstream_of(&self.stages, &self.destination.apps[0])?;
        found.map(|prepared| prepared.source).ok_or_else(|| {
            let short = self.commit.short();
            Error::failed(format!(
                "{short} was built, but no app upstream of {} has its slug",
                self.destination.environment
            ))
            .hint_line(["prepare", "deploy", short])
        })
    }

    /// The environment's apps as they are now, once no release of somebody else is pending.
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

    /// Whether any of the apps runs another commit than when the plan was shown. Exit 5 where it is protected: the
    /// confirmation was for another plan.
    fn moved(&self, targets: &[StageApp]) -> Result<bool> {
        let has_moved = |(before, now): &(&StageApp, &StageApp)| {
            before.commit != now.commit && now.commit.as_ref() != Some(&*self.commit)
        };
        match self.destination.apps.iter().zip(targets).find(has_moved) {
            Some((_, now)) if self.destination.protected.is_some() => Err(Error::refused(format!(
                "{} got another commit meanwhile and was not promoted to",
                now.app.name
            ))
            .hint(self.again.clone().note("shows the current plan"))),
            moved => Ok(moved.is_some()),
        }
    }
}

/// The release that an app runs, as app and version.
fn ran(running: &StageApp) -> Option<(String, ReleaseVersion)> {
    Some((running.app.name.to_string(), running.release.as_ref()?.version))
}
