//! bash, from 3.2 (macOS) on. The stub sends the line as it is; bash leaves the rest to us: splitting and quoting words,
//! cutting them to the part that readline replaces, and adding a space.
//!
//! The request is `POINT TYPE WORDBREAKS COLUMNS LINE`: the variables `COMP_POINT`, `COMP_TYPE`,
//! `COMP_WORDBREAKS`, `COLUMNS` and `COMP_LINE`. The answer's first line is `blank` if bash is to add the space itself,
//! after the quote that it closes; the other lines are words.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::split::{Dialect, Quote, SimpleCommand, Word};
use super::{Answer, Candidate, Paths, Request, Shell, paths};

mod listing;
mod quoting;

use listing::rows;
use quoting::{Kind, quote_onto};

/// bash.
#[derive(Debug)]
pub(super) struct Bash;

impl Shell for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../../completions/greenroom.bash")
    }

    fn read(&self, words: &[OsString]) -> Option<Request> {
        let line = Question::read(words)?.line;
        let mut words = line.words.into_iter().map(OsString::from);
        Some(Request { program: words.next()?, words: words.collect(), current: line.current.text })
    }

    fn write(&self, answer: &Answer, _: &Request, words: &[OsString]) -> String {
        let Some(question) = Question::read(words) else { return String::new() };
        let entries = entries(answer, &question);
        let closes = matches!(entries.as_slice(), [only] if !only.candidate.goes_on);
        let first = if closes && question.line.current.quote != Quote::None { "blank\n" } else { "\n" };
        lines(first.to_owned(), &entries, &question)
    }
}

/// The stub's request.
struct Question {
    line: SimpleCommand,
    /// Whether the cursor is at the end of the line. Only then readline adds a space.
    at_end: bool,
    purpose: Purpose,
    breaks: String,
    columns: usize,
}

/// How bash uses the words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// It inserts the only word or the common prefix, and lists nothing.
    Insert,
    /// It inserts all of them.
    InsertAll,
    /// It inserts the common prefix, and lists them.
    InsertAndList,
    /// It lists them.
    List,
}

impl Question {
    fn read(words: &[OsString]) -> Option<Self> {
        let [point, purpose, breaks, columns, line] = words else { return None };
        let purpose = purpose.to_str()?;
        let line = line.to_string_lossy();
        let point = point.to_str()?.parse().ok()?;
        // bash 3.2, which has no COMP_TYPE, counts bytes.
        let end =
            if purpose.is_empty() { Some(point) } else { line.char_indices().nth(point).map(|(at, _)| at) };
        let typed = end.and_then(|end| line.get(..end)).unwrap_or(&line);
        Some(Self {
            line: SimpleCommand::read(typed, Dialect::Bash),
            at_end: typed.len() == line.len(),
            purpose: match purpose {
                "63" => Purpose::List,
                "33" | "64" => Purpose::InsertAndList,
                "42" => Purpose::InsertAll,
                _ => Purpose::Insert,
            },
            breaks: breaks.to_string_lossy().into_owned(),
            columns: columns.to_str()?.parse().unwrap_or(80),
        })
    }

    /// The number of bytes of the word that readline keeps; it replaces the rest.
    fn kept(&self) -> usize {
        let word = &self.line.current;
        if word.quote != Quote::None {
            return word.opened;
        }
        let last = word.typed.iter().rev().find(|typed| typed.bare && self.breaks.contains(typed.character));
        match last {
            // It stands before a host's name, and is taken for a part of it.
            Some(typed) if typed.character == '@' => typed.after,
            Some(typed) => typed.after + typed.character.len_utf8(),
            None => 0,
        }
    }
}

/// A word that is offered.
struct Entry<'a> {
    candidate: Cow<'a, Candidate>,
    kind: Kind,
}

/// What is offered, as far as readline can put it there.
fn entries<'a>(answer: &'a Answer, question: &Question) -> Vec<Entry<'a>> {
    let file = Some(Paths { after: 0, folders: false });
    let (candidates, paths): (&[_], _) =
        if question.line.redirected { (&[], file) } else { (&answer.candidates, answer.paths) };
    let word = &question.line.current;
    let words = candidates.iter().map(|word| Entry { candidate: Cow::Borrowed(word), kind: Kind::Word });
    let mut entries: Vec<_> = words.collect();
    if let Some(Paths { after, folders }) = paths {
        let home = expands_tilde(word).then(|| env::var_os("HOME").map(PathBuf::from)).flatten();
        let kind = if home.is_some() { Kind::HomePath } else { Kind::Path };
        let found = paths::list(&word.text, after, folders, home.as_deref());
        entries.extend(found.into_iter().map(|path| Entry { candidate: Cow::Owned(path), kind }));
    }
    let kept = word.text.get(..question.kept()).unwrap_or_default();
    entries.retain(|entry| entry.candidate.word.starts_with(kept));
    entries
}

fn expands_tilde(word: &Word) -> bool {
    matches!(word.typed.as_slice(), [tilde, slash, ..]
        if tilde.character == '~' && tilde.bare && slash.character == '/')
}

/// Each of them as bash shall have it, in a line of the text.
fn lines(mut text: String, entries: &[Entry<'_>], question: &Question) -> String {
    if entries.len() != 1 && question.purpose != Purpose::Insert {
        return rows(entries, question).iter().fold(text, |text, row| text + row + "\n");
    }
    let quote = question.line.current.quote;
    let kept = question.kept();
    for entry in entries {
        quote_onto(&mut text, &entry.candidate.word[kept..], quote, entry.kind);
        let ends = !entry.candidate.goes_on && quote == Quote::None && question.at_end;
        text.push_str(if ends { " \n" } else { "\n" });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'><=;|&(:";
    const TAB: &str = "9";
    const LIST: &str = "63";
    const INSERT_AND_LIST: &str = "33";

    fn question(line: &str, purpose: &str, breaks: &str) -> Vec<OsString> {
        let point = line.chars().count().to_string();
        [point.as_str(), purpose, breaks, "40", line].map(OsString::from).to_vec()
    }

    fn answer(words: &[&str]) -> Answer {
        let candidate = |word: &&str| match word.split_once('?') {
            Some((word, help)) => Candidate::new(word, help),
            None => Candidate { goes_on: word.ends_with([':', '=']), ..Candidate::new(word, "") },
        };
        Answer { candidates: words.iter().map(candidate).collect(), paths: None }
    }

    fn asked_for(line: &str, purpose: &str, breaks: &str, words: &[&str]) -> String {
        let question = question(line, purpose, breaks);
        let request = Bash.read(&question).unwrap();
        Bash.write(&answer(words), &request, &question)
    }

    fn tab(line: &str, words: &[&str]) -> String {
        asked_for(line, TAB, BREAKS, words)
    }

    #[test]
    fn the_line_is_read_as_far_as_the_cursor() {
        let read = |point: &str, purpose: &str, line: &str| {
            let request =
                Bash.read(&[point, purpose, BREAKS, "80", line].map(OsString::from)).unwrap_or_default();
            (request.words, request.current)
        };
        assert_eq!(read("11", TAB, "staging tail"), (vec![], "tai".to_owned()));
        assert_eq!(read("13", TAB, "staging é tail"), (vec!["é".into()], "tai".to_owned()));
        // bash 3.2 has no COMP_TYPE, and counts bytes.
        assert_eq!(read("14", "", "staging é tail"), (vec!["é".into()], "tai".to_owned()));
        assert_eq!(read("99", TAB, "staging ta"), (vec![], "ta".to_owned()));
        for nonsense in [&["x", TAB, BREAKS, "80", "staging "][..], &["9"], &[]] {
            let words: Vec<_> = nonsense.iter().map(OsString::from).collect();
            assert_eq!(Bash.read(&words), None, "{nonsense:?}");
        }
        assert_eq!(Bash.read(&question("stag", TAB, BREAKS)), None);
    }

    #[test]
    fn what_readline_keeps_is_left_out() {
        assert_eq!(tab("staging pg:ps", &["pg:psql"]), "\npsql \n");
        assert_eq!(tab("staging pg:", &["pg:psql", "pg:info"]), "\npsql \ninfo \n");
        assert_eq!(tab("staging p", &["pg:"]), "\npg:\n");
        assert_eq!(tab("staging --app=o", &["--app=one"]), "\none \n");
        assert_eq!(tab("staging --a", &["--app="]), "\n--app=\n");
        assert_eq!(asked_for("staging pg:ps", TAB, " \t\n", &["pg:psql"]), "\npg:psql \n");
        // Readline takes this character for the beginning of what it replaces.
        assert_eq!(asked_for("staging a@b", TAB, "@", &["a@bc"]), "\n@bc \n");
        assert_eq!(tab("staging a\\:b", &["a:bc"]), "\na:bc \n");
        assert_eq!(tab("staging 'x:y'z", &["x:yzz"]), "\nx:yzz \n");
    }

    #[test]
    fn words_are_quoted_as_they_were_begun() {
        assert_eq!(tab("staging a", &["a b'c$d"]), "\na\\ b\\'c\\$d \n");
        assert_eq!(tab("staging \"a", &["a b'c$d"]), "blank\na b'c\\$d\n");
        assert_eq!(tab("staging 'a", &["a b'c$d"]), "blank\na b'\\''c$d\n");
        assert_eq!(tab("staging $'a", &["a b'c$d"]), "blank\na b\\'c$d\n");
        assert_eq!(tab("staging --x=\"a", &["--x=a b"]), "blank\na b\n");
        assert_eq!(tab("staging \"pg:p", &["pg:psql"]), "blank\npg:psql\n");
        assert_eq!(tab("staging \"p", &["pg:"]), "\npg:\n");
        assert_eq!(tab("staging ", &["~x"]), "\n\\~x \n");
    }

    #[test]
    fn help_is_shown_where_words_are_listed() {
        let words = ["tail?Follow the log", "which?Print which app is meant, and why"];
        assert_eq!(asked_for("staging ", TAB, BREAKS, &words), "\ntail \nwhich \n");
        let listed = "\ntail   (Follow the log)\nwhich  (Print which app is meant, and…)\n";
        assert_eq!(asked_for("staging ", LIST, BREAKS, &words), listed);
        assert_eq!(asked_for("staging ", INSERT_AND_LIST, BREAKS, &words), listed);
        assert_eq!(asked_for("staging ", "42", BREAKS, &words), "\ntail\nwhich\n");
        // One that stays alone is put into the line.
        assert_eq!(asked_for("staging ", LIST, BREAKS, &words[..1]), "\ntail \n");
        assert_eq!(asked_for("staging x", LIST, BREAKS, &[]), "\n");
    }

    #[test]
    fn what_is_listed_is_the_whole_word() {
        let words = ["pg:info", "pg:psql"];
        assert_eq!(asked_for("staging pg:", LIST, BREAKS, &words), "\npg:info\npg:psql\n");
        assert_eq!(asked_for("staging pg:", INSERT_AND_LIST, BREAKS, &words), "\ninfo\npsql\n");
        assert_eq!(asked_for("staging ", LIST, BREAKS, &["a b", "c$"]), "\na b\nc$\n");
    }

    #[test]
    fn help_adds_nothing_to_what_words_have_in_common() {
        let words = ["a?first", "a b?second"];
        assert_eq!(asked_for("staging 'a", INSERT_AND_LIST, BREAKS, &words), "\na\na b\n");
        let described = asked_for("staging a", INSERT_AND_LIST, BREAKS, &words);
        assert_eq!(described, "\na     (first)       \na\\ b  (second)\n");
    }

    #[test]
    fn a_short_list_is_one_below_the_other() {
        let listed = asked_for("staging ", LIST, BREAKS, &["a?b", "c?d"]);
        let first = listed.lines().nth(1).unwrap();
        assert_eq!((first.trim_end(), first.len()), ("a  (b)", 20));
    }

    #[test]
    fn behind_a_redirection_there_are_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a b"), "").unwrap();
        let path = folder.path().display();
        assert_eq!(tab(&format!("staging tail >{path}/"), &["x"]), format!("\n{path}/a\\ b \n"));
    }

    #[test]
    fn a_tilde_stays_one_where_bash_expands_it() {
        let expands = |word: &str| expands_tilde(&Word::read(word, Dialect::Bash));
        assert!(expands("~/x") && expands("~/"));
        assert!(
            !expands("~") && !expands("'~/x") && !expands("\\~/x") && !expands("--x=~/x") && !expands("~x/")
        );
    }

    mod properties {
        use proptest::prelude::*;

        use super::super::*;

        proptest! {
            #[test]
            fn no_question_makes_it_panic(
                words in prop::collection::vec("\\PC{0,8}", 0..4), line in any::<String>(), point in 0..40_usize,
                purpose in prop::sample::select(vec!["", "9", "33", "37", "42", "63", "64"]), columns in 0..50_usize,
            ) {
                let question = [point.to_string(), purpose.into(), "=:@é".into(), columns.to_string(), line]
                    .map(OsString::from);
                let candidates = words.iter().map(|word| Candidate::new(word, word)).collect();
                if let Some(request) = Bash.read(&question) {
                    _ = Bash.write(&Answer { candidates, paths: None }, &request, &question);
                }
            }
        }
    }
}
