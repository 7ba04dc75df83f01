//! Checks completion: the programs, the shell's setup, and the names from Heroku.

use super::facts::Facts;
use crate::finding::{Finding, Level};
use crate::heroku::NotLoggedIn;
use crate::heroku_cli::{self, Commands};
use crate::hint::Hint;
use crate::process::CommandLine;
use crate::shells::install::{self, InstallState};
use crate::shells::{self, SHELLS, Shell};

mod cache_folder;
mod interactive;

use interactive::Knows;

/// Checks everything that Tab depends on.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match shells::chosen(facts.args.shell.as_deref()) {
        Ok(shell) => findings.extend(in_shell(shell)),
        Err(error) => findings.push(Finding::of(Level::Problem, &error).hint(another_shell())),
    }
    findings.push(heroku_cli());
    // The examination of that name says more of it.
    if !facts.examines("heroku") {
        findings.push(login(facts));
    }
    findings.extend(cache_folder::examine());
    findings
}

/// Checks the shell's files and the shell itself. Files from elsewhere, such as a package's, are fine as well.
fn in_shell(shell: &dyn Shell) -> Vec<Finding> {
    let parts = install::parts(shell);
    let files = parts.as_deref().unwrap_or_default();
    let is_installed =
        !files.is_empty() && files.iter().all(|part| matches!(part.state(), Ok(InstallState::Current)));
    let (knows, mut findings) = interactive::ask(shell, files, is_installed);
    let mend = ["greenroom", "completions", shell.name(), "--install"];
    let parts = match parts {
        Ok(parts) => parts,
        Err(error) => return [findings, vec![Finding::of(Level::Problem, &error)]].concat(),
    };
    let mut are_current = true;
    for part in &parts {
        let path = part.path().display();
        let what = if part.lines().is_some() { "greenroom's block in " } else { "" };
        match part.state() {
            Ok(InstallState::Current) => continue,
            Ok(InstallState::Outdated) => {
                findings
                    .push(Finding::warning(format!("{what}{path} is from another release")).fixed_by(mend));
            }
            Ok(InstallState::Absent) if knows == Knows::Yes => {}
            Ok(InstallState::Absent) => {
                let missing =
                    if part.lines().is_some() { "has no greenroom block" } else { "does not exist" };
                findings.push(Finding::problem(format!("{path} {missing}")).fixed_by(mend));
            }
            Err(error) => findings.push(Finding::of(Level::Problem, &error)),
        }
        are_current = false;
    }
    if are_current {
        findings.push(Finding::ok(format!("the completion installed for {} is up to date", shell.name())));
    }
    findings
}

/// The line that checks an installed shell, if the user's own is missing or not supported.
fn another_shell() -> Hint {
    let is_there = |shell: &&&dyn Shell| CommandLine::find(shell.program()).is_some();
    let there = SHELLS.iter().find(is_there).map_or("zsh", |shell| shell.name());
    Hint::line(["greenroom", "doctor", "completion", "--shell", there])
}

fn heroku_cli() -> Finding {
    if heroku_cli::program().is_none() {
        let missing = "the Heroku CLI is not on PATH: none of its commands are offered";
        return Finding::problem(missing).hint("npm install --global heroku");
    }
    match Commands::installed() {
        Some(commands) if commands.has_unread_plugins() => Finding::warning(
            "some of the Heroku CLI's plugins have no manifest: their commands are not offered",
        )
        .hint(Hint::heroku(["plugins"])),
        Some(commands) => Finding::ok(format!("the Heroku CLI has {} commands", commands.names().count())),
        None => {
            Finding::warning("the Heroku CLI's manifest cannot be read: none of its commands are offered")
                .hint(Hint::heroku(["version"]))
        }
    }
}

/// Whether there are credentials. They are not tried.
fn login(facts: &Facts<'_>) -> Finding {
    match facts.context.heroku() {
        Ok(_) => Finding::ok("logged in: names from Heroku are offered"),
        Err(error) if error.downcast_ref::<NotLoggedIn>().is_some() => {
            Finding::warning(format!("{error}: no names from Heroku are offered"))
                .hint(Hint::heroku(["login"]))
        }
        Err(error) => Finding::of(Level::Warning, &error),
    }
}
