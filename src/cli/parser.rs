//! The parser: the clap tree of an environment's name, its global options, and its help.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches};

use super::review_line;
use crate::alias;
use crate::commands::{self, Place, Table};
use crate::context::{Context, Options};
use crate::error::Result;
use crate::model::AppName;
use crate::text::join;
use crate::usage::{FLAGS, ONLY, ONLY_HELP, bad_usage, leading_flags, takes_only};

pub(super) fn parse(root: clap::Command, words: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let name = root.get_name().to_owned();
    // clap prints help and errors before our own options are read.
    let no_color = words.iter().take_while(|word| *word != "--").any(|word| word == "--no-color");
    let root = if no_color { root.color(clap::ColorChoice::Never) } else { root };
    root.try_get_matches_from(std::iter::once(OsString::from(name)).chain(words.iter().cloned()))
}

/// Parses the global options in front of a forwarded command.
pub(super) fn parse_flags(name: &str, flags: &[OsString]) -> Result<ArgMatches> {
    let root = base(name).subcommand_required(false).arg_required_else_help(false);
    parse(root, flags).map_err(bad_usage)
}

pub(super) fn options(matches: &ArgMatches) -> Options {
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
        .args((name == "review").then(review_line::options).into_iter().flatten())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(false)
        .max_term_width(110)
}

/// The clap tree of `name`; each command's arguments are added only when that command is parsed.
pub(super) fn root(name: &str, table: &Table) -> clap::Command {
    let about = match name {
        _ if table.place == Place::Suite => {
            "One short command for each environment of a Heroku app".to_owned()
        }
        _ if table.place == Place::ThisMachine => {
            "Run a command on this machine, with its database".to_owned()
        }
        "review" => "Run a command on a review app: review [NUMBER|#N|URL|BRANCH|APP] COMMAND".to_owned(),
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
            "Other commands go to the Heroku CLI with the app filled in: access, certs, drains, features, pg:info, webhooks …"
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

/// The one command that `words` are about, as the parser takes longer for each that it knows; all of them for a line that
/// names none, which may ask for help or be misspelled.
pub(super) fn meant(table: &Table, words: &[OsString]) -> Table {
    let word = leading_flags(words).1.first().and_then(|word| word.to_str());
    let command = word.and_then(|word| commands::find(table, word));
    command.map_or_else(|| table.clone(), |command| table.only(command))
}

/// Whether clap stopped at the help of all commands.
pub(super) fn is_overview(error: &clap::Error, words: &[OsString]) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand};
    let rest = leading_flags(words).1;
    matches!(error.kind(), DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand)
        && (rest.is_empty() || matches!(rest, [word] if word == "help"))
}

/// The help of all commands, with the aliases at its end.
pub(super) fn with_aliases(name: &str, table: &Table, words: &[OsString], help: clap::Error) -> clap::Error {
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
