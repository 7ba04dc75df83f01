//! Checks git and the remotes that name Heroku apps.

use std::collections::BTreeMap;

use super::facts::Facts;
use crate::environment::{GitHosts, Project};
use crate::error::Result;
use crate::finding::{Finding, Level};
use crate::git::Repository;
use crate::hint::Hint;
use crate::model::AppName;
use crate::process::CommandLine;
use crate::text::with_operands;

/// Checks that git is there, and that each remote is one app.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    if CommandLine::find("git").is_none() {
        return vec![
            Finding::problem("git is not on PATH")
                .because("deploy, diff and the names of branches need it")
                .hint("https://git-scm.com/downloads"),
        ];
    }
    let repository = match facts.context.repository() {
        Ok(Some(repository)) => repository,
        Ok(None) => return vec![Finding::unknown("git remotes: no git repository here")],
        Err(error) => return vec![Finding::of(Level::Problem, &error)],
    };
    let looked = facts.context.with_project(|project| remotes(repository, project));
    looked.unwrap_or_else(|error| vec![Finding::unknown(format!("git remotes: {error}"))])
}

fn remotes(repository: &Repository, project: &Project<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let hosts = GitHosts::from_environment();
    for remote in project.remotes() {
        if let Some(Err(message)) = hosts.app(&remote.url) {
            findings.push(
                Finding::problem(format!("git remote {} names no app: {message}", remote.name))
                    .hint(Hint::line(with_operands(&["git", "remote", "remove"], [&remote.name]))),
            );
        }
    }
    let named = project.heroku_remotes();
    let mut of_app: BTreeMap<&AppName, Vec<&str>> = BTreeMap::new();
    for (remote, app) in &named {
        of_app.entry(app).or_default().push(&remote.name);
        findings.extend(pushed_elsewhere(repository, &remote.name, app, &hosts)?);
    }
    for (app, names) in of_app.iter().filter(|(_, names)| names.len() > 1) {
        let spare = names.iter().find(|name| **name == "heroku").or(names.last());
        let finding =
            Finding::warning(format!("git remotes {} are the same app, {app}", names.join(" and ")));
        findings.push(
            finding
                .because("a command typed for one of them changes the other")
                .hint(Hint::line(with_operands(&["git", "remote", "remove"], spare))),
        );
    }
    if findings.is_empty() {
        let known: Vec<&str> = named.iter().map(|(remote, _)| remote.name.as_str()).collect();
        findings.push(Finding::ok(match known.as_slice() {
            [] => "no git remote is a Heroku app".to_owned(),
            known => format!("git remotes of Heroku apps: {}", known.join(", ")),
        }));
    }
    Ok(findings)
}

/// Where `git push REMOTE` goes to another app than the one that greenroom reads from the remote.
fn pushed_elsewhere(
    repository: &Repository,
    remote: &str,
    app: &AppName,
    hosts: &GitHosts,
) -> Result<Option<Finding>> {
    let url = repository.push_url(remote)?;
    let pushed = url.as_deref().and_then(|url| hosts.app(url)).and_then(Result::ok);
    let Some(other) = pushed.filter(|pushed| pushed != app) else { return Ok(None) };
    Ok(Some(
        Finding::problem(format!("git remote {remote} is fetched from {app}, but pushed to {other}"))
            .because("`git push` deploys to another app than the one that greenroom's commands work on")
            .hint(Hint::line(with_operands(
                &["git", "remote", "set-url", "--push"],
                [remote, &hosts.url(app)],
            ))),
    ))
}
