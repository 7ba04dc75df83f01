//! What is remembered of Heroku between two presses of Tab: a file for each list, in the person's cache folder.
//!
//! ```text
//! $XDG_CACHE_HOME/greenroom/completion/api.heroku.com/playhouse-staging/config-vars           what was read last
//!                                                                       config-vars.changed   since when it is not true
//!                                                                       config-vars.failed    when it could not be read, and why
//!                                                                       config-vars.lock      held while it is being read
//! ```
//!
//! Files are replaced in one step, and believed only if they are whole, of this form, of what is asked for, and the
//! person's own. Nobody but the person can read them. They hold names; never a config var's value, nor a token.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::heroku;
use crate::inventory::Resource;
use crate::model::AppName;
use crate::private_file::{self, make_folder, replace};

mod entry;
mod tidy;

pub(super) use entry::{CachedWord, Entry, MOST_LINES};
pub use tidy::list_sizes;

/// No file that is read is larger; in bytes.
const LARGEST: u64 = 2 << 20;

/// What could not be read is not asked for again so soon.
const AFTER_FAILURE: u64 = 30_000;

/// A reason for a failure has no more characters.
const LONGEST_REASON: usize = 300;

/// The folder of all that is known of one Heroku.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    host: String,
    /// What one account sees is not offered to another.
    login: u64,
}

/// Where one list is kept.
#[derive(Clone, Debug)]
pub(super) struct CachedList {
    file: PathBuf,
    resource: Resource,
    /// What the list is of: it stands in the file, and must be the same there.
    key: String,
    fresh_for: Duration,
}

/// What a place holds, and whether it is to be read anew.
pub(super) struct Found {
    /// The last that was read.
    pub(super) entry: Option<Entry>,
    /// What is to be done about it.
    pub(super) need: Need,
}

/// Whether a list is to be read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It is new enough, or could not be read a moment ago.
    Nothing,
    /// It is old, and good until there is a newer one.
    Newer,
    /// There is none, or something was changed since: worth a short wait.
    Another,
}

/// The right to read a list anew.
pub(super) enum Lock {
    /// It is ours for as long as the file is open, in this process or in one that it was given to.
    Taken(File),
    /// Somebody else has had it since then.
    Held(SystemTime),
    /// No file can be made here.
    Impossible,
}

impl Cache {
    /// The folder, whether or not it is there; none where no Heroku is named, or no folder.
    pub(super) fn find() -> Option<Self> {
        let host = heroku::api_machine()?;
        // A colon cannot stand in a file's name everywhere.
        let folder = folder()?.join(host.replace(':', "_"));
        Some(Self { folder, host, login: heroku::login_mark() })
    }

    /// A list of an app.
    pub(super) fn of_app(&self, app: &AppName, resource: Resource) -> CachedList {
        self.place(app.as_ref(), app.as_ref(), resource)
    }

    /// A list of the account. No app's name begins like this.
    pub(super) fn of_account(&self, resource: Resource) -> CachedList {
        self.place("@account", "@account", resource)
    }

    /// A list that depends on all that `here` says.
    pub(super) fn of_here(&self, here: &str, resource: Resource) -> CachedList {
        self.place(&format!("@{:016x}", entry::checksum(here.as_bytes())), here, resource)
    }

    fn place(&self, folder: &str, key: &str, resource: Resource) -> CachedList {
        CachedList {
            file: self.folder.join(folder).join(resource.word()),
            resource,
            key: format!("{} {:016x} {key}", self.host, self.login),
            fresh_for: resource.fresh_for(),
        }
    }
}

/// The folder of all Herokus, whether or not it is there; none where there is no telling.
pub fn folder() -> Option<PathBuf> {
    Some(private_file::folder()?.join("completion"))
}

impl CachedList {
    /// The same, which is believed for another time.
    pub(super) fn fresh_for(self, fresh_for: Duration) -> Self {
        Self { fresh_for, ..self }
    }

    /// The list that is kept here.
    pub(super) fn resource(&self) -> Resource {
        self.resource
    }

    /// What is kept here.
    pub(super) fn look(&self) -> Found {
        let now = now();
        let entry = private_file::read(&self.file, LARGEST)
            .and_then(|text| Entry::read(text, self.resource, &self.key));
        // One from the future says nothing about the present.
        let entry = entry.filter(|entry| entry.begun <= now);
        let changed = self.told(CHANGED).map_or(0, |(when, _)| when);
        let is_true = entry.as_ref().is_some_and(|entry| entry.begun > changed);
        let is_new = |entry: &Entry| u128::from(now - entry.begun) < self.fresh_for.as_millis();
        let need = match &entry {
            Some(entry) if is_true && is_new(entry) => Need::Nothing,
            _ if self.has_failed_since(changed, now) => Need::Nothing,
            _ if is_true => Need::Newer,
            _ => Need::Another,
        };
        Found { entry, need }
    }

    fn has_failed_since(&self, changed: u64, now: u64) -> bool {
        self.told(FAILED).is_some_and(|(when, _)| when > changed && now.saturating_sub(when) < AFTER_FAILURE)
    }

    /// Whether anything is kept here.
    pub(super) fn is_kept(&self) -> bool {
        self.file.exists()
    }

    /// Keeps what was asked for at `begun`, unless something is here that was asked for later.
    pub(super) fn keep(&self, begun: u64, lines: &[CachedWord]) -> io::Result<()> {
        if self.look().entry.is_some_and(|entry| entry.begun > begun) {
            return Ok(());
        }
        replace(&self.file, &entry::write(self.resource, &self.key, begun, lines))?;
        _ = fs::remove_file(self.beside(FAILED));
        if let Some(all) = self.file.ancestors().nth(3) {
            tidy::tidy(all, &self.file);
        }
        Ok(())
    }

    /// Remembers that it could not be read, and why.
    pub(super) fn fail(&self, reason: &str) -> io::Result<()> {
        let reason: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let reason: String = reason.chars().take(LONGEST_REASON).collect();
        replace(&self.beside(FAILED), &format!("{} {reason}\n", now()))
    }

    /// Remembers that what was asked for up to now is no longer true.
    pub(super) fn outdate(&self) -> io::Result<()> {
        replace(&self.beside(CHANGED), &format!("{} \n", now()))
    }

    /// Takes the right to read it anew.
    pub(super) fn lock(&self) -> Lock {
        let file = self.beside(LOCK);
        let open = || {
            make_folder(file.parent().unwrap_or(Path::new(".")))?;
            private(File::options().read(true).write(true).create(true)).open(&file)
        };
        let Ok(file) = open() else { return Lock::Impossible };
        match file.try_lock() {
            Ok(()) => match file.set_modified(SystemTime::now()) {
                Ok(()) => Lock::Taken(file),
                Err(_) => Lock::Impossible,
            },
            Err(TryLockError::WouldBlock) => {
                let since = file.metadata().and_then(|found| found.modified());
                Lock::Held(since.unwrap_or(UNIX_EPOCH))
            }
            Err(TryLockError::Error(_)) => Lock::Impossible,
        }
    }

    /// The time and the words of a file beside the list.
    fn told(&self, what: &str) -> Option<(u64, String)> {
        told(&self.beside(what))
    }

    fn beside(&self, what: &str) -> PathBuf {
        self.file.with_extension(what)
    }
}

const CHANGED: &str = "changed";
const FAILED: &str = "failed";
const LOCK: &str = "lock";

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What could not be read lately: the list, the seconds since then, and why. The newest comes first.
pub fn failures() -> Vec<(String, i64, String)> {
    folder().map(|all| failures_in(&all)).unwrap_or_default()
}

fn failures_in(all: &Path) -> Vec<(String, i64, String)> {
    let now = now();
    let mut failures: Vec<_> = tidy::files(all)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|what| what == FAILED))
        .filter_map(|file| {
            let (when, reason) = told(&file)?;
            let list = file.strip_prefix(all).ok()?.with_extension("").display().to_string();
            Some((list, i64::try_from(now.saturating_sub(when) / 1000).ok()?, reason))
        })
        .collect();
    failures.sort_unstable_by_key(|(_, since, _)| *since);
    failures
}

/// The time in a file such as `1763783253123 why`, unless it is yet to come, and the words behind it.
fn told(file: &Path) -> Option<(u64, String)> {
    let text = private_file::read(file, LARGEST)?;
    let (when, words) = text.strip_suffix('\n')?.split_once(' ')?;
    let when = when.parse().ok().filter(|when| *when <= now())?;
    Some((when, words.to_owned()))
}

fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path) -> Cache {
        Cache { folder: folder.join("api.heroku.com"), host: "api.heroku.com".to_owned(), login: 1 }
    }

    fn words(place: &CachedList) -> Vec<String> {
        place.look().entry.iter().flat_map(Entry::words).map(str::to_owned).collect()
    }

    #[test]
    fn each_list_has_a_place_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let app: AppName = "account".parse().unwrap();
        let places = [
            cache.of_app(&app, Resource::Apps),
            cache.of_account(Resource::Apps),
            cache.of_here("account", Resource::Apps),
            cache.of_here("elsewhere", Resource::Apps),
            cache.of_app(&app, Resource::Addons),
        ];
        for (number, place) in places.iter().enumerate() {
            assert_eq!(place.look().need, Need::Another);
            place.keep(now(), &[CachedWord::new(&number.to_string(), "")]).unwrap();
        }
        for (number, place) in places.iter().enumerate() {
            assert_eq!(words(place), [number.to_string()]);
        }
    }

    #[test]
    fn a_place_that_two_share_by_chance_tells_only_what_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let place = cache(folder.path()).of_here("one", Resource::OwnApps);
        place.keep(now(), &[CachedWord::new("playhouse", "")]).unwrap();
        let other = CachedList { key: "api.heroku.com another".to_owned(), ..place.clone() };
        assert!(other.look().entry.is_none() && place.look().entry.is_some());
    }

    #[test]
    fn another_login_is_told_nothing_of_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        cache.of_account(Resource::Apps).keep(now(), &[CachedWord::new("playhouse", "")]).unwrap();
        let other = Cache { login: 2, ..cache.clone() }.of_account(Resource::Apps);
        assert!(other.look().entry.is_none());
        assert_eq!(words(&cache.of_account(Resource::Apps)), ["playhouse"]);
    }

    #[test]
    fn what_is_old_is_offered_and_what_was_changed_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let place = cache(folder.path()).of_account(Resource::DynoSizes);
        let day = 24 * 3600 * 1000;
        let line = [CachedWord::new("eco", "")];
        place.keep(now() - day - 1, &line).unwrap();
        assert_eq!(place.look().need, Need::Newer);
        assert_eq!(place.clone().fresh_for(Duration::MAX).look().need, Need::Nothing);
        place.keep(now() - day / 2, &line).unwrap();
        assert_eq!(place.look().need, Need::Nothing);
        place.outdate().unwrap();
        assert_eq!(place.look().need, Need::Another);
        assert_eq!(words(&place), ["eco"]);
        // What was asked for before the change is no better, whenever it comes.
        place.keep(now() - 1000, &line).unwrap();
        assert_eq!(place.look().need, Need::Another);
        while place.look().need == Need::Another {
            place.keep(now(), &[CachedWord::new("basic", "")]).unwrap();
        }
        assert_eq!(words(&place), ["basic"]);
        place.keep(now() - day / 2, &line).unwrap();
        assert_eq!(words(&place), ["basic"], "an answer that comes late is not the newest");
    }

    #[test]
    fn a_failure_is_not_repeated_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = cache(folder.path()).of_account(Resource::Apps);
        place.fail("HTTP 503\nfrom \u{1b}[2Japi.heroku.com").unwrap();
        assert_eq!(place.look().need, Need::Nothing);
        assert_eq!(place.told(FAILED).unwrap().1, "HTTP 503 from  [2Japi.heroku.com");
        let failed = |when: u64| fs::write(place.beside(FAILED), format!("{when} why\n")).unwrap();
        failed(now() - AFTER_FAILURE);
        assert_eq!(place.look().need, Need::Another);
        failed(now() + 60_000);
        assert_eq!(place.look().need, Need::Another, "a time that is yet to come");
        failed(now());
        // Another process may have failed since we looked at the clock.
        assert!(place.has_failed_since(0, now() - 5000));
        place.keep(now(), &[]).unwrap();
        assert!(place.told(FAILED).is_none());
    }

    #[test]
    fn failures_are_told_with_their_reasons() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        assert!(failures_in(folder.path()).is_empty());
        let app: AppName = "playhouse".parse().unwrap();
        cache.of_app(&app, Resource::Dynos).fail("HTTP 503").unwrap();
        cache.of_app(&app, Resource::Domains).keep(now(), &[]).unwrap();
        let [(list, since, reason)] = &failures_in(folder.path())[..] else { panic!("there is one") };
        assert_eq!((list.as_str(), reason.as_str()), ("api.heroku.com/playhouse/dynos", "HTTP 503"));
        assert!((0..60).contains(since));
    }

    #[test]
    fn one_at_a_time_reads_a_list_anew() {
        let folder = tempfile::tempdir().unwrap();
        let place = cache(folder.path()).of_account(Resource::Apps);
        let Lock::Taken(held) = place.lock() else { panic!("it is free") };
        assert!(
            matches!(place.lock(), Lock::Held(since) if since.elapsed().unwrap() < Duration::from_secs(60))
        );
        drop(held);
        assert!(matches!(place.lock(), Lock::Taken(_)));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it_and_nothing_of_anybody_elses_is_read() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let place = cache(folder.path()).of_account(Resource::Apps);
        place.keep(now(), &[CachedWord::new("playhouse", "")]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place.file), mode(place.file.parent().unwrap())), (0o600, 0o700));
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&place.file, &elsewhere).unwrap();
        symlink(&elsewhere, &place.file).unwrap();
        assert!(place.look().entry.is_none());
        place.keep(now(), &[]).unwrap();
        assert!(
            place.look().entry.is_some() && fs::read_to_string(&elsewhere).unwrap().contains("playhouse")
        );
        fs::remove_file(&place.file).unwrap();
        fs::create_dir(&place.file).unwrap();
        assert!(place.look().entry.is_none() && place.keep(now(), &[]).is_err());
    }
}
