//! A temporary repository with this one's commits and none of its configuration.
//!
//! What is in a repository's own configuration and hooks could run programs, or take a push, and the token with it,
//! elsewhere. A push or an archive is made from a temporary repository that holds nothing but the way to this one's
//! objects; of git's settings only the person's own and the machine's apply there.

use std::fs;
use std::path::Path;

use super::Repository;
use super::program::{self, Patience};
use crate::error::{Context as _, Result};
use crate::file;
use crate::model::CommitId;
use crate::process::CommandLine;
use crate::temporary;

/// The largest list of patterns that is read, in bytes.
const LARGEST_PATTERNS: u64 = 1 << 20;

/// A temporary bare repository; removed when it is dropped.
pub struct Borrowed {
    folder: temporary::Folder,
    pub(super) patience: Patience,
}

impl Repository {
    /// Creates a temporary repository that borrows this one's objects.
    pub fn lend(&self) -> Result<Borrowed> {
        let folder = temporary::Folder::new()?;
        self.lay_out(folder.path()).context(|| "cannot make a temporary repository to push from")?;
        Ok(Borrowed { folder, patience: self.patience.borrow().clone() })
    }

    fn lay_out(&self, folder: &Path) -> Result<()> {
        lay_out(folder, self.head().as_ref())?;
        let common = fs::canonicalize(self.inner.common_dir())?;
        fs::write(folder.join("objects/info/alternates"), alternate(&common.join("objects")))?;
        // Marks the ends of a shallow clone's history; without it the missing parents would be an error.
        match fs::copy(common.join("shallow"), folder.join("shallow")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Makes an empty repository whose HEAD is this commit.
fn lay_out(folder: &Path, head: Option<&CommitId>) -> Result<()> {
    for part in ["objects/info", "refs/heads"] {
        fs::create_dir_all(folder.join(part))?;
    }
    fs::write(
        folder.join("HEAD"),
        format!("{}\n", head.map_or("ref: refs/heads/main", |head| head.as_str())),
    )?;
    fs::write(folder.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
    Ok(())
}

/// The line that names a folder of objects, as git reads it: quoted where it would be taken for something else.
fn alternate(objects: &Path) -> Vec<u8> {
    let path = objects.as_os_str().as_encoded_bytes();
    let mut line = Vec::with_capacity(path.len() + 1);
    if path.contains(&b'\n') || path.starts_with(b"\"") || path.starts_with(b"#") {
        line.push(b'"');
        for byte in path {
            match byte {
                b'"' | b'\\' => line.extend([b'\\', *byte]),
                b'\n' => line.extend(b"\\n"),
                byte => line.push(*byte),
            }
        }
        line.push(b'"');
    } else {
        line.extend(path);
    }
    line.push(b'\n');
    line
}

impl Borrowed {
    /// One without anything in it.
    #[cfg(test)]
    pub(super) fn empty() -> Self {
        let folder = temporary::Folder::new().unwrap();
        lay_out(folder.path(), None).unwrap();
        Self { folder, patience: Patience::default() }
    }

    /// The same, in which files are as the commit has them: no attribute leaves a file out, converts it, or has a program
    /// do so.
    pub fn to_the_letter(self) -> Result<Self> {
        let info = self.folder.path().join("info");
        fs::create_dir_all(&info)?;
        let plain = "* -export-ignore -export-subst -text -ident -filter -working-tree-encoding\n";
        fs::write(info.join("attributes"), plain)?;
        Ok(self)
    }

    /// The same with the patterns of this file, if it is there, for what git ignores.
    pub(super) fn ignoring(self, patterns: &Path) -> Result<Self> {
        let info = self.folder.path().join("info");
        fs::create_dir_all(&info)?;
        if let Ok(patterns) = file::read(patterns, LARGEST_PATTERNS) {
            fs::write(info.join("exclude"), patterns)?;
        }
        Ok(self)
    }

    /// git, at work in this repository.
    pub fn git(&self) -> Result<CommandLine> {
        let git = program::git()?.current_dir(self.folder.path());
        let own =
            ["GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"];
        let git = own.into_iter().fold(git, CommandLine::without_env);
        Ok(git.args(["--no-pager", "--git-dir", "."]))
    }
}
