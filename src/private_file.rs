//! Files in the person's cache folder: read only if they can be nobody else's and no trap, and replaced in one step.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use etcetera::BaseStrategy;

use crate::file;

/// How the name of a file begins that is yet to become another.
pub const DRAFT: &str = ".draft-";

/// greenroom's own, whether or not it is there; none where there is no telling.
pub fn folder() -> Option<PathBuf> {
    Some(etcetera::base_strategy::choose_base_strategy().ok()?.cache_dir().join("greenroom"))
}

/// A file's text, if it is a plain file of this person's and of no more than `largest` bytes: reading a pipe would have no
/// end.
pub fn read(file: &Path, largest: u64) -> Option<String> {
    let found = fs::symlink_metadata(file).ok()?;
    if !found.is_file() || !is_ours(&found) || !is_sound(file) {
        return None;
    }
    file::read_text(file, largest).ok()
}

/// Whether each folder between the file and greenroom's own, that one too, is a real one of this person's: a link may lead
/// where others read and write.
fn is_sound(file: &Path) -> bool {
    // Where it is, is asked once: this stands in the way of every Tab.
    static OWN: OnceLock<Option<PathBuf>> = OnceLock::new();
    let own = OWN.get_or_init(folder);
    let Some(own) = own.as_deref().filter(|own| file.starts_with(own)) else { return true };
    let is_folder = |at: &Path| fs::symlink_metadata(at).is_ok_and(|found| found.is_dir() && is_ours(&found));
    // Comparing lengths is enough from here on: those above the file get shorter, and each begins as it does.
    let within = |at: &&Path| at.as_os_str().len() >= own.as_os_str().len();
    file.ancestors().skip(1).take_while(within).all(is_folder)
}

#[cfg(unix)]
fn is_ours(found: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_: &fs::Metadata) -> bool {
    true
}

/// Replaces a file in one step, so that nobody reads half of it; nobody else can read it at all.
pub fn replace(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    if !is_sound(file) {
        return Err(io::Error::other(format!("{} is a link or belongs to another user", folder.display())));
    }
    // Readable by nobody else from the first byte on.
    let mut draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.persist(file)?;
    Ok(())
}

/// Makes a folder that nobody else can look into, and those above it.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "xxxx").unwrap();
        assert_eq!(read(&file, 4).as_deref(), Some("xxxx"));
        assert!(read(&file, 3).is_none());
        fs::write(&file, [0xff]).unwrap();
        assert!(read(&file, 4).is_none());
    }
}
