//! Reads a command line up to the cursor, the same way as [`crate::cli`].

use std::ffi::{OsStr, OsString};

use super::cursor::{CursorContext, ExpectedValue, cursor_context};
use super::heads::heads;
use super::offer::{Offer, begins, behind, is_number, matching};
use super::syntax::{Flag, Syntax, Value};
use super::theirs;
use crate::cli::{self, ReviewLine};
use crate::commands::{self, Command, Place, Table};
use crate::environment::Selector;
use crate::heroku_cli::Catalog;
use crate::inventory::Resource;
use crate::names;
use crate::shells::{Answer, Candidate, Request};
use crate::usage;
use crate::values::Words;

/// The candidates at the cursor.
pub(super) fn answer(request: &Request) -> Answer {
    let name = names::called(&request.program);
    if names::is_suite(&name) {
        return suite(&request.words, &request.current);
    }
    environment(names::environment(&name), &request.words, &request.current)
}

/// Completes after `greenroom`.
fn suite(words: &[OsString], current: &str) -> Answer {
    let table = commands::of_the_suite();
    let (given, rest) = usage::leading_flags(words);
    match rest.split_first() {
        Some((word, rest)) => match word.to_str().and_then(|word| commands::find(&table, word)) {
            Some(command) => native(&Offer::of("greenroom", None), command, rest, current),
            None if word == "help" && rest.is_empty() => only(heads(&table, None, current)),
            None => Answer::default(),
        },
        None if current.starts_with('-') => flags_before(&Offer::of("greenroom", None), given, current),
        None => only(heads(&table, None, current)),
    }
}

/// Completes after an environment's name.
fn environment(name: &str, words: &[OsString], current: &str) -> Answer {
    if names::check_name(name).is_err() {
        return Answer::default();
    }
    let table = commands::of(name);
    if name == "review" {
        return review(&table, words, current);
    }
    let (given, rest) = usage::leading_flags(words);
    command(&Offer::of(name, None), &table, given, rest, current)
}

/// Completes after `review`.
fn review(table: &Table, words: &[OsString], current: &str) -> Answer {
    let project = Offer::of("review", None);
    let Ok(line) = ReviewLine::of(table, words, |word| project.is_alias(word)) else {
        // An option waits for its value.
        return flags_before(&project, usage::leading_flags(words).0, current);
    };
    let before = &words[..words.len() - line.rest.len()];
    let given: Vec<OsString> = before.iter().filter(|word| Some(*word) != line.word).cloned().collect();
    let (selector, rest) = match line.rest {
        [] if !line.is_selected() && !current.starts_with('-') => return selectors(&project, table, current),
        // The dispatcher reads a name alone as an unknown command; here a command is being typed after it.
        [name] if !line.is_selected() && !cli::is_command(table, name) && !project.is_alias(name) => {
            (Selector::of_word(&name.to_string_lossy()), &line.rest[1..])
        }
        rest => (line.selector, rest),
    };
    command(&Offer::of("review", Some(selector)), table, &given, rest, current)
}

/// The review apps, and the commands.
fn selectors(offer: &Offer, table: &Table, current: &str) -> Answer {
    let mut apps = offer.live(Resource::ReviewApps, "");
    if current.starts_with('#') {
        apps.retain(is_number);
        apps = behind("#", apps);
    } else if !current.is_empty() {
        // A branch is offered once it is being typed. One with a command's name is left out: the command would be run.
        let is_free = |branch: &Candidate| {
            let name = branch.word.as_ref();
            begins(&branch.word, current) && !cli::is_command(table, name) && !offer.is_alias(name)
        };
        let branches: Vec<_> = offer.review_branches().into_iter().filter(is_free).collect();
        apps.retain(is_number);
        apps.extend(branches);
    }
    let mut answer = only(matching(apps, current));
    answer.candidates.retain(|app| !app.word.starts_with('-'));
    answer.candidates.extend(offer.heads(table, catalog(table).as_ref(), current));
    answer
}

/// Completes the command's name or what follows it; `given` are the flags before it.
fn command(offer: &Offer, table: &Table, given: &[OsString], rest: &[OsString], current: &str) -> Answer {
    let rest = commands::joined(table, rest);
    let Some((word, rest)) = rest.split_first() else {
        let waits = given.last().is_some_and(|flag| flag == "--only");
        if waits || current.starts_with('-') {
            return flags_before(offer, given, current);
        }
        return only(offer.heads(table, catalog(table).as_ref(), current));
    };
    let word = word.to_string_lossy();
    if commands::takes_parts_of_backups(table, &word)
        && let Some((id, arguments)) = commands::backup::left_to_heroku(rest)
    {
        return command(offer, table, given, &[&[id.into()], &*arguments].concat(), current);
    }
    match commands::find(table, &word) {
        Some(command) => {
            let mut answer = native(offer, command, rest, current);
            if rest.is_empty() && !current.starts_with('-') {
                answer.candidates.splice(..0, parts(table, command, current));
            }
            answer
        }
        None if word == "help" => match rest {
            [] => only(offer.heads(table, catalog(table).as_ref(), current)),
            _ => Answer::default(),
        },
        None => match Catalog::installed().and_then(|catalog| catalog.usage(&word)) {
            Some(usage) => arguments(offer, &theirs::syntax(&usage), rest, current),
            None => match offer.alias(table, OsStr::new(&*word)) {
                Some(alias) => command(offer, table, given, &[&alias, rest].concat(), current),
                None => Answer::default(),
            },
        },
    }
}

/// The words that make another command of this one: `diff` behind `config`.
fn parts(table: &Table, command: &Command, current: &str) -> Vec<Candidate> {
    let parts = commands::parts(table, command).into_iter();
    matching(parts.map(|(word, command)| Candidate::new(word, command.about)).collect(), current)
}

/// The Heroku CLI's commands, where they may follow: nearly all of them need an app, and this machine is none.
fn catalog(table: &Table) -> Option<Catalog> {
    if table.place == Place::ThisMachine { None } else { Catalog::installed() }
}

/// The flags that may follow `given` before a command's name.
fn flags_before(offer: &Offer, given: &[OsString], current: &str) -> Answer {
    let version = Flag {
        name: "--version".to_owned(),
        others: vec!["-V".to_owned()],
        help: "Print version".to_owned(),
        ..Flag::default()
    };
    // `--ver` completes to `--version`: before a command that is likelier than `--verbose`, which `--verb` completes to.
    let is_meant = |flag: &Flag| current != "--ver" || flag.name != "--verbose";
    let before = everywhere(offer.name()).into_iter().filter(is_meant);
    let of_review = (offer.name() == "review").then(|| of_review(offer.is_selected())).into_iter().flatten();
    let before = before.chain([version]).chain(of_review).collect();
    let syntax = Syntax { flags: before, ..Syntax::default() };
    match cursor_context(&syntax, &text_of(given), current) {
        CursorContext::Flag(free) => flags(free, current),
        CursorContext::Value(expected) => offer.values(&expected, current),
        CursorContext::Beyond(_) => Answer::default(),
    }
}

/// Completes after one of our commands, including the flags of the Heroku CLI's command that it stands for.
fn native(offer: &Offer, command: &Command, rest: &[OsString], current: &str) -> Answer {
    let mut syntax = Syntax::of(command);
    syntax.flags.extend(everywhere(offer.name()));
    let theirs = command.heroku.first().filter(|_| current.starts_with('-'));
    let usage = theirs.and_then(|theirs| Catalog::installed()?.usage(theirs));
    for flag in usage.as_ref().map(theirs::syntax).into_iter().flat_map(|theirs| theirs.flags) {
        if syntax.flag(&flag.name).is_none() {
            syntax.flags.push(flag);
        }
    }
    arguments(offer, &syntax, rest, current)
}

fn arguments(offer: &Offer, syntax: &Syntax, words: &[OsString], current: &str) -> Answer {
    let words = text_of(words);
    match cursor_context(syntax, &words, current) {
        CursorContext::Flag(free) => flags(free, current),
        CursorContext::Beyond(free) if current.is_empty() => flags(free, "--"),
        CursorContext::Beyond(_) => Answer::default(),
        CursorContext::Value(expected) if expected.value.words.contains(&Words::Line) => {
            line_within(offer, &expected, &words, current).unwrap_or_default()
        }
        CursorContext::Value(expected) => {
            let answer = offer.values(&expected, current);
            // If no value is known, the flags are still worth showing.
            let empty = current.is_empty() && answer.candidates.is_empty() && answer.paths.is_none();
            if empty { flags(expected.flags, "--") } else { answer }
        }
    }
}

fn text_of(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// `greenroom on staging,production ps:…`: completes as in the first environment.
fn line_within(
    offer: &Offer,
    expected: &ExpectedValue<'_>,
    words: &[String],
    current: &str,
) -> Option<Answer> {
    let list = words[..expected.begins].iter().rfind(|word| !word.starts_with('-'))?;
    let member = offer.first_of(list)?;
    let inner: Vec<OsString> = member.words.iter().chain(&expected.given).map(OsString::from).collect();
    Some(environment(&member.name, &inner, current))
}

/// The global options of `name`.
fn everywhere(name: &str) -> Vec<Flag> {
    let help = Flag {
        name: "--help".to_owned(),
        others: vec!["-h".to_owned()],
        help: "Print help".to_owned(),
        ..Flag::default()
    };
    let ours = usage::FLAGS.iter().map(|(name, short, help)| Flag {
        name: format!("--{name}"),
        others: short.iter().map(|short| format!("-{short}")).collect(),
        help: (*help).to_owned(),
        ..Flag::default()
    });
    let only = Flag {
        name: format!("--{}", usage::ONLY),
        help: usage::ONLY_HELP.to_owned(),
        value: Some(Value { words: vec![Words::Live(Resource::OwnApps)], ..Value::default() }),
        ..Flag::default()
    };
    ours.chain(Some(only).filter(|_| usage::takes_only(name))).chain([help]).collect()
}

/// The options that only `review` has before its command; once a review app is selected only the others.
fn of_review(is_selected: bool) -> Vec<Flag> {
    let value = |(long, short, help): (&str, char, &str), other: &str, words: Words| Flag {
        name: format!("--{long}"),
        others: vec![format!("-{short}")],
        help: help.to_owned(),
        value: Some(Value { words: vec![words], ..Value::default() }),
        rules_out: vec![format!("--{other}")],
        ..Flag::default()
    };
    let (wait, help) = cli::WAIT;
    let wait = Flag { name: format!("--{wait}"), help: help.to_owned(), ..Flag::default() };
    if is_selected {
        return vec![wait];
    }
    vec![
        value(cli::BRANCH, cli::PR.0, Words::ReviewBranches),
        value(cli::PR, cli::BRANCH.0, Words::ReviewNumbers),
        wait,
    ]
}

/// The flags that begin with `current`; short ones only if `current` is `-`.
fn flags<'f>(free: impl IntoIterator<Item = &'f Flag>, current: &str) -> Answer {
    let spelled = |flag: &'f Flag| {
        let short = flag.others.iter().filter(|other| current == "-" && other.len() == 2);
        let words = [&flag.name].into_iter().chain(short);
        words.map(|word| Candidate::new(word, &flag.help)).collect::<Vec<_>>()
    };
    only(matching(free.into_iter().flat_map(spelled).collect(), current))
}

fn only(candidates: Vec<Candidate>) -> Answer {
    Answer { candidates, paths: None }
}
