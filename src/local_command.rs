//! A command on this machine, as it is typed for a dyno: variables in front of the program, and no shell.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::framework::{Place, Task, TaskCommand};
use crate::hint::Hint;
use crate::postgres::local::refuse_production;
use crate::process::CommandLine;
use crate::text::{join, quote};

/// Whether these words are a line of shell: a single one that says more than its words.
pub fn is_shell(words: &[OsString]) -> bool {
    matches!(words, [line] if split(line).is_none())
}

/// Replaces this process with the project's command for `task`, in the project's folder, or prints it in a dry run.
///
/// Exit 2 for a line of shell, exit 5 where the environment says that this is production.
pub fn exec_task(context: &Context, task: Task, arguments: &[OsString]) -> Result<()> {
    refuse_production()?;
    let root = context.root()?.unwrap_or_default();
    let TaskCommand { words, reason } = task.command(Place::Here, context.config()?, &root, arguments)?;
    if is_shell(&words) {
        let message =
            "the command is a line of shell, and no file of a repository starts a shell on this machine";
        return Err(Error::usage(message)
            .context(format!("cannot run what is {reason}"))
            .hint(Hint::line([&[OsString::from("development"), "run".into()], words.as_slice()].concat())));
    }
    context.terminal.detail(|| reason);
    exec(context, &words, &root)
}

/// Replaces this process with the command in `folder`, or prints it in a dry run. A single word that is a line of plain
/// words is those words.
pub fn exec(context: &Context, words: &[OsString], folder: &Path) -> Result<()> {
    let words = match words {
        [line] => split(line).unwrap_or_else(|| words.to_vec()),
        words => words.to_vec(),
    };
    let line = line(&words, folder)?;
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", join(&words)));
    }
    context.terminal.detail(|| format!("exec {}", join(&words)));
    Err(line.current_dir(folder).exec())
}

/// The command line of these words. A program with a `/` is one of the folder, any other is on PATH.
fn line(words: &[OsString], folder: &Path) -> Result<CommandLine> {
    let count = words.iter().take_while(|word| assignment(word).is_some()).count();
    let (variables, command) = words.split_at(count);
    let Some((program, arguments)) = command.split_first() else {
        return Err(Error::usage("no command given, only variables"));
    };
    let shown = program.to_string_lossy();
    let is_path = program.as_encoded_bytes().contains(&b'/');
    let found = if is_path {
        Some(folder.join(program)).filter(|path| path.exists())
    } else {
        crate::process::find(&shown, &env::var_os("PATH").unwrap_or_default())
    };
    let found: PathBuf = found.ok_or_else(|| {
        let place = if is_path { folder.display().to_string() } else { "PATH".to_owned() };
        Error::failed(format!("{shown} was not found: looked at {place}"))
    })?;
    let line = CommandLine::at(found, shown).args(arguments.iter().cloned());
    Ok(variables
        .iter()
        .filter_map(|word| assignment(word))
        .fold(line, |line, (name, value)| line.env(name, value)))
}

/// `NAME=VALUE`, as a shell takes it in front of a command.
fn assignment(word: &OsStr) -> Option<(&str, &str)> {
    let (name, value) = word.to_str()?.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, value))
}

/// The words of a line that a shell would not make more of.
fn split(line: &OsStr) -> Option<Vec<OsString>> {
    let text = line.to_str().filter(|text| !text.contains('\n'))?;
    let is_plain = |word: &str| quote(OsStr::new(word)) == word;
    text.split_whitespace().all(is_plain).then(|| text.split_whitespace().map(OsString::from).collect())
}
