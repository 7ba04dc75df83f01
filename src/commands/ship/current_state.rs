//! The current state of every app of the plan, read again after a failure.

use super::plan::ShipPlan;
use crate::error::Result;
use crate::heroku::{Build, Client};
use crate::model::CommitName;
use crate::parallel::in_parallel;
use crate::release::StageApp;

/// The commits and releases that the plan's apps run now.
pub(super) struct CurrentState {
    /// In the order of the promotions.
    pub(super) apps: Vec<StageApp>,
    /// The app with a running build.
    building: Option<String>,
}

impl CurrentState {
    /// Reads it; builds only where this ship had `begun` one.
    pub(super) fn read(client: &Client, plan: &ShipPlan, begun: bool) -> Result<Self> {
        let builder = &plan.builder.app;
        let newest = if begun { client.builds(&builder.id, 1)?.pop() } else { None };
        let building = newest.filter(Build::is_pending);
        let apps = in_parallel(plan.apps(), |running| running.again(client));
        let apps = apps.into_iter().collect::<Result<_>>()?;
        Ok(Self { apps, building: building.map(|_| builder.name.to_string()) })
    }

    /// `staging runs 77978f9 (v12), production still runs b293934 (v18)`, and what was `left` running.
    pub(super) fn told(&self, plan: &ShipPlan, left: Option<String>) -> String {
        let before = plan
            .destinations
            .iter()
            .flat_map(|destination| destination.apps.iter().map(move |app| (destination.called(app), app)));
        let apps = before.zip(&self.apps).map(|((name, before), now)| told(name, before, now));
        let building = self
            .building
            .as_ref()
            .map(|app| format!("the build of {} on {app} continues at Heroku", plan.commit.short()));
        apps.chain(building).chain(left).collect::<Vec<_>>().join(", ")
    }
}

fn told(name: &str, before: &StageApp, now: &StageApp) -> String {
    let Some(release) = &now.release else { return format!("{name} runs nothing yet") };
    let commit = now.commit.as_ref().map_or("no known commit", CommitName::short);
    let same = before.release.as_ref().is_some_and(|before| before.id == release.id);
    let still = if same { "still " } else { "" };
    let runs = format!("{name} {still}runs {commit} ({})", release.version);
    match now.newest.as_ref().filter(|newest| newest.version > release.version) {
        Some(newest) if newest.is_pending() => {
            format!("{runs}; its {} is still being released", newest.version)
        }
        Some(newest) => format!("{runs}; its {} failed", newest.version),
        None => runs,
    }
}
