//! The Ruby that stands in `config/database.yml`, and the Elixir in `config/dev.exs`: what is asked of the environment, and
//! what happens where it says nothing. Everything else is beyond it, and never run.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

mod calls;
mod grammar;
mod texts;

use grammar::Reader;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Number(i64),
    Text(String),
}

/// Why an expression has no value here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is more than is read here.
    Beyond,
    /// `ENV.fetch` of a variable that is not set.
    Missing(String),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Beyond => f.write_str("this code is not run to find the database"),
            Failure::Missing(name) => write!(f, "{name} is not set, and this line needs it"),
        }
    }
}

type Answer<T = Value> = Result<T, Failure>;

/// The variables that an expression is evaluated with.
pub(super) struct Ruby<'a> {
    /// The variables of the environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The local variables.
    pub(super) locals: BTreeMap<String, Answer>,
}

impl Value {
    pub(super) fn is_true(&self) -> bool {
        !matches!(self, Value::Nil | Value::Bool(false))
    }

    fn is_blank(&self) -> bool {
        match self {
            Value::Text(text) => text.trim().is_empty(),
            value => !value.is_true(),
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => Ok(()),
            Value::Bool(value) => value.fmt(f),
            Value::Number(value) => value.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}

impl Ruby<'_> {
    /// The value of an expression.
    pub(super) fn evaluate(&self, code: &str) -> Answer {
        let mut reader = Reader { ruby: self, rest: code, depth: 0 };
        let value = reader.statement()?;
        reader.skip();
        if reader.rest.is_empty() { Ok(value) } else { Err(Failure::Beyond) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("db".to_owned()),
            "EMPTY" => Some(String::new()),
            "PORT" => Some(" 5433 ".to_owned()),
            _ => None,
        }
    }

    fn value(code: &str) -> Answer<String> {
        let locals = BTreeMap::from([("name".to_owned(), Ok(Value::Text("x".to_owned())))]);
        Ruby { variable: &environment, locals }.evaluate(code).map(|value| value.to_string())
    }

    #[test]
    fn what_stands_in_database_yml_is_read() {
        for (code, expected) in [
            ("ENV['HOST']", "db"),
            ("ENV[\"NONE\"]", ""),
            ("ENV.fetch(\"HOST\")", "db"),
            ("ENV.fetch('NONE', 'd')", "d"),
            ("ENV.fetch 'NONE', 'd'", "d"),
            ("ENV.fetch(\"NONE\") { \"d\" }", "d"),
            ("ENV.fetch(\"NONE\") { |name| 5 }", "5"),
            ("ENV.fetch(\"NONE\") do 'd' end", "d"),
            ("ENV[\"NONE\"] || \"d\"", "d"),
            ("ENV['EMPTY'] || 'd'", ""),
            ("ENV['EMPTY'].presence || 'd'", "d"),
            ("ENV.fetch('NONE', nil).presence || ENV['HOST']", "db"),
            ("ENV['PORT'].to_i", "5433"),
            ("(ENV['NONE'] || 5432).to_i", "5432"),
            ("ENV['HOST'] ? 'yes' : 'no'", "yes"),
            ("ENV['HOST'].present? ? \"a_#{ENV['HOST']}\" : 'no'", "a_db"),
            ("ENV['NONE'].nil?", "true"),
            ("ENV.key?('HOST') && !ENV['NONE']", "true"),
            ("\"app_#{name}_\" + ENV.fetch('HOST')", "app_x_db"),
            ("Rails.env", "development"),
            ("'a' if Rails.env.production?", ""),
            ("'a' unless Rails.env.test?", "a"),
            ("ENV['HOST'] == 'db' ? 1 : 2", "1"),
            ("ENV['NONE']&.strip || 'x'", "x"),
            ("ENV['HOST'] || Rails.application.credentials", "db"),
            ("'it''s'.gsub('i', 'o')", "BEYOND"),
            ("'it\\'s' # comment", "it's"),
            ("ENV['HOST'] or 'x'", "db"),
            ("System.get_env(\"HOST\") || \"x\"", "db"),
            ("String.to_integer(System.get_env(\"NONE\", \"5432\"))", "5432"),
            ("\"app#{System.get_env(\"NONE\")}\"", "app"),
        ] {
            if expected == "BEYOND" {
                assert_eq!(value(code), Err(Failure::Beyond), "{code}");
            } else {
                assert_eq!(value(code).as_deref(), Ok(expected), "{code}");
            }
        }
    }

    #[test]
    fn everything_else_is_beyond() {
        for code in [
            "`git branch`",
            "system('x')",
            "Rails.application.credentials.db",
            "['a','b'].join('_')",
            "ENV",
            "ENV.to_h",
            "ENV['NONE'].strip",
            "File.read('x')",
            "unknown",
            "",
            "ENV['HOST'",
            "\"#{",
            "%w[a b].first",
            "1 + 'a'",
            "ENV['HOST'] = 'x'",
        ] {
            assert_eq!(value(code), Err(Failure::Beyond), "{code}");
        }
        assert_eq!(value("ENV.fetch('NONE')"), Err(Failure::Missing("NONE".to_owned())));
        assert_eq!(value(&"(".repeat(10_000)), Err(Failure::Beyond));
        assert_eq!(value(&"!".repeat(10_000)), Err(Failure::Beyond));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(code in "(ENV|fetch|[.'\"#{}()\\[\\]?:|&!=+ a-z\\\\é0-9]){0,30}") {
            _ = value(&code);
        }
    }
}
