//! `--grep`: most lines are rejected by the literal that an expression begins with.

use memchr::memmem::Finder;
use regex_lite::{Error, Regex};

/// An expression, and the letters that stand in each line it matches.
#[derive(Debug)]
pub(super) struct Pattern {
    letters: Finder<'static>,
    /// None where the letters are all there is to it.
    regex: Option<Regex>,
}

impl Pattern {
    /// Reads an expression.
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let regex = Regex::new(text)?;
        let letters = leading_letters(text);
        Ok(Self {
            letters: Finder::new(letters).into_owned(),
            regex: (letters.len() < text.len()).then_some(regex),
        })
    }

    /// Whether the line matches. What is not UTF-8 in it is a replacement character to the expression.
    pub(super) fn is_match(&self, line: &[u8]) -> bool {
        self.letters.find(line).is_some()
            && self.regex.as_ref().is_none_or(|regex| regex.is_match(&String::from_utf8_lossy(line)))
    }
}

/// The letters that every match of this expression begins with; none where there is a choice.
fn leading_letters(text: &str) -> &str {
    if text.contains('|') {
        return "";
    }
    let end = text.find(|c| r"\.+*?()[]{}^$".contains(c)).unwrap_or(text.len());
    let (letters, rest) = text.split_at(end);
    // These let the letter before them be left out.
    if !rest.starts_with(['*', '?', '{']) {
        return letters;
    }
    letters.char_indices().next_back().map_or("", |(last, _)| &letters[..last])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_in_every_match() {
        for (text, letters) in [
            ("Error", "Error"),
            ("status=5..", "status=5"),
            ("caf\u{e9}?s", "caf"),
            ("ab*", "a"),
            ("ab{0,2}", "a"),
            ("ab+", "ab"),
            ("a|b", ""),
            ("(?i)error", ""),
            ("^at=error", ""),
            ("", ""),
        ] {
            assert_eq!(leading_letters(text), letters, "{text}");
        }
    }

    #[test]
    fn a_pattern_matches_what_its_expression_matches() {
        for text in
            ["seat", "seat=5.", "seats?", "^seat", "sea[tl] [0-9]+$", "(?i)SEAT", "seat|row", "", "caf.$"]
        {
            let (pattern, regex) = (Pattern::new(text).unwrap(), Regex::new(text).unwrap());
            for line in
                [b"a seat=55" as &[u8], b"sea", b"SEAT", b"seal 12", b"row", b"", b"caf\xe9", b"x\xffseat"]
            {
                assert_eq!(
                    pattern.is_match(line),
                    regex.is_match(&String::from_utf8_lossy(line)),
                    "{text} {line:?}"
                );
            }
        }
        assert!(Pattern::new("a(").is_err());
    }
}
