//! The grammar: operators and conditions, by how tightly they bind. Both sides of an operator are read; what Ruby would not
//! evaluate cannot fail.

use super::{Answer, Failure, Ruby, Value};

/// The deepest nesting that is read.
pub(super) const DEPTH: usize = 32;

/// The rest of an expression that is being parsed.
pub(super) struct Reader<'r> {
    pub(super) ruby: &'r Ruby<'r>,
    pub(super) rest: &'r str,
    pub(super) depth: usize,
}

impl<'r> Reader<'r> {
    /// Skips blanks and comments.
    pub(super) fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => return,
            }
        }
    }

    /// Takes this sign, unless it is the beginning of another one.
    pub(super) fn sign(&mut self, sign: &str) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(sign) else { return false };
        self.rest = rest;
        true
    }

    pub(super) fn expect(&mut self, sign: &str) -> Answer<()> {
        if self.sign(sign) { Ok(()) } else { Err(Failure::Beyond) }
    }

    /// The word that follows, which is not taken.
    pub(super) fn word(&mut self) -> &'r str {
        self.skip();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        // A method's name may end with one of these; `a ?b : c` has a blank.
        let end = end
            + usize::from(
                end > 0 && self.rest[end..].starts_with(['?', '!']) && !self.rest[end..].starts_with("!="),
            );
        &self.rest[..end]
    }

    /// Takes this word.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let is_there = self.word() == word;
        if is_there {
            self.rest = &self.rest[word.len()..];
        }
        is_there
    }

    /// An expression, perhaps under a condition that follows it.
    pub(super) fn statement(&mut self) -> Answer {
        let value = self.low();
        if self.keyword("if") {
            return if self.low()?.is_true() { value } else { Ok(Value::Nil) };
        }
        if self.keyword("unless") {
            return if self.low()?.is_true() { Ok(Value::Nil) } else { value };
        }
        value
    }

    /// `and`, `or`, `not`. Both sides are read; the one that Ruby would not evaluate cannot fail.
    pub(super) fn low(&mut self) -> Answer {
        if self.keyword("not") {
            self.depth += 1;
            let value = if self.depth > DEPTH { Err(Failure::Beyond) } else { self.low() };
            self.depth -= 1;
            return Ok(Value::Bool(!value?.is_true()));
        }
        let mut value = self.ternary();
        loop {
            if self.keyword("or") {
                let other = self.ternary();
                value = either(value, other);
            } else if self.keyword("and") {
                let other = self.ternary();
                value = both(value, other);
            } else {
                return value;
            }
        }
    }

    pub(super) fn ternary(&mut self) -> Answer {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Failure::Beyond);
        }
        let condition = self.any();
        let answer = if self.sign("?") {
            let yes = self.ternary();
            self.expect(":")?;
            let no = self.ternary();
            if condition?.is_true() { yes } else { no }
        } else {
            condition
        };
        self.depth -= 1;
        answer
    }

    pub(super) fn any(&mut self) -> Answer {
        let mut value = self.all();
        while self.sign("||") {
            let other = self.all();
            value = either(value, other);
        }
        value
    }

    pub(super) fn all(&mut self) -> Answer {
        let mut value = self.comparison();
        while self.sign("&&") {
            let other = self.comparison();
            value = both(value, other);
        }
        value
    }

    pub(super) fn comparison(&mut self) -> Answer {
        let value = self.sum();
        let is_equal = if self.sign("==") {
            true
        } else if self.sign("!=") {
            false
        } else {
            return value;
        };
        let other = self.sum();
        Ok(Value::Bool((value? == other?) == is_equal))
    }

    pub(super) fn sum(&mut self) -> Answer {
        let mut value = self.unary();
        while self.sign("+") {
            let other = self.unary();
            value = match (value?, other?) {
                (Value::Text(a), Value::Text(b)) => Ok(Value::Text(a + &b)),
                (Value::Number(a), Value::Number(b)) => {
                    a.checked_add(b).map(Value::Number).ok_or(Failure::Beyond)
                }
                _ => Err(Failure::Beyond),
            };
        }
        value
    }

    pub(super) fn unary(&mut self) -> Answer {
        self.skip();
        if !self.rest.starts_with("!=") && self.sign("!") {
            self.depth += 1;
            let value = if self.depth > DEPTH { Err(Failure::Beyond) } else { self.unary() };
            self.depth -= 1;
            return Ok(Value::Bool(!value?.is_true()));
        }
        let mut value = self.primary();
        loop {
            self.skip();
            if self.sign("&.") {
                // What is not called is read all the same.
                let is_nil = value == Ok(Value::Nil);
                let called = self.method(if is_nil { Ok(Value::Text(String::new())) } else { value });
                value = if is_nil { Ok(Value::Nil) } else { called };
            } else if self.rest.starts_with('.') && !self.rest.starts_with("..") {
                self.rest = &self.rest[1..];
                value = self.method(value);
            } else {
                return value;
            }
        }
    }

    pub(super) fn primary(&mut self) -> Answer {
        self.skip();
        if self.sign("(") {
            let value = self.low();
            self.expect(")")?;
            return value;
        }
        match self.rest.chars().next() {
            Some('\'') => self.single_quoted().map(Value::Text),
            Some('"') => self.double_quoted(),
            Some(c) if c.is_ascii_digit() => self.number(),
            Some(':') => {
                self.rest = &self.rest[1..];
                let word = self.take_word();
                if word.is_empty() { Err(Failure::Beyond) } else { Ok(Value::Text(word.to_owned())) }
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.named(),
            _ => Err(Failure::Beyond),
        }
    }

    pub(super) fn take_word(&mut self) -> &'r str {
        let word = self.word();
        self.rest = &self.rest[word.len()..];
        word
    }

    pub(super) fn number(&mut self) -> Answer {
        let digits = self.take_word().replace('_', "");
        digits.parse().map(Value::Number).map_err(|_| Failure::Beyond)
    }
}

fn either(value: Answer, other: Answer) -> Answer {
    if value.as_ref().is_ok_and(|value| !value.is_true()) { other } else { value }
}

fn both(value: Answer, other: Answer) -> Answer {
    if value.as_ref().is_ok_and(Value::is_true) { other } else { value }
}
