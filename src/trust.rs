//! Trust: which files of a repository a person has let greenroom run, by their contents. A change takes it away.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Context as _, Error, Result};
use crate::private_file;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// What tells the contents of a file from all others: SHA-256, in hexadecimal digits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// That of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The files that are trusted, by project and path.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Trust(BTreeMap<PathBuf, BTreeMap<String, Digest>>);

impl Trust {
    /// What was trusted so far; nothing where it cannot be read.
    pub fn read() -> Self {
        let text = place().and_then(|place| private_file::read(&place, LARGEST));
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Whether the file of the project in `root` is trusted with these contents.
    pub fn has(&self, root: &Path, file: &str, digest: &Digest) -> bool {
        self.0.get(root).and_then(|files| files.get(file)) == Some(digest)
    }

    /// Whether it was trusted, with whatever contents.
    pub fn had(&self, root: &Path, file: &str) -> bool {
        self.0.get(root).is_some_and(|files| files.contains_key(file))
    }

    /// Trusts it from now on.
    pub fn add(&mut self, root: &Path, file: &str, digest: Digest) -> Result<()> {
        self.0.entry(root.to_owned()).or_default().insert(file.to_owned(), digest);
        self.keep()
    }

    /// Trusts nothing of the project any more. Whether something was.
    pub fn remove(&mut self, root: &Path) -> Result<bool> {
        let was_there = self.0.remove(root).is_some();
        self.keep().map(|()| was_there)
    }

    fn keep(&self) -> Result<()> {
        let place = place().ok_or_else(|| Error::failed("there is no home folder to keep it in"))?;
        let text = serde_json::to_string_pretty(self)?;
        private_file::replace(&place, &text).context(|| format!("cannot write {}", place.display()))
    }
}

/// `$XDG_DATA_HOME/greenroom/trust.json`.
fn place() -> Option<PathBuf> {
    Some(etcetera::base_strategy::choose_base_strategy().ok()?.data_dir().join("greenroom/trust.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_what_is_trusted() {
        assert_eq!(
            Digest::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let mut trust = Trust::default();
        let (root, digest) = (Path::new("/project"), Digest::of(b"abc"));
        trust.0.entry(root.to_owned()).or_default().insert("a.sql".to_owned(), digest.clone());
        assert!(trust.has(root, "a.sql", &digest) && !trust.has(root, "a.sql", &Digest::of(b"abd")));
        assert!(!trust.has(Path::new("/other"), "a.sql", &digest) && trust.had(root, "a.sql"));
    }
}
