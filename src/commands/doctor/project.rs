//! Checks the project's files that Heroku reads.

use super::facts::Facts;
use crate::finding::Finding;
use crate::framework::migrating_release;
use crate::procfile;
use crate::review_apps::check_files;

/// Checks Procfile and app.json at the repository's root.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Some(root)) = facts.context.root() else {
        return vec![Finding::unknown("Procfile and app.json: no project here")];
    };
    let mut findings = check_files(&root);
    if findings.is_empty() {
        let text = procfile::read(&root);
        let types: Vec<&str> = procfile::process_types(&text).map(|(name, _)| name).collect();
        let migrates = migrating_release(&root).map_or("", |_| "; `release` migrates the database");
        findings.push(Finding::ok(match types.as_slice() {
            [] => "Procfile and app.json: nothing wrong".to_owned(),
            types => format!("Procfile: {}{migrates}", types.join(", ")),
        }));
    }
    findings
}
