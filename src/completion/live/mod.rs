//! What Heroku knows of an environment's apps, as far as it can be told at once.
//!
//! Everything comes from the [`cache`](super::cache); what is old there is offered all the same, while a process of its own
//! reads it anew, by [`refresh`](mod@super::refresh). Only where there is nothing, or nothing that is still true, is that
//! process waited for, and not for long.

use std::collections::HashSet;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use super::answer::Candidate;
use super::cache::{Cache, Entry, Found, Need, now};
use super::refresh::{self, Task};
use crate::context::Context;
use crate::model::AppName;

mod here;
mod resource;

pub(super) use here::{Whereabouts, key_of_reviews, whereabouts};
pub use resource::Resource;
pub(super) use resource::Scope;

/// No press of Tab waits longer than this for what is not there yet.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// Of no more of an environment's apps than this is anything read: each is asked for by a process of its own, and a
/// repository can name thousands.
pub(super) const MOST_APPS: usize = 8;

/// How soon it is noticed that it is there.
const TICK: Duration = Duration::from_millis(4);

/// What Heroku knows of the environment of a context.
pub(super) struct Live<'a>(pub(super) &'a Context);

impl Live<'_> {
    /// What is known of `resource` and begins with `typed`, but for capitals: of the environment's apps, each word once.
    /// It never fails, and waits at most a quarter of a second, whatever it is asked for in this process.
    pub(super) fn values(&self, resource: Resource, typed: &str) -> Vec<Candidate> {
        Cache::find().and_then(|cache| self.known(&cache, resource, typed)).unwrap_or_default()
    }

    fn known(&self, cache: &Cache, resource: Resource, typed: &str) -> Option<Vec<Candidate>> {
        let values = |tasks: &[Task]| Some(values(&read(tasks), typed));
        match resource.scope() {
            Scope::Account => values(&[Task::of_account(cache, resource)]),
            Scope::Here if resource == Resource::ReviewApps => {
                let key = key_of_reviews(self.0).ok()?;
                values(&[Task::here(cache, &key, resource, "review", None)])
            }
            Scope::Here | Scope::App => {
                let apps = self.apps(cache, resource)?;
                if resource == Resource::OwnApps {
                    return Some(apps.iter().map(|app| Candidate::new(app.as_ref(), "")).collect());
                }
                let tasks = apps.iter().take(MOST_APPS).map(|app| Task::of_app(cache, app, resource));
                values(&tasks.collect::<Vec<_>>())
            }
        }
    }

    /// The environment's apps. Where only Heroku can tell, those that it told last; who asks it anew reads `resource` of
    /// them as well.
    fn apps(&self, cache: &Cache, resource: Resource) -> Option<Vec<AppName>> {
        let (key, selector) = match whereabouts(self.0).ok()? {
            Whereabouts::Known(apps) => return Some(apps),
            Whereabouts::Afar { key, selector } => (key, selector),
        };
        let entries = read(&[Task::here(cache, &key, resource, &self.0.name, selector)]);
        Some(entries.iter().flat_map(Entry::words).filter_map(|app| app.parse().ok()).collect())
    }
}

/// What the cache holds for these; what is not true there is read anew, and waited for where nothing else is to be had.
fn read(tasks: &[Task]) -> Vec<Entry> {
    let mut found: Vec<Found> = tasks.iter().map(|task| task.place().look()).collect();
    let mut until = None;
    for (task, found) in tasks.iter().zip(&found) {
        let soon = if found.need == Need::Nothing { None } else { refresh::start(task) };
        until = until.max(soon.filter(|_| found.need == Need::Another));
    }
    while let Some(until) = until.map(|until| until.min(patience()))
        && found.iter().any(|found| found.need == Need::Another)
        && Instant::now() < until
    {
        thread::sleep(TICK);
        for (task, found) in tasks.iter().zip(&mut found) {
            if found.need == Need::Another {
                *found = task.place().look();
            }
        }
    }
    found.into_iter().filter_map(|found| found.entry).collect()
}

/// When this process has waited enough; it begins with the first question.
fn patience() -> Instant {
    static UNTIL: OnceLock<Instant> = OnceLock::new();
    *UNTIL.get_or_init(|| Instant::now() + PATIENCE)
}

/// Their values that begin with `typed`, each word once.
fn values(entries: &[Entry], typed: &str) -> Vec<Candidate> {
    let now = i64::try_from(now() / 1000).unwrap_or(i64::MAX);
    let mut values: Vec<Candidate> = entries.iter().flat_map(|entry| entry.values(typed, now)).collect();
    if entries.len() > 1 {
        let mut seen = HashSet::new();
        values.retain(|value| seen.insert(value.word.clone()));
    }
    values
}
