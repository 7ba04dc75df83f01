//! Checks greenroom.toml and the person's own file.

use super::facts::Facts;
use crate::finding::{Finding, Level};

/// Checks that both files can be read, and what they take away.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let config = match facts.context.config() {
        Ok(config) => config,
        Err(error) => {
            return vec![Finding::of(Level::Problem, &error).because("no command of an environment works")];
        }
    };
    let mut findings: Vec<Finding> =
        config.files.iter().map(|file| Finding::ok(format!("{} is valid", file.display()))).collect();
    if findings.is_empty() {
        findings.push(Finding::ok("no configuration; git remotes and the pipeline's stages decide"));
    }
    if let Some(file) = config.unprotects_production() {
        findings.push(
            Finding::warning(format!("{} takes the protection from production", file.display()))
                .because(
                    "code moves to production without a question, for everybody who works on this project",
                )
                .hint("protected = true   # in [environments.production]"),
        );
    }
    findings
}
