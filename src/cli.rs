//! Dispatch: a command line is one of our commands, a command of the Heroku CLI, or a fallback to it.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches};

use crate::alias;
use crate::commands::{self, Place, Table};
use crate::context::{Context, Options};
use crate::environment::{Selector, refuse_this_machine};
use crate::error::{Error, Kind, Result};
use crate::fallback::{Fallback, may_be_logged_in_elsewhere};
use crate::forward;
use crate::heroku::ApiError;
use crate::hint::Hint;
use crate::inventory;
use crate::model::AppName;
use crate::text::join;
use crate::usage::{
    FLAGS, ONLY, ONLY_HELP, OURS, bad_usage, leading_flags, split_operands, starts_with_dash, takes_only,
};

/// Runs the command line `words` (without the program's name) in environment `name`.
pub fn environment(name: &str, words: &[OsString]) -> Result<()> {
    let table = commands::of(name);
    let (flags, mut rest) = leading_flags(words);
    let mut flags = flags.to_vec();
    let mut selector = None;
    if name == "review" {
        let project = Context::new(name, Options::default(), None);
        (selector, rest) = review_selector(&table, rest, |word| alias::is_alias(&project, word));
        let (more, after) = leading_flags(rest);
        flags.extend_from_slice(more);
        rest = after;
    }
    let rest = &*commands::joined(&table, rest);
    if is_decided(&table, rest) {
        return decided(name, &table, &flags, rest, selector);
    }
    let context = Context::new(name, options(&parse_flags(name, &flags)?), selector);
    let expanded = expanded(&context, &table, rest)?;
    let rest = expanded.as_deref().map_or(Cow::from(rest), |rest| commands::joined(&table, rest));
    if is_decided(&table, &rest) {
        return decided(name, &table, &flags, &rest, context.selector().cloned());
    }
    let Some((word, arguments)) = rest.split_first() else { return Ok(()) };
    forward::run(&context, word, arguments, &names(&context, &table))
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

/// Whether clap stopped at the help of all commands.
fn is_overview(error: &clap::Error, words: &[OsString]) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand};
    let rest = leading_flags(words).1;
    matches!(error.kind(), DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand)
        && (rest.is_empty() || matches!(rest, [word] if word == "help"))
}

/// The help of all commands, with the aliases at its end.
fn with_aliases(name: &str, table: &Table, words: &[OsString], help: clap::Error) -> clap::Error {
    let project = Context::new(name, Options::default(), None);
    let aliases = alias::usable(&project, table);
    let Some(width) = aliases.iter().map(|(name, _)| name.len()).max() else { return help };
    let root = root(name, table);
    let mut after = root.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = aliases.iter().map(|(name, alias)| format!("\n  {name:width$}  {}", join(&alias.words)));
    after.push_str("\n\nAliases:");
    after.extend(lines);
    parse(root.after_help(after), words).err().unwrap_or(help)
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

/// The Heroku CLI's command, and its arguments, that takes the place of one that failed: where the command says so, and
/// where nobody is logged in here but may be there.
fn fallback(
    context: &Context,
    command: &commands::Command,
    matches: &ArgMatches,
    words: &[OsString],
    error: &Error,
) -> Option<(&'static str, Vec<OsString>)> {
    let (id, implied) = command.heroku.split_first()?;
    let arguments = match error.downcast_ref::<Fallback>() {
        Some(fallback) => fallback.arguments.clone(),
        None if may_be_logged_in_elsewhere(error)
            && !context.options.json
            && !uses_ours(command, matches) =>
        {
            None
        }
        None => return None,
    };
    let arguments = arguments.unwrap_or_else(|| typed_for_heroku(words, context.options.json));
    let implied = implied.iter().map(OsString::from).filter(|word| !arguments.contains(word));
    Some((id, implied.chain(arguments.iter().cloned()).collect()))
}

/// Whether the line has an option that the Heroku CLI's command does not have.
fn uses_ours(command: &commands::Command, matches: &ArgMatches) -> bool {
    let parsed = (command.augment)(clap::Command::new(command.name));
    parsed.get_arguments().any(|arg| {
        arg.get_help_heading() == Some(OURS)
            && matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
    })
}

/// What follows the command in `words`, without the options that only greenroom has. A `--json` that was typed in front of
/// the command is among it.
fn typed_for_heroku(words: &[OsString], json: bool) -> Vec<OsString> {
    let Some((command, rest)) = leading_flags(words).1.split_first() else { return Vec::new() };
    let (ours, theirs) = split_operands(command, rest);
    let (_, ours) = our_flags(ours);
    let json = (json && !ours.iter().any(|word| word == "--json")).then(|| "--json".into());
    json.into_iter().chain(ours).chain(theirs.iter().cloned()).collect()
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

/// The one command that `words` are about, as the parser takes longer for each that it knows; all of them for a line that
/// names none, which may ask for help or be misspelled.
fn meant(table: &Table, words: &[OsString]) -> Table {
    let word = leading_flags(words).1.first().and_then(|word| word.to_str());
    let command = word.and_then(|word| commands::find(table, word));
    command.map_or_else(|| table.clone(), |command| table.only(command))
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

/// Splits the review app's selector from the front of `words`; the default is the current branch.
///
/// A number, `#n` or a URL is always a selector. Any other word is a branch unless it is a command or an alias.
pub(crate) fn review_selector<'w>(
    table: &Table,
    words: &'w [OsString],
    is_alias: impl Fn(&OsStr) -> bool,
) -> (Option<Selector>, &'w [OsString]) {
    let Some((first, rest)) = words.split_first() else { return (Some(Selector::CurrentBranch), words) };
    let Some(word) = first.to_str() else { return (Some(Selector::CurrentBranch), words) };
    if let Some(selector) = Selector::unmistakable(word) {
        return (Some(selector), rest);
    }
    // A single word that is not a command is treated as a misspelled command, not as a branch.
    if is_command(table, first) || rest.is_empty() || is_alias(first) {
        return (Some(Selector::CurrentBranch), words);
    }
    (Some(Selector::of_word(word)), rest)
}

fn parse(root: clap::Command, words: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let name = root.get_name().to_owned();
    // clap prints help and errors before our own options are read.
    let no_color = words.iter().take_while(|word| *word != "--").any(|word| word == "--no-color");
    let root = if no_color { root.color(clap::ColorChoice::Never) } else { root };
    root.try_get_matches_from(std::iter::once(OsString::from(name)).chain(words.iter().cloned()))
}

/// Parses the global options in front of a forwarded command.
fn parse_flags(name: &str, flags: &[OsString]) -> Result<ArgMatches> {
    let root = base(name).subcommand_required(false).arg_required_else_help(false);
    parse(root, flags).map_err(bad_usage)
}

fn options(matches: &ArgMatches) -> Options {
    Options {
        dry_run: matches.get_flag("dry-run"),
        json: matches.get_flag("json"),
        yes: matches.get_flag("yes"),
        verbose: matches.get_flag("verbose"),
        no_color: matches.get_flag("no-color"),
        only: matches.try_get_one(ONLY).ok().flatten().cloned(),
    }
}

fn only() -> Arg {
    Arg::new(ONLY)
        .long(ONLY)
        .value_name("APP")
        .value_parser(|app: &str| app.parse::<AppName>())
        .help(ONLY_HELP)
        .global(true)
        .help_heading("Global options")
}

/// The clap command `name` with the global options.
fn base(name: &str) -> clap::Command {
    let flags = FLAGS.map(|(flag, short, help)| {
        let arg = Arg::new(flag)
            .long(flag)
            .help(help)
            .global(true)
            .action(ArgAction::SetTrue)
            .help_heading("Global options");
        match short {
            Some(short) => arg.short(short),
            None => arg,
        }
    });
    clap::Command::new(name.to_owned())
        .bin_name(name.to_owned())
        .version(env!("CARGO_PKG_VERSION"))
        .args(flags)
        .args(takes_only(name).then(only))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(false)
        .max_term_width(110)
}

/// The clap tree of `name`; each command's arguments are added only when that command is parsed.
pub fn root(name: &str, table: &Table) -> clap::Command {
    let about = match name {
        _ if table.place == Place::Suite => {
            "One short command for each environment of a Heroku app".to_owned()
        }
        _ if table.place == Place::ThisMachine => {
            "Run a command on this machine, with its database".to_owned()
        }
        "review" => "Run a command on a review app: review [NUMBER|#N|URL|BRANCH] COMMAND".to_owned(),
        name => format!("Run a command on the {name} app"),
    };
    let after = match table.place {
        Place::Suite => {
            "Each environment is a command of its own: staging, production, prepare, development, review. See `staging --help`."
        }
        Place::ThisMachine => {
            "Commands that need a Heroku app are those of other environments; the app in the pipeline's stage development is `prepare`."
        }
        Place::Apps => {
            "Other commands go to the Heroku CLI with the app filled in: ps, config, run, pg:psql, logs --help …"
        }
    };
    let commands = table.iter().map(|command| {
        clap::Command::new(command.name)
            .visible_aliases(command.aliases)
            .about(command.about)
            .after_help(format!("Examples:\n{}", command.examples))
            .defer(command.augment)
    });
    base(name).about(about).after_help(after).subcommands(commands)
}

/// A native command that does what one of the Heroku CLI's does takes that one's flags: one that is not known here
/// sends the whole line to the CLI. What comes back: the CLI's command, our flags, its arguments.
///
/// Our flags are ours behind the command's name too: a dry run stays one. Two go on to the CLI: `--no-color`, which its
/// `logs` takes itself, and `--json`, which it does not take here and must refuse, or text would come instead of JSON.
fn to_heroku(
    table: &Table,
    error: &clap::Error,
    words: &[OsString],
) -> Option<(&'static str, Vec<OsString>, Vec<OsString>)> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let (flags, rest) = leading_flags(words);
    let (command, rest) = rest.split_first()?;
    let (ours, theirs) = split_operands(command, rest);
    let (command, implied) = commands::find(table, command.to_str()?)?.heroku.split_first()?;
    let (more, ours) = our_flags(ours);
    let implied = implied.iter().map(OsString::from);
    Some((command, [flags, &more].concat(), implied.chain(ours).chain(theirs.iter().cloned()).collect()))
}

/// Splits `words` into options that only greenroom has, and the rest.
fn our_flags(words: &[OsString]) -> (Vec<OsString>, Vec<OsString>) {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--dry-run" | "--yes" | "-y" | "--verbose" | "-v") => ours.push(word.clone()),
            Some("--only") => ours.extend([word].into_iter().chain(words.next()).cloned()),
            Some(text) if text.starts_with("--only=") => ours.push(word.clone()),
            _ => others.push(word.clone()),
        }
    }
    (ours, others)
}
