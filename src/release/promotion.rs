//! Promotes, and waits until every target runs the slug or failed to.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::phase;
use super::plan::{Plan, Step};
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Client, Id, PromotionTarget, Release, in_parallel};
use crate::terminal::Terminal;

/// The Platform API may be out of reach for this long before the watch is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// For this long it is looked every second; then less often, because the account's requests are counted.
const SOON: Duration = Duration::from_secs(120);

/// What release phases wrote may come this much later than the word that they are done.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How the promotion went for one target.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The app.
    pub app: String,
    /// The release it made, where one was made.
    pub release: Option<Release>,
    /// Why it failed; none where it did not.
    pub failure: Option<String>,
}

/// Promotes what the plan says, showing release phases on stderr; the outcomes in the plan's order.
///
/// Exit 6 when `deadline` comes first: the promotion itself goes on.
pub fn promote(
    client: &Arc<Client>,
    terminal: &Terminal,
    pipeline: &str,
    plan: &Plan<'_>,
    deadline: Instant,
) -> Result<Vec<Outcome>> {
    let promotion = client.start_promotion(&plan.body(pipeline)?).map_err(|error| unsure(error, plan))?;
    let (sender, lines) = mpsc::sync_channel(256);
    let mut followed = BTreeSet::new();
    let watch = Watch { client, terminal, plan, promotion: &promotion.id, deadline };
    let outcomes = watch.until_done(&lines, |app, url| {
        if followed.insert(app.to_owned()) {
            let (client, app, url, sender) =
                (Arc::clone(client), app.to_owned(), url.to_owned(), sender.clone());
            // Not waited for at the end: a stream that stays open must not hold back the outcome.
            thread::spawn(move || phase::follow(&client, &app, &url, deadline, &sender));
        }
    })?;
    drop(sender);
    // What the phases wrote last is still on its way; their streams end with them.
    show_until(terminal, &lines, (Instant::now() + LAST_WORDS).min(deadline));
    Ok(outcomes)
}

/// Shows the lines that come until then, or until nobody can send any more.
fn show_until(terminal: &Terminal, lines: &Receiver<String>, until: Instant) {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => terminal.status(&line),
            Err(_) => return,
        }
        if left.is_zero() {
            return;
        }
    }
}

/// A promotion whose answer was lost may have been started: says how to look, and never repeats it.
fn unsure(error: Error, plan: &Plan<'_>) -> Error {
    let broke = error.downcast_ref::<ApiError>().is_some_and(|refusal| refusal.status >= 500);
    if !broke && !error.may_have_been_done() {
        return error;
    }
    let apps = plan.targets.iter().map(|step| step.app.app.name.as_ref()).collect::<Vec<_>>();
    let hints = apps.iter().map(|app| format!("heroku releases --app {app}"));
    hints.fold(error.context("it is not known whether the promotion was started"), Error::hint)
}

struct Watch<'a> {
    client: &'a Client,
    terminal: &'a Terminal,
    plan: &'a Plan<'a>,
    promotion: &'a str,
    deadline: Instant,
}

/// What is known of one target while it is watched.
struct Seen {
    target: PromotionTarget,
    release: Option<Release>,
}

impl Seen {
    fn is_done_for(&self, step: &Step<'_>) -> bool {
        self.target.app.id == step.app.app.id && self.is_done()
    }

    /// The promotion may be done with an app whose release phase still runs.
    fn is_done(&self) -> bool {
        match (&self.target.status[..], &self.release) {
            ("pending", _) => false,
            ("succeeded", Some(release)) => !release.is_pending(),
            _ => true,
        }
    }
}

impl Watch<'_> {
    fn until_done(
        &self,
        lines: &Receiver<String>,
        mut follow: impl FnMut(&str, &str),
    ) -> Result<Vec<Outcome>> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(100);
        let mut reached = begun;
        let mut ended = HashMap::new();
        loop {
            match self.look(&mut ended) {
                Ok(seen) => {
                    reached = Instant::now();
                    for (app, url) in self.streams(&seen) {
                        follow(app, url);
                    }
                    if self.plan.targets.iter().all(|step| seen.iter().any(|seen| seen.is_done_for(step))) {
                        return Ok(self.outcomes(&seen));
                    }
                }
                Err(error) if ApiError::is_refusal(&error) || reached.elapsed() > PATIENCE => {
                    return Err(self.lost(error));
                }
                Err(error) => self.terminal.detail(|| format!("cannot look at the promotion: {error}")),
            }
            if Instant::now() >= self.deadline {
                return Err(self.too_late());
            }
            // Shows what the phases write while the next look is waited for.
            show_until(self.terminal, lines, (Instant::now() + pause).min(self.deadline));
            let longest =
                if begun.elapsed() < SOON { Duration::from_secs(1) } else { Duration::from_secs(5) };
            pause = (pause * 3 / 2).min(longest);
        }
    }

    /// Every target's state, and its release's where there is one; the releases in parallel, and those that have
    /// come to their end not again.
    fn look(&self, ended: &mut HashMap<String, Release>) -> Result<Vec<Seen>> {
        let targets = self.client.promotion_targets(self.promotion)?;
        let releases = in_parallel(&targets, |target| {
            let Some(Id { id }) = &target.release else { return Ok(None) };
            let known = ended.get(id).cloned();
            known.map_or_else(|| self.client.release(&target.app.id, id), Ok).map(Some)
        });
        let pair = |(target, release): (PromotionTarget, Result<_>)| Ok(Seen { target, release: release? });
        let seen: Vec<Seen> = targets.into_iter().zip(releases).map(pair).collect::<Result<_>>()?;
        let final_ones =
            seen.iter().filter_map(|seen| seen.release.as_ref()).filter(|release| !release.is_pending());
        ended.extend(final_ones.map(|release| (release.id.clone(), release.clone())));
        Ok(seen)
    }

    fn streams<'s>(&'s self, seen: &'s [Seen]) -> impl Iterator<Item = (&'s str, &'s str)> {
        seen.iter().filter_map(|seen| {
            let url = seen.release.as_ref()?.output_stream_url.as_deref()?;
            Some((self.step(seen)?.app.app.name.as_ref(), url))
        })
    }

    fn step(&self, seen: &Seen) -> Option<&Step<'_>> {
        self.plan.targets.iter().find(|step| step.app.app.id == seen.target.app.id)
    }

    fn outcomes(&self, seen: &[Seen]) -> Vec<Outcome> {
        let outcome = |step: &Step<'_>| {
            let seen = seen.iter().find(|seen| seen.target.app.id == step.app.app.id)?;
            Some(Outcome {
                app: step.app.app.name.to_string(),
                release: seen.release.clone(),
                failure: failure(seen),
            })
        };
        self.plan.targets.iter().filter_map(outcome).collect()
    }

    fn apps(&self) -> impl Iterator<Item = &str> {
        self.plan.targets.iter().map(|step| step.app.app.name.as_ref())
    }

    fn too_late(&self) -> Error {
        let error = Error::timed_out(format!(
            "the promotion to {} is not done yet; it goes on by itself",
            self.apps().collect::<Vec<_>>().join(", ")
        ));
        self.apps().fold(error, |error, app| error.hint(format!("heroku releases --app {app}")))
    }

    fn lost(&self, error: Error) -> Error {
        let error = error.context("the promotion was started, but cannot be watched any longer");
        self.apps().fold(error, |error, app| error.hint(format!("heroku releases --app {app}")))
    }
}

/// Why a target that is done failed, if it did.
fn failure(seen: &Seen) -> Option<String> {
    let said = seen.target.error_message.clone().filter(|said| !said.is_empty());
    if seen.target.status == "failed" {
        return Some(said.unwrap_or_else(|| "the promotion failed".to_owned()));
    }
    match seen.release.as_ref().map(|release| release.status.as_str()) {
        Some("succeeded") => None,
        Some("failed") => Some(said.unwrap_or_else(|| "its release phase failed".to_owned())),
        Some(other) => Some(format!("its release is {other}")),
        None => Some("no release was made".to_owned()),
    }
}
