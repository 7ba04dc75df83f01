//! The values of expressions in settings, with the variables of the environment in them.

use super::module::Module;
use super::python::{Code, Expression};
use crate::error::Result;
use crate::postgres::local::Source;
use crate::postgres::local::project::variables::Variables;

/// How far names that stand for names are followed.
const DEPTH: usize = 16;

/// Reads values.
pub(super) struct Values<'a> {
    pub(super) module: &'a Module,
    pub(super) variables: &'a Variables<'a>,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A text, and where it is from.
    Text(String, Source),
    /// A database's URL that a library takes apart.
    Url(String, Source),
    Dictionary(Vec<(Expression, Expression)>),
    Nothing,
}

/// A call's arguments.
type Arguments = [(Option<String>, Expression)];

impl Values<'_> {
    /// The value. Exit 2 for what is not read.
    pub(super) fn of(&self, expression: &Expression) -> Result<Value> {
        self.at(expression, 0)
    }

    fn at(&self, expression: &Expression, depth: usize) -> Result<Value> {
        let unread = || self.module.unread(expression.line, super::NOT_RUN);
        if depth > DEPTH {
            return Err(unread());
        }
        match &expression.code {
            Code::Text(text) => Ok(Value::Text(text.clone(), self.module.source(expression.line))),
            Code::Nothing => Ok(Value::Nothing),
            Code::Dictionary(pairs) => Ok(Value::Dictionary(pairs.clone())),
            Code::Name(name) => match self.module.constant(name) {
                Some(constant) => self.at(&constant, depth + 1),
                None => Err(unread()),
            },
            Code::Item(name, key) if ["os.environ", "environ"].contains(&&**name) => {
                let key = self.name(key, depth)?.ok_or_else(unread)?;
                let message = format!("{key}, which it needs, is not set");
                self.variable(&key).ok_or_else(|| self.module.unread(expression.line, message))
            }
            Code::Or(one, other) => match self.at(one, depth + 1)? {
                Value::Nothing => self.at(other, depth + 1),
                Value::Text(text, _) if text.is_empty() => self.at(other, depth + 1),
                value => Ok(value),
            },
            Code::Call(name, arguments) => self.call(name, arguments, expression, depth),
            Code::Item(..) | Code::Unread => Err(unread()),
        }
    }

    fn call(&self, name: &str, arguments: &Arguments, whole: &Expression, depth: usize) -> Result<Value> {
        let unread = || self.module.unread(whole.line, super::NOT_RUN);
        let place = |at: usize| arguments.get(at).filter(|(name, _)| name.is_none()).map(|(_, value)| value);
        let named = |name: &str| {
            arguments.iter().find(|(there, _)| there.as_deref() == Some(name)).map(|(_, value)| value)
        };
        let default = |at: usize| named("default").or_else(|| place(at));
        let or_default = |found: Option<Value>, at: usize| match (found, default(at)) {
            (Some(value), _) => Ok(Some(value)),
            (None, Some(default)) => self.at(default, depth + 1).map(Some),
            (None, None) => Ok(None),
        };
        let variable = |at: usize, otherwise: &str| -> Result<Option<Value>> {
            let Some(key) = place(at) else { return Ok(self.variable(otherwise)) };
            let key = self.name(key, depth)?.ok_or_else(unread)?;
            Ok(self.variable(&key))
        };
        let missing =
            || self.module.unread(whole.line, "the variable that it needs is not set, and has no default");
        match name {
            "os.environ.get" | "environ.get" | "os.getenv" | "getenv" => {
                place(0).ok_or_else(unread)?;
                Ok(or_default(variable(0, "")?, 1)?.unwrap_or(Value::Nothing))
            }
            "env" | "env.str" | "env.int" | "config" | "env.get_value" => {
                place(0).ok_or_else(unread)?;
                or_default(variable(0, "")?, 1)?.ok_or_else(missing)
            }
            "int" | "str" => self.at(place(0).ok_or_else(unread)?, depth + 1),
            "env.db" | "env.db_url" | "env.dj_db_url" => {
                url(or_default(variable(0, "DATABASE_URL")?, 1)?).ok_or_else(missing)
            }
            "dj_database_url.config" => {
                let key = match named("env") {
                    Some(key) => self.name(key, depth)?.ok_or_else(unread)?,
                    None => "DATABASE_URL".to_owned(),
                };
                url(or_default(self.variable(&key), usize::MAX)?).ok_or_else(missing)
            }
            "dj_database_url.parse" => {
                let text = self.at(place(0).ok_or_else(unread)?, depth + 1)?;
                url(Some(text)).ok_or_else(unread)
            }
            _ => Err(unread()),
        }
    }

    /// The text of an expression that is a variable's name.
    fn name(&self, expression: &Expression, depth: usize) -> Result<Option<String>> {
        match self.at(expression, depth + 1)? {
            Value::Text(text, _) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    fn variable(&self, name: &str) -> Option<Value> {
        let found = self.variables.filled(name)?;
        Some(Value::Text(found.value, found.source))
    }
}

/// A text that is a database's URL.
fn url(value: Option<Value>) -> Option<Value> {
    match value? {
        Value::Text(text, source) => Some(Value::Url(text, source)),
        _ => None,
    }
}
