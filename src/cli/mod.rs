//! Dispatch: a command line is one of our commands, a command of the Heroku CLI, or a fallback to it.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use clap::ArgMatches;

use crate::alias;
use crate::commands::{self, Place, Table};
use crate::context::{Context, Options};
use crate::environment::{Selector, refuse_this_machine};
use crate::error::{Error, Kind, Result};
use crate::forward;
use crate::heroku::ApiError;
use crate::hint::Hint;
use crate::inventory;
use crate::usage::{bad_usage, leading_flags, starts_with_dash};

mod not_created;
mod parser;
mod review_line;
mod theirs;

pub(crate) use review_line::{BRANCH, PR, ReviewLine, WAIT};

use parser::{is_overview, meant, options, parse, parse_flags, root, with_aliases};
use theirs::{fallback, part_of_backups, to_heroku};

/// Runs the command line `words` (without the program's name) in environment `name`, which has the commands of `table`.
pub fn environment(name: &str, table: &Table, words: &[OsString]) -> Result<()> {
    if name != "review" {
        let (flags, rest) = leading_flags(words);
        return dispatch(name, table, flags, rest, None);
    }
    let project = Context::new(name, Options::default(), None);
    let line = ReviewLine::of(table, words, |word| alias::is_alias(&project, word))?;
    let list = [OsString::from("list")];
    let rest = if line.is_bare() { &list[..] } else { line.rest };
    let run = || dispatch(name, table, &line.flags, rest, Some(line.selector.clone()));
    not_created::run_once_created(&line, run)
}

/// Runs the command that `rest` begins with, ours or the Heroku CLI's, with the global options `flags`.
fn dispatch(
    name: &str,
    table: &Table,
    flags: &[OsString],
    rest: &[OsString],
    selector: Option<Selector>,
) -> Result<()> {
    let rest = &*commands::joined(table, rest);
    if is_decided(table, rest) {
        return decided(name, table, flags, rest, selector);
    }
    let context = Context::new(name, options(&parse_flags(name, flags)?), selector);
    let expanded = expanded(&context, table, rest)?;
    let rest = expanded.as_deref().map_or(Cow::from(rest), |rest| commands::joined(table, rest));
    if is_decided(table, &rest) {
        return decided(name, table, flags, &rest, context.selector().cloned());
    }
    let Some((word, arguments)) = rest.split_first() else { return Ok(()) };
    forward::run(&context, word, arguments, &names(&context, table))
}

/// Whether the line is never the Heroku CLI's: it has no command, or one of ours.
fn is_decided(table: &Table, words: &[OsString]) -> bool {
    let is_ours = words.first().is_none_or(|word| !is_forwarded(table, word));
    is_ours && !asks_for_their_help(table, words) || of_an_app(table, words).is_some()
}

/// Runs a line with a command of ours, or refuses it on this machine.
fn decided(
    name: &str,
    table: &Table,
    flags: &[OsString],
    words: &[OsString],
    selector: Option<Selector>,
) -> Result<()> {
    let line = [flags, words].concat();
    match of_an_app(table, words) {
        Some(command) => refuse_this_machine(command, &line),
        None => native(name, table, &line, selector),
    }
}

/// The line `words` with the words that its alias stands for; `None` if there is none. `help ALIAS` is about the command
/// that the alias begins with.
fn expanded(context: &Context, table: &Table, words: &[OsString]) -> Result<Option<Vec<OsString>>> {
    let is_help = asks_for_their_help(table, words);
    let at = usize::from(is_help);
    let Some(mut alias) = alias::words(context, table, &words[at])? else { return Ok(None) };
    if is_help {
        alias.truncate(1);
    }
    Ok(Some([&words[..at], &alias, &words[at + 1..]].concat()))
}

/// Runs the command line `words` of `greenroom` itself.
pub fn suite(words: &[OsString]) -> Result<()> {
    let table = commands::of_the_suite();
    let matches = parse(root("greenroom", &table), words).map_err(bad_usage)?;
    run("greenroom", &table, &matches, words, None)
}

fn native(name: &str, table: &Table, words: &[OsString], selector: Option<Selector>) -> Result<()> {
    if let Some((command, flags, rest)) = part_of_backups(table, words) {
        let context = Context::new(name, options(&parse_flags(name, &flags)?), selector);
        return forward::run(&context, OsStr::new(command), &rest, &[]);
    }
    match parse(root(name, &meant(table, words)), words) {
        Ok(matches) => run(name, table, &matches, words, selector),
        Err(error) if is_overview(&error, words) => Err(bad_usage(with_aliases(name, table, words, error))),
        Err(error) => match to_heroku(table, &error, words) {
            Some((command, flags, rest)) => {
                let context = Context::new(name, options(&parse_flags(name, &flags)?), selector);
                forward::run(&context, OsStr::new(command), &rest, &[])
            }
            None => Err(bad_usage(error)),
        },
    }
}

fn run(
    name: &str,
    table: &Table,
    matches: &ArgMatches,
    words: &[OsString],
    selector: Option<Selector>,
) -> Result<()> {
    // clap has checked that there is a subcommand and that it is in the table.
    let Some((command, matches)) = matches.subcommand() else { return Err(Error::silent(2)) };
    let Some(command) = commands::find(table, command) else { return Err(Error::silent(2)) };
    let mut context = Context::new(name, options(matches), selector);
    if name != "greenroom"
        && let Ok(config) = context.config()
    {
        // Nearly every command reads the configuration anyway; one that does not may not care whether it can be read.
        alias::refuse_command(config, command)?;
    }
    let done = (command.run)(&context, matches);
    inventory::refresh_changed(&context);
    let Err(error) = done else { return Ok(()) };
    if let Some((id, arguments)) = fallback(&context, command, matches, words, &error) {
        context.terminal.detail(|| error.to_string());
        // It is among the arguments, and no longer ours.
        context.options.json = false;
        return forward::run(&context, OsStr::new(id), &arguments, &[]);
    }
    Err(context.told(where_to_look(error, &context, command.name)))
}

/// The command in `words` that is one of every app, where this machine has none of that name.
fn of_an_app<'w>(table: &Table, words: &'w [OsString]) -> Option<&'w str> {
    let (first, rest) = words.split_first()?;
    let command = if first == "help" { rest.first()? } else { first };
    let is_elsewhere = |word: &&str| {
        table.place == Place::ThisMachine
            && commands::find(table, word).is_none()
            && commands::is_of_apps(word)
    };
    command.to_str().filter(is_elsewhere)
}

/// What could be typed instead of a misspelled word: the table's commands, and the aliases.
fn names<'c>(context: &'c Context, table: &Table) -> Vec<&'c str> {
    // It was read if there is one, to look the word up.
    let aliases = context.config_read().into_iter().flat_map(|config| config.aliases.keys());
    table.iter().map(|command| command.name).chain(aliases.map(String::as_str)).collect()
}

/// Adds a hint to a 404 from the API about the app: it may have been renamed or deleted.
fn where_to_look(error: Error, context: &Context, command: &str) -> Error {
    let missing = error.downcast_ref::<ApiError>().is_some_and(ApiError::may_miss_the_app);
    // An environment without an app has its own error and hints.
    if !missing || error.kind() != Kind::Failed {
        return error;
    }
    if command == "which" || context.name == "greenroom" {
        return error.hint(Hint::heroku(["apps"]).note("lists the apps you can access"));
    }
    error.hint(context.command(["which"]).note("check that the app still exists"))
}

/// Whether `word` is neither in the table nor clap's own `help`.
fn is_forwarded(table: &Table, word: &OsStr) -> bool {
    word != "help" && word.to_str().is_none_or(|word| commands::find(table, word).is_none())
}

/// Whether `word` is a command, ours or the Heroku CLI's, rather than a branch.
pub(crate) fn is_command(table: &Table, word: &OsStr) -> bool {
    let is_theirs = |word: &str| word.contains(':') || forward::is_command(word);
    !is_forwarded(table, word) || word.to_str().is_some_and(is_theirs)
}

/// Whether this is `help COMMAND` about a command of the Heroku CLI, which then prints its own help.
fn asks_for_their_help(table: &Table, words: &[OsString]) -> bool {
    matches!(words, [help, about, ..] if help == "help" && !starts_with_dash(about) && is_forwarded(table, about))
}
