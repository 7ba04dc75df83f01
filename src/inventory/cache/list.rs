//! One cached list: reading it, replacing it, and who may refresh it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::entry::{self, CachedWord, Entry};
use super::stamp::{self, CHANGED, FAILED};
use super::{LARGEST, now, tidy};
use crate::inventory::Resource;
use crate::private_file::{self, make_folder, replace};

/// How long no refresh is tried after one failed, in milliseconds.
const PAUSE_AFTER_FAILURE: u64 = 30_000;

/// The extension of the file that is locked during a refresh.
const LOCK: &str = "lock";

/// A list in the cache, whether or not its file exists.
#[derive(Clone, Debug)]
pub(in crate::inventory) struct CachedList {
    file: PathBuf,
    resource: Resource,
    /// What the list is of. It is in the file as well and must be the same there, as two lists may share a file's name.
    key: String,
    fresh_for: Duration,
}

/// What the cache holds of a list, and whether the list needs a refresh.
pub(in crate::inventory) struct Found {
    pub(in crate::inventory) entry: Option<Entry>,
    pub(in crate::inventory) need: Need,
}

/// Whether a list needs a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inventory) enum Need {
    /// It is fresh, or a refresh failed a moment ago.
    Nothing,
    /// It is old, but good until the refresh is done.
    Refresh,
    /// There is none, or it was changed since. A refresh is worth a short wait.
    Wait,
}

/// An attempt to become the one process that refreshes a list.
pub(in crate::inventory) enum Lock {
    /// The lock is held for as long as the file is open, in this process or in one that inherits it.
    Taken(File),
    /// Another process has held it since then.
    Held(SystemTime),
    /// The file cannot be created.
    Impossible,
}

impl CachedList {
    pub(super) fn new(file: PathBuf, resource: Resource, key: String) -> Self {
        Self { file, key, fresh_for: resource.fresh_for(), resource }
    }

    /// The same list, considered fresh for another time.
    pub(in crate::inventory) fn fresh_for(self, fresh_for: Duration) -> Self {
        Self { fresh_for, ..self }
    }

    /// What it is a list of.
    pub(in crate::inventory) fn resource(&self) -> Resource {
        self.resource
    }

    /// Reads the list.
    pub(in crate::inventory) fn look(&self) -> Found {
        let now = now();
        let entry = private_file::read(&self.file, LARGEST)
            .and_then(|text| Entry::read(text, self.resource, &self.key));
        // The clock may have been wrong when an entry from the future was written.
        let entry = entry.filter(|entry| entry.asked_at <= now);
        let changed = stamp::read(&self.beside(CHANGED)).map_or(0, |(when, _)| when);
        let is_current = entry.as_ref().is_some_and(|entry| entry.asked_at > changed);
        let is_fresh = |entry: &Entry| u128::from(now - entry.asked_at) < self.fresh_for.as_millis();
        let need = match &entry {
            Some(entry) if is_current && is_fresh(entry) => Need::Nothing,
            _ if self.has_failed_since(changed, now) => Need::Nothing,
            _ if is_current => Need::Refresh,
            _ => Need::Wait,
        };
        Found { entry, need }
    }

    fn has_failed_since(&self, changed: u64, now: u64) -> bool {
        stamp::read(&self.beside(FAILED))
            .is_some_and(|(when, _)| when > changed && now.saturating_sub(when) < PAUSE_AFTER_FAILURE)
    }

    /// Whether the cache has this list.
    pub(in crate::inventory) fn is_kept(&self) -> bool {
        self.file.exists()
    }

    /// Writes the list. `asked_at` is when Heroku was asked for it; a list that was asked for later is not overwritten.
    pub(in crate::inventory) fn keep(&self, asked_at: u64, words: &[CachedWord]) -> io::Result<()> {
        if self.look().entry.is_some_and(|entry| entry.asked_at > asked_at) {
            return Ok(());
        }
        replace(&self.file, &entry::write(self.resource, &self.key, asked_at, words))?;
        _ = fs::remove_file(self.beside(FAILED));
        if let Some(all) = self.file.ancestors().nth(3) {
            tidy::tidy(all, &self.file);
        }
        Ok(())
    }

    /// Records that a refresh failed, and why.
    pub(in crate::inventory) fn fail(&self, reason: &str) -> io::Result<()> {
        stamp::write(&self.beside(FAILED), reason)
    }

    /// Records that the app was changed, so that everything read until now is outdated.
    pub(in crate::inventory) fn outdate(&self) -> io::Result<()> {
        stamp::write(&self.beside(CHANGED), "")
    }

    /// Tries to take the lock for a refresh.
    pub(in crate::inventory) fn lock(&self) -> Lock {
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

    /// The file beside the list with this extension.
    fn beside(&self, extension: &str) -> PathBuf {
        self.file.with_extension(extension)
    }
}

fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cache, words};
    use super::*;

    #[test]
    fn lists_that_share_a_file_are_told_apart_by_their_keys() {
        let folder = tempfile::tempdir().unwrap();
        let list = cache(folder.path()).of_here("one", Resource::OwnApps);
        list.keep(now(), &[CachedWord::new("playhouse", "")]).unwrap();
        let other = CachedList { key: "api.heroku.com another".to_owned(), ..list.clone() };
        assert!(other.look().entry.is_none() && list.look().entry.is_some());
    }

    #[test]
    fn old_lists_are_refreshed_and_changed_lists_are_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let list = cache(folder.path()).of_account(Resource::DynoSizes);
        let day = 24 * 3600 * 1000;
        let eco = [CachedWord::new("eco", "")];
        list.keep(now() - day - 1, &eco).unwrap();
        assert_eq!(list.look().need, Need::Refresh);
        assert_eq!(list.clone().fresh_for(Duration::MAX).look().need, Need::Nothing);
        list.keep(now() - day / 2, &eco).unwrap();
        assert_eq!(list.look().need, Need::Nothing);
        list.outdate().unwrap();
        assert_eq!(list.look().need, Need::Wait);
        assert_eq!(words(&list), ["eco"]);
        // An answer that was asked for before the change is outdated as well.
        list.keep(now() - 1000, &eco).unwrap();
        assert_eq!(list.look().need, Need::Wait);
        while list.look().need == Need::Wait {
            list.keep(now(), &[CachedWord::new("basic", "")]).unwrap();
        }
        assert_eq!(words(&list), ["basic"]);
        list.keep(now() - day / 2, &eco).unwrap();
        assert_eq!(words(&list), ["basic"], "a late answer does not replace a newer one");
    }

    #[test]
    fn a_refresh_that_failed_is_not_repeated_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let list = cache(folder.path()).of_account(Resource::Apps);
        list.fail("HTTP 503\nfrom \u{1b}[2Japi.heroku.com").unwrap();
        assert_eq!(list.look().need, Need::Nothing);
        assert_eq!(stamp::read(&list.beside(FAILED)).unwrap().1, "HTTP 503 from  [2Japi.heroku.com");
        let failed = |when: u64| fs::write(list.beside(FAILED), format!("{when} why\n")).unwrap();
        failed(now() - PAUSE_AFTER_FAILURE);
        assert_eq!(list.look().need, Need::Wait);
        failed(now() + 60_000);
        assert_eq!(list.look().need, Need::Wait, "a time in the future");
        failed(now());
        // Another process may have failed after this one looked at the clock.
        assert!(list.has_failed_since(0, now() - 5000));
        list.keep(now(), &[]).unwrap();
        assert!(stamp::read(&list.beside(FAILED)).is_none());
    }

    #[test]
    fn one_process_at_a_time_refreshes_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let list = cache(folder.path()).of_account(Resource::Apps);
        let Lock::Taken(held) = list.lock() else { panic!("the lock is free") };
        assert!(
            matches!(list.lock(), Lock::Held(since) if since.elapsed().unwrap() < Duration::from_secs(60))
        );
        drop(held);
        assert!(matches!(list.lock(), Lock::Taken(_)));
    }

    #[cfg(unix)]
    #[test]
    fn lists_are_private_and_links_are_not_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let list = cache(folder.path()).of_account(Resource::Apps);
        list.keep(now(), &[CachedWord::new("playhouse", "")]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&list.file), mode(list.file.parent().unwrap())), (0o600, 0o700));
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&list.file, &elsewhere).unwrap();
        symlink(&elsewhere, &list.file).unwrap();
        assert!(list.look().entry.is_none());
        list.keep(now(), &[]).unwrap();
        assert!(list.look().entry.is_some() && fs::read_to_string(&elsewhere).unwrap().contains("playhouse"));
        fs::remove_file(&list.file).unwrap();
        fs::create_dir(&list.file).unwrap();
        assert!(list.look().entry.is_none() && list.keep(now(), &[]).is_err());
    }
}
