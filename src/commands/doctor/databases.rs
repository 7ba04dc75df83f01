//! Checks that PostgreSQL's programs here suit the databases there.

use std::collections::BTreeMap;

use super::facts::Facts;
use crate::environment::{Known, StandsFor};
use crate::error::{Error, Result};
use crate::finding::{Finding, Level};
use crate::heroku::Client;
use crate::model::AppName;
use crate::parallel::in_parallel;
use crate::postgres::tools::{self, Tools};

/// Checks the programs, and the version of each environment's database.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let installed = tools::installed();
    let mut findings: Vec<Finding> = installed.iter().map(|tools| Finding::ok(tools.to_string())).collect();
    let (Ok(overview), Ok(client), Ok(_)) = (facts.overview(), facts.context.heroku(), facts.account())
    else {
        findings.push(Finding::unknown("the versions of Heroku's databases: they could not be asked for"));
        return findings;
    };
    let mut apps: Vec<&AppName> = overview.environments.iter().flat_map(apps).collect();
    apps.sort_unstable();
    apps.dedup();
    let mut servers: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (app, versions) in apps.iter().zip(in_parallel(apps.iter(), |app| majors(client, app))) {
        let unread =
            |error: Error| findings.push(Finding::unknown(format!("the database of {app}: {error}")));
        for major in versions.map_err(unread).unwrap_or_default() {
            servers.entry(major).or_default().push(app.as_ref());
        }
    }
    findings.extend(servers.into_iter().map(|(major, apps)| server(major, &apps, &installed)));
    if findings.is_empty() {
        findings.push(Finding::ok("no database at Heroku, and none of PostgreSQL's programs here"));
    }
    findings
}

/// The apps of an environment that Heroku shows something of.
fn apps(Known { stands_for, .. }: &Known) -> impl Iterator<Item = &AppName> {
    let apps = match stands_for {
        Ok(StandsFor::Apps { apps, .. }) => apps.as_slice(),
        _ => &[],
    };
    apps.iter().filter(|app| app.refused.is_none()).map(|app| &app.name)
}

/// The major versions of the app's own databases.
fn majors(client: &Client, app: &AppName) -> Result<Vec<u32>> {
    let attachments = client.database_attachments(app)?;
    let mut databases: Vec<_> = attachments
        .into_iter()
        .filter(|attachment| !attachment.is_foreign())
        .map(|attachment| attachment.addon)
        .collect();
    databases.dedup_by(|one, other| one.id == other.id);
    if databases.is_empty() {
        return Ok(Vec::new());
    }
    let data = client.for_data()?;
    let asked = in_parallel(&databases, |addon| data.database(addon));
    let mut majors = Vec::new();
    for info in asked {
        majors.extend(info?.major());
    }
    majors.sort_unstable();
    majors.dedup();
    Ok(majors)
}

/// Whether a program here can dump that version.
fn server(major: u32, apps: &[&str], installed: &[Tools]) -> Finding {
    let text = format!("PostgreSQL {major}: {}", apps.join(", "));
    match tools::for_dump(installed, major) {
        Ok(_) => Finding::ok(text),
        Err(error) => Finding::of(Level::Warning, &error.context(text))
            .because("a dump of it can neither be made nor restored on this machine"),
    }
}
