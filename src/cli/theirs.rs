//! What is left to the Heroku CLI: a line with a flag that only its command has, and a command that cannot be done here.

use std::ffi::OsString;

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap::parser::ValueSource;

use crate::commands::{self, Table};
use crate::context::Context;
use crate::error::Error;
use crate::fallback::{Fallback, may_be_logged_in_elsewhere};
use crate::usage::{OURS, leading_flags, split_operands};

/// A native command that does what one of the Heroku CLI's does takes that one's flags: one that is not known here
/// sends the whole line to the CLI. What comes back: the CLI's command, our flags, its arguments.
///
/// Our flags are ours behind the command's name too: a dry run stays one. Two go on to the CLI: `--no-color`, which its
/// `logs` takes itself, and `--json`, which it does not take here and must refuse, or text would come instead of JSON.
pub(super) fn to_heroku(
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

/// `backup info b042` is `pg:backups:info b042`, and so are the other words of the Heroku CLI's `pg:backups`. What comes
/// back is as of [`to_heroku`].
pub(super) fn part_of_backups(
    table: &Table,
    words: &[OsString],
) -> Option<(&'static str, Vec<OsString>, Vec<OsString>)> {
    let (flags, rest) = leading_flags(words);
    let (command, rest) = rest.split_first()?;
    if !commands::takes_parts_of_backups(table, command.to_str()?) {
        return None;
    }
    let (ours, operands) = split_operands(command, rest);
    let (more, arguments) = our_flags(ours);
    let (id, arguments) = commands::backup::left_to_heroku(&arguments)?;
    Some((id, [flags, &more].concat(), [&arguments, operands].concat()))
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

/// The Heroku CLI's command, and its arguments, that takes the place of one that failed: where the command says so, and
/// where nobody is logged in here but may be there.
pub(super) fn fallback(
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
