//! The checked-out branch and commit.

use super::Repository;
use crate::error::Result;

/// Settings that say how files are compared; they run nothing.
const COMPARING: [&str; 5] =
    ["core.autocrlf", "core.fileMode", "core.ignoreCase", "core.precomposeUnicode", "core.symlinks"];

impl Repository {
    /// The number of tracked files that differ from `HEAD`; `None` if git cannot tell.
    pub fn uncommitted(&self) -> Result<Option<usize>> {
        let (Some(root), true) = (self.inner.workdir(), self.head().is_some()) else { return Ok(Some(0)) };
        let config = self.inner.config_snapshot();
        let setting = |name: &&str| Some(format!("{name}={}", config.string(*name)?));
        let lent = self.lend()?;
        let line = COMPARING
            .iter()
            .filter_map(setting)
            .fold(lent.git()?, |git, setting| git.args(["-c", &setting]))
            .args(["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"])
            .env("GIT_WORK_TREE", std::path::absolute(root)?)
            .env("GIT_INDEX_FILE", std::path::absolute(self.inner.index_path())?)
            .env("GIT_OPTIONAL_LOCKS", "0");
        let output = lent.patience.run(&line)?;
        let changes = String::from_utf8_lossy(&output.stdout).lines().count();
        Ok(output.is_success().then_some(changes))
    }
}
