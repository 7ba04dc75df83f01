//! The smaller sections: `[release]`, `[commands]`, `[development]`.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// `[release]`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// When an existing slug counts as a commit's slug.
    #[serde(rename = "match")]
    pub matches: Option<Match>,
}

/// When a slug counts as a commit's slug.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// It was built from this commit.
    #[default]
    Commit,
    /// It was built from this commit or one with the same files, as after a squash merge.
    Tree,
}

/// `[commands]`: lines of shell, run on a one-off dyno.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// What `console` runs.
    pub console: Option<String>,
    /// What `migrate` runs.
    pub migrate: Option<String>,
}

/// `[restore]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Files of the project that are run in a restored database before it takes the place of the old one.
    pub after: Option<Vec<String>>,
    /// Whether nothing is restored without such a file.
    pub require_hook: Option<bool>,
    /// The size in gigabytes above which downloaded dumps are too many.
    pub keep_gigabytes: Option<u64>,
    /// The tables whose rows are left out.
    #[serde(default)]
    pub exclude_table_data: Vec<String>,
}

/// `[development]`: this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Development {
    /// Its database: a name, or a URL.
    pub database: Option<Located>,
}

/// A text, and where it stands. Its `Debug` does not show it: the URL of a database may have a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Located {
    /// The text.
    pub text: String,
    /// The file: the team's by its name, the person's by its path.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Debug for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Located({}:{})", self.file.display(), self.line)
    }
}
