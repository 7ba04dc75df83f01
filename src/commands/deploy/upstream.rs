//! What `prepare` has of the commit: a slug, or one that is being made.

use std::ffi::OsString;

use super::{Allowed, Task};
use crate::config::Match;
use crate::error::{Kind, Result};
use crate::heroku::{Accept, PROMOTIONS, promotion_body};
use crate::release::{
    self, MatchedBy, PendingSlug, PipelineState, Plan, PreparedSlug, SlugSearch, StageApp, short,
};

/// The id of a release in a dry run, as long as it is not there.
const RELEASE_TO_COME: &str = "RELEASE_ID";

/// What `prepare` has of the commit.
pub(super) enum Upstream<'a> {
    /// A slug of it.
    Slug(Box<PreparedSlug>),
    /// A slug that is being made.
    Pending(PendingSlug<'a>),
    /// Nothing that could be promoted.
    Nothing,
}

impl Task<'_> {
    /// The commit's slug upstream, unless it is to be built or could not be promoted.
    pub(super) fn upstream<'s>(
        &self,
        stages: &'s PipelineState,
        targets: &[&StageApp],
    ) -> Result<Upstream<'s>> {
        let stage = &targets[0].stage;
        if self.args.build || self.args.source || stages.upstream(stage).is_empty() {
            return Ok(Upstream::Nothing);
        }
        let matches = self.context.config()?.release.matches.unwrap_or(Match::Commit);
        let search =
            SlugSearch { client: self.client, repository: self.repository, matches, commit: self.commit };
        let terminal = &self.context.terminal;
        let Some(prepared) = search.upstream_of(stages, stage)? else {
            let pending_slug =
                if self.args.no_wait_prepared { None } else { search.pending_slug(stages, stage)? };
            return Ok(pending_slug.map_or_else(
                || {
                    terminal.status(&format!("{} is not prepared", short(self.commit)));
                    Upstream::Nothing
                },
                Upstream::Pending,
            ));
        };
        if let Err(error) = release::refuse_unsupported(&prepared.source, targets) {
            if self.args.no_build {
                return Err(error);
            }
            terminal.status(&format!("{} is prepared, but cannot be promoted: {error}", short(self.commit)));
            return Ok(Upstream::Nothing);
        }
        match &prepared.matched_by {
            // What it was built from is told in the plan.
            MatchedBy::Slug | MatchedBy::Tree(_) => {}
            MatchedBy::ConfigVar(name) => terminal
                .status(&format!("the slug tells no commit; {name} of {} does", prepared.source.app.name)),
        }
        Ok(Upstream::Slug(Box::new(prepared)))
    }

    /// Waits for the slug that is being made; where that fails, `--build` is the way to one.
    pub(super) fn wait_for(&self, pending_slug: PendingSlug<'_>) -> Result<()> {
        let waited = pending_slug.wait(self.client, &self.context.terminal, self.deadline);
        waited.map_err(|error| match error.kind() {
            Kind::Failed => {
                let words = self.args.words().into_iter().filter(|word| word != "--no-build");
                let again = self.context.command(words.chain([OsString::from("--build")]));
                error.hint(again.note("builds it again"))
            }
            _ => error,
        })
    }

    /// A dry run's answer where a slug is being made.
    pub(super) fn describe_coming(
        &self,
        stages: &PipelineState,
        plan: &Plan<'_>,
        pending_slug: &PendingSlug<'_>,
        allowed: &Allowed,
    ) -> Result<()> {
        self.show(plan, allowed)?;
        let terminal = &self.context.terminal;
        terminal.status(&format!("{} would be waited for, and its slug promoted", pending_slug.what()));
        let targets: Vec<&str> = plan.targets.iter().map(|step| step.app.app.id.as_str()).collect();
        let source = &pending_slug.running.app.id;
        let body = promotion_body(&stages.pipeline, source, RELEASE_TO_COME, &targets);
        let line = self.client.describe("POST", PROMOTIONS, Accept::V3, Some(&body));
        terminal.print_lines(&format!("{line}\n"))
    }
}
