//! Refreshing a list in a separate background process.
//!
//! A process that takes a list's lock starts the refresh and passes it the lock as its stdin. So at most one refresh of a
//! list runs at a time, and the lock is released however the refresh ends.

use std::ffi::OsString;
use std::fs::File;
use std::thread;
use std::time::{Duration, Instant};

use super::cache::{Cache, CachedList, CachedWord, Lock, Need, now};
use super::lookup::{MOST_APPS, PATIENCE};
use super::project::{Whereabouts, key_of_reviews, whereabouts};
use super::resource::Scope;
use crate::context::{Context, Options};
use crate::environment::{self, Selector};
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::model::{AppName, Resource};
use crate::parallel::{in_parallel, within};
use crate::process::internal;
use crate::terminal::Terminal;

mod fetch;

/// The most time that a refresh may take.
const LIMIT: Duration = Duration::from_secs(20);

/// How long the app behind a review app is considered fresh: review apps come and go.
const REVIEWED: Duration = Duration::from_secs(120);

/// A list that can be refreshed.
#[derive(Clone, Debug)]
pub(super) struct Task {
    list: CachedList,
    /// The arguments of the `__refresh` command.
    words: Vec<String>,
}

impl Task {
    /// A list of an app.
    pub(super) fn of_app(cache: &Cache, app: &AppName, resource: Resource) -> Self {
        let words = vec![resource.word().to_owned(), "of".to_owned(), app.to_string()];
        Self { list: cache.of_app(app, resource), words }
    }

    /// A list of the account.
    pub(super) fn of_account(cache: &Cache, resource: Resource) -> Self {
        Self { list: cache.of_account(resource), words: vec![resource.word().to_owned()] }
    }

    /// A list of the current project: its review apps; or the apps of environment `name`, and `resource` of each of them.
    pub(super) fn here(
        cache: &Cache,
        key: &str,
        resource: Resource,
        name: &str,
        selector: Option<Selector>,
    ) -> Self {
        let list = list_here(cache, key, resource, selector.as_ref());
        let mut words = vec![resource.word().to_owned(), "in".to_owned(), name.to_owned()];
        match selector {
            Some(Selector::Number(number)) => words.extend(["number".to_owned(), number.to_string()]),
            Some(Selector::Branch(branch)) => words.extend(["branch".to_owned(), branch]),
            Some(Selector::Name(name)) => words.extend(["name".to_owned(), name]),
            Some(Selector::CurrentBranch) => words.push("current".to_owned()),
            _ => {}
        }
        Self { list, words }
    }

    /// The list in the cache.
    pub(super) fn list(&self) -> &CachedList {
        &self.list
    }
}

fn list_here(cache: &Cache, key: &str, resource: Resource, selector: Option<&Selector>) -> CachedList {
    if resource == Resource::ReviewApps {
        return cache.of_here(key, resource);
    }
    let list = cache.of_here(key, Resource::OwnApps);
    if selector.is_some() { list.fresh_for(REVIEWED) } else { list }
}

/// Starts a refresh unless one is running. The result is the time until which it is worth waiting for; `None` if it is not.
pub(super) fn start(task: &Task) -> Option<Instant> {
    match task.list.lock() {
        // Another process may have refreshed it since it was looked at.
        Lock::Taken(_) if task.list.look().need == Need::Nothing => Some(Instant::now() + PATIENCE),
        Lock::Taken(lock) => {
            internal::refresh(&task.words).and_then(|line| line.spawn_unseen(lock)).ok()?;
            Some(Instant::now() + PATIENCE)
        }
        Lock::Held(since) => Some(Instant::now() + PATIENCE.checked_sub(since.elapsed().ok()?)?),
        Lock::Impossible => None,
    }
}

/// What a refresh is to read.
#[derive(Clone, Debug)]
enum Job {
    OfApp(AppName, Resource),
    OfAccount(Resource),
    Here(Here),
}

/// A list of the current project; or one of each app of an environment whose apps only Heroku knows.
#[derive(Clone, Debug)]
struct Here {
    resource: Resource,
    name: String,
    selector: Option<Selector>,
}

impl Job {
    fn of(words: &[OsString]) -> Option<Self> {
        let words: Vec<&str> = words.iter().map(|word| word.to_str()).collect::<Option<_>>()?;
        let (resource, words) = words.split_first()?;
        let resource = Resource::named(resource)?;
        match (resource.scope(), words) {
            (Scope::Account, []) => Some(Self::OfAccount(resource)),
            (Scope::App, ["of", app]) => Some(Self::OfApp(app.parse().ok()?, resource)),
            (Scope::App | Scope::Here, ["in", name, selector @ ..]) => {
                let selector = match selector {
                    [] => None,
                    ["number", number] => Some(Selector::Number(number.parse().ok()?)),
                    ["branch", branch] => Some(Selector::Branch((*branch).to_owned())),
                    ["name", name] => Some(Selector::Name((*name).to_owned())),
                    ["current"] => Some(Selector::CurrentBranch),
                    _ => return None,
                };
                Some(Self::Here(Here { resource, name: (*name).to_owned(), selector }))
            }
            _ => None,
        }
    }

    fn list(&self, cache: &Cache) -> Result<CachedList> {
        Ok(match self {
            Self::OfApp(app, resource) => cache.of_app(app, *resource),
            Self::OfAccount(resource) => cache.of_account(*resource),
            Self::Here(here) => list_here(cache, &here.key()?, here.resource, here.selector.as_ref()),
        })
    }

    /// Reads the list from Heroku, and writes it to the cache.
    fn carry_out(&self, cache: &Cache, list: &CachedList) -> Result<()> {
        let begun = now();
        let client = || Client::new(&Terminal::new(true, false));
        let lines = match self {
            Self::OfApp(app, resource) => fetch::of_app(&client()?, *resource, app)?,
            Self::OfAccount(resource) => fetch::of_account(&client()?, *resource)?,
            Self::Here(here) if here.resource == Resource::ReviewApps => here.reviews()?,
            Self::Here(here) => return here.apps(cache, list),
        };
        Ok(list.keep(begun, &lines)?)
    }
}

impl Here {
    fn context(&self) -> Context {
        Context::new(&self.name, Options::default(), self.selector.clone())
    }

    fn key(&self) -> Result<String> {
        if self.resource == Resource::ReviewApps {
            return key_of_reviews(&self.context());
        }
        match whereabouts(&self.context())? {
            Whereabouts::Afar { key, .. } => Ok(key),
            Whereabouts::Known(_) => Err(Error::failed("the apps are known without asking Heroku")),
        }
    }

    fn reviews(&self) -> Result<Vec<CachedWord>> {
        Ok(fetch::reviews(self.context().with_project(environment::review_apps)?.1))
    }

    /// Finds the apps, and reads the list of each app that [`known`](super::known) reads.
    fn apps(&self, cache: &Cache, list: &CachedList) -> Result<()> {
        let (context, begun) = (self.context(), now());
        let apps = &context.target()?.apps;
        let mut lists = Vec::new();
        if self.resource.scope() == Scope::App {
            lists.extend(apps.iter().take(MOST_APPS).map(|app| (app, cache.of_app(app, self.resource))));
        }
        // Locked before the apps are written: a process that reads them then waits for these lists.
        let lists: Vec<_> =
            lists.into_iter().filter_map(|(app, list)| Some((app, taken(&list)?, list))).collect();
        let lines: Vec<CachedWord> = apps.iter().map(|app| CachedWord::new(app.as_ref(), "")).collect();
        list.keep(begun, &lines)?;
        if lists.is_empty() {
            return Ok(());
        }
        let client = context.heroku()?;
        let read = |(app, _lock, list): (&AppName, File, CachedList)| {
            let begun = now();
            match fetch::of_app(client, self.resource, app) {
                Ok(lines) => Ok(list.keep(begun, &lines)?),
                Err(error) => Ok(list.fail(&error.to_string())?),
            }
        };
        in_parallel(lists, read).into_iter().collect()
    }
}

/// The `__refresh` command: refreshes the list that `words` name. A failure is recorded beside the list.
pub fn run(words: &[OsString]) -> Result<()> {
    let job = Job::of(words)
        .ok_or_else(|| Error::usage("__refresh is started by completion, and is not for people"))?;
    let cache = Cache::find().ok_or_else(|| Error::failed("no cache folder found"))?;
    let list = job.list(&cache)?;
    // On Unix the lock was inherited as stdin.
    let lock = if cfg!(unix) { None } else { taken(&list) };
    if cfg!(not(unix)) && lock.is_none() {
        return Ok(());
    }
    carry_out(job, cache, &list)
}

/// Refreshes a list after a change, once no other refresh of it runs.
pub(super) fn again(cache: &Cache, task: &Task) -> Result<()> {
    let words: Vec<OsString> = task.words.iter().map(OsString::from).collect();
    let Some(job) = Job::of(&words) else { return Ok(()) };
    let until = Instant::now() + LIMIT;
    loop {
        if let Some(_lock) = taken(&task.list) {
            return carry_out(job, cache.clone(), &task.list);
        }
        if Instant::now() > until {
            return Ok(());
        }
        thread::sleep(LIMIT / 400);
    }
}

fn carry_out(job: Job, cache: Cache, list: &CachedList) -> Result<()> {
    let at = list.clone();
    within(LIMIT, move || job.carry_out(&cache, &at)).or_else(|error| Ok(list.fail(&error.to_string())?))
}

fn taken(list: &CachedList) -> Option<File> {
    match list.lock() {
        Lock::Taken(lock) => Some(lock),
        _ => None,
    }
}
