//! What `prepare` has of the commit: a slug, or one that is being made.

use std::ffi::OsString;

use super::{Allowed, Task};
use crate::config::Match;
use crate::error::{Kind, Result};
use crate::heroku::{Accept, PROMOTIONS, promotion_body};
use crate::release::{self, Coming, Plan, Prepared, Running, Search, Stages, Witness, short};

/// The id of a release in a dry run, as long as it is not there.
const RELEASE_TO_COME: &str = "RELEASE_ID";

/// What `prepare` has of the commit.
pub(super) enum Upstream<'a> {
    /// A slug of it.
    Slug(Box<Prepared>),
    /// A slug that is being made.
    Coming(Coming<'a>),
    /// Nothing that could be promoted.
    Nothing,
}

impl Task<'_> {
    /// The commit's slug upstream, unless it is to be built or could not be promoted.
    pub(super) fn upstream<'s>(&self, stages: &'s Stages, targets: &[&Running]) -> Result<Upstream<'s>> {
        let stage = &targets[0].stage;
        if self.args.build || self.args.source || stages.upstream(stage).is_empty() {
            return Ok(Upstream::Nothing);
        }
        let matches = self.context.config()?.release.matches.unwrap_or(Match::Commit);
        let search =
            Search { client: self.client, repository: self.repository, matches, commit: self.commit };
        let terminal = &self.context.terminal;
        let Some(prepared) = search.upstream_of(stages, stage)? else {
            let coming = if self.args.no_wait_prepared { None } else { search.coming(stages, stage)? };
            return Ok(coming.map_or_else(
                || {
                    terminal.status(&format!("{} is not prepared", short(self.commit)));
                    Upstream::Nothing
                },
                Upstream::Coming,
            ));
        };
        if let Err(error) = release::check_kinds(&prepared.source, targets) {
            if self.args.no_build {
                return Err(error);
            }
            terminal.status(&format!("{} is prepared, but cannot be promoted: {error}", short(self.commit)));
            return Ok(Upstream::Nothing);
        }
        match &prepared.witness {
            // What it was built from is told in the plan.
            Witness::Slug | Witness::Tree(_) => {}
            Witness::ConfigVar(name) => terminal
                .status(&format!("the slug tells no commit; {name} of {} does", prepared.source.app.name)),
        }
        Ok(Upstream::Slug(Box::new(prepared)))
    }

    /// Waits for the slug that is being made; where that fails, `--build` is the way to one.
    pub(super) fn wait_for(&self, coming: Coming<'_>) -> Result<()> {
        let waited = coming.wait(self.client, &self.context.terminal, self.deadline);
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
        stages: &Stages,
        plan: &Plan<'_>,
        coming: &Coming<'_>,
        allowed: &Allowed,
    ) -> Result<()> {
        self.show(plan, allowed)?;
        let terminal = &self.context.terminal;
        terminal.status(&format!("{} would be waited for, and its slug promoted", coming.what()));
        let targets: Vec<&str> = plan.targets.iter().map(|step| step.app.app.id.as_str()).collect();
        let source = &coming.running.app.id;
        let body = promotion_body(&stages.pipeline, source, RELEASE_TO_COME, &targets);
        let line = self.client.describe("POST", PROMOTIONS, Accept::V3, Some(&body));
        terminal.print_lines(&format!("{line}\n"))
    }
}
