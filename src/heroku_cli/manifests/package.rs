//! `package.json`: which plugins there are, and what topics are about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::heroku_cli::digest::Sources;

/// `package.json`: a package's own, or that of the folder which holds the person's plugins.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Package {
    pub(super) oclif: Oclif,
    dependencies: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Oclif {
    pub(super) plugins: Option<Vec<Listed>>,
    pub(super) topics: Value,
}

/// A plugin in a list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Listed {
    Name(String),
    Plugin(Plugin),
}

#[derive(Clone, Deserialize)]
pub(super) struct Plugin {
    pub(super) name: String,
    /// Where it was linked from.
    pub(super) root: Option<PathBuf>,
}

impl Listed {
    pub(super) fn named(self) -> Plugin {
        match self {
            Self::Name(name) => Plugin { name, root: None },
            Self::Plugin(plugin) => plugin,
        }
    }
}

impl Package {
    /// The folder's `package.json`; an empty one where it cannot be read.
    pub(super) fn read(folder: &Path, sources: &mut Sources) -> Self {
        let text = sources.read(&folder.join("package.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// The plugins that were installed or linked. The CLI's list counts, where it has made one.
    pub(super) fn plugins(self) -> Vec<Plugin> {
        match self.oclif.plugins {
            Some(plugins) => plugins.into_iter().map(Listed::named).collect(),
            None => self.dependencies.into_keys().map(|name| Plugin { name, root: None }).collect(),
        }
    }
}
