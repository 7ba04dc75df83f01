//! A word, with what is known of the quotes around its characters.

/// The kind of quotes around a character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::shells) enum Quote {
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

/// A word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::shells) struct Word {
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
pub(in crate::shells) struct Typed {
    /// The character.
    pub character: char,
    /// Whether it is neither quoted nor escaped.
    pub bare: bool,
    /// The number of bytes of the word's text before it.
    pub after: usize,
}

impl Word {
    /// Reads one word.
    pub(in crate::shells) fn read(text: &str, dialect: super::Dialect) -> Self {
        super::SimpleCommand::read(text, dialect).current
    }

    pub(super) fn type_in(&mut self, character: char, bare: bool) {
        self.typed.push(Typed { character, bare, after: self.text.len() });
    }

    pub(super) fn push(&mut self, character: char, bare: bool) {
        self.type_in(character, bare);
        self.text.push(character);
    }

    pub(super) fn open(&mut self, character: char, quote: Quote) {
        self.type_in(character, false);
        self.quote = quote;
        self.opened = self.text.len();
    }

    pub(super) fn close(&mut self, character: char) {
        self.type_in(character, false);
        self.quote = Quote::None;
    }
}
