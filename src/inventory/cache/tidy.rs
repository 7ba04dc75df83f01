//! Keeps the cache small: removes the oldest lists, and files that a killed process left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::private_file::DRAFT;

/// The most lists that are kept.
const MOST_LISTS: usize = 400;

/// The most bytes that all lists may have together.
const MOST_BYTES: u64 = 8 << 20;

/// The age at which a draft is removed: a process that is alive renames its draft at once.
const LEFT_BEHIND: Duration = Duration::from_secs(600);

/// The age at which a file is removed that is beside no list.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

/// A file of the cache.
struct File {
    path: PathBuf,
    length: u64,
    age: Duration,
}

/// Removes what is too much below `all`, the folder of all hosts, but never `newest`. Errors are ignored.
pub(super) fn tidy(all: &Path, newest: &Path) {
    let now = SystemTime::now();
    let found = files(all).into_iter().filter_map(|path| {
        let found = fs::symlink_metadata(&path).ok()?;
        let age = now.duration_since(found.modified().ok()?).unwrap_or_default();
        Some(File { length: found.len(), age, path })
    });
    let (drafts, found): (Vec<_>, Vec<_>) = found.partition(|file| is_draft(&file.path));
    let (mut lists, beside): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|file| file.path.extension().is_none());
    lists.sort_by_key(|file| (file.path != newest, file.age));
    let mut bytes = 0;
    let kept = lists.iter().take(MOST_LISTS).take_while(|file| {
        bytes += file.length;
        bytes <= MOST_BYTES || file.path == newest
    });
    let kept = kept.count();
    let evicted = &lists[kept..];
    let stands_alone = |file: &File| {
        let list = file.path.with_extension("");
        let is_evicted = evicted.iter().any(|evicted| evicted.path == list);
        is_evicted || (file.age > FORGOTTEN && !lists.iter().any(|kept| kept.path == list))
    };
    let left_behind = drafts.iter().filter(|file| file.age > LEFT_BEHIND);
    for file in evicted.iter().chain(beside.iter().filter(|file| stands_alone(file))).chain(left_behind) {
        _ = fs::remove_file(&file.path);
        // `remove_dir` fails for a folder that is not empty.
        _ = file.path.parent().map(fs::remove_dir);
    }
}

fn is_draft(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(DRAFT.as_bytes()))
}

/// The sizes of all lists below `all`, in bytes.
pub fn list_sizes(all: &Path) -> Vec<u64> {
    let lists = files(all).into_iter().filter(|file| file.extension().is_none() && !is_draft(file));
    lists.filter_map(|list| Some(fs::symlink_metadata(list).ok()?.len())).collect()
}

/// Every file two folders below `all`: in a folder per host, and there in one per app. Links are not followed.
pub(super) fn files(all: &Path) -> Vec<PathBuf> {
    let within = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let hosts = within(all).filter(is_folder);
    let apps = hosts.flat_map(|host| within(&host.path())).filter(is_folder);
    apps.flat_map(|app| within(&app.path())).filter(|file| !is_folder(file)).map(|file| file.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a file of `length` bytes that is `age` seconds old.
    fn lay(all: &Path, name: &str, length: usize, age: u64) -> PathBuf {
        let path = all.join("api.heroku.com").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, vec![b'x'; length]).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        path
    }

    #[test]
    fn the_oldest_lists_are_removed_with_the_files_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let all = folder.path();
        let lists: Vec<PathBuf> =
            (0..MOST_LISTS + 3).map(|age| lay(all, &format!("app-{age}/dynos"), 10, age as u64)).collect();
        let beside = lay(all, "app-402/dynos.lock", 0, 1);
        let newest = lay(all, "late/dynos", 10, 9999);
        tidy(all, &newest);
        let left = lists.iter().filter(|list| list.exists()).count();
        assert_eq!(left, MOST_LISTS - 1);
        assert!(newest.exists() && lists[MOST_LISTS - 2].exists() && !lists[MOST_LISTS - 1].exists());
        assert!(!beside.exists() && !beside.parent().unwrap().exists());
    }

    #[test]
    fn all_lists_together_have_a_maximum_size() {
        let folder = tempfile::tempdir().unwrap();
        let all = folder.path();
        let half = usize::try_from(MOST_BYTES).unwrap() / 2;
        let [new, old, oldest] = [1, 2, 3].map(|age| lay(all, &format!("app-{age}/dynos"), half, age));
        tidy(all, &new);
        assert!(new.exists() && old.exists() && !oldest.exists());
        tidy(all, &oldest);
        assert!(new.exists() && old.exists(), "a file that does not exist takes no room");
    }

    #[test]
    fn files_of_killed_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let all = folder.path();
        let list = lay(all, "app/dynos", 10, 1);
        let [gone, there] =
            [LEFT_BEHIND.as_secs() + 9, 5].map(|age| lay(all, &format!("app/.draft-{age}"), 10, age));
        let [alone, lately] =
            [FORGOTTEN.as_secs() + 9, 5].map(|age| lay(all, &format!("app-{age}/apps.failed"), 10, age));
        let beside = lay(all, "app/dynos.changed", 10, FORGOTTEN.as_secs() + 9);
        tidy(all, &list);
        assert!(!gone.exists() && there.exists() && !alone.exists() && lately.exists());
        assert!(list.exists() && beside.exists());
    }
}
