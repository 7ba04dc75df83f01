//! A command line as a shell reads it, cut off at the cursor.

mod reader;
mod word;

use reader::{Command, Reader};
pub(super) use word::{Quote, Word};

/// A shell's quoting rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Those of sh, with `$'…'`; zsh's do not differ here.
    Bash,
    /// In fish a single quote can be quoted within single quotes.
    Fish,
}

/// The last simple command of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SimpleCommand {
    /// The words before the one at the cursor, without quotes, assignments and redirections.
    pub words: Vec<String>,
    /// The word at the cursor, up to the cursor.
    pub current: Word,
    /// Whether that word is the file of a redirection.
    pub redirected: bool,
}

impl SimpleCommand {
    /// Reads the line up to the cursor.
    pub(super) fn read(text: &str, dialect: Dialect) -> Self {
        let mut reader = Reader::new(text, dialect);
        let mut command = Command::default();
        while let Some(c) = reader.next() {
            reader.take(c, &mut command);
        }
        let first = command.words.iter().position(|word| !is_assignment(word));
        let words = command.words.split_off(first.unwrap_or(command.words.len()));
        Self { words, current: command.word, redirected: command.redirected }
    }
}

/// `RAILS_ENV=test` before a command.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::word::Typed;
    use super::*;

    /// The words, the one at the cursor last, with `|` between.
    fn split(text: &str, dialect: Dialect) -> String {
        let line = SimpleCommand::read(text, dialect);
        let redirected = if line.redirected { "|>" } else { "|" };
        line.words.join("|") + redirected + &line.current.text
    }

    #[test]
    fn words_are_split_as_in_bash() {
        for (text, words) in [
            ("", "|"),
            ("staging", "|staging"),
            ("staging ", "staging|"),
            ("staging  ta", "staging|ta"),
            ("staging\tta", "staging|ta"),
            ("staging '' ", "staging||"),
            ("staging 'a b' \"c d\" e\\ f g", "staging|a b|c d|e f|g"),
            ("staging a'b c'\"d e\"f", "staging|ab cd ef"),
            ("staging 'it'\\''s", "staging|it's"),
            ("staging $'it\\'s' ", "staging|it's|"),
            ("staging \"a\\$b\\c\\\"d", "staging|a$b\\c\"d"),
            ("staging 'a\\", "staging|a\\"),
            ("staging a\\", "staging|a"),
            ("staging a\\\nb", "staging|ab"),
            ("staging \"a\\\nb", "staging|ab"),
            ("staging pg:ps --app=a@b", "staging|pg:ps|--app=a@b"),
            ("cd x; staging ta", "staging|ta"),
            ("a&&staging ta", "staging|ta"),
            ("a | staging ta", "staging|ta"),
            ("a &\nstaging ta", "staging|ta"),
            ("(staging ta", "staging|ta"),
            ("a \\; staging", "a|;|staging"),
            ("a ';' staging", "a|;|staging"),
            ("A=1 B='2 3' staging --c=d ", "staging|--c=d|"),
            ("staging A=1 ", "staging|A=1|"),
            ("echo $(staging ta", "staging|ta"),
            ("echo \"x $(staging ta", "staging|ta"),
            ("echo `staging ta", "staging|ta"),
            ("staging $(a 'b)' c) d", "staging|$()|d"),
            ("staging \"$(a \"b\")\" d", "staging|$()|d"),
            ("staging ${A:-b c} d", "staging|${}|d"),
            ("staging <(a; b) d", "staging|<()|d"),
            ("staging >log 2>&1 ta", "staging|ta"),
            ("staging &>log ta", "staging|ta"),
            ("staging >>lo", "staging|>lo"),
            ("staging 2> 'lo", "staging|>lo"),
            ("staging a2>", "staging|a2|>"),
        ] {
            assert_eq!(split(text, Dialect::Bash), words, "{text}");
        }
    }

    #[test]
    fn words_are_split_as_in_fish() {
        for (text, words) in [
            ("staging 'it\\'s' \"a b", "staging|it's|a b"),
            ("staging 'a\\b\\\\c", "staging|a\\b\\c"),
            ("staging (a b; c) d", "staging|()|d"),
            ("echo (staging ta", "staging|ta"),
            ("echo \"$(staging ta", "staging|ta"),
            ("staging \"(a b", "staging|(a b"),
            ("staging $'a b", "staging|$a b"),
        ] {
            assert_eq!(split(text, Dialect::Fish), words, "{text}");
        }
    }

    #[test]
    fn each_character_knows_its_place() {
        let word = Word::read("a'b:'c:\\:d\"e", Dialect::Bash);
        let bare = |typed: &&Typed| typed.bare && typed.character == ':';
        assert_eq!(word.typed.iter().filter(bare).map(|typed| typed.after).collect::<Vec<_>>(), [4]);
        assert_eq!((word.quote, word.opened), (Quote::Double, 7));
        assert_eq!(word.text, "ab:c::de");
    }

    mod properties {
        use proptest::prelude::*;

        use super::super::*;

        proptest! {
            #[test]
            fn no_line_makes_it_panic(text in any::<String>()) {
                for dialect in [Dialect::Bash, Dialect::Fish] {
                    let word = SimpleCommand::read(&text, dialect).current;
                    prop_assert!(word.typed.iter().all(|typed| word.text.is_char_boundary(typed.after)));
                }
            }

            #[test]
            fn nor_does_a_heap_of_what_means_something(text in "[ab \\\\'\"$`(){}<>&|;=\n#]{0,40}") {
                for dialect in [Dialect::Bash, Dialect::Fish] {
                    _ = SimpleCommand::read(&text, dialect);
                }
            }

            #[test]
            fn a_word_in_quotes_is_that_word(words in prop::collection::vec("[^']{0,8}", 0..5), last in "[^']{1,8}") {
                let line = words.iter().chain([&last]).fold("staging".to_owned(), |line, word| line + " '" + word + "'");
                let read = SimpleCommand::read(line.trim_end_matches('\''), Dialect::Bash);
                prop_assert_eq!(&read.words[1..], &words);
                prop_assert_eq!(read.current.text, last);
            }
        }
    }
}
