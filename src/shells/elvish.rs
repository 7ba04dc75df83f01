//! Elvish: it splits and unquotes the words itself, quotes what it inserts, and reads JSON.

use std::ffi::OsString;

use serde_json::json;

use super::paths::with_paths;
use super::{Answer, Request, Shell, plain_words};

/// The adapter.
#[derive(Debug)]
pub(super) struct Elvish;

impl Shell for Elvish {
    fn name(&self) -> &'static str {
        "elvish"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../completions/greenroom.elv")
    }

    fn read(&self, words: &[OsString]) -> Option<Request> {
        plain_words(words.to_vec())
    }

    fn write(&self, answer: &Answer, request: &Request, _: &[OsString]) -> String {
        let lines = with_paths(answer, request).into_iter().map(|candidate| {
            let space = if candidate.goes_on { "" } else { " " };
            let (stem, rest) = apart(&candidate.word);
            json!({"word": candidate.word, "stem": stem, "rest": rest, "help": candidate.help, "space": space})
                .to_string()
                + "\n"
        });
        lines.collect()
    }
}

/// Splits a word that elvish would quote for no reason, as it does every word with `=` or `,`: the part that it leaves alone,
/// and the rest.
fn apart(word: &str) -> (&str, &str) {
    let plain = |c: char| c.is_alphanumeric() || "-_:./@%+!=,".contains(c);
    match word.find(['=', ',']) {
        Some(at) if at > 0 && word.chars().all(plain) => word.split_at(at),
        _ => (word, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shells::Candidate;

    #[test]
    fn a_line_for_each_candidate() {
        let words = ["staging", "run", ""].map(OsString::from);
        let request = Elvish.read(&words).unwrap();
        let candidate = |word: &str, goes_on| Candidate { word: word.into(), help: "it's".into(), goes_on };
        let answer =
            Answer { candidates: vec![candidate("a b", false), candidate("KEY=", true)], paths: None };
        assert_eq!(
            Elvish.write(&answer, &request, &words),
            "{\"help\":\"it's\",\"rest\":\"\",\"space\":\" \",\"stem\":\"a b\",\"word\":\"a b\"}\n\
             {\"help\":\"it's\",\"rest\":\"=\",\"space\":\"\",\"stem\":\"KEY\",\"word\":\"KEY=\"}\n"
        );
    }

    #[test]
    fn only_words_without_special_characters_are_split() {
        for (word, parts) in [
            ("tail", ("tail", "")),
            ("--source=app", ("--source", "=app")),
            ("staging,production", ("staging", ",production")),
            ("--file=a b", ("--file=a b", "")),
            ("x=$y", ("x=$y", "")),
            ("=x", ("=x", "")),
        ] {
            assert_eq!(apart(word), parts);
        }
    }
}
