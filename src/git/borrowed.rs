//! A second repository with this one's commits and none of its configuration.
//!
//! What is in a repository's own configuration and hooks could run programs, or take a push, and the token with it,
//! elsewhere. A push or an archive is made from a temporary repository that holds nothing but the way to this one's
//! objects; of git's settings only the person's own and the machine's apply there.

use std::fs;
use std::path::Path;

use super::Repository;
use super::history::git_program;
use crate::error::{Context as _, Result};
use crate::process::CommandLine;
use crate::temporary;

/// A temporary bare repository; removed when it is dropped.
pub struct Borrowed {
    folder: temporary::Folder,
}

impl Repository {
    /// Lends its objects to a temporary repository.
    pub fn lend(&self) -> Result<Borrowed> {
        let folder = temporary::Folder::new()?;
        self.lay_out(folder.path()).context(|| "cannot make a temporary repository to push from")?;
        Ok(Borrowed { folder })
    }

    fn lay_out(&self, folder: &Path) -> Result<()> {
        for part in ["objects/info", "refs/heads"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let head = self.head().unwrap_or_else(|| "ref: refs/heads/main".to_owned());
        fs::write(folder.join("HEAD"), format!("{head}\n"))?;
        fs::write(folder.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
        let common = fs::canonicalize(self.inner.common_dir())?;
        fs::write(folder.join("objects/info/alternates"), format!("{}\n", common.join("objects").display()))?;
        // Where the history ends in a shallow clone; without it the missing parents would be an error.
        match fs::copy(common.join("shallow"), folder.join("shallow")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Borrowed {
    /// The same, in which files are as the commit has them: no attribute leaves a file out, converts it, or has a program
    /// do so.
    pub fn to_the_letter(self) -> Result<Self> {
        let info = self.folder.path().join("info");
        fs::create_dir_all(&info)?;
        let plain = "* -export-ignore -export-subst -text -ident -filter -working-tree-encoding\n";
        fs::write(info.join("attributes"), plain)?;
        Ok(self)
    }

    /// git, at work in this repository.
    pub fn git(&self) -> Result<CommandLine> {
        let git = git_program()?.current_dir(self.folder.path());
        let own =
            ["GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"];
        let git = own.into_iter().fold(git, CommandLine::without_env);
        Ok(git.args(["--no-pager", "--git-dir", "."]))
    }
}
