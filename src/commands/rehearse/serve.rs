//! `greenroom rehearse serve`: keeps running for other shells, and prints what to export there.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::{Workspace, code};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::text::quote;

/// How the file begins that is written; no other is written over.
const FIRST: &str = "# a rehearsal of Heroku on ";

/// Writes what a shell needs to stdout or to `file`, and stays until it is interrupted. Then the file goes, too.
pub(super) fn serve(context: &Context, workspace: &Workspace, file: Option<&Path>) -> Result<()> {
    let exports = exports(workspace);
    if let Some(file) = file {
        write(file, &exports)?;
        context.terminal.status(&format!("serving on {} until Ctrl-C", workspace.rehearsal.url()));
        context.terminal.hint_line([".".as_ref(), beside(file).as_os_str()]);
    } else {
        context.terminal.print(&exports)?;
        context.terminal.status("serving until Ctrl-C");
    }
    let interrupt = workspace.interrupts.recv();
    if let Some(file) = file.filter(|file| fs::read_to_string(file).is_ok_and(|text| text == exports)) {
        _ = fs::remove_file(file);
    }
    Err(Error::silent(interrupt.map_or(130, code)))
}

/// The lines that a POSIX shell reads.
fn exports(workspace: &Workspace) -> String {
    let mut lines = vec![
        format!("{FIRST}{}\n", workspace.rehearsal.url()),
        format!("cd {}\n", quote(workspace.sandbox.repository().as_os_str())),
        format!("export PATH={}:\"$PATH\"\n", quote(workspace.binaries.path().as_os_str())),
    ];
    lines.extend(workspace.environment().into_iter().map(|(name, value)| match value {
        Some(value) => format!("export {}={}\n", name.to_string_lossy(), quote(&value)),
        None => format!("unset {}\n", name.to_string_lossy()),
    }));
    lines.concat()
}

/// Replaced in one step, so that a reader never sees half of it.
fn write(file: &Path, exports: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    match fs::read(file) {
        Ok(found) if !found.starts_with(FIRST.as_bytes()) => {
            return Err(Error::refused(format!("{} is there, and no rehearsal wrote it", file.display())));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::from(error).context(cannot()));
        }
        _ => {}
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut draft = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).context(cannot)?;
    draft.write_all(exports.as_bytes()).context(cannot)?;
    draft.persist(file).context(cannot)?;
    Ok(())
}

/// The file as `.` finds it: a name alone would be looked for on PATH.
fn beside(file: &Path) -> std::path::PathBuf {
    if file.components().count() == 1 { Path::new(".").join(file) } else { file.to_owned() }
}
