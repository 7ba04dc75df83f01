//! Variables in the texts of a compose file.

use super::super::variables::Variables;

/// A text with `$NAME`, `${NAME}`, `${NAME:-default}` and their like.
pub(super) fn interpolated(text: &str, variables: &Variables<'_>) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        done += before;
        if let Some(after) = after.strip_prefix('$') {
            done.push('$');
            rest = after;
        } else if let Some((inner, after)) = after.strip_prefix('{').and_then(closed) {
            done += &substituted(inner, variables);
            rest = after;
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            done += &variables.value(&after[..end]).unwrap_or_default();
            rest = &after[end..];
        }
    }
    done + rest
}

/// What stands before the brace that ends it, and what behind.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some((&text[..at], &text[at + 1..])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `NAME`, `NAME:-default`, `NAME-default`, `NAME:+other`, `NAME+other`, `NAME:?error`, `NAME?error`.
fn substituted(inner: &str, variables: &Variables<'_>) -> String {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, rule) = inner.split_at(end);
    let value = variables.value(name);
    let (rule, value) = match rule.strip_prefix(':') {
        Some(rule) => (rule, value.filter(|value| !value.is_empty())),
        None => (rule, value),
    };
    match (rule.chars().next(), value) {
        (Some('+'), Some(_)) | (Some('-'), None) => interpolated(&rule[1..], variables),
        (_, None) => String::new(),
        (_, Some(value)) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_compose_does() {
        let environment = |name: &str| match name {
            "A" => Some("a".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        };
        let variables = Variables::of_environment(&environment);
        for (text, expected) in [
            ("$A-${A}", "a-a"),
            ("${N:-5432}:5432", "5432:5432"),
            ("${E:-d}${E-d}", "d"),
            ("${N:-${A:-x}}", "a"),
            ("${A:+set}${N+set}", "set"),
            ("${N:?must be set}", ""),
            ("$$A $", "$A "),
            ("${A", "{A"),
        ] {
            assert_eq!(interpolated(text, &variables), expected, "{text}");
        }
    }
}
