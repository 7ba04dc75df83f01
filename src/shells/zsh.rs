//! zsh. The stub sends the words as typed and passes the answer to `compadd`, which quotes, matches and lists them as the
//! user's styles say.
//!
//! The request is `COLUMNS SEPARATOR MATCHER COMMAND WORD… CURRENT`. SEPARATOR goes between a word and its help, and is empty
//! if no help is shown; with a MATCHER (`m:{a-z}={A-Z}`) zsh selects the matching words itself. The answer is the number of
//! characters to keep of the word at the cursor, then blocks: a line `TAG COUNT`, with a `-` if a space follows each word;
//! COUNT words; and the same words as listed. The blocks `files` and `folders` have no words.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write as _;

use super::Shell;
use super::split::{Dialect, Word};
use super::{Answer, Candidate, Request};
use crate::terminal::cut;

/// zsh.
#[derive(Debug)]
pub(super) struct Zsh;

impl Shell for Zsh {
    fn name(&self) -> &'static str {
        "zsh"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../completions/_greenroom")
    }

    fn read(&self, words: &[OsString]) -> Option<Request> {
        let question = Question::read(words)?;
        let words = question.words.iter().map(|word| plain(word).into());
        let mut current = question.current.text;
        if question.matches {
            current.truncate(certain(&current));
        }
        Some(Request { program: question.command.clone(), words: words.collect(), current })
    }

    fn write(&self, answer: &Answer, request: &Request, words: &[OsString]) -> String {
        let Some(question) = Question::read(words) else { return String::new() };
        let kept = kept(answer, &question.current.text);
        let typed = &question.current.typed;
        let left_alone = typed.iter().take_while(|typed| typed.after < kept).count();
        let mut text = format!("{left_alone}\n");
        let same = |one: &Candidate, other: &Candidate| {
            one.goes_on == other.goes_on && tag(one, request) == tag(other, request)
        };
        let describes =
            !question.separator.is_empty() && answer.candidates.iter().any(|one| !one.help.is_empty());
        let widths = answer.candidates.iter().map(|one| length(&one.word).saturating_sub(kept));
        let widest = describes.then(|| widths.max()).flatten();
        for block in answer.candidates.chunk_by(same) {
            let blank = if block[0].goes_on { "" } else { " -" };
            _ = writeln!(text, "{} {}{blank}", tag(&block[0], request), block.len());
            for candidate in block {
                text.extend([&candidate.word[kept..], "\n"]);
            }
            for candidate in block {
                text.extend([&question.shown(candidate, kept, widest), "\n"]);
            }
        }
        if let Some(paths) = answer.paths {
            text += if paths.folders { "folders 0\n" } else { "files 0\n" };
        }
        text
    }
}

/// The stub's request.
struct Question<'w> {
    columns: usize,
    separator: String,
    matches: bool,
    command: &'w OsString,
    words: &'w [OsString],
    current: Word,
}

impl<'w> Question<'w> {
    fn read(words: &'w [OsString]) -> Option<Self> {
        let [columns, separator, matcher, command, words @ .., current] = words else { return None };
        Some(Self {
            columns: columns.to_str()?.parse().unwrap_or(80),
            separator: separator.to_string_lossy().into_owned(),
            matches: !matcher.is_empty(),
            command,
            words,
            current: Word::read(&current.to_string_lossy(), Dialect::Bash),
        })
    }

    /// A word and its help, laid out like zsh's own descriptions, so that the user's colors apply; `widest` is the width of the
    /// widest word, if any has help.
    fn shown<'c>(&self, candidate: &'c Candidate, kept: usize, widest: Option<usize>) -> Cow<'c, str> {
        let word = &candidate.word[kept..];
        let Some(widest) = widest.map(|widest| widest.min(self.columns / 2)) else { return word.into() };
        let left = self.columns.saturating_sub(widest.max(length(word)) + length(&self.separator) + 5);
        if candidate.help.is_empty() || left < 8 {
            // The trailing blank makes it differ from the word, so that zsh lists it on a line of its own, in order.
            return format!("{word} ").into();
        }
        format!("{word:widest$}  {} {}", self.separator, cut(&candidate.help, left)).into()
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn plain(word: &OsString) -> String {
    Word::read(&word.to_string_lossy(), Dialect::Bash).text
}

/// The part of a word that must match exactly, whatever the user's matchers allow: it decides what kind of word is completed.
fn certain(current: &str) -> usize {
    match current.rfind(['=', ':']) {
        Some(at) => at + 1,
        None => current.len() - current.trim_start_matches('-').len(),
    }
}

/// The number of bytes before the completed value in the word at the cursor: those of `--file=`.
fn kept(answer: &Answer, current: &str) -> usize {
    let flag = current.starts_with('-').then(|| current.find('=')).flatten().map_or(0, |at| at + 1);
    let kept = answer.paths.map_or(flag, |paths| paths.after);
    let Some(before) = current.get(..kept) else { return 0 };
    if answer.candidates.iter().all(|candidate| candidate.word.starts_with(before)) { kept } else { 0 }
}

/// zsh's tag for this kind of word, which the user's styles refer to.
fn tag(candidate: &Candidate, request: &Request) -> &'static str {
    match candidate.word.starts_with('-') {
        true if !request.current.contains('=') => "options",
        _ if request.words.is_empty() => "commands",
        _ => "values",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shells::Paths;

    fn asked(matcher: &str, words: &[&str]) -> Vec<OsString> {
        ["40", "--", matcher].iter().chain(words).map(OsString::from).collect()
    }

    fn answered(words: &[&str], answer: &Answer) -> String {
        let question = asked("", words);
        Zsh.write(answer, &Zsh.read(&question).unwrap(), &question)
    }

    fn answer(candidates: &[(&str, &str, bool)]) -> Answer {
        let candidates = candidates
            .iter()
            .map(|(word, help, goes_on)| Candidate { goes_on: *goes_on, ..Candidate::new(word, help) });
        Answer { candidates: candidates.collect(), paths: None }
    }

    #[test]
    fn words_arrive_without_quotes() {
        let request = Zsh.read(&asked("", &["staging", "'a b'", "c\\ d", "\"e f"])).unwrap();
        assert_eq!(request.program, "staging");
        assert_eq!(request.words, ["a b", "c d"]);
        assert_eq!(request.current, "e f");
        assert_eq!(Zsh.read(&[]), None);
    }

    #[test]
    fn with_a_matcher_all_words_are_sent() {
        let current = |word| Zsh.read(&asked("m:{a-z}={A-Z}", &["staging", word])).unwrap().current;
        assert_eq!(current("TA"), "");
        assert_eq!(current("--Ap"), "--");
        assert_eq!(current("pg:PS"), "pg:");
        assert_eq!(current("--app=PL"), "--app=");
    }

    #[test]
    fn words_come_in_blocks_of_a_kind() {
        let answer = answer(&[("tail", "Follow", false), ("pg:", "", true), ("--json", "As JSON", false)]);
        assert_eq!(
            answered(&["staging", ""], &answer),
            "0\ncommands 1 -\ntail\ntail    -- Follow\ncommands 1\npg:\npg: \noptions 1 -\n--json\n--json  -- As JSON\n"
        );
        let without = ["40", "", "", "staging", ""].map(OsString::from);
        let text = Zsh.write(&answer, &Zsh.read(&without).unwrap(), &without);
        assert!(text.contains("\ntail\ntail\n"), "{text}");
    }

    #[test]
    fn a_flags_value_is_completed() {
        let values = answer(&[("--app=one", "", false), ("--app=two", "", false)]);
        assert_eq!(answered(&["staging", "ps", "--app="], &values), "6\nvalues 2 -\none\ntwo\none\ntwo\n");
        // The characters to keep are counted with their quotes.
        assert!(answered(&["staging", "ps", "\"--app=o"], &values).starts_with("7\n"));
        let paths = Answer { candidates: Vec::new(), paths: Some(Paths { after: 7, folders: true }) };
        assert_eq!(answered(&["staging", "x", "--file=src/"], &paths), "7\nfolders 0\n");
    }
}
