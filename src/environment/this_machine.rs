//! `development` is this machine, unless configuration or a Heroku remote makes it an app.

use std::ffi::OsString;

use super::Project;
use crate::config::Environment;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// The name of the environment that is this machine.
pub const THIS_MACHINE: &str = "development";

/// The environment whose app is in the pipeline's stage of that name.
pub(super) const BUILDS: &str = "prepare";

/// Whether environment `name` is this machine: it is called `development`, no configuration names an app for it, and no
/// Heroku remote has its name.
pub fn is_this_machine(name: &str, project: &Project<'_>) -> bool {
    let configured = || project.config.environments.get(name).is_some_and(Environment::names_an_app);
    let is_remote =
        || project.named_remotes().iter().any(|(remote, app)| remote.name == name && app.is_some());
    name == THIS_MACHINE && !configured() && !is_remote()
}

/// Refuses what needs an app, with the line that does the same on the app in the pipeline's stage `development`. Exit 2.
///
/// `words` are those behind the environment's name, `command` the one among them that needs the app.
pub fn refuse_this_machine<T>(command: &str, words: &[OsString]) -> Result<T> {
    let there = Hint::line([OsString::from(BUILDS)].iter().chain(words));
    Err(Error::usage(format!("{THIS_MACHINE} is this machine, and {command} needs a Heroku app"))
        .hint(there.note("on the app in the pipeline's stage development")))
}
