//! Patterns that name tables, as `pg_dump --exclude-table-data` reads them: `versions`, `audit.*`, `log_????`.

use std::fmt::{self, Display};
use std::str::FromStr;

/// A pattern for tables, with or without a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    typed: String,
    schema: Option<Vec<Part>>,
    table: Vec<Part>,
}

/// What one or more characters of a name must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// This character.
    One(char),
    /// Any character: `?`.
    Any,
    /// Any number of characters: `*`.
    Many,
}

impl Pattern {
    /// Whether it names this table.
    pub fn matches(&self, schema: &str, table: &str) -> bool {
        let fits = |parts: &[Part], name: &str| fits(parts, &name.chars().collect::<Vec<_>>());
        self.schema.as_deref().is_none_or(|parts| fits(parts, schema)) && fits(&self.table, table)
    }
}

impl FromStr for Pattern {
    type Err = String;

    /// Letters outside double quotes are made lower case, as in SQL; within them nothing is special.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut names = vec![Vec::new()];
        let mut quoted = false;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let part = match c {
                '"' if quoted && rest.peek() == Some(&'"') => {
                    rest.next();
                    Part::One('"')
                }
                '"' => {
                    quoted = !quoted;
                    continue;
                }
                '.' if !quoted => {
                    names.push(Vec::new());
                    continue;
                }
                '*' if !quoted => Part::Many,
                '?' if !quoted => Part::Any,
                c if quoted => Part::One(c),
                c => Part::One(c.to_lowercase().next().unwrap_or(c)),
            };
            if let Some(name) = names.last_mut() {
                name.push(part);
            }
        }
        let wrong = || format!("{text:?} is not a table or a pattern such as audit.* or log_*");
        if quoted || names.iter().any(Vec::is_empty) || names.len() > 2 {
            return Err(wrong());
        }
        let table = names.pop().ok_or_else(wrong)?;
        Ok(Self { typed: text.to_owned(), schema: names.pop(), table })
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

/// Whether the parts fit the whole name. It goes back to the last `*` only, so that it takes no more than their product.
fn fits(parts: &[Part], name: &[char]) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut last_many = None;
    while at < name.len() {
        match parts.get(part) {
            Some(Part::Many) => {
                last_many = Some((part, at));
                part += 1;
            }
            Some(Part::Any) => (part, at) = (part + 1, at + 1),
            Some(Part::One(c)) if *c == name[at] => (part, at) = (part + 1, at + 1),
            _ => match last_many {
                Some((many, from)) => {
                    last_many = Some((many, from + 1));
                    (part, at) = (many + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    parts[part..].iter().all(|part| *part == Part::Many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_pg_dumps() {
        for (pattern, schema, table, matches) in [
            ("users", "public", "users", true),
            ("Users", "audit", "users", true),
            ("\"Users\"", "public", "users", false),
            ("\"Users\"", "public", "Users", true),
            ("users", "public", "users_old", false),
            ("users*", "public", "users_old", true),
            ("*_old", "public", "users_old_old", true),
            ("public.users", "audit", "users", false),
            ("public.users", "public", "users", true),
            ("a*.*", "audit", "versions", true),
            ("log_????", "public", "log_2026", true),
            ("log_????", "public", "log_26", false),
            ("\"a.b\"", "public", "a.b", true),
            ("\"a*\"", "public", "ab", false),
        ] {
            let read: Pattern = pattern.parse().unwrap();
            assert_eq!(read.matches(schema, table), matches, "{pattern} {schema}.{table}");
        }
        for wrong in ["", ".", "a.", "a.b.c", "\"a"] {
            assert!(wrong.parse::<Pattern>().is_err(), "{wrong}");
        }
    }
}
