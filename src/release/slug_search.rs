//! Whether a commit's slug is there already, upstream in the pipeline.

use super::pipeline_state::{PipelineState, StageApp, slug_of};
use super::requested::same;
use crate::config::Match;
use crate::error::Result;
use crate::git::Repository;
use crate::heroku::{ApiError, Client, Release};
use crate::model::ReleaseStatus;

/// This many releases of an app in stage `development` are looked through: its next build may have come already.
const LOOKED_THROUGH: usize = 20;

/// A slug of the wanted commit.
#[derive(Clone, Debug)]
pub struct PreparedSlug {
    /// The app that has it, as it was with that slug's release.
    pub source: StageApp,
    /// What told that it is the one.
    pub matched_by: MatchedBy,
}

/// What told which commit a slug is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The slug itself.
    Slug,
    /// The slug is of this other commit, which has the same files in it.
    Tree(String),
    /// This config var of the app that runs it; the slug does not tell.
    ConfigVar(&'static str),
}

impl MatchedBy {
    /// The source of the wanted commit, with the one that its slug names.
    fn built(&self, source: StageApp) -> StageApp {
        match self {
            Self::Tree(commit) => StageApp { built_from: Some(commit.clone()), ..source },
            Self::Slug | Self::ConfigVar(_) => source,
        }
    }
}

/// Looks for slugs of one commit.
pub struct SlugSearch<'a> {
    /// The way to the apps.
    pub client: &'a Client,
    /// Tells which commits have the same files.
    pub repository: &'a Repository,
    /// When a slug counts.
    pub matches: Match,
    /// The commit's full id.
    pub commit: &'a str,
}

impl SlugSearch<'_> {
    /// The first app before `stage` that holds a slug of the commit: `development` first, what runs before what ran.
    pub fn upstream_of(&self, stages: &PipelineState, stage: &str) -> Result<Option<PreparedSlug>> {
        let upstream = stages.upstream(stage);
        for running in &upstream {
            if let Some(prepared) = self.running_on(running)? {
                return Ok(Some(prepared));
            }
        }
        for running in upstream.into_iter().filter(|running| running.stage == "development") {
            if let Some(prepared) = self.released(running)? {
                return Ok(Some(prepared));
            }
        }
        Ok(None)
    }

    /// The slug that the app runs or ran, if one is of the commit.
    pub fn on(&self, running: &StageApp) -> Result<Option<PreparedSlug>> {
        match self.running_on(running)? {
            None => self.released(running),
            found => Ok(found),
        }
    }

    /// The newest slug of the commit that the app had in a release that succeeded.
    pub fn released(&self, running: &StageApp) -> Result<Option<PreparedSlug>> {
        self.released_on(running, &[ReleaseStatus::Succeeded])
    }

    /// The slug that the app runs, if it is of the commit.
    fn running_on(&self, running: &StageApp) -> Result<Option<PreparedSlug>> {
        if running.release.as_ref().is_none_or(|release| release.slug.is_none()) {
            return Ok(None);
        }
        let found = |matched_by: MatchedBy| {
            let source = StageApp { commit: Some(self.commit.to_owned()), ..running.clone() };
            Some(PreparedSlug { source: matched_by.built(source), matched_by })
        };
        let Some(commit) = running.commit.as_deref() else {
            // Who may not see the config is not told, and that is no failure.
            let told = match self.client.commit_in_config(&running.app.id) {
                Err(error) if ApiError::is_refusal(&error) => None,
                told => told?,
            };
            let told = told.filter(|(_, commit)| same(commit, self.commit));
            return Ok(told.and_then(|(name, _)| found(MatchedBy::ConfigVar(name))));
        };
        Ok(self.matched_by(commit)?.and_then(found))
    }

    /// The newest slug of the commit among the app's releases that came to one of these ends.
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
            let Some(commit) = slug.commit.map(|commit| self.repository.full_id(&commit)) else { continue };
            if let Some(matched_by) = self.matched_by(&commit)? {
                let (release, built_at) = (Some(release), Some(slug.created_at));
                let commit = Some(self.commit.to_owned());
                let source = StageApp { release, commit, built_from: None, built_at, ..running.clone() };
                return Ok(Some(PreparedSlug { source: matched_by.built(source), matched_by }));
            }
        }
        Ok(None)
    }

    /// Whether a slug built from `commit` is one that is wanted.
    pub(super) fn matched_by(&self, commit: &str) -> Result<Option<MatchedBy>> {
        if same(commit, self.commit) {
            return Ok(Some(MatchedBy::Slug));
        }
        if self.matches == Match::Tree && self.repository.same_tree(commit, self.commit)? {
            return Ok(Some(MatchedBy::Tree(commit.to_owned())));
        }
        Ok(None)
    }

    /// What Heroku writes of a release, `Deploy 1a2b3c4d`, saves asking for most slugs.
    fn may_be_of_the_commit(&self, release: &Release) -> bool {
        let mut words = release.description.split(' ').filter(|word| is_short_id(word));
        match self.matches {
            Match::Commit => words.any(|word| same(word, self.commit)),
            Match::Tree => words.next().is_some(),
        }
    }
}

/// Whether the release is one of `commit`: by its slug, or, where that does not tell, by what Heroku wrote of it.
pub fn is_of(client: &Client, release: &Release, commit: &str) -> Result<bool> {
    Ok(match slug_of(client, Some(release))?.and_then(|slug| slug.commit) {
        Some(built) => same(&built, commit),
        None => release.description.split(' ').any(|word| is_short_id(word) && same(word, commit)),
    })
}

fn is_short_id(word: &str) -> bool {
    (7..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit())
}
