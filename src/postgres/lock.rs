//! One restore of a database at a time, on this machine: the system takes the lock away when its holder ends, however it
//! ends.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use super::local::LocalDatabase;
use crate::error::{Context as _, Error, Result};
use crate::private_file;

/// Held while a database is being replaced.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the lock goes with the file")] Option<File>);

impl Lock {
    /// Takes it. Exit 5 while another process holds it.
    pub(super) fn take(database: &LocalDatabase) -> Result<Self> {
        let Some(place) = place(database) else { return Ok(Self(None)) };
        let made = place
            .parent()
            .map_or(Ok(()), private_file::make_folder)
            .and_then(|()| File::options().create(true).truncate(false).write(true).open(&place));
        let file = made.context(|| format!("cannot write {}", place.display()))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Err(Error::refused(format!("{} is being replaced by another greenroom", database.name)))
            }
            // Where there are no locks, PostgreSQL's own keep two swaps apart.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self(Some(file))),
        }
    }
}

fn place(database: &LocalDatabase) -> Option<PathBuf> {
    let number = crate::text::number_of(&format!("{} {}", database.server(), database.name));
    Some(private_file::folder()?.join("restores").join(format!("{number:08x}.lock")))
}
