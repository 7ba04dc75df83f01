//! Whether the commit of a deploy is prepared: an app upstream has its slug, or is making it.

use std::ffi::OsString;

use super::deploy::{Allowed, DeployTask};
use super::deploy_method::BuildPolicy;
use super::pending_slug::PendingSlug;
use super::pipeline_state::{PipelineState, StageApp};
use super::plan::Plan;
use super::report::Report;
use super::slug_search::{MatchedBy, PreparedSlug, SlugSearch};
use super::unsupported::refuse_unsupported;
use crate::config::Match;
use crate::error::{Kind, Result};
use crate::heroku::{App, start_promotion};

/// Stands for the id of a release that does not exist yet, in a dry run.
const RELEASE_ID: &str = "RELEASE_ID";

/// What the apps upstream have of the commit.
pub(super) enum Upstream<'a> {
    /// A slug of it.
    Slug(Box<PreparedSlug>),
    /// A slug that is being made.
    Pending(PendingSlug<'a>),
    /// Nothing that could be promoted.
    Nothing,
}

impl DeployTask<'_> {
    /// The commit's slug upstream, unless it is to be built or could not be promoted.
    pub(super) fn upstream<'s>(
        &self,
        pipeline: &'s PipelineState,
        targets: &[&StageApp],
    ) -> Result<Upstream<'s>> {
        let target = targets[0];
        let builds = self.request.build == BuildPolicy::Always || self.request.archive;
        if builds || pipeline.upstream(target).is_empty() {
            return Ok(Upstream::Nothing);
        }
        let matches = self.context.config()?.release.matches.unwrap_or(Match::Commit);
        let search =
            SlugSearch { client: self.client, repository: self.repository, matches, commit: self.commit };
        let terminal = &self.context.terminal;
        let Some(prepared) = search.upstream_of(pipeline, target)? else {
            let waits = self.request.wait_for_prepared;
            let pending = if waits { search.pending_slug(pipeline, target)? } else { None };
            return Ok(pending.map_or_else(
                || {
                    terminal.status(&format!("{} is not prepared", self.commit.short()));
                    Upstream::Nothing
                },
                Upstream::Pending,
            ));
        };
        if let Err(error) = refuse_unsupported(&prepared.source, targets) {
            if self.request.build == BuildPolicy::Never {
                return Err(error);
            }
            terminal.status(&format!("{} is prepared, but cannot be promoted: {error}", self.commit.short()));
            return Ok(Upstream::Nothing);
        }
        match &prepared.matched_by {
            // The plan names the commit that the slug was built from.
            MatchedBy::Slug | MatchedBy::Tree(_) => {}
            MatchedBy::ConfigVar(name) => terminal.status(&format!(
                "the slug of {} records no commit; its config var {name} does",
                prepared.source.app.name
            )),
        }
        Ok(Upstream::Slug(Box::new(prepared)))
    }

    /// Waits for the slug that is being made; where that fails, the hint is the line that builds it again.
    pub(super) fn wait_for(&self, pending: PendingSlug<'_>) -> Result<()> {
        let waited = pending.wait(self.client, &self.context.terminal, self.deadline);
        waited.map_err(|error| match error.kind() {
            Kind::Failed => {
                let words = self.request.line.iter().filter(|word| *word != "--no-build").cloned();
                let again = self.context.command(words.chain([OsString::from("--build")]));
                error.hint(again.note("builds it again"))
            }
            _ => error,
        })
    }

    /// A dry run's report where a slug is being made.
    pub(super) fn describe_pending(
        &self,
        pipeline: &PipelineState,
        plan: &Plan<'_>,
        pending: &PendingSlug<'_>,
        allowed: &Allowed,
    ) -> Result<Report> {
        self.show(plan, allowed)?;
        let waited = format!("{} would be waited for, and its slug promoted", pending.describe());
        self.context.terminal.status(&waited);
        let targets: Vec<&App> = plan.targets.iter().map(|target| &target.app.app).collect();
        let change = start_promotion(&pipeline.id, &pending.running.app, RELEASE_ID, &targets);
        Ok(Report::DryRun(self.client.describe_change(&change)))
    }
}
