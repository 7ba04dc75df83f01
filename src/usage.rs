//! What every command line has in common: the global options, and usage errors.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;

use anstream::AutoStream;
use clap::error::{ContextKind, ErrorKind};

use crate::error::Error;
use crate::hint::Hint;
use crate::names::called;
use crate::terminal::sanitize_log;

/// The global options: name, letter, help.
pub const FLAGS: [(&str, Option<char>, &str); 5] = [
    ("dry-run", None, "Print what would be done without doing it"),
    ("json", None, "Print output as JSON, for commands that print data"),
    ("yes", Some('y'), "Skip the confirmation for protected environments"),
    ("verbose", Some('v'), "Print more detail"),
    ("no-color", None, "Disable color"),
];

/// The option that selects one of an environment's apps.
pub const ONLY: &str = "only";
/// The help of `--only`.
pub const ONLY_HELP: &str = "Select one app of an environment that has several";

/// The help's heading over a command's options that the Heroku CLI's command of the same name does not have. A line with
/// one of them never falls back to the CLI.
pub const OURS: &str = "Options only in greenroom";

/// Splits `words` before the first one that is neither an option nor the value of `--only`.
pub fn leading_flags(words: &[OsString]) -> (&[OsString], &[OsString]) {
    let mut end = 0;
    while words.get(end).is_some_and(|word| starts_with_dash(word)) {
        end += if words[end] == "--only" { 2 } else { 1 };
    }
    words.split_at(end.min(words.len()))
}

/// Whether the word starts with a dash.
pub fn starts_with_dash(word: &OsStr) -> bool {
    word.as_encoded_bytes().first() == Some(&b'-')
}

/// Whether environment `name` takes `--only`: it may have several apps. A review app is chosen by its selector.
pub fn takes_only(name: &str) -> bool {
    name != "greenroom" && name != "review"
}

/// Commands whose arguments are another command, with options of its own.
pub const RUNS_A_COMMAND: [&str; 4] = ["run", "run:detached", "run:inside", "ps:exec"];

/// Splits the arguments of `command` before those that are only its operands: behind `--`, or another command's.
pub fn split_operands<'w>(command: &OsStr, arguments: &'w [OsString]) -> (&'w [OsString], &'w [OsString]) {
    let runs_another = RUNS_A_COMMAND.iter().any(|name| command == *name);
    let is_operand = |word: &OsString| word == "--" || (runs_another && !starts_with_dash(word));
    arguments.split_at(arguments.iter().position(is_operand).unwrap_or(arguments.len()))
}

/// Whether a failure of the program `name` is reported as JSON: `--json` is among its own options or its command's.
pub fn wants_json(name: &str, words: &[OsString]) -> bool {
    let runs_another = |word: &OsString| RUNS_A_COMMAND.iter().any(|command| word == command);
    let line = match leading_flags(words).1 {
        line @ [command, ..] if runs_another(command) => Some(line),
        // Behind the review app's selector.
        [_, after @ ..] if name == "review" => Some(leading_flags(after).1),
        _ => None,
    };
    let operands = match line {
        Some([command, arguments @ ..]) if runs_another(command) => {
            split_operands(command, arguments).1.len()
        }
        _ => words.iter().position(|word| word == "--").map_or(0, |dashes| words.len() - dashes),
    };
    words[..words.len() - operands].iter().any(|word| word == "--json")
}

/// Turns clap's error into ours: help and version print to stdout and exit 0, anything else exits 2.
#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err wants")]
pub fn bad_usage(error: clap::Error) -> Error {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => Error::silent(0),
            Err(failed) => crate::terminal::closed_or_failed(failed),
        },
        ErrorKind::InvalidSubcommand => {
            let word = error.get(ContextKind::InvalidSubcommand).map(ToString::to_string).unwrap_or_default();
            let failure = Error::usage(format!("unknown command `{word}`"));
            match error.get(ContextKind::SuggestedSubcommand) {
                Some(near) => failure.hint(Hint::text(format!("did you mean {near}?"))),
                None => failure.hint("greenroom --help"),
            }
        }
        _ if wants_json(
            &called(&std::env::args_os().next().unwrap_or_default()),
            &std::env::args_os().skip(1).collect::<Vec<_>>(),
        ) =>
        {
            let text = error.render().to_string();
            Error::usage(text.trim().trim_start_matches("error: ").to_owned())
        }
        _ => {
            print_refusal(&error);
            Error::silent(2)
        }
    }
}

/// Prints clap's error. The error repeats the arguments, which may come from a script or the network: control sequences
/// are shown, not obeyed.
fn print_refusal(error: &clap::Error) {
    let text = error.render().ansi().to_string();
    let shown: Vec<_> = text.lines().map(|line| sanitize_log(line.as_bytes())).collect();
    let shown = shown.join("\n");
    if shown == text.trim_end_matches('\n') {
        _ = error.print();
    } else {
        _ = writeln!(AutoStream::never(std::io::stderr()), "{shown}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_among_our_own_options() {
        let asked = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            wants_json(&words[0].to_string_lossy(), &words[1..])
        };
        for line in [
            "staging ps --json",
            "staging --json run cat",
            "staging --only x run --json cat",
            "review 42 --json ps",
            "review 42 run --json cat",
            "staging config:get run --json",
        ] {
            assert!(asked(line), "{line}");
        }
        for line in [
            "staging run npm test --json",
            "staging run -x npm --json",
            "review 42 run npm --json",
            "review run npm --json",
            "staging pg:psql -- --json",
        ] {
            assert!(!asked(line), "{line}");
        }
    }
}
