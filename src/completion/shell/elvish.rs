//! Elvish: it splits and unquotes the words itself, quotes what it inserts, and reads JSON.

use std::ffi::OsString;

use serde_json::json;

use super::paths::with_paths;
use super::{Shell, plain_words};
use crate::completion::{Answer, Request};

/// The adapter.
#[derive(Debug)]
pub(super) struct Elvish;

impl Shell for Elvish {
    fn name(&self) -> &'static str {
        "elvish"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../../completions/greenroom.elv")
    }

    fn read(&self, words: &[OsString]) -> Option<Request> {
        plain_words(words.to_vec())
    }

    fn write(&self, answer: &Answer, request: &Request, _: &[OsString]) -> String {
        let lines = with_paths(answer, request).into_iter().map(|candidate| {
            let space = if candidate.goes_on { "" } else { " " };
            json!({"word": candidate.word, "help": candidate.help, "space": space}).to_string() + "\n"
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::Candidate;

    #[test]
    fn a_line_for_each_candidate() {
        let words = ["staging", "run", ""].map(OsString::from);
        let request = Elvish.read(&words).unwrap();
        let candidate = |word: &str, goes_on| Candidate { word: word.into(), help: "it's".into(), goes_on };
        let answer =
            Answer { candidates: vec![candidate("a b", false), candidate("KEY=", true)], paths: None };
        assert_eq!(
            Elvish.write(&answer, &request, &words),
            "{\"help\":\"it's\",\"space\":\" \",\"word\":\"a b\"}\n\
             {\"help\":\"it's\",\"space\":\"\",\"word\":\"KEY=\"}\n"
        );
    }
}
