//! Looking up names without waiting for the network.
//!
//! Everything is read from the [`cache`](super::cache). An old list is returned as it is, while a separate process
//! [`refresh`](mod@super::refresh)es it. That process is waited for, for a short time, only if there is no list or if the
//! list is outdated by a change.

use std::collections::HashSet;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use super::cache::{Cache, Entry, Found, Need, now};
use super::project::{Whereabouts, key_of_reviews, whereabouts};
use super::refresh::{self, Task};
use super::resource::Scope;
use crate::context::Context;
use crate::model::{AppName, Resource};
use crate::shells::Candidate;

/// The most time that one process waits for lists that are missing.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// The most apps of an environment whose lists are read. Each is refreshed by a process of its own, and a repository can
/// name thousands.
pub(super) const MOST_APPS: usize = 8;

/// How often a list that is waited for is looked at.
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
        Scope::Here if resource == Resource::ReviewApps => values(&[reviews(cache, context)?]),
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

/// The list of the project's review apps.
pub(super) fn reviews(cache: &Cache, context: &Context) -> Option<Task> {
    let key = key_of_reviews(context).ok()?;
    Some(Task::here(cache, &key, Resource::ReviewApps, "review", None))
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

/// The cached lists. Those that need it are refreshed; those that are missing or outdated are waited for.
fn read(tasks: &[Task]) -> Vec<Entry> {
    let mut found: Vec<Found> = tasks.iter().map(|task| task.list().look()).collect();
    let mut until = None;
    for (task, found) in tasks.iter().zip(&found) {
        let soon = if found.need == Need::Nothing { None } else { refresh::start(task) };
        until = until.max(soon.filter(|_| found.need == Need::Wait));
    }
    while let Some(until) = until.map(|until| until.min(patience()))
        && found.iter().any(|found| found.need == Need::Wait)
        && Instant::now() < until
    {
        thread::sleep(TICK);
        for (task, found) in tasks.iter().zip(&mut found) {
            if found.need == Need::Wait {
                *found = task.list().look();
            }
        }
    }
    found.into_iter().filter_map(|found| found.entry).collect()
}

/// When this process stops waiting; counted from the first call.
fn patience() -> Instant {
    static UNTIL: OnceLock<Instant> = OnceLock::new();
    *UNTIL.get_or_init(|| Instant::now() + PATIENCE)
}

/// The words of all lists that begin with `typed`, each once.
fn values(entries: &[Entry], typed: &str) -> Vec<Candidate> {
    let now = i64::try_from(now() / 1000).unwrap_or(i64::MAX);
    let mut values: Vec<Candidate> = entries.iter().flat_map(|entry| entry.values(typed, now)).collect();
    if entries.len() > 1 {
        let mut seen = HashSet::new();
        values.retain(|value| seen.insert(value.word.clone()));
    }
    values
}
