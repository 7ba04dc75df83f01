//! Checks the suite's programs: on PATH, and not shadowed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::facts::Facts;
use crate::file;
use crate::finding::Finding;
use crate::hint::Hint;
use crate::names::{COMMANDS, is_ours, linked};
use crate::process::find;

/// Checks the suite's commands and the linked ones.
pub(super) fn examine(_: &Facts<'_>) -> Vec<Finding> {
    let path = env::var_os("PATH").unwrap_or_default();
    let Some(here) = here() else {
        return vec![Finding::problem("cannot tell where greenroom is installed")];
    };
    let first = Hint::script("export PATH={}:\"$PATH\"", [[&here]]);
    let mut findings = Vec::new();
    let mut right = Vec::new();
    for name in COMMANDS.into_iter().map(str::to_owned).chain(linked()) {
        match find(&name, &path) {
            None => {
                let missing = format!("{name} is not on PATH");
                // A program of the suite is next to greenroom; a link may have been removed on purpose.
                findings.push(if COMMANDS.contains(&&*name) {
                    Finding::problem(missing).hint(first.clone())
                } else {
                    Finding::warning(missing).fixed_by(["greenroom", "link", &name])
                });
            }
            Some(found) if real(&found).parent() == Some(&*here) => right.push(name),
            Some(found) if is_ours(&found) => {
                let other = format!("{name} on PATH is another installation's: {}", found.display());
                findings.push(Finding::warning(other).hint(first.clone()));
            }
            Some(found) if is_of_parity(&found) => findings.push(
                Finding::problem(format!("{name} on PATH is Parity's: {}", found.display()))
                    .because("the gem's commands have the same names, and come first on PATH")
                    .hint("gem uninstall parity"),
            ),
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

/// Whether the program is one of the Parity gem's: its own script, or what `gem` and `bundle` start it with.
fn is_of_parity(program: &Path) -> bool {
    let is_parity = |script: String| script.starts_with("#!") && script.to_lowercase().contains("parity");
    file::read_text(program, LARGEST_SCRIPT).is_ok_and(is_parity)
}

/// The largest script that is looked into, in bytes; those of `gem` have less than a thousand.
const LARGEST_SCRIPT: u64 = 1 << 16;

/// The file, with links resolved.
fn real(program: &Path) -> PathBuf {
    fs::canonicalize(program).unwrap_or_else(|_| program.to_owned())
}
