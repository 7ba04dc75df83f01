//! Texts in quotes.

use super::grammar::{DEPTH, Reader};
use super::{Answer, Failure, Value};

impl Reader<'_> {
    pub(super) fn single_quoted(&mut self) -> Answer<String> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    self.rest = &self.rest[at + 2..];
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, c @ ('\\' | '\''))) => text.push(c),
                    Some((_, c)) => text.extend(['\\', c]),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(Failure::Beyond)
    }

    /// A text in double quotes. What is between `#{` and `}` may fail without making the rest unreadable.
    pub(super) fn double_quoted(&mut self) -> Answer {
        let mut value = Ok(String::new());
        self.rest = &self.rest[1..];
        loop {
            if let Some(rest) = self.rest.strip_prefix("#{") {
                self.rest = rest;
                self.depth += 1;
                let inner = if self.depth > DEPTH { Err(Failure::Beyond) } else { self.statement() };
                self.depth -= 1;
                self.expect("}")?;
                value = value.and_then(|text: String| Ok(text + &inner?.to_string()));
                continue;
            }
            let mut chars = self.rest.chars();
            let c = match chars.next().ok_or(Failure::Beyond)? {
                '"' => {
                    self.rest = chars.as_str();
                    return value.map(Value::Text);
                }
                '\\' => match chars.next().ok_or(Failure::Beyond)? {
                    'n' => '\n',
                    't' => '\t',
                    c if c.is_ascii_alphanumeric() => return Err(Failure::Beyond),
                    c => c,
                },
                c => c,
            };
            self.rest = chars.as_str();
            if let Ok(text) = &mut value {
                text.push(c);
            }
        }
    }
}
