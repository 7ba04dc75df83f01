//! What only a line of `review` has in front of its command: the review app that is meant, and `--wait`.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction};

use super::is_command;
use crate::commands::Table;
use crate::environment::Selector;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::usage::starts_with_dash;

/// The option that names a branch: its long and its short spelling, and its help.
pub(crate) const BRANCH: (&str, char, &str) = ("branch", 'b', "Select the review app of this branch");
/// The option that names a pull request.
pub(crate) const PR: (&str, char, &str) = ("pr", 'p', "Select the review app of this pull request");
/// The option that waits.
pub(crate) const WAIT: (&str, &str) =
    ("wait", "Wait until the review app is created, with the output of its build, then run the command");

/// A line of `review`, split before its command.
#[derive(Clone, Debug)]
pub(crate) struct ReviewLine<'w> {
    /// The global options.
    pub flags: Vec<OsString>,
    /// The review app that is meant; by default the current branch's.
    pub selector: Selector,
    /// The word that is the selector, where it is one.
    pub word: Option<&'w OsString>,
    /// Whether to wait for one that is being created.
    pub waits: bool,
    /// The command and what follows it.
    pub rest: &'w [OsString],
}

impl<'w> ReviewLine<'w> {
    /// Splits `words`. Exit 2 for an option without its value, and for two selectors.
    ///
    /// A number, `#n` or a URL is always a selector. Any other word is a branch's or an app's name unless it is a command or
    /// an alias; a single one is a misspelled command.
    pub(crate) fn of(
        table: &Table,
        words: &'w [OsString],
        is_alias: impl Fn(&OsStr) -> bool,
    ) -> Result<Self> {
        let start = Self {
            flags: Vec::new(),
            selector: Selector::CurrentBranch,
            word: None,
            waits: false,
            rest: words,
        };
        let mut line = start.past_options()?;
        let Some((first, rest)) = line.rest.split_first() else { return Ok(line) };
        if line.is_selected() {
            return Ok(line);
        }
        let Some(word) = first.to_str() else { return Ok(line) };
        let unmistakable = Selector::unmistakable(word);
        if unmistakable.is_none() && (is_command(table, first) || rest.is_empty() || is_alias(first)) {
            return Ok(line);
        }
        line.selector = unmistakable.unwrap_or_else(|| Selector::of_word(word));
        (line.word, line.rest) = (Some(first), rest);
        line.past_options()
    }

    /// Whether it was said which review app is meant.
    pub(crate) fn is_selected(&self) -> bool {
        self.selector != Selector::CurrentBranch
    }

    /// Whether it has neither a command nor anything that would need one.
    pub(super) fn is_bare(&self) -> bool {
        let is_question =
            |flag: &OsString| ["-h", "--help", "-V", "--version"].iter().any(|word| flag == word);
        self.rest.is_empty() && !self.is_selected() && !self.waits && !self.flags.iter().any(is_question)
    }

    /// Takes the options from the front.
    fn past_options(mut self) -> Result<Self> {
        while let Some((first, rest)) = self.rest.split_first().filter(|(word, _)| starts_with_dash(word)) {
            self.rest = rest;
            let text = first.to_string_lossy();
            if text == format!("--{}", WAIT.0) {
                self.waits = true;
            } else if let Some(value) = Spelled::of(&text, BRANCH) {
                let value = self.value(value, BRANCH)?;
                self.select(Selector::Branch(value))?;
            } else if let Some(value) = Spelled::of(&text, PR) {
                let value = self.value(value, PR)?;
                let number = Selector::unmistakable(&value).filter(|selector| selector.number().is_some());
                let selector = number.ok_or_else(|| {
                    Error::usage(format!("--pr is {value:?}, which is no pull request's number"))
                        .hint("review --pr 42 COMMAND")
                })?;
                self.select(selector)?;
            } else {
                self.flags.push(first.clone());
                // It is not one of review's, and its value is no selector.
                if text == "--only"
                    && let Some((value, rest)) = self.rest.split_first()
                {
                    self.flags.push(value.clone());
                    self.rest = rest;
                }
            }
        }
        Ok(self)
    }

    /// The value in the option's own word, or else the next word.
    fn value(&mut self, spelled: Spelled, (option, ..): (&str, char, &str)) -> Result<String> {
        if let Spelled::WithValue(value) = spelled {
            return Ok(value);
        }
        let next = self.rest.split_first().and_then(|(next, rest)| Some((next.to_str()?, rest)));
        let (value, rest) = next.filter(|(value, _)| !value.is_empty()).ok_or_else(|| {
            let option = format!("--{option}");
            Error::usage(format!("{option} has no value"))
                .hint(Hint::line(["review", &option, "VALUE", "COMMAND"]))
        })?;
        self.rest = rest;
        Ok(value.to_owned())
    }

    fn select(&mut self, selector: Selector) -> Result<()> {
        if self.is_selected() {
            return Err(Error::usage(format!("{} and {selector} are both given", self.selector))
                .hint("review --help"));
        }
        self.selector = selector;
        Ok(())
    }
}

/// An option as it was typed.
enum Spelled {
    /// `--pr=42` or `-p42`.
    WithValue(String),
    /// `--pr`, with the value in the next word.
    Alone,
}

impl Spelled {
    /// How `word` spells this option; none where it is another.
    fn of(word: &str, (long, short, _): (&str, char, &str)) -> Option<Self> {
        let value = if let Some(rest) = word.strip_prefix("--") {
            let (name, value) =
                rest.split_once('=').map_or((rest, None), |(name, value)| (name, Some(value)));
            if name != long {
                return None;
            }
            value
        } else {
            let value = word.strip_prefix('-')?.strip_prefix(short)?;
            Some(value.strip_prefix('=').unwrap_or(value)).filter(|value| !value.is_empty())
        };
        Some(value.map_or(Self::Alone, |value| Self::WithValue(value.to_owned())))
    }
}

/// The options, for the help.
pub(super) fn options() -> [Arg; 3] {
    let value = |(long, short, help): (&'static str, char, &'static str), name: &'static str| {
        Arg::new(long).long(long).short(short).value_name(name).help(help).help_heading(HEADING)
    };
    let (wait, help) = WAIT;
    let wait = Arg::new(wait).long(wait).help(help).action(ArgAction::SetTrue).help_heading(HEADING);
    [value(BRANCH, "BRANCH"), value(PR, "NUMBER"), wait]
}

const HEADING: &str = "Which review app";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands;

    /// The selector's words, whether it waits, the flags, and the rest of the line.
    fn of(line: &str) -> Result<String> {
        let words: Vec<OsString> =
            line.split(' ').filter(|word| !word.is_empty()).map(OsString::from).collect();
        let table = commands::of("review");
        let line = ReviewLine::of(&table, &words, |_| false)?;
        let text = |words: &[OsString]| {
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        let waits = if line.waits { " wait" } else { "" };
        Ok(format!("{:?}{waits} [{}] {}", line.selector, text(&line.flags), text(line.rest)))
    }

    #[test]
    fn selectors_are_taken_from_the_front() {
        for (line, expected) in [
            ("tail", "CurrentBranch [] tail"),
            ("42 tail", "Number(42) [] tail"),
            ("#42 tail", "Number(42) [] tail"),
            ("curtain-call tail", "Name(\"curtain-call\") [] tail"),
            ("curtain-call", "CurrentBranch [] curtain-call"),
            ("--branch tail which", "Branch(\"tail\") [] which"),
            ("--branch=tail which", "Branch(\"tail\") [] which"),
            ("-b tail which -b x", "Branch(\"tail\") [] which -b x"),
            ("-btail which", "Branch(\"tail\") [] which"),
            ("-p 42 which", "Number(42) [] which"),
            ("-p42 which", "Number(42) [] which"),
            ("--pr=#42 --json which --json", "Number(42) [--json] which --json"),
            ("--wait 43 --dry-run console", "Number(43) wait [--dry-run] console"),
            ("43 --wait console", "Number(43) wait [] console"),
            ("console --wait", "CurrentBranch [] console --wait"),
            ("-p 42 43 which", "Number(42) [] 43 which"),
        ] {
            assert_eq!(of(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn an_option_without_its_value_is_refused() {
        for line in ["--branch", "-p", "-p x which", "-b one -p 42 which", "42 -b one which"] {
            assert_eq!(of(line).unwrap_err().kind().exit_code(), 2, "{line}");
        }
    }
}
