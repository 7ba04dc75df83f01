//! Configuration: the team's `greenroom.toml`, the person's `config.toml`, and how they are merged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::Result;

mod aliases;
mod environment;
mod file;
mod sections;

pub use aliases::Alias;
pub use environment::Environment;
pub use sections::{Commands, Development, Located, Match, Release, Restore};

use file::{File, parse, personal_file, read_text};

/// The team's file, at the repository's root.
pub const PROJECT_FILE: &str = "greenroom.toml";

/// The merged configuration. The team's file wins, except that it cannot take away a person's `protected = true`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The pipeline that the environments' stages are looked up in: a name or an id.
    pub pipeline: Option<String>,
    /// How code moves.
    pub release: Release,
    /// What `console` and `migrate` run.
    pub commands: Commands,
    /// What `development` works on.
    pub development: Development,
    /// How a database of this machine is restored.
    pub restore: Restore,
    /// The merged aliases, by name.
    pub aliases: BTreeMap<String, Alias>,
    /// The merged environments.
    pub environments: BTreeMap<String, Environment>,
    /// The environments of the team's file alone.
    pub team: BTreeMap<String, Environment>,
    /// The environments of the person's file alone.
    pub personal: BTreeMap<String, Environment>,
    /// The files that were read, for messages; the team's first.
    pub files: Vec<PathBuf>,
}

impl Config {
    /// Reads the team's file in `root` and the person's file; a missing file says nothing.
    ///
    /// Where `root` is no repository, which git would have looked at, the team's file must not be another user's.
    pub fn read(root: Option<&Path>, is_repository: bool) -> Result<Self> {
        let mut config = Self::default();
        if let Some(project) = root.map(|root| root.join(PROJECT_FILE))
            && let Some(file) = config.take(project, !is_repository)?
        {
            config.team.clone_from(&file.environments);
            config.merge(file);
        }
        if let Some(personal) = personal_file()
            && let Some(file) = config.take(personal, false)?
        {
            config.personal.clone_from(&file.environments);
            config.merge(file);
        }
        Ok(config)
    }

    /// Whether there may be a configuration: a file in the current folder or one above it, or the person's. Far cheaper
    /// than reading it, which opens the repository.
    pub fn may_exist() -> bool {
        let here = std::env::current_dir().unwrap_or_default();
        std::env::var_os("GIT_DIR").is_some()
            || here.ancestors().any(|folder| folder.join(PROJECT_FILE).exists())
            || personal_file().is_some_and(|file| file.exists())
    }

    /// Reads a file if it exists.
    fn take(&mut self, path: PathBuf, must_be_ours: bool) -> Result<Option<File>> {
        let Some(text) = read_text(&path, must_be_ours)? else { return Ok(None) };
        let file = parse(&path, &text)?;
        self.files.push(path);
        Ok(Some(file))
    }

    /// Takes from `weaker` what is not set yet.
    fn merge(&mut self, weaker: File) {
        self.pipeline = self.pipeline.take().or(weaker.pipeline);
        self.release.matches = self.release.matches.or(weaker.release.matches);
        self.commands.console = self.commands.console.take().or(weaker.commands.console);
        self.commands.migrate = self.commands.migrate.take().or(weaker.commands.migrate);
        self.development.database = self.development.database.take().or(weaker.development.located);
        self.restore.after = self.restore.after.take().or(weaker.restore.after);
        // Either of the two may demand it.
        self.restore.require_hook = match (self.restore.require_hook, weaker.restore.require_hook) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (stronger, weaker) => stronger.or(weaker),
        };
        self.restore.keep_gigabytes = self.restore.keep_gigabytes.or(weaker.restore.keep_gigabytes);
        self.restore.exclude_table_data.extend(weaker.restore.exclude_table_data);
        for (name, alias) in weaker.aliases {
            self.aliases.entry(name).or_insert(alias);
        }
        for (name, environment) in weaker.environments {
            self.environments.entry(name).or_default().merge(environment);
        }
    }

    /// The team's file, where it alone takes the protection from `production`.
    pub fn unprotects_production(&self) -> Option<&Path> {
        let told = |told: &BTreeMap<String, Environment>| told.get("production")?.protected;
        let takes_it = told(&self.team) == Some(false) && told(&self.personal).is_none();
        self.team.get("production").filter(|_| takes_it).map(|production| production.file.as_path())
    }

    /// Whether moving code to this environment requires a confirmation; the default is true for `production` only.
    pub fn is_protected(&self, environment: &str) -> bool {
        self.environments
            .get(environment)
            .and_then(|environment| environment.protected)
            .unwrap_or(environment == "production")
    }
}
