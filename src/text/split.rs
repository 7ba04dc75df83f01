//! A line as a shell splits it into words, without variables, patterns and operators.

/// The words of `line`, without their quotes; `None` if a quote is left open or a backslash ends the line.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    // A word may be empty: `''`.
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c.is_ascii_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        match c {
            '\'' => loop {
                match rest.next()? {
                    '\'' => break,
                    quoted => word.push(quoted),
                }
            },
            '"' => loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => match rest.next()? {
                        escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                        other => word.extend(['\\', other]),
                    },
                    quoted => word.push(quoted),
                }
            },
            '\\' => word.push(rest.next()?),
            plain => word.push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::quote;
    use proptest::prelude::*;
    use std::ffi::OsStr;

    #[test]
    fn words_are_split_at_spaces_outside_of_quotes() {
        for (line, words) in [
            ("run bin/rails", &["run", "bin/rails"][..]),
            ("  run\t'a b'\"c d\" ", &["run", "a bc d"]),
            (r#"run '' "\"\$\a" \ x"#, &["run", "", r#""$\a"#, " x"]),
            ("run $HOME * a;b #c", &["run", "$HOME", "*", "a;b", "#c"]),
            (" ", &[]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
    }

    #[test]
    fn an_open_quote_is_no_line() {
        for line in ["run 'a", "run \"a", "run a\\", "run \"a\\", "it's"] {
            assert_eq!(split(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn quoted_words_are_read_back(words in proptest::collection::vec(any::<String>(), 0..6)) {
            let line = words.iter().map(|word| quote(OsStr::new(word))).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(&line), Some(words));
        }
    }
}
