//! Writes files of the project: in one step, and never over what somebody wrote meanwhile.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::NewFile;
use crate::error::{Context as _, Error, Result};
use crate::file;
use crate::text::{join, quote};

/// No file that is replaced is larger; in bytes.
const LARGEST: u64 = 1 << 20;

/// Writes the file below `root`; exit 1 where it has another text than the plan was made for.
pub(super) fn write(root: &Path, new: &NewFile) -> Result<()> {
    let target = root.join(&new.path);
    let cannot = || format!("cannot write {}", new.path.display());
    let now = match file::read_text(&target, LARGEST) {
        Err(error) if error.kind() == ErrorKind::NotFound && !target.is_symlink() => None,
        now => Some(now.context(cannot)?),
    };
    if now != new.before {
        let changed = format!("{} has changed since the plan was made", new.path.display());
        return Err(Error::failed(changed));
    }
    replace(&target, new).context(cannot)
}

fn replace(target: &Path, new: &NewFile) -> io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = builder.prefix(".greenroom-").tempfile_in(folder)?;
    draft.write_all(new.text.as_bytes())?;
    draft.as_file().sync_all()?;
    if new.before.is_none() {
        draft.persist_noclobber(target)?;
        return Ok(());
    }
    let target = target.canonicalize()?;
    draft.as_file().set_permissions(fs::metadata(&target)?.permissions())?;
    draft.persist(target)?;
    Ok(())
}

/// The line of shell that writes the file.
pub(super) fn line(new: &NewFile) -> String {
    let words = ["printf".into(), "%s".into(), OsString::from(&new.text)];
    let write = format!("{} > {}", join(words), quote(new.path.as_os_str()));
    match new.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => format!("mkdir -p {} && {write}", quote(folder.as_os_str())),
        None => write,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn new(text: &str, before: Option<&str>) -> NewFile {
        let path = PathBuf::from("ci/ship.yml");
        NewFile { path, text: text.to_owned(), before: before.map(str::to_owned) }
    }

    #[test]
    fn what_somebody_wrote_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let read = || fs::read_to_string(folder.path().join("ci/ship.yml")).unwrap();
        write(folder.path(), &new("one", None)).unwrap();
        assert!(write(folder.path(), &new("two", None)).is_err());
        assert!(write(folder.path(), &new("two", Some("other"))).is_err());
        assert_eq!(read(), "one");
        write(folder.path(), &new("two", Some("one"))).unwrap();
        assert_eq!(read(), "two");
    }

    #[test]
    fn the_line_writes_the_text() {
        let line = line(&new("a: 'b'\n", None));
        assert_eq!(line, "mkdir -p ci && printf %s $'a: \\'b\\'\\n' > ci/ship.yml");
    }
}
