//! What breaks the first deploy of an app, which has no data, no add-ons yet, and none of production's config vars.

use std::path::Path;

use super::StageConfig;
use crate::app_manifest::{Addon, Setup};
use crate::finding::Finding;
use crate::framework;
use crate::hint::Hint;
use crate::procfile;

/// The add-ons that give an app a database.
const DATABASES: [&str; 5] = ["heroku-postgresql", "jawsdb", "cleardb", "jawsdb-maria", "crunchybridge"];

/// The words by which a command loads data.
const SAMPLE_DATA: [&str; 4] = ["seed", "fixtures", "sample_data", "loaddata"];

pub(super) fn findings(root: &Path, procfile: &str, setup: &Setup, config: &StageConfig) -> Vec<Finding> {
    let release = procfile::command_of(procfile, "release").unwrap_or_default();
    let postdeploy = setup.postdeploy.as_deref().unwrap_or_default();
    let migrates = framework::migrates(release);
    let mut findings = formation(procfile, setup);
    if !migrates && !framework::migrates(postdeploy) {
        findings.extend(nothing_migrates(root));
    }
    if let Some(word) = SAMPLE_DATA.iter().find(|word| release.to_lowercase().contains(*word)) {
        findings.push(
            Finding::warning(format!("the Procfile's release phase loads data ({word}): {release}"))
                .because("it runs with each release, in production too; `postdeploy` runs once, when an app is created")
                .hint("\"scripts\": {\"postdeploy\": \"COMMAND\"}   # in app.json"),
        );
    }
    if migrates {
        findings.extend(no_database(release, setup, config));
    }
    findings.extend(variables(setup, config));
    findings
}

/// Process types that are scaled, and that the Procfile does not have.
fn formation(procfile: &str, setup: &Setup) -> Vec<Finding> {
    let missing = setup.formation.keys().filter(|name| procfile::command_of(procfile, name).is_none());
    let finding = |name: &String| {
        Finding::problem(format!("app.json scales process type {name}, which the Procfile does not have"))
            .because("Heroku refuses to scale it, and the review app stays errored")
            .hint("add it to the Procfile, or remove it from formation in app.json")
    };
    if procfile.is_empty() { Vec::new() } else { missing.map(finding).collect() }
}

/// A project whose framework migrates, and that never does on a new app.
fn nothing_migrates(root: &Path) -> Option<Finding> {
    let migrate = framework::migration(root)?;
    Some(
        Finding::warning(format!(
            "neither the release phase nor `postdeploy` migrates the database ({migrate})"
        ))
        .because("a new app's database has no tables")
        .hint("release: COMMAND   # in the Procfile, with the command that migrates"),
    )
}

/// A release phase that migrates a database which nothing makes.
fn no_database(release: &str, setup: &Setup, config: &StageConfig) -> Option<Finding> {
    let has_addon = setup.addons.iter().map(Addon::service).any(|service| DATABASES.contains(&service));
    let has_url = match config {
        StageConfig::Known(names) => names.contains("DATABASE_URL"),
        StageConfig::Unknown(_) => false,
    };
    if has_addon || has_url {
        return None;
    }
    Some(
        Finding::problem(format!(
            "the release phase needs a database ({release}), and app.json has no add-on for one"
        ))
        .because("the first release of a review app fails")
        .hint("\"addons\": [\"heroku-postgresql:essential-0\"]   # in app.json"),
    )
}

/// Variables without which no review app is created.
fn variables(setup: &Setup, config: &StageConfig) -> Vec<Finding> {
    let required = setup.env.iter().filter(|(_, var)| var.is_required);
    let missing: Vec<&str> = required.map(|(name, _)| name.as_str()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let known = match config {
        StageConfig::Known(known) => known,
        StageConfig::Unknown(why) => {
            let names = missing.join(", ");
            return vec![Finding::unknown(format!("whether the pipeline gives review apps {names}: {why}"))];
        }
    };
    let missing = missing.into_iter().filter(|name| !known.contains(*name));
    missing
        .map(|name| {
            Finding::problem(format!("app.json requires {name}, which the pipeline's review apps do not get"))
                .because("no review app is created without it")
                .hint(Hint::line(["review", "stage-config", &format!("{name}=VALUE")]))
        })
        .collect()
}
