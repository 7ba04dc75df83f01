//! The names that the suite's commands are called by, and second names for a program.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// The commands of the suite.
pub const COMMANDS: [&str; 6] = ["greenroom", "production", "staging", "prepare", "development", "review"];

/// The name that `program`, which may be a path, is called by.
pub fn called(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(OsStr::new("greenroom")).to_string_lossy();
    name.strip_suffix(env::consts::EXE_SUFFIX).unwrap_or(&name).to_owned()
}

/// Whether `name` is the suite's own and no environment's: `greenroom`, or a release's, such as `greenroom-0.1.0`.
pub fn is_suite(name: &str) -> bool {
    name.strip_prefix("greenroom")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
}

/// The file of a command of this name.
pub fn file(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

/// Makes `at` another name of `target`, which stands where `at` does if it is relative.
#[cfg(unix)]
pub fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// Makes `at` another name of `target`, which stands where `at` does if it is relative.
#[cfg(not(unix))]
pub fn link(target: &Path, at: &Path) -> io::Result<()> {
    // Symbolic links want a privilege here; a second name for the file does not.
    let target = at.parent().unwrap_or(Path::new(".")).join(target);
    std::fs::hard_link(&target, at).or_else(|_| std::fs::copy(&target, at).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_called_by_its_whole_name() {
        for (program, name) in [("/opt/bin/qa", "qa"), ("qa.eu", "qa.eu"), ("greenroom-0.1", "greenroom-0.1")]
        {
            assert_eq!(called(OsStr::new(program)), name);
        }
        assert_eq!(called(OsStr::new(&file("qa"))), "qa");
        assert_eq!(called(OsStr::new("")), "greenroom");
    }

    #[test]
    fn a_release_of_the_suite_is_the_suite() {
        for name in ["greenroom", "greenroom-0.1.0", "greenroom-x86_64-apple-darwin", "greenroom2"] {
            assert!(is_suite(name), "{name}");
        }
        for name in ["qa", "greenrooms", "green", "my-greenroom"] {
            assert!(!is_suite(name), "{name}");
        }
    }
}
