//! Checks the pipeline: its stages, the app that builds, and review apps.

use super::facts::Facts;
use crate::builder::{self, Apps, Survey};
use crate::context::Context;
use crate::environment::Pipeline;
use crate::error::{Kind, Result};
use crate::finding::{Finding, Level};
use crate::heroku::Client;
use crate::hint::Hint;
use crate::model::Stage;

/// Checks the project's pipeline.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let overview = match facts.overview() {
        Ok(overview) => overview,
        Err(error) => return vec![Finding::unknown(format!("the pipeline: {error}"))],
    };
    let (Some(pipeline), Ok(client)) = (&overview.pipeline, facts.context.heroku()) else {
        return vec![match &overview.unread {
            Some(error) if error.kind() == Kind::Unresolved => Finding::of(Level::Warning, error)
                .because("without a pipeline nothing can be promoted, and there are no review apps"),
            Some(error) => Finding::unknown(format!("the pipeline: {error}")),
            None => Finding::unknown("the pipeline: none is configured, and no git remote is a Heroku app"),
        }];
    };
    let mut findings = stages(pipeline);
    if pipeline.apps.iter().any(|(_, stage)| *stage == Stage::Development) {
        let drift = drift(facts.context, client);
        findings
            .push(drift.unwrap_or_else(|error| Finding::unknown(format!("the app that builds: {error}"))));
    }
    findings.push(match client.review_app_settings(&pipeline.place.pipeline.id) {
        Ok(None) => Finding::ok("review apps are not enabled"),
        Ok(Some(settings)) if settings.automatic_review_apps => {
            Finding::ok("each pull request gets a review app")
        }
        Ok(Some(_)) => Finding::ok("review apps are created by hand"),
        Err(error) => Finding::unknown(format!("review apps: {error}")),
    });
    findings
}

/// The stages that code has to pass through.
fn stages(Pipeline { place, apps }: &Pipeline) -> Vec<Finding> {
    let name = &place.pipeline.name;
    let missing = |stage: &&Stage| !apps.iter().any(|(_, found)| found == *stage);
    let findings: Vec<Finding> = [Stage::Staging, Stage::Production]
        .iter()
        .filter(missing)
        .map(|stage| {
            Finding::warning(format!("pipeline {name} has no app in stage {stage}"))
                .because(
                    "a slug is promoted from stage to stage; with one missing there is nowhere to try it",
                )
                .hint(Hint::about("APP", ["pipelines:add", "--stage", stage.as_str(), name]))
        })
        .collect();
    if !findings.is_empty() {
        return findings;
    }
    let shown: Vec<String> = apps.iter().map(|(app, stage)| format!("{app} ({stage})")).collect();
    vec![Finding::ok(format!("pipeline {name}: {}", shown.join(", ")))]
}

/// Whether the app that builds is set up as production is.
fn drift(context: &Context, client: &Client) -> Result<Finding> {
    let apps = Apps::find(context, client, None)?;
    let survey = Survey::make(client, &apps)?;
    survey.refuse_kinds()?;
    let Some(built_by) = &survey.builder else {
        return Ok(Finding::ok("no app builds slugs ahead of a promotion"));
    };
    let findings = builder::findings(&survey, built_by, &[]);
    let drifts = findings.iter().filter(|finding| finding.level == builder::Level::Drift).count();
    Ok(match drifts {
        0 => Finding::ok(format!("{} builds what production would", survey.name)),
        _ => Finding::warning(format!("{} differs from production in what makes a slug", survey.name))
            .because("a slug that it builds may not run in production")
            .hint("prepare check"),
    })
}
