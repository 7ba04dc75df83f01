//! The environment selects the app, so `--app` and `--remote` are refused.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku_cli::Syntax;
use crate::hint::Hint;
use crate::usage::RUNS_A_COMMAND;

/// Exit 2 where `arguments` name an app or a remote in any of the CLI's spellings: `-a x`, `-ax`, `-a=x`, `--app x`,
/// `--app=x`, and `-xa` after flags without a value. After `--` everything is the command's own.
pub(super) fn refuse_app(
    context: &Context,
    command: &str,
    arguments: &[OsString],
    syntax: &Syntax,
) -> Result<()> {
    let mut words = arguments.iter().map(|word| word.to_string_lossy()).enumerate();
    // The index where the dyno's command begins.
    let mut inner = None;
    while let Some((place, word)) = words.next() {
        if word == "--" {
            return Ok(());
        }
        let Some(flag) = flag_in(&word, syntax) else {
            if !word.starts_with('-') {
                inner = inner.or(Some(place));
            }
            continue;
        };
        if names_an_app(flag.name, syntax) {
            let name = &context.name;
            let error = Error::usage(format!("{word} is not allowed: {name} already selects the app"))
                .hint(context.command(["which"]));
            return Err(match inner.filter(|_| RUNS_A_COMMAND.contains(&command)) {
                Some(inner) => error.hint(with_dashes(context, command, arguments, inner)),
                None => error,
            });
        }
        if flag.takes_next {
            words.next();
        }
    }
    Ok(())
}

/// Whether `arguments` name a git remote, in any of the CLI's spellings.
pub(super) fn gives_remote(arguments: &[OsString], syntax: &Syntax) -> bool {
    let mut words = arguments.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let Some(flag) = flag_in(&word, syntax) else { continue };
        if matches!(flag.name, "r" | "remote") {
            return true;
        }
        if flag.takes_next {
            words.next();
        }
    }
    false
}

/// What was typed, with `--` in front of the inner command.
fn with_dashes(context: &Context, command: &str, arguments: &[OsString], inner: usize) -> Hint {
    let (ours, theirs) = arguments.split_at(inner);
    let begin = [OsString::from(command)];
    let line = begin.iter().chain(ours).cloned().chain(["--".into()]).chain(theirs.iter().cloned());
    context.command(line).note("if the flag belongs to that command")
}

/// A flag found in a word.
struct Flag<'a> {
    name: &'a str,
    takes_next: bool,
}

/// The flag that `word` gives: its long name, or the first letter in a cluster that takes a value.
fn flag_in<'a>(word: &'a str, syntax: &Syntax) -> Option<Flag<'a>> {
    if let Some(long) = word.strip_prefix("--") {
        return Some(match long.split_once('=') {
            Some((name, _)) => Flag { name, takes_next: false },
            None => Flag { name: long, takes_next: syntax.takes_value(long) },
        });
    }
    let cluster = word.strip_prefix('-')?;
    // Letters of flags without a value may be followed by others; the first other letter is what counts.
    let rest = cluster.trim_start_matches(|c: char| syntax.is_switch(c));
    let letter = rest.chars().next()?;
    let (name, after) = rest.split_at(letter.len_utf8());
    Some(Flag { name, takes_next: after.is_empty() && syntax.takes_value(name) })
}

fn names_an_app(flag: &str, syntax: &Syntax) -> bool {
    match flag {
        "a" | "app" => true,
        "r" | "remote" => syntax.takes_remote,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Options;

    fn staging() -> Context {
        Context::new("staging", Options::default(), None)
    }

    /// `ps`-like: `--app`, `--remote`, `-s SIZE`, and the switch `-x`.
    fn syntax() -> Syntax {
        Syntax::from_line("ps A R a,app,r,remote,s,size x").unwrap().1
    }

    fn refused(words: &[&str]) -> bool {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        refuse_app(&staging(), "ps", &words, &syntax()).is_err()
    }

    #[test]
    fn every_spelling_of_the_cli_is_refused() {
        for words in [
            &["-a", "x"] as &[&str],
            &["-ax"],
            &["-a=x"],
            &["--app", "x"],
            &["--app=x"],
            &["-r", "x"],
            &["--remote=x"],
            &["-xa", "x"],
            &["ls", "-a"],
            &["-s", "large", "-a", "x"],
        ] {
            assert!(refused(words), "{words:?}");
        }
    }

    #[test]
    fn the_flag_of_a_command_to_run_has_a_place() {
        let syntax = Syntax::from_line("run A R a,app,r,remote,s,size x").unwrap().1;
        let hints = |command: &str, line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let mut out = anstream::AutoStream::never(Vec::new());
            crate::terminal::report(&refuse_app(&staging(), command, &words, &syntax).unwrap_err(), &mut out);
            String::from_utf8(out.into_inner())
                .unwrap()
                .lines()
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            hints("run", "-x -s large ls $HOME -a"),
            [
                "hint: staging which",
                "hint: staging run -x -s large -- ls '$HOME' -a   # if the flag belongs to that command"
            ]
        );
        assert_eq!(hints("run", "-a other ls"), ["hint: staging which"]);
        assert_eq!(hints("ps:scale", "web=2 -a other"), ["hint: staging which"]);
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        for words in [
            &["--", "-a", "x"] as &[&str],
            &["-s", "-a"],
            &["--size", "--app"],
            &["-sa"],
            &["--apple"],
            &["-x"],
            &["-"],
        ] {
            assert!(!refused(words), "{words:?}");
        }
    }

    #[test]
    fn a_remote_that_means_something_else_is_left_alone() {
        let syntax = Syntax::from_line("git:remote A - a,app,r,remote -").unwrap().1;
        let words = [OsString::from("-r"), OsString::from("heroku")];
        assert!(refuse_app(&staging(), "git:remote", &words, &syntax).is_ok());
    }
}
