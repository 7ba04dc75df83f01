//! After releases: waiting until the dynos of every app that got one are up on it.

use std::sync::Arc;
use std::time::Instant;

use super::failure::RollOutFailure;
use super::{RollOut, Seen, State, crash};
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::model::{AppName, ReleaseVersion};
use crate::parallel::in_parallel;
use crate::release::pipeline_state::StageApp;
use crate::release::polling::Polling;
use crate::release::promotion::Outcome;
use crate::release::report::failures;
use crate::terminal::Terminal;

/// One app's roll-out, and the outcome that it decides.
struct Pending<'a> {
    roll_out: RollOut<'a>,
    version: ReleaseVersion,
    /// The place of its outcome.
    place: usize,
    missing: String,
    /// What was said of it last.
    said: String,
}

/// Waits until the dynos of every release that succeeded are up on it. Where they crash, or other code is released, that
/// becomes the outcome, and the last lines of a crashed dyno are shown on stderr. `unchanged` apps ran the code before,
/// perhaps since a moment ago: their dynos are waited for too, and where they crash it is exit 1.
///
/// Exit 6 when `deadline` comes first; the releases run, and the dynos go on starting.
pub fn wait_until_served(
    client: &Arc<Client>,
    terminal: &Terminal,
    outcomes: &mut [Outcome],
    unchanged: &[&StageApp],
    deadline: Instant,
) -> Result<()> {
    let outcome = |running: &&StageApp| Outcome {
        app: running.app.name.to_string(),
        release: running.release.clone(),
        failure: None,
    };
    let mut others: Vec<Outcome> = unchanged.iter().map(outcome).collect();
    let mut all: Vec<&mut Outcome> = outcomes.iter_mut().chain(&mut others).collect();
    follow(client, terminal, &mut all, deadline)?;
    // The report has the failures of the others.
    if outcomes.iter().any(|outcome| outcome.failure.is_some()) { Ok(()) } else { failures(&others) }
}

fn follow(
    client: &Arc<Client>,
    terminal: &Terminal,
    outcomes: &mut [&mut Outcome],
    deadline: Instant,
) -> Result<()> {
    let apps: Vec<Option<AppName>> = outcomes.iter().map(|outcome| succeeded(outcome)).collect();
    let mut pending = begun(outcomes, &apps)?;
    if pending.is_empty() {
        return Ok(());
    }
    let names = names(&pending);
    let mut polling = Polling::begin(terminal, format!("the start of the dynos of {names}"))?
        .shown_as(format!("the dynos of {names}"));
    loop {
        let seen = in_parallel(&pending, |entry| entry.roll_out.look(client));
        let seen = polling.seen(seen.into_iter().collect::<Result<Vec<Seen>>>());
        if let Some(seen) = seen.map_err(|error| lost(error, &pending))? {
            let mut seen = seen.into_iter();
            pending.retain_mut(|entry| {
                let state = seen.next().map(|seen| entry.roll_out.judge(seen));
                entry.goes_on(state, outcomes[entry.place], client, terminal)
            });
            if pending.is_empty() {
                return Ok(());
            }
            if pending.iter().any(|entry| entry.roll_out.confirms) {
                continue;
            }
        }
        if Instant::now() >= deadline {
            return Err(too_late(&pending));
        }
        for entry in &mut pending {
            entry.tell(terminal);
        }
        polling.show(pending.iter().map(|entry| entry.roll_out.shown()).collect::<Vec<_>>().join(", "));
        let next = pending.iter().map(|entry| entry.roll_out.next_look(deadline)).min();
        polling.pause(next.unwrap_or(deadline))?;
    }
}

/// The app of a release that succeeded.
fn succeeded(outcome: &Outcome) -> Option<AppName> {
    outcome.failure.is_none().then(|| outcome.release.as_ref().map(|release| release.app.name.clone()))?
}

fn begun<'a>(outcomes: &[&mut Outcome], apps: &'a [Option<AppName>]) -> Result<Vec<Pending<'a>>> {
    let mut pending = Vec::new();
    for (place, (outcome, app)) in outcomes.iter().zip(apps).enumerate() {
        if let (Some(app), Some(release)) = (app, &outcome.release) {
            let roll_out = RollOut::of(app)?.on(release.clone());
            let said = String::new();
            pending.push(Pending { roll_out, version: release.version, place, missing: String::new(), said });
        }
    }
    Ok(pending)
}

impl Pending<'_> {
    /// Whether it is still waited for.
    fn goes_on(
        &mut self,
        state: Option<State>,
        outcome: &mut Outcome,
        client: &Arc<Client>,
        terminal: &Terminal,
    ) -> bool {
        match state {
            Some(State::Up(_) | State::NoRelease) => false,
            Some(State::Failed(failure)) => {
                if let RollOutFailure::Dyno { name, .. } = &failure {
                    let since = outcome.release.as_ref().map_or("", |release| &release.created_at);
                    crash::show_last_lines(client, terminal, self.roll_out.app, name, since);
                }
                outcome.failure = Some(failure.of_outcome());
                false
            }
            Some(State::Waiting(missing)) => {
                self.missing = missing;
                true
            }
            None => true,
        }
    }

    /// Off a terminal, each change is a line. On one, the progress line shows them.
    fn tell(&mut self, terminal: &Terminal) {
        let counts = self.roll_out.counts.to_string();
        if counts == self.said || terminal.draws_progress() {
            return;
        }
        // How it begins is no news.
        if !self.said.is_empty() {
            terminal.status(&format!("{}: {counts}", self.roll_out.app));
        }
        self.said = counts;
    }
}

fn names(pending: &[Pending<'_>]) -> String {
    pending.iter().map(|entry| entry.roll_out.app.as_ref()).collect::<Vec<_>>().join(", ")
}

fn too_late(pending: &[Pending<'_>]) -> Error {
    let late = |entry: &Pending<'_>| {
        let missing = if entry.missing.is_empty() { "no dyno was seen" } else { &entry.missing };
        format!("{} {} is released, but not every dyno is up: {missing}", entry.roll_out.app, entry.version)
    };
    let error = Error::timed_out(pending.iter().map(late).collect::<Vec<_>>().join("; "));
    pending.iter().fold(error, |error, entry| error.hint_about(entry.roll_out.app, ["ps:wait"]))
}

fn lost(error: Error, pending: &[Pending<'_>]) -> Error {
    let error = error.context(format!("released, but the dynos of {} cannot be read", names(pending)));
    pending.iter().fold(error, |error, entry| error.hint_about(entry.roll_out.app, ["ps:wait"]))
}
