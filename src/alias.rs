//! Aliases: what a word of `[aliases]` in the configuration stands for, where it may be one.

use std::ffi::{OsStr, OsString};

use crate::commands::{self, Command, Table};
use crate::config::{Alias, Config};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::forward;

/// What `word`, which is no command in `table`, stands for; `None` if it is no alias.
///
/// Exit 2 if it has the name of a command of the Heroku CLI, or stands for another alias. A configuration that cannot be
/// read is an error only where `word` is not such a command, which needs no configuration.
pub fn words(context: &Context, table: &Table, word: &OsStr) -> Result<Option<Vec<OsString>>> {
    let Some(name) = word.to_str().filter(|_| Config::may_exist()) else { return Ok(None) };
    let config = match context.config() {
        Ok(config) => config,
        Err(_) if forward::is_command(name) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some((name, alias)) = config.aliases.get_key_value(name) else { return Ok(None) };
    refuse(config, table, name)?;
    Ok(Some(alias.words.iter().map(OsString::from).collect()))
}

/// Whether the configuration has an alias of this name; it is read only when this is asked.
pub fn is_alias(context: &Context, word: &OsStr) -> bool {
    let Some(word) = word.to_str().filter(|_| Config::may_exist()) else { return false };
    context.config().is_ok_and(|config| config.aliases.contains_key(word))
}

/// The aliases that can be used, with what they stand for; none if the configuration cannot be read.
pub fn usable<'c>(context: &'c Context, table: &Table) -> Vec<(&'c str, &'c Alias)> {
    let Some(config) = Some(()).filter(|()| Config::may_exist()).and_then(|()| context.config().ok()) else {
        return Vec::new();
    };
    let aliases = config.aliases.iter().filter(|(name, _)| refuse(config, table, name).is_ok());
    aliases.map(|(name, alias)| (name.as_str(), alias)).collect()
}

/// Exit 2 if there is an alias with a name of `command`: the alias would never be used.
pub fn refuse_command(config: &Config, command: &'static Command) -> Result<()> {
    let mut names = command.aliases.iter().chain([&command.name]);
    names.try_for_each(|name| refuse(config, &[command], name))
}

/// Exit 2 if there is an alias `name` that has the name of a command, or stands for another alias.
fn refuse(config: &Config, table: &[&'static Command], name: &str) -> Result<()> {
    let Some(alias) = config.aliases.get(name) else { return Ok(()) };
    let wrong = |message: String| {
        Err(Error::usage(format!("{}: [aliases]: `{name}` {message}", alias.file.display())))
    };
    if let Some(command) = commands::find(table, name) {
        return wrong(format!("is the name of greenroom's command `{}`", command.name));
    }
    if commands::is_of_apps(name) {
        return wrong(format!("is the name of greenroom's command `{name}`"));
    }
    if forward::is_command(name) {
        return wrong(format!("is the name of the Heroku CLI's command `{name}`"));
    }
    match alias.words.first().filter(|first| config.aliases.contains_key(*first)) {
        Some(first) => wrong(format!("stands for `{first}`, which is an alias too")),
        None => Ok(()),
    }
}
