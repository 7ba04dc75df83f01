//! The part of Python that settings are written in: texts, numbers, dictionaries, calls, `or`. Nothing of it is run;
//! what is not understood is kept as such, with its line.

/// An expression and the line where it begins, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) line: usize,
    pub(super) code: Code,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// A text, or a number as one.
    Text(String),
    /// `None`.
    Nothing,
    /// A dictionary.
    Dictionary(Vec<(Expression, Expression)>),
    /// A call with its arguments, those with a name behind the others.
    Call(String, Vec<(Option<String>, Expression)>),
    /// `name[key]`.
    Item(String, Box<Expression>),
    /// `this or that`.
    Or(Box<Expression>, Box<Expression>),
    /// A name, such as `DB_HOST` or `os.environ`.
    Name(String),
    /// Anything else.
    Unread,
}

/// The deepest nesting that is read.
const DEPTH: usize = 32;

/// The expression that begins at this byte of `text`.
pub(super) fn expression(text: &str, at: usize) -> Expression {
    let mut reader = Reader { text, at };
    let found = reader.value(0);
    // What follows on the same line belongs to it, and is not understood.
    reader.blanks(false);
    match reader.rest().chars().next() {
        None | Some('\n' | '\r' | '#' | ';') => found,
        Some(_) => Expression { code: Code::Unread, ..found },
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn line(&self) -> usize {
        self.text[..self.at].matches('\n').count() + 1
    }

    /// Passes blanks, and with `all` also comments and line ends.
    fn blanks(&mut self, all: bool) {
        loop {
            let rest = self.rest();
            let passed =
                rest.trim_start_matches(|c: char| c == ' ' || c == '\t' || (all && c.is_whitespace()));
            self.at += rest.len() - passed.len();
            if !(all && passed.starts_with('#')) {
                return;
            }
            self.at += passed.find('\n').unwrap_or(passed.len());
        }
    }

    fn takes(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        self.at += if is_there { token.len() } else { 0 };
        is_there
    }

    /// `a or b or c`; inside of brackets, where lines do not matter, `depth` is not 0.
    fn value(&mut self, depth: usize) -> Expression {
        let first = self.single(depth);
        self.blanks(depth > 0);
        let is_or = self.rest().strip_prefix("or").is_some_and(|rest| !rest.starts_with(is_word));
        if !is_or || depth > DEPTH {
            return first;
        }
        self.at += "or".len();
        self.blanks(depth > 0);
        let other = self.value(depth + 1);
        Expression { line: first.line, code: Code::Or(Box::new(first), Box::new(other)) }
    }

    fn single(&mut self, depth: usize) -> Expression {
        self.blanks(depth > 0);
        let line = self.line();
        let code = if depth > DEPTH { None } else { self.code(depth) };
        Expression { line, code: code.unwrap_or(Code::Unread) }
    }

    fn code(&mut self, depth: usize) -> Option<Code> {
        let first = self.rest().chars().next()?;
        match first {
            '\'' | '"' => self.texts(depth).map(Code::Text),
            '{' => self.dictionary(depth),
            '(' => {
                self.at += 1;
                let inner = self.value(depth + 1);
                self.blanks(true);
                self.takes(")").then_some(inner.code)
            }
            '0'..='9' => Some(Code::Text(self.word().to_owned())),
            c if is_word(c) => self.named(depth),
            _ => None,
        }
    }

    /// Letters, digits, underscores, and the dots between them.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_word(c) && c != '.').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn named(&mut self, depth: usize) -> Option<Code> {
        let name = self.word();
        match (name, self.rest().chars().next()) {
            ("None", _) => Some(Code::Nothing),
            // A prefix of a text: what is raw is the same unless it has backslashes; others are not read.
            ("r" | "u", Some('\'' | '"')) => {
                let from = self.at;
                let text = self.texts(depth)?;
                (!self.text[from..self.at].contains('\\')).then_some(Code::Text(text))
            }
            (_, Some('(')) => {
                self.at += 1;
                Some(Code::Call(name.to_owned(), self.arguments(depth)?))
            }
            (_, Some('[')) => {
                self.at += 1;
                let key = self.value(depth + 1);
                self.blanks(true);
                self.takes("]").then(|| Code::Item(name.to_owned(), Box::new(key)))
            }
            (_, Some('\'' | '"')) => None,
            _ => Some(Code::Name(name.to_owned())),
        }
    }

    /// Texts, of which Python joins several in a row.
    fn texts(&mut self, depth: usize) -> Option<String> {
        let mut all = String::new();
        loop {
            let quote = self.rest().chars().next().filter(|c| "'\"".contains(*c));
            let Some(quote) = quote else { return Some(all) };
            if self.rest().starts_with(&quote.to_string().repeat(3)) {
                return None;
            }
            self.at += 1;
            loop {
                let c = self.rest().chars().next()?;
                self.at += c.len_utf8();
                match c {
                    '\n' => return None,
                    '\\' => {
                        let escaped = self.rest().chars().next().filter(|c| "'\"\\".contains(*c))?;
                        self.at += 1;
                        all.push(escaped);
                    }
                    c if c == quote => break,
                    c => all.push(c),
                }
            }
            self.blanks(depth > 0);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Code> {
        self.at += 1;
        let mut pairs = Vec::new();
        loop {
            self.blanks(true);
            if self.takes("}") {
                return Some(Code::Dictionary(pairs));
            }
            let key = self.value(depth + 1);
            self.blanks(true);
            if !self.takes(":") {
                return None;
            }
            pairs.push((key, self.item(depth)?));
        }
    }

    fn arguments(&mut self, depth: usize) -> Option<Vec<(Option<String>, Expression)>> {
        let mut all = Vec::new();
        loop {
            self.blanks(true);
            if self.takes(")") {
                return Some(all);
            }
            let from = self.at;
            let name = self.word();
            self.blanks(true);
            let is_named = !name.is_empty() && self.rest().starts_with('=') && !self.rest().starts_with("==");
            self.at = if is_named { self.at + 1 } else { from };
            let name = is_named.then(|| name.to_owned());
            all.push((name, self.item(depth)?));
        }
    }

    /// A value with the comma behind it; what is not understood reaches up to that comma or the closing bracket.
    fn item(&mut self, depth: usize) -> Option<Expression> {
        let value = self.value(depth + 1);
        self.blanks(true);
        if self.takes(",") || self.rest().starts_with(['}', ')', ']']) {
            return Some(value);
        }
        self.skip()?;
        Some(Expression { code: Code::Unread, ..value })
    }

    fn skip(&mut self) -> Option<()> {
        let mut open = 0;
        loop {
            let c = self.rest().chars().next()?;
            match c {
                '\'' | '"' => {
                    let from = self.at;
                    if self.texts(1).is_none() {
                        self.at = from + 1;
                    }
                    continue;
                }
                '{' | '(' | '[' => open += 1,
                '}' | ')' | ']' if open == 0 => return Some(()),
                '}' | ')' | ']' => open -= 1,
                ',' if open == 0 => {
                    self.at += 1;
                    return Some(());
                }
                '#' => {
                    self.blanks(true);
                    continue;
                }
                _ => {}
            }
            self.at += c.len_utf8();
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> Expression {
        Expression { line: 1, code: Code::Text(text.to_owned()) }
    }

    #[test]
    fn what_settings_are_made_of_is_read() {
        for (source, expected) in [
            ("'a' \"b\"", Code::Text("ab".to_owned())),
            ("5432  # port", Code::Text("5432".to_owned())),
            ("r'a'", Code::Text("a".to_owned())),
            ("None", Code::Nothing),
            ("DB_HOST", Code::Name("DB_HOST".to_owned())),
            ("os.environ['A']", Code::Item("os.environ".to_owned(), Box::new(text("A")))),
            (
                "env('A', default='b')",
                Code::Call(
                    "env".to_owned(),
                    vec![(None, text("A")), (Some("default".to_owned()), text("b"))],
                ),
            ),
            (
                "x or 'y'",
                Code::Or(
                    Box::new(Expression { line: 1, code: Code::Name("x".to_owned()) }),
                    Box::new(text("y")),
                ),
            ),
            ("('a')", Code::Text("a".to_owned())),
            ("f'{x}'", Code::Unread),
            ("'a' + 'b'", Code::Unread),
            ("'a' if b else 'c'", Code::Unread),
            ("'''a'''", Code::Unread),
            ("r'\\d'", Code::Unread),
        ] {
            assert_eq!(expression(source, 0).code, expected, "{source}");
        }
    }

    #[test]
    fn one_value_that_is_not_read_leaves_the_others() {
        let source = "{\n  # note, with a comma\n  'a': BASE / 'x',\n  'b': 'c',\n}";
        let Code::Dictionary(pairs) = expression(source, 0).code else { panic!("no dictionary") };
        assert_eq!((pairs[0].1.line, &pairs[0].1.code), (3, &Code::Unread));
        assert_eq!((pairs[1].1.line, &pairs[1].1.code), (4, &Code::Text("c".to_owned())));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(source in "([\\[\\](){}'\",:=#\\\\\n ]|or|a|é|f'|env\\('A'\\)){0,40}") {
            _ = expression(&source, 0);
        }
    }

    #[test]
    fn nesting_has_an_end() {
        for open in ["{", "(", "a(", "{1:", "a["] {
            _ = expression(&open.repeat(10_000), 0);
        }
    }
}
