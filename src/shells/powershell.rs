//! PowerShell. How it passes arguments depends on its version and their quotes, so the stub sends the words as numbers; how it
//! decodes output depends on the console's code page, so the answer is ASCII.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::str::Chars;

use serde_json::{Value, json};

use super::paths::with_paths;
use super::{Answer, Request, Shell, plain_words};

/// The adapter.
#[derive(Debug)]
pub(super) struct PowerShell;

impl Shell for PowerShell {
    fn name(&self) -> &'static str {
        "powershell"
    }

    fn program(&self) -> &'static str {
        "pwsh"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../completions/greenroom.ps1")
    }

    /// One word: the bytes of all words, with quotes as they were typed and a zero between two, as `73-74-00-70`.
    fn read(&self, words: &[OsString]) -> Option<Request> {
        let [bytes] = words else { return None };
        let bytes = bytes.to_str()?.split('-').map(|byte| u8::from_str_radix(byte, 16).ok());
        let text = String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?;
        plain_words(text.split('\0').map(|word| unquoted(word).into()).collect())
    }

    fn write(&self, answer: &Answer, request: &Request, _: &[OsString]) -> String {
        let candidates = with_paths(answer, request).into_iter().map(|candidate| {
            // Neither may be empty.
            let help = if candidate.help.is_empty() { &candidate.word } else { &candidate.help };
            json!({"text": quoted(&candidate.word), "word": candidate.word, "help": help})
        });
        ascii(&Value::Array(candidates.collect()).to_string()) + "\n"
    }
}

/// The JSON with everything beyond ASCII escaped.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// `typed` as PowerShell unquotes it; the last quote may be open. Variables are not expanded.
fn unquoted(typed: &str) -> String {
    let mut word = String::new();
    let mut rest = typed.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' | '"' => within(c, &mut rest, &mut word),
            '`' => word.extend(rest.next()),
            _ => word.push(c),
        }
    }
    word
}

/// The text up to the closing `quote`; a doubled one is a literal quote.
fn within(quote: char, rest: &mut Chars<'_>, word: &mut String) {
    while let Some(c) = rest.next() {
        if c == '`' && quote == '"' {
            word.extend(rest.next());
        } else if c != quote {
            word.push(c);
        } else if rest.as_str().starts_with(quote) {
            word.extend(rest.next());
        } else {
            return;
        }
    }
}

/// `word` as PowerShell reads it back unchanged.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=/.:+%^~\\#".contains(c);
    if !word.is_empty() && !word.starts_with('#') && word.chars().all(plain) {
        return word.to_owned();
    }
    // Typographic quotes are quotes as well.
    let doubled = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    let text: String =
        word.chars().flat_map(|c| std::iter::repeat_n(c, 1 + usize::from(doubled(c)))).collect();
    format!("'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shells::Candidate;

    fn hex(words: &[&str]) -> OsString {
        let bytes: Vec<_> = words.join("\0").bytes().map(|byte| format!("{byte:02X}")).collect();
        bytes.join("-").into()
    }

    #[test]
    fn words_come_as_numbers() {
        let words = [hex(&["staging", "run", "\"it's `\"so`\"\"", "'it''s", "a` b", "café", ""])];
        let request = PowerShell.read(&words).unwrap();
        assert_eq!(request.program, "staging");
        assert_eq!(request.words, ["run", "it's \"so\"", "it's", "a b", "café"]);
        assert_eq!(request.current, "");
        for nonsense in ["", "staging", "73--74", "ff"] {
            assert_eq!(PowerShell.read(&[nonsense.into()]), None, "{nonsense}");
        }
        assert_eq!(PowerShell.read(&[]), None);
    }

    #[test]
    fn quoted_words_are_read_back() {
        for (word, shown) in [
            ("KEY=", "KEY="),
            ("pg:psql", "pg:psql"),
            ("a b", "'a b'"),
            ("it's", "'it''s'"),
            ("@x", "'@x'"),
            ("a,b", "'a,b'"),
        ] {
            assert_eq!(quoted(word), shown);
            assert_eq!(unquoted(shown), word);
        }
    }

    #[test]
    fn the_answer_is_ascii() {
        let candidate = Candidate { word: "a b".into(), help: "é 🎭".into(), goes_on: false };
        let answer = Answer {
            candidates: vec![candidate, Candidate { word: "x".into(), ..Candidate::default() }],
            paths: None,
        };
        assert_eq!(
            PowerShell.write(&answer, &Request::default(), &[]),
            "[{\"help\":\"\\u00e9 \\ud83c\\udfad\",\"text\":\"'a b'\",\"word\":\"a b\"},\
             {\"help\":\"x\",\"text\":\"x\",\"word\":\"x\"}]\n"
        );
    }
}
