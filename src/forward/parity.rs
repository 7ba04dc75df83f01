//! Commands of the Parity gem that greenroom does not have yet, with the lines that do the same.

use std::ffi::{OsStr, OsString};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// The commands that Parity users type.
const WORDS: [&str; 1] = ["restore"];

/// Whether `word` is one of them.
pub(super) fn lists(word: &str) -> bool {
    WORDS.contains(&word)
}

/// Refuses one of these commands with exit 2 and the line to type instead.
pub(super) fn refuse(context: &Context, word: &str, arguments: &[OsString]) -> Result<()> {
    let here = context.typed();
    let source = arguments.iter().find(|argument| argument.as_encoded_bytes().first() != Some(&b'-'));
    let hint = match word {
        "restore" => restore(context, here, source.map(OsString::as_os_str))?,
        _ => return Ok(()),
    };
    Err(Error::usage(format!("{word} is not available in greenroom yet")).hint(hint))
}

/// Brings one environment's data into another. A protected one's data is nothing to overwrite with a pasted line.
fn restore(context: &Context, here: Vec<OsString>, source: Option<&OsStr>) -> Result<Hint> {
    let from = vec![source.unwrap_or("production".as_ref()).to_owned()];
    Ok(if context.config()?.is_protected(&context.name) {
        context.command(["pg:backups"]).note("lists what pg:backups:restore can restore")
    } else if context.name == "development" {
        Hint::script("{} pg:pull DATABASE_URL NAME", [from]).note("into a new local database NAME")
    } else {
        Hint::script("{} pg:backups:restore \"$({} pg:backups:url)\" DATABASE_URL", [here, from])
    })
}
