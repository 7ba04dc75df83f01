//! Whether a file can get into a commit.

use std::fs;
use std::path::Path;

use super::Repository;
use crate::error::Result;

/// git's exit code for a file that it does not ignore.
const NOT_IGNORED: u8 = 1;

impl Repository {
    /// Whether `git add` takes this file, which need not be there: it is in the work tree, and is tracked or not ignored.
    /// False where git cannot tell.
    pub fn would_take(&self, file: &Path) -> Result<bool> {
        let Some(root) = self.inner.workdir().and_then(|root| fs::canonicalize(root).ok()) else {
            return Ok(false);
        };
        // The file itself may be a link; git looks at the link.
        let folder = file.parent().and_then(|folder| fs::canonicalize(folder).ok());
        let (Some(folder), Some(name)) = (folder, file.file_name()) else { return Ok(false) };
        if !folder.starts_with(&root) {
            return Ok(false);
        }
        let lent = self.lend()?.ignoring(&self.inner.common_dir().join("info/exclude"))?;
        let excludes = self.inner.config_snapshot().string("core.excludesFile");
        let setting = excludes.map(|file| format!("core.excludesFile={file}"));
        let line = setting
            .iter()
            .fold(lent.git()?, |git, setting| git.args(["-c", setting]))
            .args(["check-ignore", "--quiet", "--"])
            .args([folder.join(name)])
            .env("GIT_WORK_TREE", &root)
            .env("GIT_INDEX_FILE", std::path::absolute(self.inner.index_path())?);
        Ok(lent.patience.run(&line)?.code == NOT_IGNORED)
    }
}
