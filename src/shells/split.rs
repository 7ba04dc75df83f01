//! A command line as a shell reads it, cut off at the cursor.

use std::mem;

/// A shell's quoting rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Those of sh, with `$'…'`; zsh's do not differ here.
    Bash,
    /// In fish a single quote can be quoted within single quotes.
    Fish,
}

/// The kind of quotes around a character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quote {
    /// None.
    #[default]
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `$'…'`
    Dollar,
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

/// A word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// The word without its quotes.
    pub text: String,
    /// The quote that is open at the end.
    pub quote: Quote,
    /// The number of bytes of its text before the last opening quote.
    pub opened: usize,
    /// The characters as typed.
    pub typed: Vec<Typed>,
}

/// A character as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// The character.
    pub character: char,
    /// Whether it is neither quoted nor escaped.
    pub bare: bool,
    /// The number of bytes of the word's text before it.
    pub after: usize,
}

impl SimpleCommand {
    /// Reads the line up to the cursor.
    pub(super) fn read(text: &str, dialect: Dialect) -> Self {
        let mut reader = Reader { rest: text.chars().collect(), at: 0, dialect, outer: Vec::new() };
        let mut command = Command::default();
        while let Some(c) = reader.next() {
            reader.take(c, &mut command);
        }
        let first = command.words.iter().position(|word| !is_assignment(word));
        let words = command.words.split_off(first.unwrap_or(command.words.len()));
        Self { words, current: command.word, redirected: command.redirected }
    }
}

impl Word {
    /// Reads one word.
    pub(super) fn read(text: &str, dialect: Dialect) -> Self {
        SimpleCommand::read(text, dialect).current
    }

    fn type_in(&mut self, character: char, bare: bool) {
        self.typed.push(Typed { character, bare, after: self.text.len() });
    }

    fn push(&mut self, character: char, bare: bool) {
        self.type_in(character, bare);
        self.text.push(character);
    }

    fn open(&mut self, character: char, quote: Quote) {
        self.type_in(character, false);
        self.quote = quote;
        self.opened = self.text.len();
    }

    fn close(&mut self, character: char) {
        self.type_in(character, false);
        self.quote = Quote::None;
    }
}

/// A simple command that is being read.
#[derive(Default)]
struct Command {
    words: Vec<String>,
    word: Word,
    /// Whether `word` has begun: `''` is a word too.
    begun: bool,
    redirected: bool,
    /// The character that ends it, if it is inside another command's word.
    end: Option<char>,
}

impl Command {
    fn end_word(&mut self) {
        if !mem::take(&mut self.begun) {
            return;
        }
        let word = mem::take(&mut self.word);
        if !mem::take(&mut self.redirected) {
            self.words.push(word.text);
        }
    }

    fn start_again(&mut self) {
        *self = Self { end: self.end, ..Self::default() };
    }
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    dialect: Dialect,
    /// The enclosing commands: `a` in `a $(b`.
    outer: Vec<Command>,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn take(&mut self, c: char, command: &mut Command) {
        match command.word.quote {
            Quote::None => self.take_bare(c, command),
            Quote::Double if c != '(' && self.opens_substitution(c) => self.open(c, command),
            quote => self.take_quoted(c, quote, &mut command.word),
        }
    }

    fn take_bare(&mut self, c: char, command: &mut Command) {
        if command.end == Some(c) {
            return self.close(c, command);
        }
        match c {
            ' ' | '\t' => command.end_word(),
            '<' | '>' if self.peek() == Some('(') && self.dialect == Dialect::Bash => self.open(c, command),
            '<' | '>' => self.redirect(command),
            '&' if self.peek() == Some('>') => command.end_word(),
            c if self.opens_substitution(c) => self.open(c, command),
            ';' | '&' | '|' | '\n' | '(' | ')' => command.start_again(),
            c => {
                command.begun = true;
                self.take_letter(c, &mut command.word);
            }
        }
    }

    /// A character of a word, or a quote that opens within it.
    fn take_letter(&mut self, c: char, word: &mut Word) {
        match c {
            '\\' => {
                word.type_in(c, false);
                // A backslash before a newline continues the line; neither belongs to a word.
                match self.next() {
                    Some('\n') => word.type_in('\n', false),
                    Some(next) => word.push(next, false),
                    None => {}
                }
            }
            '\'' => word.open(c, Quote::Single),
            '"' => word.open(c, Quote::Double),
            '$' if self.peek() == Some('\'') && self.dialect == Dialect::Bash => {
                word.type_in(c, false);
                self.at += 1;
                word.open('\'', Quote::Dollar);
            }
            c => word.push(c, true),
        }
    }

    fn take_quoted(&mut self, c: char, quote: Quote, word: &mut Word) {
        let escapes = match (quote, self.dialect) {
            (Quote::Double, _) => "\\\"$`\n",
            (Quote::Single, Dialect::Fish) => "\\'",
            (Quote::Dollar, _) => "\\'\"",
            _ => "",
        };
        match (c, self.peek()) {
            ('\'', _) if quote != Quote::Double => word.close(c),
            ('"', _) if quote == Quote::Double => word.close(c),
            ('\\', Some(next)) if escapes.contains(next) => {
                self.at += 1;
                word.type_in(c, false);
                if next == '\n' { word.type_in(next, false) } else { word.push(next, false) }
            }
            _ => word.push(c, false),
        }
    }

    /// `>`, `2>>`, `<&`: what follows is a file.
    fn redirect(&mut self, command: &mut Command) {
        while self.peek().is_some_and(|c| "<>&|".contains(c)) {
            self.at += 1;
        }
        if command.word.text.chars().all(|c| c.is_ascii_digit()) {
            command.word = Word::default();
            command.begun = false;
        }
        command.end_word();
        command.redirected = true;
    }

    fn opens_substitution(&self, c: char) -> bool {
        let next = self.peek();
        match self.dialect {
            Dialect::Bash => c == '`' || c == '$' && matches!(next, Some('(' | '{')),
            Dialect::Fish => c == '(' || c == '$' && next == Some('('),
        }
    }

    /// `$(…)` holds a command of its own. `${…}` holds none, but ends in the same way.
    fn open(&mut self, c: char, command: &mut Command) {
        command.begun = true;
        command.word.push(c, false);
        let end = match (c, self.peek()) {
            ('`', _) => '`',
            (_, Some('{')) => '}',
            _ => ')',
        };
        if !"`(".contains(c)
            && let Some(next) = self.next()
        {
            command.word.push(next, false);
        }
        self.outer.push(mem::replace(command, Command { end: Some(end), ..Command::default() }));
    }

    fn close(&mut self, c: char, command: &mut Command) {
        if let Some(outer) = self.outer.pop() {
            *command = outer;
            command.word.push(c, false);
        }
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
