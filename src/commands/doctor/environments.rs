//! Checks which app each environment is.

use std::collections::BTreeMap;

use super::facts::Facts;
use crate::environment::{Known, KnownApp, Reason, StandsFor, stage_named};
use crate::finding::{Finding, Level};
use crate::hint::Hint;
use crate::model::AppName;
use crate::text::with_operands;

/// Checks every environment that is known here.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let overview = match facts.overview() {
        Ok(overview) => overview,
        Err(error) => return vec![Finding::unknown(format!("environments: {error}"))],
    };
    let mut findings = Vec::new();
    for Known { name, stands_for } in &overview.environments {
        match stands_for {
            Ok(StandsFor::Apps { apps, reason }) => {
                let found: Vec<Finding> = apps.iter().flat_map(|app| of_app(name, app, reason)).collect();
                if found.is_empty() {
                    let apps: Vec<&str> = apps.iter().map(|app| app.name.as_ref()).collect();
                    findings.push(Finding::ok(format!("{name} is {}: {reason}", apps.join(", "))));
                }
                findings.extend(found);
            }
            Ok(StandsFor::ThisMachine) => findings.push(Finding::ok(format!("{name} is this machine"))),
            Ok(StandsFor::ReviewApps(pipeline)) => {
                findings.push(Finding::ok(format!("{name} finds the review apps of pipeline {pipeline}")));
            }
            Err(error) => findings.push(Finding::of(Level::Problem, error)),
        }
    }
    findings.extend(shared(&overview.environments));
    findings
}

/// What is wrong with one app of an environment.
fn of_app(
    name: &str,
    KnownApp { name: app, stage, refused, .. }: &KnownApp,
    reason: &Reason,
) -> Vec<Finding> {
    if let Some(refused) = refused {
        let finding = Finding::problem(format!("{name} is {app}, and Heroku says: {refused}"))
            .because("the app was renamed or destroyed, or this account has no access");
        return vec![match reason {
            Reason::Remote(remote) => {
                finding.hint(Hint::line(with_operands(&["git", "remote", "remove"], [&remote.name])))
            }
            _ => finding.hint(Hint::heroku(["apps", "--all"]).note("the apps that you can see")),
        }];
    }
    let (Some(expected), Some(stage)) = (stage_named(name), stage) else { return Vec::new() };
    if *stage == expected {
        return Vec::new();
    }
    vec![
        Finding::problem(format!("{name} is {app}, which is in stage {stage} of its pipeline"))
            .because("a promotion moves slugs by stage, so it would go past this app")
            .hint(Hint::about(app, ["pipelines:update", "--stage", expected.as_str()])),
    ]
}

/// Environments that are the same app by accident. Names that nothing but a link or a configuration makes are no accident.
fn shared(environments: &[Known]) -> Vec<Finding> {
    let mut names: BTreeMap<&AppName, Vec<&str>> = BTreeMap::new();
    for Known { name, stands_for } in environments.iter().filter(|known| stage_named(&known.name).is_some()) {
        let Ok(StandsFor::Apps { apps, .. }) = stands_for else { continue };
        for app in apps {
            names.entry(&app.name).or_default().push(name);
        }
    }
    let several = names.into_iter().filter(|(_, names)| names.len() > 1);
    several
        .map(|(app, names)| {
            Finding::problem(format!("{} are the same app, {app}", names.join(" and ")))
                .because("what is tried in one of them happens in the other")
                .hint(Hint::line(["greenroom", "environments"]).note("tells where each name comes from"))
        })
        .collect()
}
