//! How a person starts this program again: it may not be installed yet.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::error::{Context as _, Result};
use crate::process::find;

/// The words that start `greenroom` from where the person is.
pub(super) fn again() -> Result<Vec<OsString>> {
    let file = env::current_exe().context(|| "cannot find greenroom's own executable")?;
    let folder = env::current_dir().context(|| "the current folder cannot be found")?;
    Ok(words(&file, &env::var_os("PATH").unwrap_or_default(), &folder))
}

fn words(file: &Path, path: &OsStr, folder: &Path) -> Vec<OsString> {
    let same = |found: &Path| found.canonicalize().ok() == file.canonicalize().ok();
    if find("greenroom", path).is_some_and(|found| same(&found)) {
        return vec!["greenroom".into()];
    }
    // As `cargo run` leaves it: target/debug/greenroom.
    let target = file.parent().and_then(Path::parent).filter(|target| target.ends_with("target"));
    let checkout = target.and_then(Path::parent).filter(|checkout| checkout.join("Cargo.toml").is_file());
    if checkout.is_some_and(|checkout| folder.starts_with(checkout)) {
        return ["cargo", "run", "--"].map(OsString::from).to_vec();
    }
    vec![file.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_works_where_the_person_is() {
        let folder = tempfile::tempdir().unwrap();
        let debug = folder.path().join("target/debug");
        std::fs::create_dir_all(&debug).unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let file = debug.join("greenroom");
        let elsewhere = OsStr::new("/nonexistent");
        assert_eq!(words(&file, elsewhere, folder.path()), ["cargo", "run", "--"]);
        assert_eq!(words(&file, elsewhere, &debug), ["cargo", "run", "--"]);
        assert_eq!(words(&file, elsewhere, Path::new("/")), [file.as_os_str()]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/bin/sh", &file).unwrap();
            assert_eq!(words(&file, debug.as_os_str(), folder.path()), ["greenroom"]);
        }
    }
}
