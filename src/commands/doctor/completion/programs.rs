//! Checks the suite's programs: on PATH, and not shadowed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::Finding;
use crate::file;
use crate::hint::Hint;
use crate::names::{COMMANDS, check_name, is_ours};
use crate::process::find;

/// Checks the suite's commands and the linked ones.
pub(super) fn examine() -> Vec<Finding> {
    let path = env::var_os("PATH").unwrap_or_default();
    let Some(here) = here() else {
        return vec![Finding::problem("cannot tell where greenroom is installed")];
    };
    let first = Hint::script("export PATH={}:\"$PATH\"", [[&here]]);
    let mut findings = Vec::new();
    let mut right = Vec::new();
    for name in COMMANDS.into_iter().map(str::to_owned).chain(links()) {
        match find(&name, &path) {
            None => {
                let missing = format!("{name} is not on PATH");
                // A program of the suite is next to greenroom; a link may have been removed on purpose.
                findings.push(if COMMANDS.contains(&&*name) {
                    Finding::problem(missing).hint(first.clone())
                } else {
                    Finding::warning(missing).hint(Hint::line(["greenroom", "link", &name]))
                });
            }
            Some(found) if real(&found).parent() == Some(&*here) => right.push(name),
            Some(found) if is_ours(&found) => {
                let other = format!("{name} on PATH is another installation's: {}", found.display());
                findings.push(Finding::warning(other).hint(first.clone()));
            }
            Some(found) => {
                let other = format!("{name} on PATH is another program: {}", found.display());
                findings.push(Finding::problem(other).hint(first.clone()));
            }
        }
    }
    if !right.is_empty() {
        let here = here.display();
        findings.insert(0, Finding::ok(format!("on PATH, from {here}: {}", right.join(", "))));
    }
    findings
}

/// The folder of this program, with links resolved.
pub(super) fn here() -> Option<PathBuf> {
    env::current_exe().ok().and_then(|program| Some(real(&program).parent()?.to_owned()))
}

/// The names in the list that the shells read.
fn links() -> Vec<String> {
    let base = etcetera::base_strategy::choose_base_strategy().ok();
    let list = base.and_then(|base| file::read_text(&base.data_dir().join("greenroom/links"), 1 << 20).ok());
    list.unwrap_or_default().lines().filter(|name| check_name(name).is_ok()).map(str::to_owned).collect()
}

/// The file, with links resolved.
fn real(program: &Path) -> PathBuf {
    fs::canonicalize(program).unwrap_or_else(|_| program.to_owned())
}
