//! fish. The stub sends the command at the cursor as typed; fish quotes and matches the words itself.
//!
//! The answer's first line is empty, or for paths `files` or `folders`, the text before the path and the path as typed,
//! separated by tabs. The other lines are words, each with a tab and its help.

use std::ffi::OsString;

use super::Shell;
use super::split::{Dialect, SimpleCommand, Word};
use super::{Answer, Candidate, Paths, Request};

/// fish.
#[derive(Debug)]
pub(super) struct Fish;

/// Words that may precede a command's name.
const KEYWORDS: [&str; 14] = [
    "and", "or", "not", "!", "command", "builtin", "exec", "time", "begin", "if", "else", "while", "sudo",
    "{",
];

impl Shell for Fish {
    fn name(&self) -> &'static str {
        "fish"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../completions/greenroom.fish")
    }

    fn read(&self, words: &[OsString]) -> Option<Request> {
        let line = line(words)?;
        let words = line.words.iter().skip_while(|word| KEYWORDS.contains(&word.as_str()));
        let mut words = words.map(OsString::from);
        Some(Request { program: words.next()?, words: words.collect(), current: line.current.text })
    }

    fn write(&self, answer: &Answer, _: &Request, words: &[OsString]) -> String {
        let Some(line) = line(words) else { return String::new() };
        let mut text = answer.paths.map_or(String::new(), |paths| place(paths, &line.current));
        text.push('\n');
        // fish adds a space after the only word, unless it ends with one of these characters.
        let open = match answer.candidates.as_slice() {
            [only] if only.goes_on && !only.word.ends_with(['/', '=', ':', ',']) => {
                Some(format!("{},", only.word))
            }
            _ => None,
        };
        let more = open.map(|word| Candidate { word, help: "and another".to_owned(), goes_on: true });
        for candidate in answer.candidates.iter().chain(&more) {
            // Piece by piece, because there may be thousands.
            for piece in [&candidate.word, "\t", &candidate.help, "\n"] {
                text.push_str(piece);
            }
        }
        text
    }
}

fn line(words: &[OsString]) -> Option<SimpleCommand> {
    let [line] = words else { return None };
    Some(SimpleCommand::read(&line.to_string_lossy(), Dialect::Fish))
}

fn place(Paths { after, folders }: Paths, word: &Word) -> String {
    let kind = if folders { "folders" } else { "files" };
    let before = word.text.get(..after).unwrap_or_default();
    let typed: String =
        word.typed.iter().filter(|typed| typed.after >= after).map(|typed| typed.character).collect();
    format!("{kind}\t{before}\t{typed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Request> {
        Fish.read(&[line.into()])
    }

    #[test]
    fn the_command_is_what_fish_runs() {
        for line in [
            "staging --x a\\ b",
            "and command staging --x 'a b",
            "FOO=1 staging --x \"a b",
            "echo (staging --x 'a b",
        ] {
            let request = read(line).unwrap();
            assert_eq!(
                (request.program, request.words, request.current.as_str()),
                ("staging".into(), vec!["--x".into()], "a b")
            );
        }
        assert_eq!(read("stag"), None);
        assert_eq!(Fish.read(&[]), None);
    }

    #[test]
    fn each_word_has_its_help() {
        let request = read("staging ").unwrap();
        let candidates = vec![Candidate::new("tail", "Follow"), Candidate::new("it's", "")];
        let answer = Answer { candidates, paths: None };
        assert_eq!(Fish.write(&answer, &request, &["staging ".into()]), "\ntail\tFollow\nit's\t\n");
    }

    #[test]
    fn a_path_follows_its_flag() {
        let written = |line: &str, folders, after| {
            let answer = Answer { candidates: Vec::new(), paths: Some(Paths { after, folders }) };
            Fish.write(&answer, &read(line).unwrap(), &[line.into()])
        };
        assert_eq!(written("staging x --file=\"a b", false, 7), "files\t--file=\t\"a b\n");
        assert_eq!(written("staging x a\\ b", true, 0), "folders\t\ta\\ b\n");
    }
}
