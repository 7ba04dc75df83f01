//! Checks the cache folder for names from Heroku.

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::duration::rough;
use crate::hint::Hint;
use crate::inventory;

/// Checks the folder, and recent failures to refresh it.
pub(super) fn examine() -> Vec<Finding> {
    std::iter::once(folder()).chain(inventory::failures().into_iter().next().map(failed)).collect()
}

/// The newest failure; the others mostly have the same cause.
fn failed((list, seconds, reason): (String, i64, String)) -> Finding {
    Finding::warning(format!("refreshing {list} failed {} ago: {reason}", rough(seconds)))
}

/// Whether the folder is writable, and private.
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
        return Finding::problem(problem).fixed_by(["chmod".as_ref(), "go-rwx".as_ref(), folder.as_os_str()]);
    }
    let sizes = inventory::list_sizes(&folder);
    let bytes: u64 = sizes.iter().sum();
    Finding::ok(format!("{shown} holds {} kB; lists of names: {}", bytes.div_ceil(1024), sizes.len()))
}

/// Creates and removes a file there, or in the nearest folder that exists.
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
