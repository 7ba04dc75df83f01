//! Takes a line apart, character by character.

use std::mem;

use super::Dialect;
use super::word::{Quote, Word};

/// A simple command that is being read.
#[derive(Default)]
pub(super) struct Command {
    pub(super) words: Vec<String>,
    pub(super) word: Word,
    /// Whether `word` has begun: `''` is a word too.
    begun: bool,
    pub(super) redirected: bool,
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

/// A line that is being read, up to the cursor.
pub(super) struct Reader {
    rest: Vec<char>,
    at: usize,
    dialect: Dialect,
    /// The enclosing commands: `a` in `a $(b`.
    outer: Vec<Command>,
}

impl Reader {
    /// Nothing is read yet.
    pub(super) fn new(text: &str, dialect: Dialect) -> Self {
        Self { rest: text.chars().collect(), at: 0, dialect, outer: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    pub(super) fn take(&mut self, c: char, command: &mut Command) {
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
