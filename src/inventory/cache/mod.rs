//! The lists that were read from Heroku: one file each, in the user's cache folder.
//!
//! ```text
//! $XDG_CACHE_HOME/greenroom/completion/api.heroku.com/playhouse-staging/config-vars           the list
//!                                                                       config-vars.changed   since when it is outdated
//!                                                                       config-vars.failed    the last refresh that failed, and why
//!                                                                       config-vars.lock      locked during a refresh
//! ```
//!
//! A file is replaced in one step. It is used only if it is complete, in this format, of the list that is asked for, and
//! owned by the user. Only the user can read it. It holds names, never a config var's value or a token.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::heroku;
use crate::inventory::Resource;
use crate::model::AppName;
use crate::private_file;

mod entry;
mod list;
mod stamp;
mod tidy;

pub(super) use entry::{CachedWord, Entry, MOST_WORDS};
pub(super) use list::{CachedList, Found, Lock, Need};
pub use stamp::failures;
pub use tidy::list_sizes;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 2 << 20;

/// The lists of one Heroku host and one login.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    host: String,
    /// Tells logins apart: what one account sees is not offered to another.
    login: u64,
}

impl Cache {
    /// The cache for the configured host and login. The folder may not exist yet. `None` without a valid host or a home.
    pub(super) fn find() -> Option<Self> {
        let host = heroku::api_machine()?;
        // Windows does not allow a colon in a file's name.
        let folder = folder()?.join(host.replace(':', "_"));
        Some(Self { folder, host, login: heroku::login_mark() })
    }

    /// A list of an app.
    pub(super) fn of_app(&self, app: &AppName, resource: Resource) -> CachedList {
        self.list(app.as_ref(), app.as_ref(), resource)
    }

    /// A list of the account.
    pub(super) fn of_account(&self, resource: Resource) -> CachedList {
        // No app's name can contain an `@`.
        self.list("@account", "@account", resource)
    }

    /// A list that depends on the project: `key` holds all that it depends on.
    pub(super) fn of_here(&self, key: &str, resource: Resource) -> CachedList {
        let mut hash = DefaultHasher::new();
        key.hash(&mut hash);
        self.list(&format!("@{:016x}", hash.finish()), key, resource)
    }

    fn list(&self, folder: &str, key: &str, resource: Resource) -> CachedList {
        let file = self.folder.join(folder).join(resource.word());
        CachedList::new(file, resource, format!("{} {:016x} {key}", self.host, self.login))
    }
}

/// The folder that holds the caches of all hosts. It may not exist yet. `None` without a home folder.
pub fn folder() -> Option<PathBuf> {
    Some(private_file::folder()?.join("completion"))
}

/// The present time, in milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    pub(super) fn cache(folder: &Path) -> Cache {
        Cache { folder: folder.join("api.heroku.com"), host: "api.heroku.com".to_owned(), login: 1 }
    }

    pub(super) fn words(list: &CachedList) -> Vec<String> {
        list.look().entry.iter().flat_map(Entry::words).map(str::to_owned).collect()
    }

    #[test]
    fn each_list_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let app: AppName = "account".parse().unwrap();
        let lists = [
            cache.of_app(&app, Resource::Apps),
            cache.of_account(Resource::Apps),
            cache.of_here("account", Resource::Apps),
            cache.of_here("elsewhere", Resource::Apps),
            cache.of_app(&app, Resource::Addons),
        ];
        for (number, list) in lists.iter().enumerate() {
            assert_eq!(list.look().need, Need::Wait);
            list.keep(now(), &[CachedWord::new(&number.to_string(), "")]).unwrap();
        }
        for (number, list) in lists.iter().enumerate() {
            assert_eq!(words(list), [number.to_string()]);
        }
    }

    #[test]
    fn a_list_is_not_shown_to_another_login() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        cache.of_account(Resource::Apps).keep(now(), &[CachedWord::new("playhouse", "")]).unwrap();
        let other = Cache { login: 2, ..cache.clone() }.of_account(Resource::Apps);
        assert!(other.look().entry.is_none());
        assert_eq!(words(&cache.of_account(Resource::Apps)), ["playhouse"]);
    }
}
