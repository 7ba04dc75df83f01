//! A shell's setup: a completion file where the shell looks, or one elsewhere and a block in the user's startup file that
//! reads it.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::hint::Hint;

mod block;
mod file;
mod locations;

use block::{Remainder, Unfinished};
pub use locations::parts;

/// One of the files of a shell's setup.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// The whole file is greenroom's.
    File(&'static str),
    /// Lines between markers in the user's file.
    Block(String),
}

/// The state of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallState {
    /// It is missing.
    Absent,
    /// It is another release's, or was edited.
    Outdated,
    /// It is this release's.
    Current,
}

impl Part {
    fn file(path: PathBuf, text: &'static str) -> Self {
        Self { path, content: Content::File(text) }
    }

    fn block(path: PathBuf, lines: String) -> Self {
        Self { path, content: Content::Block(lines) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The lines of the block, where it is one.
    pub fn lines(&self) -> Option<&str> {
        match &self.content {
            Content::File(_) => None,
            Content::Block(lines) => Some(lines),
        }
    }

    /// Its state; exit 1 if the file must not be changed.
    pub fn state(&self) -> Result<InstallState> {
        let Some(found) = file::read(&self.path)? else { return Ok(InstallState::Absent) };
        match &self.content {
            Content::File(text) if found == text.as_bytes() => Ok(InstallState::Current),
            Content::File(_) if !is_ours(&found) => {
                Err(Error::failed(format!("{} exists, and is not greenroom's", self.path.display()))
                    .hint_line(["ls".as_ref(), "-l".as_ref(), self.path.as_os_str()]))
            }
            Content::File(_) => Ok(InstallState::Outdated),
            Content::Block(lines) => {
                self.check_text(&found)?;
                let wanted = block::with(Some(&found), lines).map_err(|error| self.unfinished(&error))?;
                let is_there = block::without(&found).map_err(|error| self.unfinished(&error))?.is_some();
                Ok(match is_there {
                    false => InstallState::Absent,
                    true if wanted == found => InstallState::Current,
                    true => InstallState::Outdated,
                })
            }
        }
    }

    /// Exit 1 if the upload failed.
    pub fn check(&self) -> Result<()> {
        file::check(&self.path)
    }

    /// Writes it.
    pub fn install(&self) -> Result<()> {
        match &self.content {
            Content::File(text) => file::write(&self.path, text.as_bytes()),
            Content::Block(lines) => {
                let found = file::read(&self.path)?;
                let text = block::with(found.as_deref(), lines).map_err(|error| self.unfinished(&error))?;
                file::write(&self.path, &text)
            }
        }
    }

    /// Removes it; a file that existed before has its former text again.
    pub fn remove(&self) -> Result<()> {
        if let Content::File(_) = &self.content {
            return file::remove(&self.path);
        }
        let Some(found) = file::read(&self.path)? else { return Ok(()) };
        match block::without(&found).map_err(|error| self.unfinished(&error))? {
            None => Ok(()),
            Some(Remainder::NoFile) => file::remove(&self.path),
            Some(Remainder::Text(text)) => file::write(&self.path, &text),
        }
    }

    /// A block in UTF-8 would spoil a file in UTF-16, which Windows writes.
    fn check_text(&self, found: &[u8]) -> Result<()> {
        if found.contains(&0) {
            let failed = Error::failed(format!("{} is not a UTF-8 text file", self.path.display()));
            return Err(failed.hint("save it as UTF-8"));
        }
        Ok(())
    }

    fn unfinished(&self, error: &Unfinished) -> Error {
        Error::failed(format!("{}:{}: the greenroom block has no end marker", self.path.display(), error.0))
            .hint(Hint::text(format!("add this line where the block ends: {}", Unfinished::MISSING)))
    }
}

/// Whether a file is a stub of any release: each calls `greenroom __complete`.
fn is_ours(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"__complete").is_some()
}
