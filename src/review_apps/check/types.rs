//! Checks the Procfile's process types.

use std::path::Path;

use crate::finding::Finding;
use crate::procfile;

/// What is wrong with the Procfile. None at all is fine: the buildpack may know what to run.
pub(super) fn findings(root: &Path) -> Vec<Finding> {
    if !root.join(procfile::NAME).exists() {
        return Vec::new();
    }
    let text = procfile::read(root);
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
    if procfile::command_of(&text, "web").is_none() {
        findings.push(
            Finding::warning("the Procfile has no process type web")
                .because("without it the app answers no requests, unless the buildpack adds one")
                .hint("web: COMMAND   # in the Procfile"),
        );
    }
    findings
}
