//! Lists are read anew in a process of its own, which nobody sees and nobody waits for.
//!
//! Whoever has a list's lock starts that process and hands it the lock as its stdin, so there is one at a time, however many
//! ask; when it ends, in whatever way, the lock is free.

use std::ffi::OsString;
use std::fs::File;
use std::thread;
use std::time::{Duration, Instant};

use super::cache::{Cache, CachedList, CachedWord, Lock, now};
use super::lookup::{MOST_APPS, PATIENCE};
use super::project::{Whereabouts, key_of_reviews, whereabouts};
use super::resource::{Resource, Scope};
use crate::context::{Context, Options};
use crate::environment::{self, Selector};
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::model::AppName;
use crate::parallel::{in_parallel, within};
use crate::process::internal;
use crate::terminal::Terminal;

mod fetch;

/// It ends after this, whatever the network does.
const LIMIT: Duration = Duration::from_secs(20);

/// What Heroku tells of a review app is believed for this long: they come and go.
const REVIEWED: Duration = Duration::from_secs(120);

/// A list that can be read anew.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Where it is kept.
    place: CachedList,
    /// The errand's words.
    words: Vec<String>,
}

impl Task {
    /// A list of an app.
    pub(super) fn of_app(cache: &Cache, app: &AppName, resource: Resource) -> Self {
        let words = vec![resource.word().to_owned(), "of".to_owned(), app.to_string()];
        Self { place: cache.of_app(app, resource), words }
    }

    /// A list of the account.
    pub(super) fn of_account(cache: &Cache, resource: Resource) -> Self {
        Self { place: cache.of_account(resource), words: vec![resource.word().to_owned()] }
    }

    /// A list that Heroku tells of the folder we stand in: the review apps, or the apps of environment `name`, and then
    /// `resource` of each of them.
    pub(super) fn here(
        cache: &Cache,
        key: &str,
        resource: Resource,
        name: &str,
        selector: Option<Selector>,
    ) -> Self {
        let place = place_here(cache, key, resource, selector.as_ref());
        let mut words = vec![resource.word().to_owned(), "in".to_owned(), name.to_owned()];
        match selector {
            Some(Selector::Number(number)) => words.extend(["number".to_owned(), number.to_string()]),
            Some(Selector::Branch(branch)) => words.extend(["branch".to_owned(), branch]),
            _ => {}
        }
        Self { place, words }
    }

    /// Where it is kept.
    pub(super) fn place(&self) -> &CachedList {
        &self.place
    }
}

fn place_here(cache: &Cache, key: &str, resource: Resource, selector: Option<&Selector>) -> CachedList {
    if resource == Resource::ReviewApps {
        return cache.of_here(key, resource);
    }
    let place = cache.of_here(key, Resource::OwnApps);
    if selector.is_some() { place.fresh_for(REVIEWED) } else { place }
}

/// Sees to it that the list is being read anew, and tells until when that is worth waiting for; none where it is not.
pub(super) fn start(task: &Task) -> Option<Instant> {
    match task.place.lock() {
        Lock::Taken(lock) => {
            internal::refresh(&task.words).and_then(|line| line.spawn_unseen(lock)).ok()?;
            Some(Instant::now() + PATIENCE)
        }
        Lock::Held(since) => Some(Instant::now() + PATIENCE.checked_sub(since.elapsed().ok()?)?),
        Lock::Impossible => None,
    }
}

/// What an errand is to read.
#[derive(Clone, Debug)]
enum Job {
    OfApp(AppName, Resource),
    OfAccount(Resource),
    Here(Here),
}

/// A list of the folder we stand in; or one of each app of an environment, which only Heroku knows.
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
                    _ => return None,
                };
                Some(Self::Here(Here { resource, name: (*name).to_owned(), selector }))
            }
            _ => None,
        }
    }

    fn place(&self, cache: &Cache) -> Result<CachedList> {
        Ok(match self {
            Self::OfApp(app, resource) => cache.of_app(app, *resource),
            Self::OfAccount(resource) => cache.of_account(*resource),
            Self::Here(here) => place_here(cache, &here.key()?, here.resource, here.selector.as_ref()),
        })
    }

    /// Reads it, and keeps it at `place`.
    fn carry_out(&self, cache: &Cache, place: &CachedList) -> Result<()> {
        let begun = now();
        let client = || Client::new(&Terminal::new(true, false));
        let lines = match self {
            Self::OfApp(app, resource) => fetch::of_app(&client()?, *resource, app)?,
            Self::OfAccount(resource) => fetch::of_account(&client()?, *resource)?,
            Self::Here(here) if here.resource == Resource::ReviewApps => here.reviews()?,
            Self::Here(here) => return here.apps(cache, place),
        };
        Ok(place.keep(begun, &lines)?)
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
            Whereabouts::Known(_) => Err(Error::failed("the apps are known here without Heroku")),
        }
    }

    fn reviews(&self) -> Result<Vec<CachedWord>> {
        Ok(fetch::reviews(self.context().with_project(environment::review_apps)?.1))
    }

    /// Finds the apps, and reads the list of each that Tab reads.
    fn apps(&self, cache: &Cache, place: &CachedList) -> Result<()> {
        let (context, begun) = (self.context(), now());
        let apps = &context.target()?.apps;
        let mut lists = Vec::new();
        if self.resource.scope() == Scope::App {
            lists.extend(apps.iter().take(MOST_APPS).map(|app| (app, cache.of_app(app, self.resource))));
        }
        // Taken before the apps are told, so that whoever then asks for their lists waits for these.
        let lists: Vec<_> =
            lists.into_iter().filter_map(|(app, list)| Some((app, taken(&list)?, list))).collect();
        let lines: Vec<CachedWord> = apps.iter().map(|app| CachedWord::new(app.as_ref(), "")).collect();
        place.keep(begun, &lines)?;
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

/// Reads the list that `words` name, and keeps it; what goes wrong is kept beside it.
pub fn run(words: &[OsString]) -> Result<()> {
    let job = Job::of(words).ok_or_else(|| Error::usage("this is done by Tab, not by people"))?;
    let cache = Cache::find().ok_or_else(|| Error::failed("there is no folder for a cache"))?;
    let place = job.place(&cache)?;
    // On Unix the lock came with the errand.
    let lock = if cfg!(unix) { None } else { taken(&place) };
    if cfg!(not(unix)) && lock.is_none() {
        return Ok(());
    }
    carry_out(job, cache, &place)
}

/// Reads a list that was changed anew, after whoever reads it at present.
pub(super) fn again(cache: &Cache, task: &Task) -> Result<()> {
    let words: Vec<OsString> = task.words.iter().map(OsString::from).collect();
    let Some(job) = Job::of(&words) else { return Ok(()) };
    let until = Instant::now() + LIMIT;
    loop {
        if let Some(_lock) = taken(&task.place) {
            return carry_out(job, cache.clone(), &task.place);
        }
        if Instant::now() > until {
            return Ok(());
        }
        thread::sleep(LIMIT / 400);
    }
}

fn carry_out(job: Job, cache: Cache, place: &CachedList) -> Result<()> {
    let at = place.clone();
    within(LIMIT, move || job.carry_out(&cache, &at)).or_else(|error| Ok(place.fail(&error.to_string())?))
}

fn taken(place: &CachedList) -> Option<File> {
    match place.lock() {
        Lock::Taken(lock) => Some(lock),
        _ => None,
    }
}
