//! What a command may use; each part is built on first use.

use std::cell::OnceCell;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::config::Config;
use crate::environment::{self, Project, Selector, Target};
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::Client;
use crate::hint::Hint;
use crate::maintenance_note;
use crate::model::AppName;
use crate::names;
use crate::terminal::Terminal;

/// The global options.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Print what would be done without doing it. Each command checks this before its first change; the client does not.
    pub dry_run: bool,
    /// Print output as JSON.
    pub json: bool,
    /// Skip confirmations.
    pub yes: bool,
    /// Print more detail.
    pub verbose: bool,
    /// Disable color.
    pub no_color: bool,
    /// The one app of the environment to use; `None` for all of them.
    pub only: Option<AppName>,
}

/// What a command may use.
pub struct Context {
    /// The environment's name; `greenroom` for the suite's own commands.
    pub name: String,
    /// The global options.
    pub options: Options,
    /// Where output goes.
    pub terminal: Terminal,
    selector: Option<Selector>,
    repository: OnceCell<Option<Repository>>,
    config: OnceCell<Config>,
    heroku: OnceCell<Arc<Client>>,
    target: OnceCell<Target>,
}

impl Context {
    /// A context in which nothing has been read yet. `selector` is the review app of `review`.
    pub fn new(name: &str, options: Options, selector: Option<Selector>) -> Self {
        Self {
            name: name.to_owned(),
            terminal: Terminal::new(options.no_color, options.verbose),
            options,
            selector,
            repository: OnceCell::new(),
            config: OnceCell::new(),
            heroku: OnceCell::new(),
            target: OnceCell::new(),
        }
    }

    /// The words that select this environment again: `staging`, `review 42`, or `greenroom on qa` if `qa` is not a command.
    pub fn typed(&self) -> Vec<OsString> {
        let selected = self.selector.as_ref().map(Selector::words).unwrap_or_default();
        let only = self.options.only.iter().flat_map(|app| ["--only", app.as_ref()]);
        let more = selected.iter().map(String::as_str).chain(only).map(OsString::from);
        names::typed(&self.name).into_iter().chain(more).collect()
    }

    /// A hint: the command line that runs these words in this environment.
    pub fn command<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Hint {
        let words = words.into_iter().map(|word| word.as_ref().to_owned());
        Hint::line(self.typed().into_iter().chain(words))
    }

    /// The error with its hints about the environment's app rewritten as commands of this environment.
    pub fn told(&self, mut error: Error) -> Error {
        if let Some([app]) = self.target.get().map(|target| target.apps.as_slice()) {
            error.told_in(&self.typed(), app.as_ref());
        }
        error
    }

    /// Prints a hint; one about the environment's app as a command of this environment.
    pub fn hint(&self, mut hint: Hint) {
        if let Some([app]) = self.target.get().map(|target| target.apps.as_slice()) {
            hint.told_in(&self.typed(), app.as_ref());
        }
        self.terminal.hint(hint);
    }

    /// The selector of the review app.
    pub fn selector(&self) -> Option<&Selector> {
        self.selector.as_ref()
    }

    /// The repository of the current folder; `None` outside one.
    pub fn repository(&self) -> Result<Option<&Repository>> {
        filled(&self.repository, || {
            let found = Repository::discover()?;
            Ok(found.map(|repository| repository.reporting_to(&self.terminal)))
        })
        .map(Option::as_ref)
    }

    /// Sets the deadline for git commands from now on.
    pub fn wait_until(&self, deadline: Instant) -> Result<()> {
        if let Some(repository) = self.repository()? {
            repository.wait_until(deadline);
        }
        Ok(())
    }

    /// The merged configuration.
    pub fn config(&self) -> Result<&Config> {
        filled(&self.config, || Config::read(self.root()?.as_deref(), self.repository()?.is_some()))
    }

    /// The configuration, where it was read.
    pub fn config_read(&self) -> Option<&Config> {
        self.config.get()
    }

    /// The project's folder: the repository's root, or the current folder outside one; none if that was removed.
    pub fn root(&self) -> Result<Option<PathBuf>> {
        let root = self.repository()?.map(|repository| repository.root().to_owned());
        Ok(root.or_else(|| env::current_dir().ok()))
    }

    /// The Platform API client; exit 4 without credentials.
    pub fn heroku(&self) -> Result<&Arc<Client>> {
        filled(&self.heroku, || {
            // A credential store may ask for a password or be slow.
            let _progress = self.terminal.progress("the Heroku credentials");
            Client::new(&self.terminal).map(Arc::new)
        })
    }

    /// The client, where one was made.
    pub fn connected(&self) -> Option<&Client> {
        self.heroku.get().map(Arc::as_ref)
    }

    /// The environment's apps; exit 3 if none is found.
    pub fn target(&self) -> Result<&Target> {
        filled(&self.target, || {
            let target = self.with_project(|project| match &self.selector {
                Some(selector) => environment::resolve_review(selector, project),
                None => environment::resolve(&self.name, project),
            })?;
            let target = match &self.options.only {
                Some(app) => target.only(app)?,
                None => target,
            };
            maintenance_note::remind(&self.terminal, || self.heroku().ok().map(Arc::as_ref), &target.apps);
            Ok(target)
        })
    }

    /// Whether the environment is this machine rather than an app.
    pub fn is_this_machine(&self) -> Result<bool> {
        if self.name != environment::THIS_MACHINE {
            return Ok(false);
        }
        self.with_project(|project| Ok(environment::is_this_machine(&self.name, project)))
    }

    /// The app of the environment `word`, or the app of this name.
    pub fn app_of(&self, word: &str) -> Result<AppName> {
        if names::check_name(word).is_ok()
            && let Ok(target) = self.with_project(|project| environment::resolve(word, project))
        {
            return target.one_app().cloned();
        }
        word.parse().map_err(Error::usage)
    }

    /// Calls `look` with what environments are resolved from.
    pub fn with_project<T>(&self, look: impl FnOnce(&Project<'_>) -> Result<T>) -> Result<T> {
        let heroku = || self.heroku().map(Arc::as_ref);
        look(&Project::new(self.config()?, self.repository()?, &heroku).asking(&self.terminal))
    }
}

/// The cell's value, made by `make` on first use; an error leaves the cell empty.
fn filled<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}
