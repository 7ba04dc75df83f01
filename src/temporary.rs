//! Temporary folders: nobody else can look into them, and none is left for good.
//!
//! A folder goes when it is dropped. A process that is killed cannot do that, so whoever makes the next folder removes what
//! such processes left. Each holds a lock on its folder, which the system takes away when it ends, however it ends.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::error::{Context as _, Result};

/// How the name of each folder begins and ends. Between them stand this many letters and digits: a folder that a person
/// made is not taken for one of these.
const NAME: (&str, &str) = ("greenroom-", ".tmp");
const RANDOM: usize = 12;

/// A temporary folder, removed when it is dropped.
#[derive(Debug)]
pub struct Folder {
    folder: TempDir,
    // Dropped last: the folder is in use until it is gone.
    _lock: Option<File>,
}

impl Folder {
    /// Makes one where the system has such folders, and removes there what killed processes left.
    pub fn new() -> Result<Self> {
        let parent = env::temp_dir();
        sweep(&parent);
        Self::new_in(&parent).context(|| cannot(&parent))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn new_in(parent: &Path) -> io::Result<Self> {
        loop {
            let mut builder = tempfile::Builder::new();
            builder.prefix(NAME.0).suffix(NAME.1).rand_bytes(RANDOM);
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
            let folder = builder.tempdir_in(parent)?;
            let lock = lock(folder.path());
            // Another process may have taken it for a left one, as nobody had locked it yet.
            if !matches!(lock, Err(TryLockError::WouldBlock)) && folder.path().is_dir() {
                return Ok(Self { folder, _lock: lock.ok() });
            }
        }
    }
}

/// What could not be done in the folder for temporary files, and what said that it is this one.
pub fn cannot(parent: &Path) -> String {
    let told = if env::var_os("TMPDIR").is_some() { " (TMPDIR)" } else { "" };
    format!("cannot make a temporary file in {}{told}", parent.display())
}

/// Removes this person's folders that no process holds. What cannot be removed must not keep a new one from being made.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_str().is_some_and(is_name) && is_own_folder(&path) {
            // Held until it is gone, so that two who sweep do not meet.
            if let Ok(_lock) = lock(&path) {
                _ = fs::remove_dir_all(&path);
            }
        }
    }
}

/// The lock on a folder. Where there is none to be had, as on Windows, nothing is swept.
fn lock(folder: &Path) -> Result<File, TryLockError> {
    let file = File::open(folder).map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

fn is_name(name: &str) -> bool {
    let random = name.strip_prefix(NAME.0).and_then(|rest| rest.strip_suffix(NAME.1));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_own_folder(path: &Path) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    #[cfg(unix)]
    let own = std::os::unix::fs::MetadataExt::uid(&found) == rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    let own = true;
    found.is_dir() && own
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_a_killed_process_left_is_swept_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let held = Folder::new_in(parent.path()).unwrap();
        let left = Folder::new_in(parent.path()).unwrap();
        let Folder { folder, _lock: lock } = left;
        let left = folder.keep();
        fs::create_dir_all(left.join("objects/info")).unwrap();
        drop(lock);
        let others =
            ["greenroom-checkout", "greenroom-master.tmp", "elsewhere", "greenroom-abcdefghijkl.txt"];
        for name in others {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let linked = parent.path().join("greenroom-abcdefghijkl.tmp");
        std::os::unix::fs::symlink(parent.path().join("elsewhere"), &linked).unwrap();
        let file = parent.path().join("greenroom-mnopqrstuvwx.tmp");
        fs::write(&file, "").unwrap();
        sweep(parent.path());
        assert!(!left.exists());
        assert!(held.path().is_dir() && fs::symlink_metadata(linked).is_ok() && file.is_file());
        assert!(others.iter().all(|name| parent.path().join(name).is_dir()));
    }

    #[test]
    fn a_folder_is_its_owners_alone_and_goes_with_them() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::new_in(parent.path()).unwrap();
        let path = folder.path().to_owned();
        assert!(is_name(&path.file_name().unwrap().to_string_lossy()), "{}", path.display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        drop(folder);
        assert!(!path.exists());
    }
}
