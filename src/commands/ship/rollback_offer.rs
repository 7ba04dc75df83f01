//! The offer to roll back after a failed smoke command.

use super::Context;
use super::plan::ShipPlan;
use super::step::{Step, StepKind};
use crate::error::Result;
use crate::hint::Hint;
use crate::model::ReleaseVersion;
use crate::process::{exit_code, internal};

/// A release that this ship replaced.
pub(super) struct RollbackOffer {
    /// The environment whose only app this is.
    environment: Option<String>,
    app: String,
    version: ReleaseVersion,
}

impl RollbackOffer {
    /// The offer for the app whose smoke command failed; none where it ran the commit before.
    pub(super) fn of(plan: &ShipPlan, steps: &[Step], failed: &Step) -> Option<Self> {
        let StepKind::Smoke(place, app) = failed.work else { return None };
        let destination = &plan.destinations[place];
        let app = destination.apps[app].app.name.as_ref();
        let promotion = steps.iter().find(|step| step.work == StepKind::Promotion(place))?;
        let (app, version) = promotion.replaced.iter().find(|(replaced, _)| replaced == app)?;
        let is_all = destination.is_known && destination.apps.len() == 1;
        let environment = is_all.then(|| destination.environment.clone());
        Some(Self { environment, app: app.clone(), version: *version })
    }

    /// The command that rolls back.
    pub(super) fn hint(&self) -> Hint {
        let version = format!("{}", self.version);
        let line = match &self.environment {
            Some(environment) => Hint::line([environment, "rollback", &version]),
            None => Hint::about(&self.app, ["rollback", &version]),
        };
        line.note("which ran before")
    }

    /// Asks on a terminal, and rolls back after a yes; true where it did. Never with `--yes`, which confirmed the ship and not
    /// its rollback.
    pub(super) fn offer(&self, context: &Context) -> Result<bool> {
        let Some(environment) = &self.environment else { return Ok(false) };
        if context.options.yes || context.options.json || !context.terminal.can_ask() {
            return Ok(false);
        }
        let version = format!("{}", self.version);
        if !context.terminal.confirm(&format!("Roll {environment} back to {version}, which ran before?"))? {
            return Ok(false);
        }
        // A process of its own: it has its own environment to resolve, its own interrupts and deadline, and this one has
        // failed already, with exit codes and hints of its own.
        let mut line = internal::in_environment(environment, ["rollback", &version, "--yes"])?;
        if context.options.no_color {
            line = line.args(["--no-color"]);
        }
        Ok(exit_code(line.spawn()?.wait()?) == 0)
    }
}
