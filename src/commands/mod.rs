//! The commands: one file each, and one word in a table here.
//!
//! A file whose command has another name, or a second one, says so in the table: `file as "name"`, `file or "second"`.
//! A command's file has `ABOUT` (one line), `EXAMPLES`, `HEROKU` (the command of the Heroku CLI whose name it bears
//! and whose flags it takes, if it does), `VALUES` (what Tab offers for its arguments), `Args` and `run`. The table feeds
//! the parser, the help, the completion and the tests that demand all of them.

use std::borrow::Cow;
use std::ffi::OsString;
use std::ops::Deref;
use std::vec;

use clap::{ArgMatches, FromArgMatches};

use crate::context::{Context, Options};
use crate::environment::THIS_MACHINE;
use crate::error::Result;
use crate::values::Values;

/// A command, as the table has it.
#[derive(Debug)]
pub struct Command {
    /// The command's name.
    pub name: &'static str,
    /// Its aliases.
    pub aliases: &'static [&'static str],
    /// One line of help.
    pub about: &'static str,
    /// Lines that can be pasted.
    pub examples: &'static str,
    /// The words for the Heroku CLI that do the same, if it can: a line with a flag that is not known here goes to it.
    pub heroku: &'static [&'static str],
    /// Where the values of its arguments come from; see [`Values`].
    pub values: Values,
    /// Adds its arguments to a clap command.
    pub augment: fn(clap::Command) -> clap::Command,
    /// Does it.
    pub run: fn(&Context, &ArgMatches) -> Result<()>,
}

impl Command {
    /// Whether this is its name or an alias.
    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }
}

macro_rules! commands {
    ($(#[$doc:meta])* $table:ident: $($file:ident $(as $name:literal)? $(or $alias:literal)*),+ $(,)?) => {
        $(pub mod $file;)+

        $(#[$doc])*
        pub static $table: &[Command] = &[$(Command {
            name: commands!(@name $file $($name)?),
            aliases: &[$($alias),*],
            about: $file::ABOUT,
            examples: $file::EXAMPLES,
            heroku: $file::HEROKU,
            values: $file::VALUES,
            // The arguments' own documentation is for readers of the code; the help says what the command does.
            augment: |command| <$file::Args as clap::Args>::augment_args(command).about($file::ABOUT),
            run: |context, matches| {
                let args = $file::Args::from_arg_matches(matches).map_err(crate::usage::bad_usage)?;
                $file::run(context, &args)
            },
        }),+];
    };
    (@name $file:ident) => { stringify!($file) };
    (@name $file:ident $name:literal) => { $name };
}

commands! {
    /// The commands of every environment; all others are the Heroku CLI's.
    COMMANDS: addons, backup, backups, config, config_diff as "config:diff", config_edit as "config:edit", config_get as "config:get", config_pull as "config:pull", config_push as "config:push",
        config_set as "config:set" or "config:add", config_unset as "config:unset" or "config:remove", console, dashboard, deploy, diff or "log", domains, info or "apps:info", logs, maintenance,
        maintenance_off as "maintenance:off", maintenance_on as "maintenance:on", migrate, open or "apps:open", promote, ps,
        ps_stop as "ps:stop" or "stop" or "kill" or "ps:kill", ps_wait as "ps:wait", psql or "pg:psql", releases,
        releases_info as "releases:info", releases_output as "releases:output", restart or "ps:restart", restore, rollback, run,
        run_detached as "run:detached", scale or "ps:scale", sha, ship, status, tail, url, which
}

commands! {
    /// The commands that only `prepare` has.
    PREPARE: prepare_check as "check", prepare_setup as "setup", prepare_wait as "wait"
}

commands! {
    /// The commands that only `review` has.
    REVIEW: review_check as "check", review_create as "create", review_destroy as "destroy", review_disable as "disable", review_enable as "enable",
        review_list as "list", review_redeploy as "redeploy", review_settings as "settings", review_stage_config as "stage-config", review_wait as "wait"
}

commands! {
    /// The commands of `development` where that is this machine. The others of an environment need an app.
    DEVELOPMENT: development_backup as "backup", development_backups as "backups", development_console as "console",
        development_migrate as "migrate", development_psql as "psql" or "pg:psql", development_restore as "restore",
        development_run as "run", development_which as "which"
}

commands! {
    /// What `greenroom` does.
    SUITE: completions, doctor, environments, link, on, rehearse, remotes, setup, trust
}

/// The commands that one environment alone has, by its name.
pub static ONLY_IN: [(&str, &[Command]); 2] = [("prepare", PREPARE), ("review", REVIEW)];

/// What the commands of a table work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The suite itself: `greenroom`.
    Suite,
    /// The apps of an environment.
    Apps,
    /// This machine: `development`.
    ThisMachine,
}

/// The commands that may follow one name.
#[derive(Clone, Debug)]
pub struct Table {
    /// What they work on.
    pub place: Place,
    commands: Vec<&'static Command>,
}

impl Table {
    /// The table with this command alone.
    #[must_use]
    pub fn only(&self, command: &'static Command) -> Self {
        Self { place: self.place, commands: vec![command] }
    }
}

impl Deref for Table {
    type Target = [&'static Command];

    fn deref(&self) -> &Self::Target {
        &self.commands
    }
}

impl IntoIterator for Table {
    type Item = &'static Command;
    type IntoIter = vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.commands.into_iter()
    }
}

/// Gives the commands that may follow an environment's name. Each program has the one that leads to its own tables: what
/// no command line of it can reach is not linked into it.
pub type Tables = fn(&str) -> Table;

/// The commands that may follow an environment's name. Only `greenroom`, which may be linked as any of them, has all.
pub fn of(environment: &str) -> Table {
    match environment {
        THIS_MACHINE => of_development(environment),
        "prepare" => of_prepare(environment),
        "review" => of_review(environment),
        _ => of_apps(environment),
    }
}

/// The commands of every environment.
pub fn of_apps(_: &str) -> Table {
    with(&[])
}

/// The same with those of `prepare`.
pub fn of_prepare(_: &str) -> Table {
    with(PREPARE)
}

/// The same with those of `review`.
pub fn of_review(_: &str) -> Table {
    with(REVIEW)
}

/// The commands of `development` where that is this machine, else those of every environment.
pub fn of_development(environment: &str) -> Table {
    // A configuration that cannot be read is the error of the command itself.
    let is_this_machine = || Context::new(environment, Options::default(), None).is_this_machine();
    if environment == THIS_MACHINE && is_this_machine().unwrap_or(true) {
        return Table { place: Place::ThisMachine, commands: DEVELOPMENT.iter().collect() };
    }
    with(&[])
}

fn with(more: &'static [Command]) -> Table {
    Table { place: Place::Apps, commands: COMMANDS.iter().chain(more).collect() }
}

/// The commands that may follow `greenroom`. Only its own binary may ask: whoever does has the rehearsal linked in.
pub fn of_the_suite() -> Table {
    Table { place: Place::Suite, commands: SUITE.iter().collect() }
}

/// The command that is called `word` in `table`.
pub fn find(table: &[&'static Command], word: &str) -> Option<&'static Command> {
    table.iter().copied().find(|command| command.is_called(word))
}

/// Whether `word` is a command of every app.
pub fn is_of_apps(word: &str) -> bool {
    COMMANDS.iter().any(|command| command.is_called(word))
}

/// The words with the command's name in one: `config diff production` is `config:diff production`. The second word is a
/// part of the name only where it cannot be an argument of the first.
pub fn joined<'w>(table: &Table, words: &'w [OsString]) -> Cow<'w, [OsString]> {
    let at = usize::from(words.first().is_some_and(|word| word == "help"));
    if let Some([first, second, ..]) = words.get(at..)
        && let (Some(first), Some(second)) = (first.to_str(), second.to_str())
        && let Some(command) = find(table, &format!("{first}:{second}"))
        && find(table, first).is_some_and(takes_no_arguments)
    {
        let name = [OsString::from(command.name)];
        return [&words[..at], &name, &words[at + 2..]].concat().into();
    }
    words.into()
}

/// The commands whose names go on behind this one's, each with the word that follows: `diff` behind `config`.
pub fn parts(table: &Table, command: &Command) -> Vec<(&'static str, &'static Command)> {
    let part = |other: &&'static Command| {
        let word = other.name.strip_prefix(command.name)?.strip_prefix(':')?;
        Some((word, *other))
    };
    let parts: Vec<_> = table.iter().filter_map(part).collect();
    if parts.is_empty() || !takes_no_arguments(command) { Vec::new() } else { parts }
}

/// Whether the Heroku CLI's `pg:backups` has more words for this command ([`backup::left_to_heroku`]).
pub fn takes_parts_of_backups(table: &Table, word: &str) -> bool {
    table.place == Place::Apps && ["backup", "backups"].contains(&word)
}

fn takes_no_arguments(command: &Command) -> bool {
    (command.augment)(clap::Command::new(command.name)).get_positionals().next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Words;

    #[test]
    fn a_name_may_have_a_blank_in_place_of_its_colon() {
        let table = of("staging");
        for (line, expected) in [
            ("config diff production", "config:diff production"),
            ("config add A=1", "config:set A=1"),
            ("help config diff", "help config:diff"),
            ("maintenance on", "maintenance:on"),
            ("config LOG_LEVEL", "config LOG_LEVEL"),
            ("config --json diff", "config --json diff"),
            // The second word is what runs on the dyno, or a process type.
            ("run detached", "run detached"),
            ("ps wait", "ps wait"),
            ("pg info", "pg info"),
            ("config", "config"),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let expected: Vec<OsString> = expected.split(' ').map(OsString::from).collect();
            assert_eq!(*joined(&table, &words), *expected, "{line}");
        }
        let words = |name| parts(&table, find(&table, name).unwrap()).into_iter().map(|(word, _)| word);
        assert_eq!(words("maintenance").collect::<Vec<_>>(), ["off", "on"]);
        assert_eq!(words("ps").count() + words("run").count() + words("tail").count(), 0);
    }

    /// Where anything may stand, and nothing that could be known is likelier than the rest.
    const FREE: &[(&str, &str)] = &[
        ("backup", "name"),
        ("backup", "to"),
        ("backup", "database"),
        ("backup", "remote_ok"),
        ("backups", "names"),
        ("backups", "to"),
        ("backups", "database"),
        ("backups", "remote_ok"),
        ("restore", "exclude_table_data"),
        ("restore", "jobs"),
        ("restore", "to"),
        ("restore", "database"),
        ("restore", "remote_ok"),
        ("console", "arguments"),
        ("create", "pr"),
        ("enable", "base_name"),
        ("settings", "base_name"),
        ("which", "database"),
        ("which", "to"),
        ("which", "remote_ok"),
        ("logs", "grep"),
        ("migrate", "arguments"),
        ("open", "path"),
        ("psql", "command"),
        ("psql", "credential"),
        ("psql", "database"),
        ("psql", "remote_ok"),
        ("psql", "to"),
        ("rehearse", "port"),
        ("setup", "create"),
        ("setup", "space"),
        ("setup", "team"),
        ("tail", "grep"),
    ];

    fn all() -> impl Iterator<Item = &'static Command> {
        let only = ONLY_IN.iter().flat_map(|(_, table)| table.iter());
        COMMANDS.iter().chain(only).chain(DEVELOPMENT).chain(SUITE)
    }

    #[test]
    fn every_argument_says_what_tab_offers_for_it() {
        for command in all() {
            let parsed = (command.augment)(clap::Command::new(command.name));
            for arg in parsed.get_arguments().filter(|arg| arg.get_action().takes_values()) {
                let listed = !arg.get_possible_values().is_empty();
                let told = command.values.iter().find(|(name, _)| arg.get_id() == name);
                assert!(
                    listed || told.is_some(),
                    "{}: VALUES says nothing of {}",
                    command.name,
                    arg.get_id()
                );
                let free = told.is_some_and(|(_, words)| words.is_empty() || words.contains(&Words::Free));
                let may_be = FREE.contains(&(command.name, arg.get_id().as_str()));
                assert!(!free || may_be, "{}: nothing is offered for {}", command.name, arg.get_id());
            }
        }
    }

    #[test]
    fn nothing_is_said_of_arguments_that_are_not_there() {
        for command in all() {
            let parsed = (command.augment)(clap::Command::new(command.name));
            for (name, _) in command.values {
                let takes =
                    parsed.get_arguments().any(|arg| arg.get_id() == name && arg.get_action().takes_values());
                assert!(takes, "{}: there is no argument {name} that takes a value", command.name);
            }
        }
    }
}
