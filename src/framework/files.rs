//! The project's files that tell its framework. They are read with a limit, and never run.

use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::file;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Whether there is such a file.
pub(super) fn has(root: &Path, name: &str) -> bool {
    root.join(name).is_file()
}

/// The text of a file, its line breaks as they are; none where there is no such file. Exit 2 where it cannot be read.
pub(super) fn text(root: &Path, name: &str) -> Result<Option<String>> {
    match file::read(&root.join(name), LARGEST) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unreadable(name, error)),
    }
}

/// The error of a file that does not tell what it should.
pub(super) fn unreadable(name: &str, error: impl Into<Error>) -> Error {
    error.into().context(format!("cannot read {name}")).kind_of(Kind::Usage)
}
