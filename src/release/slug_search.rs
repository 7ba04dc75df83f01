//! The search for a commit's slug, upstream in the pipeline.

use super::pipeline_state::{PipelineState, StageApp, slug_of};
use crate::config::Match;
use crate::error::Result;
use crate::git::Repository;
use crate::heroku::{ApiError, Client, Release};
use crate::model::{CommitName, ReleaseStatus, Stage};

/// This many releases of an app in stage `development` are searched: a later build may have replaced the slug.
const LOOKED_THROUGH: usize = 20;

/// A slug of the requested commit.
#[derive(Clone, Debug)]
pub struct PreparedSlug {
    /// The app that has it, in the state of that slug's release.
    pub source: StageApp,
    /// How the slug was matched to the commit.
    pub matched_by: MatchedBy,
}

/// How a slug was matched to a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The slug records the commit.
    Slug,
    /// The slug records this other commit, which has the same files.
    Tree(CommitName),
    /// This config var of the app that runs it names the commit; the slug records none.
    ConfigVar(&'static str),
}

impl MatchedBy {
    /// The source, with the commit that its slug records where that is another one.
    fn built(&self, source: StageApp) -> StageApp {
        match self {
            Self::Tree(commit) => StageApp { built_from: Some(commit.clone()), ..source },
            Self::Slug | Self::ConfigVar(_) => source,
        }
    }
}

/// A search for slugs of one commit.
pub struct SlugSearch<'a> {
    /// Reaches Heroku.
    pub client: &'a Client,
    /// Compares the files of commits.
    pub repository: &'a Repository,
    /// Whether a slug must be of the commit, or of one with the same files.
    pub matches: Match,
    /// The commit.
    pub commit: &'a CommitName,
}

impl SlugSearch<'_> {
    /// The first app upstream of `target` that has a slug of the commit: `development` first, running slugs before earlier
    /// ones.
    pub fn upstream_of(&self, stages: &PipelineState, target: &StageApp) -> Result<Option<PreparedSlug>> {
        let upstream = stages.upstream(target);
        for running in &upstream {
            if let Some(prepared) = self.running_on(running)? {
                return Ok(Some(prepared));
            }
        }
        for running in upstream.into_iter().filter(|running| running.stage == Some(Stage::Development)) {
            if let Some(prepared) = self.released(running)? {
                return Ok(Some(prepared));
            }
        }
        Ok(None)
    }

    /// The slug that the app runs or ran, if one matches the commit.
    pub fn on(&self, running: &StageApp) -> Result<Option<PreparedSlug>> {
        match self.running_on(running)? {
            None => self.released(running),
            found => Ok(found),
        }
    }

    /// The newest matching slug among the app's successful releases.
    pub fn released(&self, running: &StageApp) -> Result<Option<PreparedSlug>> {
        self.released_on(running, &[ReleaseStatus::Succeeded])
    }

    /// The slug that the app runs, if it matches the commit.
    fn running_on(&self, running: &StageApp) -> Result<Option<PreparedSlug>> {
        if running.release.as_ref().is_none_or(|release| release.code_id().is_none()) {
            return Ok(None);
        }
        let found = |matched_by: MatchedBy| {
            let source = StageApp { commit: Some(self.commit.clone()), ..running.clone() };
            Some(PreparedSlug { source: matched_by.built(source), matched_by })
        };
        let Some(commit) = &running.commit else {
            // An account without access to config vars gets no match, not an error.
            let told = match self.client.commit_in_config(&running.app.id) {
                Err(error) if ApiError::is_refusal(&error) => None,
                told => told?,
            };
            let told = told.filter(|(_, commit)| commit.is(self.commit));
            return Ok(told.and_then(|(name, _)| found(MatchedBy::ConfigVar(name))));
        };
        Ok(self.matched_by(commit)?.and_then(found))
    }

    /// The newest matching slug among the app's releases with one of these statuses.
    pub(super) fn released_on(
        &self,
        running: &StageApp,
        ends: &[ReleaseStatus],
    ) -> Result<Option<PreparedSlug>> {
        let releases = self.client.releases(&running.app.id, LOOKED_THROUGH)?;
        let ended = |release: &Release| ends.contains(&release.status);
        for release in
            releases.into_iter().filter(|release| ended(release) && self.may_be_of_the_commit(release))
        {
            let Some(slug) = slug_of(self.client, Some(&release))? else { continue };
            let Some(commit) = slug.commit.map(|commit| self.repository.completed(&commit)) else { continue };
            if let Some(matched_by) = self.matched_by(&commit)? {
                let (release, built_at) = (Some(release), Some(slug.created_at));
                let commit = Some(self.commit.clone());
                let source = StageApp { release, commit, built_from: None, built_at, ..running.clone() };
                return Ok(Some(PreparedSlug { source: matched_by.built(source), matched_by }));
            }
        }
        Ok(None)
    }

    /// How a slug built from `commit` matches, if it does.
    pub(super) fn matched_by(&self, commit: &CommitName) -> Result<Option<MatchedBy>> {
        if commit.is(self.commit) {
            return Ok(Some(MatchedBy::Slug));
        }
        if self.matches == Match::Tree && self.repository.same_tree(commit, self.commit)? {
            return Ok(Some(MatchedBy::Tree(commit.clone())));
        }
        Ok(None)
    }

    /// Most slugs need not be read: Heroku describes a release as `Deploy 1a2b3c4d`.
    fn may_be_of_the_commit(&self, release: &Release) -> bool {
        let mut commits = release.description.split(' ').filter_map(CommitName::of_id);
        match self.matches {
            Match::Commit => commits.any(|commit| commit.is(self.commit)),
            Match::Tree => commits.next().is_some(),
        }
    }
}

/// Whether the release is of `commit`: by its slug, or by its description where the slug records no commit.
pub fn is_of(client: &Client, release: &Release, commit: &CommitName) -> Result<bool> {
    Ok(match slug_of(client, Some(release))?.and_then(|slug| slug.commit) {
        Some(built) => built.is(commit),
        None => release.description.split(' ').filter_map(CommitName::of_id).any(|word| word.is(commit)),
    })
}
