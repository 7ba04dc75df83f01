//! The variables that a project's code would see: those of the environment, then those of its `.env` files.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::files;
use crate::dotenv;
use crate::error::Result;
use crate::postgres::local::Source;

/// dotenv's files for development; the first that sets a variable counts.
pub(super) const OF_DEVELOPMENT: [&str; 4] =
    [".env.development.local", ".env.local", ".env.development", ".env"];

/// A function that looks up a variable of the environment.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables that a project's code would see.
pub(super) struct Variables<'a> {
    environment: Environment<'a>,
    /// Each file's variables: name, value, line.
    files: Vec<(PathBuf, Vec<dotenv::Assignment>)>,
    /// The files' variables that were used.
    used: RefCell<Vec<String>>,
}

/// The value of a variable, and where it is set.
pub(super) struct Found {
    pub(super) value: String,
    pub(super) source: Source,
}

impl<'a> Variables<'a> {
    /// Those of the environment alone.
    pub(super) fn of_environment(environment: Environment<'a>) -> Self {
        Self { environment, files: Vec::new(), used: RefCell::default() }
    }

    /// With those of these files, the first of which counts most. Exit 2 for a file that cannot be read.
    pub(super) fn with_files(environment: Environment<'a>, root: &Path, names: &[&str]) -> Result<Self> {
        let mut variables = Self::of_environment(environment);
        for name in names {
            let Some(text) = files::text(root, name)? else { continue };
            let path = files::path(name);
            let read = dotenv::parse(&text).map_err(|error| files::ways_out(error.in_file(&path)))?;
            variables.files.push((path, read));
        }
        Ok(variables)
    }

    /// Whether a file's variable was used.
    pub(super) fn used_files(&self) -> bool {
        !self.used.borrow().is_empty()
    }

    /// The value of a variable.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.find(name).map(|found| found.value)
    }

    /// The value of a variable that is not empty, and where it is set.
    pub(super) fn filled(&self, name: &str) -> Option<Found> {
        self.find(name).filter(|found| !found.value.trim().is_empty())
    }

    fn find(&self, name: &str) -> Option<Found> {
        if let Some(value) = (self.environment)(name) {
            return Some(Found { value, source: Source::Variable(name.to_owned()) });
        }
        self.find_in_files(name, 0)
    }

    fn find_in_files(&self, name: &str, depth: usize) -> Option<Found> {
        let set = |(file, assignments): &'_ (PathBuf, Vec<dotenv::Assignment>)| {
            // A second assignment overrides the first.
            let assignment = assignments.iter().rfind(|assignment| assignment.name == name)?;
            Some((file.clone(), assignment.line, assignment.value.clone()))
        };
        let (file, line, value) = self.files.iter().find_map(set)?;
        self.used.borrow_mut().push(name.to_owned());
        let value = self.expanded(&value, depth);
        Some(Found { value, source: Source::File { file, line, key: Some(name.to_owned()) } })
    }

    /// A value with the variables in it, written `${NAME}`, as all libraries write them that know them at all.
    fn expanded(&self, value: &str, depth: usize) -> String {
        let mut parts = value.split("${");
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let Some((name, after)) =
                part.split_once('}').filter(|(name, _)| dotenv::is_name(name) && depth < 8)
            else {
                expanded.extend(["${", part]);
                continue;
            };
            let value = (self.environment)(name).or_else(|| Some(self.find_in_files(name, depth + 1)?.value));
            expanded.extend([value.unwrap_or_default().as_str(), after]);
        }
        expanded
    }
}
