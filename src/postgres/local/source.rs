//! From where a database's name was read.

use std::fmt::{self, Display};
use std::path::PathBuf;

/// From where a database's name was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The option `--to`.
    Option,
    /// A variable of the environment.
    Variable(String),
    /// A line of a file.
    File {
        /// The file, as it is shown: from the project's folder.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The variable that the line sets, where it is one of several that could have been meant.
        key: Option<String>,
    },
}

/// `config/database.yml:12`.
impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Option => f.write_str("--to"),
            Source::Variable(name) => write!(f, "{name} in the environment"),
            Source::File { file, line, key: None } => write!(f, "{}:{line}", file.display()),
            Source::File { file, line, key: Some(key) } => write!(f, "{key} in {}:{line}", file.display()),
        }
    }
}
