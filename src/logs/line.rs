//! The parts of a log line, for `--json`.

use serde::Serialize;

/// A log line: when, who and what. A line that is not one of Heroku's is all message.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line<'a> {
    at: Option<&'a str>,
    source: Option<&'a str>,
    dyno: Option<&'a str>,
    message: &'a str,
}

impl<'a> Line<'a> {
    /// Takes `2024-01-01T00:00:00.000000+00:00 app[web.1]: message` apart.
    pub(super) fn parse(line: &'a str) -> Self {
        parts(line).unwrap_or(Self { at: None, source: None, dyno: None, message: line })
    }
}

fn parts(line: &str) -> Option<Line<'_>> {
    let (at, rest) = line.split_once(' ')?;
    let (source, rest) = rest.split_once('[')?;
    let (dyno, message) = rest.split_once("]:")?;
    let is_name = |name: &str| !name.is_empty() && !name.contains([' ', '[', ']', '\t']);
    if !at.starts_with(|c: char| c.is_ascii_digit()) || !is_name(source) || !is_name(dyno) {
        return None;
    }
    let message = message.strip_prefix(' ').unwrap_or(message);
    Some(Line { at: Some(at), source: Some(source), dyno: Some(dyno), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_parts() {
        let line = Line::parse("2024-01-01T00:00:00.000000+00:00 app[web.1]:  two [spaces]: kept");
        assert_eq!(
            line,
            Line {
                at: Some("2024-01-01T00:00:00.000000+00:00"),
                source: Some("app"),
                dyno: Some("web.1"),
                message: " two [spaces]: kept"
            }
        );
        assert_eq!(Line::parse("2024 heroku[router]:").message, "");
    }

    #[test]
    fn what_has_none_is_all_message() {
        for line in
            ["", "hello", "hello world [x]: y", "2024 a b[c]: d", "2024 app[we b]: d", "2024 app[web.1] d"]
        {
            assert_eq!(Line::parse(line), Line { at: None, source: None, dyno: None, message: line });
        }
    }
}
