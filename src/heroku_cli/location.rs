//! The folders of the CLI: its own package, the packages of its plugins, and its data.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::heroku::cli_data_dir;

/// What tells what a package's commands accept.
pub(super) const MANIFEST: &str = "oclif.manifest.json";

/// The folders of an installed CLI.
pub(super) struct Place {
    /// The CLI's own package.
    pub(super) package: PathBuf,
    /// The folder of the user's plugins.
    pub(super) data: Option<PathBuf>,
}

impl Place {
    /// The place of the CLI whose executable this is; none where its package cannot be found.
    ///
    /// A standalone CLI that updated itself runs from its data folder.
    pub(super) fn of(executable: &Path) -> Option<Self> {
        let real = fs::canonicalize(executable).ok()?;
        let data = cli_data_dir(&|name| env::var_os(name));
        let updated = data
            .as_ref()
            .filter(|_| !real.components().any(|part| part.as_os_str() == "node_modules"))
            .and_then(|data| fs::canonicalize(data.join("client/bin/heroku")).ok());
        let package = updated.iter().chain([&real]).find_map(|program| package_around(program))?;
        Some(Self { package, data })
    }
}

/// The package whose program this is: npm's, the standalone tarball's or Homebrew's layout.
fn package_around(program: &Path) -> Option<PathBuf> {
    program.ancestors().skip(1).take(4).find_map(|folder| {
        [folder.to_owned(), folder.join("libexec"), folder.join("lib/heroku")]
            .into_iter()
            .find(|folder| folder.join(MANIFEST).is_file())
    })
}

/// The package of this name as Node finds it from `folder`: in the nearest `node_modules` above.
pub(super) fn package_seen_from(folder: &Path, name: &str) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|above| above.join("node_modules").join(name))
        .find(|package| package.join("package.json").is_file())
}
