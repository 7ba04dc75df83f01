//! Temporary folders that are removed even if their process is killed: each is locked while its owner runs, and the
//! first one that a process makes removes those whose owners have ended.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::Once;
use std::{env, io};

use tempfile::TempDir;

/// The beginning and the end of a folder's name, and the number of letters and digits between them.
const PREFIX: &str = "rehearsal-";
const SUFFIX: &str = ".tmp";
const RANDOM: usize = 12;

/// A temporary folder, removed when it is dropped.
#[derive(Debug)]
pub struct Folder {
    folder: TempDir,
    // Dropped last: the folder is in use until it is gone.
    _lock: Option<File>,
}

impl Folder {
    /// Creates a folder.
    pub fn new() -> io::Result<Self> {
        static SWEPT: Once = Once::new();
        let parent = env::temp_dir();
        SWEPT.call_once(|| sweep(&parent));
        loop {
            let folder = tempfile::Builder::new()
                .prefix(PREFIX)
                .suffix(SUFFIX)
                .rand_bytes(RANDOM)
                .tempdir_in(&parent)?;
            let lock = lock(folder.path());
            // Another process may have removed it as abandoned before it was locked.
            if !matches!(lock, Err(TryLockError::WouldBlock)) && folder.path().is_dir() {
                return Ok(Self { folder, _lock: lock.ok() });
            }
        }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && entry.file_name().to_str().is_some_and(is_name) {
            // The lock is held until the folder is removed. Other users' folders cannot be removed.
            if let Ok(_lock) = lock(&entry.path()) {
                _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn lock(folder: &Path) -> Result<File, TryLockError> {
    let file = File::open(folder).map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

fn is_name(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn abandoned_folders_are_removed() -> io::Result<()> {
        let parent = tempfile::tempdir()?;
        let [held, left, other] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "checkout"]
            .map(|word| parent.path().join(format!("{PREFIX}{word}{SUFFIX}")));
        for folder in [&held, &left, &other] {
            fs::create_dir(folder)?;
        }
        let _lock = lock(&held).map_err(io::Error::from)?;
        sweep(parent.path());
        assert_eq!([held, left, other].map(|folder| folder.is_dir()), [true, false, true]);
        Ok(())
    }
}
