//! `match = "tree"`: a commit of the branch with the same files counts in place of the one that a slug was built from. A
//! squash merge leaves such a pair.

use super::pipeline_state::{PipelineState, StageApp};
use crate::config::{Config, Match};
use crate::error::Result;
use crate::git::Repository;
use crate::model::{CommitId, CommitName};

/// Where commits with the same files are searched for.
#[derive(Clone, Debug, Default)]
pub struct TreeMatch {
    /// The tip of the environment's branch, then the commit about to move; empty where only the commit itself counts.
    tips: Vec<CommitId>,
}

impl TreeMatch {
    /// In the branch of `environment` as it was last fetched, and in the history of the commit that is `requested`.
    pub fn of(
        config: &Config,
        environment: &str,
        repository: &Repository,
        requested: Option<&CommitId>,
    ) -> Self {
        if config.release.matches != Some(Match::Tree) {
            return Self::default();
        }
        let configured =
            config.environments.get(environment).and_then(|configured| configured.branch.clone());
        let branch = configured.or_else(|| repository.origin_branch());
        let tip =
            |branch: String| repository.tracked("origin", &branch).or_else(|| repository.branch_tip(&branch));
        let tips = branch.and_then(tip).into_iter().chain(requested.cloned());
        Self { tips: tips.collect() }
    }

    /// The commit that counts in place of this one; none where this one counts.
    pub fn commit(&self, repository: &Repository, commit: &CommitName) -> Result<Option<CommitId>> {
        for tip in &self.tips {
            if repository.contains(tip, commit)? {
                return Ok(None);
            }
        }
        for tip in &self.tips {
            if let Some(found) = repository.with_the_same_files(commit, tip)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The commit that counts: another one, or this one itself.
    pub fn counted(&self, repository: &Repository, commit: CommitName) -> Result<CommitName> {
        Ok(self.commit(repository, &commit)?.map_or(commit, CommitName::from))
    }

    /// Replaces the commit of an app by the one that counts.
    pub fn apply(&self, repository: &Repository, running: &mut StageApp) -> Result<()> {
        let Some(commit) = &running.commit else { return Ok(()) };
        if let Some(found) = self.commit(repository, commit)? {
            running.built_from = running.commit.replace(found.into());
        }
        Ok(())
    }

    /// The same for every app.
    pub fn apply_to_all(&self, repository: &Repository, stages: &mut PipelineState) -> Result<()> {
        stages.apps.iter_mut().try_for_each(|running| self.apply(repository, running))
    }
}
