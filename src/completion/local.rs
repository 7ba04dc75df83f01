//! Values known without a request: environments, commits, programs, the Procfile.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::config::Environment;
use crate::context::Context;
use crate::environment::{self, stage_named};
use crate::error::Result;
use crate::names;
use crate::procfile;
use crate::shells::Candidate;

/// The most branches and tags, and the most commits, that are offered.
const NAMES: usize = 300;
const COMMITS: usize = 30;

/// The environments of this project and the usual ones, each with its app if that is known without a request.
pub(super) fn environments(context: &Context) -> Result<Vec<Candidate>> {
    context.with_project(|project| {
        let remotes = project.heroku_remotes();
        let app = |name: &str| {
            let configured =
                project.config.environments.get(name).filter(|configured| configured.names_an_app());
            let remote = configured.and_then(|configured| configured.remote.as_deref()).unwrap_or(name);
            let named =
                remotes.iter().find(|(found, _)| found.name == remote).map(|(_, app)| app.to_string());
            configured.and_then(apps).or(named).unwrap_or_default()
        };
        let mut known = environment::known(project);
        known.retain(|name| names::check_name(name).is_ok());
        let usual =
            names::COMMANDS.iter().filter(|name| stage_named(name).is_some()).map(|name| (*name).to_owned());
        let usual: Vec<String> = usual.filter(|name| !known.contains(name)).collect();
        Ok(known.into_iter().chain(usual).map(|name| Candidate::new(&name, &app(&name))).collect())
    })
}

fn apps(configured: &Environment) -> Option<String> {
    let apps = configured.app.iter().chain(configured.apps.iter().flatten());
    let apps = apps.map(ToString::to_string).collect::<Vec<_>>().join(", ");
    (!apps.is_empty()).then_some(apps)
}

/// The environments upstream of `name` in the pipeline; all others if its stage is unknown.
pub(super) fn upstream(name: &str, all: Vec<Candidate>) -> Vec<Candidate> {
    let place = |name: &str| stage_named(name)?.promotion_order();
    let ours = place(name);
    let before = |other: &str| match (place(other), ours) {
        (Some(theirs), Some(ours)) => theirs < ours,
        _ => true,
    };
    all.into_iter()
        .filter(|other| other.word != name && other.word != "review" && before(&other.word))
        .collect()
}

/// Branches and tags, `HEAD`, and the newest commits by their ids.
pub(super) fn commits(context: &Context) -> Result<Vec<Candidate>> {
    let Some(repository) = context.repository()? else { return Ok(Vec::new()) };
    let mut known = branches(context, false)?;
    let newest = repository.newest(COMMITS)?;
    known.extend(newest.first().map(|commit| Candidate::new("HEAD", &commit.subject)));
    known.extend(newest.iter().map(|commit| Candidate::new(commit.id.short(), &commit.subject)));
    Ok(known)
}

/// Branches and tags; with `local`, only local branches.
pub(super) fn branches(context: &Context, local: bool) -> Result<Vec<Candidate>> {
    let Some(repository) = context.repository()? else { return Ok(Vec::new()) };
    let references =
        repository.references(NAMES)?.into_iter().filter(|reference| !local || reference.is_local);
    Ok(references.map(|reference| Candidate::new(&reference.name, &reference.subject)).collect())
}

/// The names of the repository's remotes.
pub(super) fn remotes(context: &Context) -> Result<Vec<Candidate>> {
    context.with_project(|project| {
        Ok(project.remotes().map(|remote| Candidate::new(&remote.name, "")).collect())
    })
}

/// The process types of the Procfile, with their commands.
pub(super) fn process_types(context: &Context) -> Result<Vec<Candidate>> {
    let Some(repository) = context.repository()? else { return Ok(Vec::new()) };
    let procfile = procfile::read(repository.root());
    Ok(procfile::process_types(&procfile).map(|(name, command)| Candidate::new(name, command)).collect())
}

/// The programs on PATH that begin with `typed`; none if `typed` is empty, as there are thousands.
pub(super) fn programs(typed: &str) -> Vec<Candidate> {
    if typed.is_empty() || typed.contains('/') {
        return Vec::new();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut names = BTreeSet::new();
    for folder in std::env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with(typed) && is_program(&entry.path()) {
                names.insert(name);
            }
        }
    }
    names.into_iter().map(|name| Candidate::new(&name, "")).collect()
}

fn is_program(path: &Path) -> bool {
    let Ok(found) = fs::metadata(path) else { return false };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = path.extension().is_some();
    found.is_file() && executable
}
