//! Checks the project's files that Heroku reads.

use std::path::Path;

use super::facts::Facts;
use super::finding::Finding;
use crate::file;
use crate::framework::migrating_release;
use crate::procfile;

/// The largest app.json that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Checks Procfile and app.json at the repository's root.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Some(root)) = facts.context.root() else {
        return vec![Finding::unknown("Procfile and app.json: no project here")];
    };
    let mut findings = procfile(&root);
    findings.extend(manifest(&root));
    if findings.is_empty() {
        findings.push(Finding::ok("no Procfile or app.json here"));
    }
    findings
}

fn procfile(root: &Path) -> Vec<Finding> {
    if !root.join(procfile::NAME).exists() {
        return Vec::new();
    }
    let text = procfile::read(root);
    let types: Vec<&str> = procfile::process_types(&text).map(|(name, _)| name).collect();
    let mut findings = Vec::new();
    let is_type = |line: &str| procfile::process_types(line).next().is_some();
    let odd = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#') && !is_type(line);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| odd(line)) {
        findings.push(
            Finding::problem(format!("Procfile:{} is no process type: {}", number + 1, line.trim()))
                .because("Heroku ignores the line")
                .hint("web: COMMAND   # a name, a colon, a command"),
        );
    }
    if !types.contains(&"web") {
        findings.push(
            Finding::warning("the Procfile has no process type web")
                .because("without it the app answers no requests, unless the buildpack adds one")
                .hint("web: COMMAND   # in the Procfile"),
        );
    }
    if findings.is_empty() {
        let migrates = migrating_release(root).map_or("", |_| "; `release` migrates the database");
        findings.push(Finding::ok(format!("Procfile: {}{migrates}", types.join(", "))));
    }
    findings
}

fn manifest(root: &Path) -> Option<Finding> {
    let path = root.join("app.json");
    if !path.exists() {
        return None;
    }
    let read = file::read(&path, LARGEST).map_err(|error| error.to_string());
    let parsed = read.and_then(|text| {
        serde_json::from_slice::<serde_json::Value>(&text).map_err(|error| error.to_string())
    });
    Some(match parsed {
        Ok(value) if value.is_object() => Finding::ok("app.json is valid JSON"),
        Ok(_) => {
            Finding::problem("app.json is not a JSON object").because("Heroku creates no review app from it")
        }
        Err(error) => Finding::problem(format!("app.json cannot be read: {error}"))
            .because("Heroku creates no review app from it"),
    })
}
