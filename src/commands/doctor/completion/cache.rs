//! The folder where names from Heroku are remembered.

use std::fs;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::Finding;
use crate::completion;
use crate::process::quote;
use crate::terminal::span;

/// Looks at the folder, and at what could not be read lately.
pub(super) fn examine() -> Vec<Finding> {
    std::iter::once(folder()).chain(completion::failures().into_iter().next().map(failed)).collect()
}

/// The newest of the failures: the others have the same cause, mostly.
fn failed((list, seconds, reason): (String, i64, String)) -> Finding {
    Finding::warning(format!("{list} could not be read {} ago: {reason}", span(seconds)))
}

/// Whether something can be kept there, and by nobody else be read.
fn folder() -> Finding {
    let base = etcetera::base_strategy::choose_base_strategy();
    let Ok(base) = base else { return Finding::problem("cannot tell where your cache folder is") };
    let folder = base.cache_dir().join("greenroom/completion");
    let shown = folder.display();
    if let Err(error) = try_out(&folder) {
        let problem = format!("nothing can be remembered in {shown}: {error}");
        return Finding::problem(problem).hint(format!("ls -ld {}", quote(nearest(&folder).as_os_str())));
    }
    if !is_private(&folder) {
        let problem = format!("{shown} can be read by others");
        return Finding::problem(problem).hint(format!("chmod go-rwx {}", quote(folder.as_os_str())));
    }
    let sizes: Vec<u64> = files(folder.clone());
    let bytes: u64 = sizes.iter().sum();
    Finding::ok(format!("{shown} holds {} kB: lists of names, {}", bytes.div_ceil(1024), sizes.len()))
}

/// Makes a file there, or where the folder would be made, and takes it away again.
fn try_out(folder: &Path) -> std::io::Result<()> {
    tempfile::Builder::new().prefix(".doctor-").tempfile_in(nearest(folder)).map(drop)
}

/// The folder, or the nearest one above it that is there.
fn nearest(folder: &Path) -> PathBuf {
    folder.ancestors().find(|above| above.exists()).unwrap_or(folder).to_owned()
}

#[cfg(unix)]
fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(folder).map_or(true, |found| found.permissions().mode() % 0o100 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}

/// The sizes of all files below `folder`; of lists alone, which bear no ending.
fn files(folder: PathBuf) -> Vec<u64> {
    let mut sizes = Vec::new();
    let mut open = vec![folder];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                open.push(entry.path());
            } else if found.is_file() && !entry.file_name().to_string_lossy().contains('.') {
                sizes.push(found.len());
            }
        }
    }
    sizes
}
