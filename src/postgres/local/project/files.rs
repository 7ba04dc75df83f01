//! The project's files that name its database. They are read with a limit, and never run.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::file;
use crate::hint::Hint;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The text of a file; none where there is no such file. Exit 2 where it cannot be read.
pub(super) fn text(root: &Path, name: &str) -> Result<Option<String>> {
    match file::read_text(&root.join(name), LARGEST) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => {
            Err(ways_out(Error::from(error).context(format!("cannot read {name}")).kind_of(Kind::Usage)))
        }
    }
}

/// Whether there is such a file.
pub(super) fn has(root: &Path, name: &str) -> bool {
    root.join(name).is_file()
}

/// The error for a line that only the framework itself could read. Exit 2, with the ways to name the database.
pub(super) fn unread(file: &Path, line: usize, message: impl std::fmt::Display) -> Error {
    let error = Error::usage(message.to_string());
    ways_out(error.context(format!("the database of {}:{line} cannot be told", file.display())))
}

/// The same error with the ways to name the database.
pub(in super::super) fn ways_out(error: Error) -> Error {
    error
        .hint(Hint::line(["development", "which", "--to", "NAME"]).note("a name, or a postgres:// URL"))
        .hint(
            Hint::setting("development.database", "NAME")
                .note("in greenroom.toml, above its first [section]"),
        )
}

/// A file by its name in the project.
pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from(name)
}
