//! The steps of a ship, each with the command that does it.

use super::Args;
use super::plan::{Destination, ShipPlan};
use super::step::{Step, StepKind};
use crate::context::Context;
use crate::error::Result;
use crate::model::CommitId;
use crate::process::CommandLine;
use crate::release::StageApp;
use crate::text::quote;

/// A typed command, run by the shell at the repository's root.
pub(super) fn in_repository(context: &Context, typed: &str) -> Result<CommandLine> {
    let line = CommandLine::in_shell(typed)?;
    Ok(match context.repository()? {
        Some(repository) => line.current_dir(std::path::absolute(repository.root())?),
        None => line,
    })
}

/// The variables that tell a smoke command about the app.
pub(super) fn variables(
    destination: &Destination,
    app: &StageApp,
    commit: &CommitId,
) -> Vec<(&'static str, String)> {
    let url = app.app.web_url.clone().map(|url| ("APP_URL", url));
    let told = [
        ("GREENROOM_ENVIRONMENT", destination.environment.clone()),
        ("GREENROOM_COMMIT", commit.to_string()),
    ];
    url.into_iter().chain(told).collect()
}

/// The steps of the plan, each with the command that does it.
pub(super) fn steps(args: &Args, plan: &ShipPlan) -> Result<Vec<Step>> {
    let commit = &plan.commit;
    let mut steps = vec![
        Step::new(StepKind::Tests, "tests", args.test.clone()),
        Step::new(StepKind::Build, "build", format!("prepare deploy {commit} --yes")),
    ];
    for (place, destination) in plan.destinations.iter().enumerate() {
        let name = &destination.environment;
        let line = destination.promotion(plan.source(), &["--commit", commit.as_str(), "--yes"]);
        steps.push(Step::new(StepKind::Promotion(place), name, line.to_string()));
        let Some(smoke) = &args.smoke else { continue };
        for (at, app) in destination.apps.iter().enumerate() {
            let name = match destination.apps.len() {
                1 => format!("{name} smoke"),
                _ => format!("{name} smoke {}", app.app.name),
            };
            let told = variables(destination, app, commit).into_iter();
            let mut words: Vec<String> =
                told.map(|(name, value)| format!("{name}={}", quote(value.as_ref()))).collect();
            words.push(CommandLine::in_shell(smoke)?.to_string());
            steps.push(Step::new(StepKind::Smoke(place, at), name, words.join(" ")));
        }
    }
    Ok(steps)
}
