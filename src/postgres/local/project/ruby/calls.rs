//! What is called: the environment, Rails' mode, and the methods of texts.

use super::grammar::Reader;
use super::{Answer, Failure, Value};

impl Reader<'_> {
    /// The value of a name: a literal, the environment, Rails' mode, or a local variable.
    pub(super) fn named(&mut self) -> Answer {
        match self.take_word() {
            "nil" => Ok(Value::Nil),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "ENV" => self.environment(),
            "Rails" => {
                self.expect(".")?;
                if self.take_word() == "env" { Ok(self.mode()) } else { Err(Failure::Beyond) }
            }
            "System" => self.system(),
            "String" => {
                self.expect(".")?;
                match (self.take_word(), self.arguments()?.as_slice()) {
                    ("to_integer", [text]) => Ok(Value::Number(leading_number(&text.clone()?.to_string()))),
                    _ => Err(Failure::Beyond),
                }
            }
            name => self.ruby.locals.get(name).cloned().unwrap_or(Err(Failure::Beyond)),
        }
    }

    /// `Rails.env`, perhaps asked whether it is one.
    fn mode(&mut self) -> Value {
        let before = self.rest;
        if self.sign(".") {
            match self.take_word() {
                "development?" | "local?" => return Value::Bool(true),
                "test?" | "production?" | "staging?" => return Value::Bool(false),
                _ => self.rest = before,
            }
        }
        Value::Text("development".to_owned())
    }

    fn environment(&mut self) -> Answer {
        if self.sign("[") {
            let name = self.low()?.to_string();
            self.expect("]")?;
            return Ok((self.ruby.variable)(&name).map_or(Value::Nil, Value::Text));
        }
        self.expect(".")?;
        match self.take_word() {
            "fetch" => self.fetch(),
            "key?" | "has_key?" | "include?" | "member?" => match self.arguments()?.as_slice() {
                [name] => Ok(Value::Bool((self.ruby.variable)(&name.clone()?.to_string()).is_some())),
                _ => Err(Failure::Beyond),
            },
            _ => Err(Failure::Beyond),
        }
    }

    /// Elixir's `System.get_env("X")`, `System.get_env("X", default)`, `System.fetch_env!("X")`.
    fn system(&mut self) -> Answer {
        self.expect(".")?;
        let (name, arguments) = (self.take_word(), self.arguments()?);
        let text = |argument: &Answer| argument.clone().map(|value| value.to_string());
        let (variable, default) = match (name, arguments.as_slice()) {
            ("get_env", [name]) => (text(name)?, Ok(Value::Nil)),
            ("get_env", [name, default]) => (text(name)?, default.clone()),
            ("fetch_env!", [name]) => (text(name)?, Err(Failure::Missing(text(name)?))),
            _ => return Err(Failure::Beyond),
        };
        (self.ruby.variable)(&variable).map_or(default, |value| Ok(Value::Text(value)))
    }

    /// `fetch("X")`, `fetch("X", default)`, `fetch("X") { default }`.
    fn fetch(&mut self) -> Answer {
        let arguments = self.arguments()?;
        let block = self.block()?;
        let (name, default) = match arguments.as_slice() {
            [name] => (name.clone()?.to_string(), block),
            [name, default] => (name.clone()?.to_string(), Some(default.clone())),
            _ => return Err(Failure::Beyond),
        };
        match ((self.ruby.variable)(&name), default) {
            (Some(value), _) => Ok(Value::Text(value)),
            (None, Some(default)) => default,
            (None, None) => Err(Failure::Missing(name)),
        }
    }

    /// The arguments in parentheses, or behind a blank.
    fn arguments(&mut self) -> Answer<Vec<Answer>> {
        let parentheses = self.rest.starts_with('(');
        if parentheses {
            self.rest = &self.rest[1..];
            if self.sign(")") {
                return Ok(Vec::new());
            }
        } else if !self.rest.trim_start().starts_with(['\'', '"']) {
            return Ok(Vec::new());
        }
        let mut arguments = vec![self.ternary()];
        while self.sign(",") {
            arguments.push(self.ternary());
        }
        if parentheses {
            self.expect(")")?;
        }
        Ok(arguments)
    }

    /// A block's value; its parameters are not used.
    fn block(&mut self) -> Answer<Option<Answer>> {
        let end = if self.sign("{") {
            "}"
        } else if self.keyword("do") {
            "end"
        } else {
            return Ok(None);
        };
        if self.sign("|") {
            let (_, rest) = self.rest.split_once('|').ok_or(Failure::Beyond)?;
            self.rest = rest;
        }
        let value = self.statement();
        self.expect(end)?;
        Ok(Some(value))
    }

    /// A method of a value.
    pub(super) fn method(&mut self, of: Answer) -> Answer {
        let name = self.take_word();
        let arguments = self.arguments()?;
        let of = of?;
        let text = of.to_string();
        let texts: Vec<String> = arguments
            .into_iter()
            .map(|argument| argument.map(|value| value.to_string()))
            .collect::<Answer<_>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(match (name, texts.as_slice()) {
            ("presence", []) if of.is_blank() => Value::Nil,
            ("presence", []) => of,
            ("present?", []) => Value::Bool(!of.is_blank()),
            ("blank?", []) => Value::Bool(of.is_blank()),
            ("nil?", []) => Value::Bool(of == Value::Nil),
            ("to_s", []) => Value::Text(text),
            ("to_i", []) => Value::Number(leading_number(&text)),
            // Ruby's nil has no other methods.
            _ if !matches!(of, Value::Text(_)) => return Err(Failure::Beyond),
            ("empty?", []) => Value::Bool(text.is_empty()),
            ("strip", []) => Value::Text(text.trim().to_owned()),
            ("chomp", []) => Value::Text(text.trim_end_matches(['\n', '\r']).to_owned()),
            ("downcase", []) => Value::Text(text.to_lowercase()),
            ("upcase", []) => Value::Text(text.to_uppercase()),
            ("freeze" | "dup" | "to_str" | "to_sym", []) => of,
            ("start_with?", [start]) => Value::Bool(text.starts_with(start)),
            ("end_with?", [end]) => Value::Bool(text.ends_with(end)),
            ("include?", [part]) => Value::Bool(text.contains(part)),
            ("gsub", [from, to]) if !from.is_empty() && !to.contains('\\') => {
                Value::Text(text.replace(from, to))
            }
            _ => return Err(Failure::Beyond),
        })
    }
}

/// As `to_i` has it: the digits in front.
fn leading_number(text: &str) -> i64 {
    let text = text.trim_start();
    let end = text.char_indices().find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && *c == '-')));
    text[..end.map_or(text.len(), |(at, _)| at)].parse().unwrap_or(0)
}
