//! The dotenv format: `.env` files, as people write them and as the libraries that load them take them.
//!
//! One assignment a line, `NAME=value`, with or without `export` in front. A value without quotes ends with its line, or
//! where a blank and `#` begin a comment. A quoted value may have several lines: single quotes keep everything as it is, in
//! double quotes `\n`, `\r`, `\t` and the escapes of a shell are read. `$NAME` and `$(command)` are text and stay text: a
//! file is data. Where the libraries differ, it is a shell that sources the file that decides.

mod parse;
mod write;

pub use parse::{Assignment, SyntaxError, parse};
pub use write::{on_one_line, update, write};

/// Blanks between words.
const BLANKS: [char; 2] = [' ', '\t'];

/// Whether a file can set a variable of this name.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_value_comes_back(values in proptest::collection::vec("(?s).{0,30}|[ '\"\\\\$#`\r\n=a]{0,12}", 0..5)) {
            let names: Vec<_> = (0..values.len()).map(|n| format!("NAME_{n}")).collect();
            let text = write(names.iter().map(String::as_str).zip(values.iter().map(String::as_str)));
            let found = parse(&text).unwrap();
            let found: Vec<_> = found.into_iter().map(|found| (found.name, found.value)).collect();
            prop_assert_eq!(found, names.into_iter().zip(values).collect::<Vec<_>>());
        }

        #[test]
        fn an_update_sets_what_it_is_given(old in "[AB='\"# \n\\\\a]{0,30}", new in "(?s).{0,12}") {
            if let Ok(updated) = update(&old, &[("A", new.as_str())].into()) {
                let found = parse(&updated).unwrap();
                let values = |name| found.iter().filter(move |found| found.name == name).map(|found| &found.value);
                prop_assert!(values("A").all(|value| *value == new) && values("A").count() > 0);
                let before = parse(&old).unwrap();
                let others = |all: &[Assignment]| {
                    let others = all.iter().filter(|one| one.name != "A");
                    others.map(|one| (one.name.clone(), one.value.clone())).collect::<Vec<_>>()
                };
                prop_assert_eq!(others(&before), others(&found));
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "(?s).{0,60}|[A='\"\\\\ \n\r#export]{0,40}") {
            _ = parse(&text);
        }
    }
}
