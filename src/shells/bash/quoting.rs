//! Quoting a word as it was begun.

use super::super::split::Quote;

/// What a word is, which decides whether a tilde is quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Path,
    /// A path behind a tilde that the shell expands.
    HomePath,
}

/// Adds a word as it is typed within quotes of this kind, which are open.
pub(super) fn quote_onto(text: &mut String, word: &str, quote: Quote, kind: Kind) {
    // As most are, and there may be thousands.
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:=".contains(&byte)) {
        return text.push_str(word);
    }
    let special = match quote {
        Quote::None => " \"'\\$`!&|;<>()[]{}*?#",
        Quote::Single => return text.push_str(&word.replace('\'', r"'\''")),
        Quote::Double => "\"\\$`",
        Quote::Dollar => "\\'",
    };
    if quote == Quote::None && word.starts_with('~') && kind != Kind::HomePath {
        text.push('\\');
    }
    for c in word.chars() {
        if special.contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shells::split::{Dialect, SimpleCommand};

    fn quoted(word: &str, quote: Quote, kind: Kind) -> String {
        let mut text = String::new();
        quote_onto(&mut text, word, quote, kind);
        text
    }

    #[test]
    fn a_tilde_is_quoted_unless_it_stands_for_the_home_folder() {
        assert_eq!(quoted("~/a b", Quote::None, Kind::HomePath), "~/a\\ b");
        assert_eq!(quoted("~/a b", Quote::None, Kind::Path), "\\~/a\\ b");
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_again(word in "\\PC{1,12}", before in "\\PC{0,6}") {
            for (begin, quote, end) in [
                ("", Quote::None, ""), ("'", Quote::Single, "'"), ("\"", Quote::Double, "\""), ("$'", Quote::Dollar, "'"),
            ] {
                let first = quoted(&format!("x{before}"), Quote::None, Kind::Word);
                let line = format!("staging {first} {begin}{}{end} ", quoted(&word, quote, Kind::Word));
                let read = SimpleCommand::read(&line, Dialect::Bash);
                prop_assert_eq!(&read.words, &["staging".to_owned(), format!("x{before}"), word.clone()], "{}", line);
            }
        }
    }
}
