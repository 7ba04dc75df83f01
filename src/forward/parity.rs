//! Commands of the Parity gem that are no commands here yet: answered with the lines that do the same today.

use std::ffi::{OsStr, OsString};

use crate::context::Context;
use crate::environment::Selector;
use crate::error::{Error, Result};
use crate::process::quote;

/// The words that people who used Parity type.
const WORDS: [&str; 4] = ["backup", "console", "migrate", "restore"];

/// Whether `word` is one of them.
pub(super) fn lists(word: &str) -> bool {
    WORDS.contains(&word)
}

/// Exit 2 for one of these words, with the line to type instead.
///
/// The Heroku CLI knows a hidden `console`, which starts a program of that name on the dyno. Hardly any app has one.
pub(super) fn refuse(context: &Context, word: &str, arguments: &[OsString]) -> Result<()> {
    let here = environment(context);
    let source = arguments.iter().find(|argument| argument.as_encoded_bytes().first() != Some(&b'-'));
    let hint = match word {
        "backup" => format!("{here} pg:backups:capture"),
        "console" => format!("{here} run rails console   # or the console of your framework"),
        "migrate" => format!("{here} run rails db:migrate   # or what migrates in your framework"),
        "restore" => restore(context, &here, source.map(OsString::as_os_str))?,
        _ => return Ok(()),
    };
    Err(Error::usage(format!("{word} is not a command of greenroom yet")).hint(hint))
}

/// Brings one environment's data into another. A protected one's data is nothing to overwrite with a pasted line.
fn restore(context: &Context, here: &str, source: Option<&OsStr>) -> Result<String> {
    let from = source.map_or_else(|| "production".to_owned(), quote);
    Ok(if context.config()?.is_protected(&context.name) {
        format!("{here} pg:backups   # lists what pg:backups:restore can restore")
    } else if context.name == "development" {
        format!("{from} pg:pull DATABASE_URL NAME   # into a new local database NAME")
    } else {
        format!("{here} pg:backups:restore \"$({from} pg:backups:url)\" DATABASE_URL")
    })
}

/// The environment as it was typed: `staging`, or `review 42`.
fn environment(context: &Context) -> String {
    let name = &context.name;
    match context.selector() {
        Some(Selector::Number(number) | Selector::PullRequest { number, .. }) => format!("{name} {number}"),
        Some(Selector::Branch(branch)) => format!("{name} {}", quote(branch.as_ref())),
        Some(Selector::CurrentBranch) | None => name.clone(),
    }
}
