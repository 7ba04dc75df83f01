//! nushell: it passes words as typed, with quotes, and inserts candidates unchanged.

use std::ffi::OsString;

use serde_json::{Value, json};

use super::paths::with_paths;
use super::{Answer, Request, Shell, plain_words};

/// The adapter.
#[derive(Debug)]
pub(super) struct Nushell;

impl Shell for Nushell {
    fn name(&self) -> &'static str {
        "nushell"
    }

    fn program(&self) -> &'static str {
        "nu"
    }

    fn stub(&self) -> &'static str {
        include_str!("../../completions/greenroom.nu")
    }

    fn read(&self, words: &[OsString]) -> Option<Request> {
        plain_words(words.iter().map(|word| unquoted(&word.to_string_lossy()).into()).collect())
    }

    /// With a space after complete words: nushell adds none itself.
    fn write(&self, answer: &Answer, request: &Request, _: &[OsString]) -> String {
        let candidates = with_paths(answer, request).into_iter().map(|candidate| {
            let space = if candidate.goes_on { "" } else { " " };
            let mut record = json!({
                "value": quoted(&candidate.word) + space,
                "display_override": candidate.word,
            });
            if !candidate.help.is_empty() {
                record["description"] = Value::String(candidate.help);
            }
            record
        });
        Value::Array(candidates.collect()).to_string() + "\n"
    }
}

/// `typed` as nushell unquotes it; the last quote may be open.
fn unquoted(typed: &str) -> String {
    let mut word = String::new();
    let mut rest = typed.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' | '`' => word.extend(rest.by_ref().take_while(|next| *next != c)),
            '"' => double_quoted(&mut rest, &mut word),
            _ => word.push(c),
        }
    }
    word
}

fn double_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) {
    while let Some(c) = rest.next() {
        match c {
            '"' => return,
            '\\' => word.extend(rest.next()),
            _ => word.push(c),
        }
    }
}

/// `word` as nushell reads it back unchanged.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=/.,:@%+^#~".contains(c);
    if !word.is_empty() && !word.starts_with(['#', '^', '%', '@']) && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.starts_with("~/") && !word.contains('`') {
        // A tilde is expanded in backquotes only.
        return format!("`{word}`");
    }
    if !word.contains('\'') {
        return format!("'{word}'");
    }
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_nushell_reads_them() {
        for (typed, word) in [
            ("pg:in", "pg:in"),
            ("'pg:", "pg:"),
            ("'a b'", "a b"),
            ("\"it's \\\"so\\\"\"", "it's \"so\""),
            ("`a b", "a b"),
            ("--file='my ", "--file=my "),
            (r"C:\app", r"C:\app"),
            ("", ""),
        ] {
            assert_eq!(unquoted(typed), word, "{typed}");
        }
    }

    #[test]
    fn quoted_words_are_read_back() {
        for (word, shown) in [
            ("KEY=", "KEY="),
            ("web.1", "web.1"),
            ("a b", "'a b'"),
            ("it's", "\"it's\""),
            ("it's \"so\" \\", "\"it's \\\"so\\\" \\\\\""),
            ("$HOME", "'$HOME'"),
            ("#42", "'#42'"),
            ("~/a b/", "`~/a b/`"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), shown);
            assert_eq!(unquoted(shown), word);
        }
    }
}
