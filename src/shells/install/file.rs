//! Changes the user's files with care: links are followed, the change is atomic, and the mode is kept.

use std::fs::{self, Metadata};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Context as _, Error, Result};

/// The file's contents; `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let error = match fs::read(path) {
        Ok(bytes) => return Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Error::failed(format!("{} is a broken symbolic link", path.display()))
        }
        Err(error) => Error::from(error).context(format!("cannot read {}", path.display())),
    };
    Err(error.hint_line(["ls".as_ref(), "-l".as_ref(), path.as_os_str()]))
}

/// Exit 1 if the file is write-protected: its owner does not want it changed.
pub(super) fn check(path: &Path) -> Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.permissions().readonly()) {
        return Err(Error::failed(format!("{} is write-protected", path.display())).hint_line([
            "chmod".as_ref(),
            "u+w".as_ref(),
            path.as_os_str(),
        ]));
    }
    Ok(())
}

/// Writes these bytes to the file that `path` leads to, and creates it and its folder if they are missing.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let before = fs::metadata(path).ok();
    let target = if before.is_some() { path.canonicalize() } else { Ok(path.to_owned()) };
    let target = target.context(|| cannot_write(path))?;
    replace(&target, before.as_ref(), bytes).map_err(|error| {
        Error::from(error).context(cannot_write(path)).hint_line([
            "ls".as_ref(),
            "-ld".as_ref(),
            folder(&target).as_os_str(),
        ])
    })
}

fn replace(target: &Path, before: Option<&Metadata>, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder(target))?;
    let mut file = draft(&folder(target))?;
    file.write_all(bytes)?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
        keep_owner(&file, before);
    }
    file.as_file().sync_all()?;
    file.persist(target)?;
    Ok(())
}

/// A file with the permissions of any new file.
fn draft(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".greenroom-").tempfile_in(folder)
}

/// Keeps the owner: root may change another user's file.
#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, before: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    _ = fchown(file.as_file(), Some(before.uid()), Some(before.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &Metadata) {}

/// Removes the file, and greenroom's own folders above it if they are empty.
pub(super) fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|error| {
        let failed = Error::from(error).context(format!("cannot remove {}", path.display()));
        failed.hint_line(["rm".as_ref(), path.as_os_str()])
    })?;
    let ours = |folder: &&Path| folder.ends_with("greenroom/completions") || folder.ends_with("greenroom");
    for folder in path.ancestors().skip(1).take_while(ours) {
        // It fails if the folder is not empty.
        _ = fs::remove_dir(folder);
    }
    Ok(())
}

fn folder(target: &Path) -> PathBuf {
    target.parent().unwrap_or(Path::new(".")).to_owned()
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
