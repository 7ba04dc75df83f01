//! What Heroku knows of an environment's apps, as far as it can be told at once.
//!
//! Everything comes from the [`cache`](super::cache); what is old there is offered all the same, while a process of its own
//! reads it anew, by [`refresh`](mod@super::refresh). Only where there is nothing, or nothing that is still true, is that
//! process waited for, and not for long.

use std::collections::HashSet;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use super::cache::{Cache, Entry, Found, Need, now};
use super::project::{Whereabouts, key_of_reviews, whereabouts};
use super::refresh::{self, Task};
use super::resource::{Resource, Scope};
use crate::context::Context;
use crate::model::AppName;
use crate::shells::Candidate;

/// No press of Tab waits longer than this for what is not there yet.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// Of no more of an environment's apps than this is anything read: each is asked for by a process of its own, and a
/// repository can name thousands.
pub(super) const MOST_APPS: usize = 8;

/// How soon it is noticed that it is there.
const TICK: Duration = Duration::from_millis(4);

/// The names of `resource` that begin with `typed`, ignoring case, each once. For a resource of an app: those of all apps
/// of the context's environment. If nothing can be read, there are none; the wait is [`PATIENCE`] at most for the whole
/// process.
pub fn known(context: &Context, resource: Resource, typed: &str) -> Vec<Candidate> {
    Cache::find().and_then(|cache| known_in(&cache, context, resource, typed)).unwrap_or_default()
}

fn known_in(cache: &Cache, context: &Context, resource: Resource, typed: &str) -> Option<Vec<Candidate>> {
    let values = |tasks: &[Task]| Some(values(&read(tasks), typed));
    match resource.scope() {
        Scope::Account => values(&[Task::of_account(cache, resource)]),
        Scope::Here if resource == Resource::ReviewApps => {
            let key = key_of_reviews(context).ok()?;
            values(&[Task::here(cache, &key, resource, "review", None)])
        }
        Scope::Here | Scope::App => {
            let apps = apps(cache, context, resource)?;
            if resource == Resource::OwnApps {
                return Some(apps.iter().map(|app| Candidate::new(app.as_ref(), "")).collect());
            }
            let tasks = apps.iter().take(MOST_APPS).map(|app| Task::of_app(cache, app, resource));
            values(&tasks.collect::<Vec<_>>())
        }
    }
}

/// The environment's apps. If only Heroku can tell, those of its last answer; a refresh of that answer reads `resource` of
/// each app as well.
fn apps(cache: &Cache, context: &Context, resource: Resource) -> Option<Vec<AppName>> {
    let (key, selector) = match whereabouts(context).ok()? {
        Whereabouts::Known(apps) => return Some(apps),
        Whereabouts::Afar { key, selector } => (key, selector),
    };
    let entries = read(&[Task::here(cache, &key, resource, &context.name, selector)]);
    Some(entries.iter().flat_map(Entry::words).filter_map(|app| app.parse().ok()).collect())
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
