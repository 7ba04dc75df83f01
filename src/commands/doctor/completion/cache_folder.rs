//! The folder where names from Heroku are remembered.

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::hint::Hint;
use crate::inventory;
use crate::terminal::span;

/// Looks at the folder, and at what could not be read lately.
pub(super) fn examine() -> Vec<Finding> {
    std::iter::once(folder()).chain(inventory::failures().into_iter().next().map(failed)).collect()
}

/// The newest of the failures: the others have the same cause, mostly.
fn failed((list, seconds, reason): (String, i64, String)) -> Finding {
    Finding::warning(format!("refreshing {list} failed {} ago: {reason}", span(seconds)))
}

/// Whether something can be kept there, and by nobody else be read.
fn folder() -> Finding {
    let Some(folder) = inventory::folder() else {
        return Finding::problem("cannot tell where your cache folder is");
    };
    let shown = folder.display();
    if let Err(error) = try_out(&folder) {
        let problem = format!("cannot write to the cache folder {shown}: {error}");
        return Finding::problem(problem).hint(Hint::line([
            "ls".as_ref(),
            "-ld".as_ref(),
            nearest(&folder).as_os_str(),
        ]));
    }
    if !is_private(&folder) {
        let problem = format!("{shown} is readable by other users");
        return Finding::problem(problem).hint(Hint::line([
            "chmod".as_ref(),
            "go-rwx".as_ref(),
            folder.as_os_str(),
        ]));
    }
    let sizes = inventory::list_sizes(&folder);
    let bytes: u64 = sizes.iter().sum();
    Finding::ok(format!("{shown} holds {} kB; lists of names: {}", bytes.div_ceil(1024), sizes.len()))
}

/// Makes a file there, or where the folder would be made, and takes it away again.
fn try_out(folder: &Path) -> std::io::Result<()> {
    tempfile::Builder::new().prefix(".doctor-").tempfile_in(nearest(folder)).map(drop)
}

/// The folder, or its nearest existing parent.
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
