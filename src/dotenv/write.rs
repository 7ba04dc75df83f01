//! Writes assignments so that a shell and the usual libraries read the same values.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::parse::{SyntaxError, parse};

/// The lines that set these variables. Each name must be one: see [`super::is_name`].
pub fn write<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        _ = writeln!(text, "{name}={}", quoted(value));
    }
    text
}

/// `text` with these variables set: each value that differs is replaced where it is, and names that are not there are
/// added at the end. Everything else stays, comments too.
pub fn update(text: &str, variables: &BTreeMap<&str, &str>) -> Result<String, SyntaxError> {
    let known = parse(text)?;
    let mut updated = String::with_capacity(text.len());
    let mut rest = 0;
    for old in &known {
        if let Some(new) = variables.get(old.name.as_str()).filter(|new| **new != old.value) {
            updated.push_str(&text[rest..old.place.start]);
            updated.push_str(&quoted(new));
            rest = old.place.end;
        }
    }
    updated.push_str(&text[rest..]);
    if !updated.is_empty() && !updated.ends_with('\n') {
        updated.push('\n');
    }
    let is_new = |(name, _): &(&&str, &&str)| known.iter().all(|old| old.name != **name);
    updated.push_str(&write(variables.iter().filter(is_new).map(|(name, value)| (*name, *value))));
    Ok(updated)
}

/// A value in the quotes that it needs. It has several lines where the value has.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if value.chars().all(is_plain) {
        return value.to_owned();
    }
    // Most libraries leave everything in single quotes as it is. A carriage return could be taken for a part of the line
    // break behind it.
    if !value.contains(['\'', '\r']) {
        return format!("'{value}'");
    }
    double_quoted(value)
}

/// A value in double quotes and on one line.
pub fn on_one_line(value: &str) -> String {
    double_quoted(value).replace('\n', "\\n")
}

fn double_quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 8);
    quoted.push('"');
    for c in value.chars() {
        match c {
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' | '$' | '`' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_quotes_where_it_needs_them() {
        for (value, line) in [
            ("", "A="),
            ("postgres://u:p@h:5432/d", "A=postgres://u:p@h:5432/d"),
            ("break a leg", "A='break a leg'"),
            ("$HOME #1 \"x\" \\n", "A='$HOME #1 \"x\" \\n'"),
            ("one\ntwo", "A='one\ntwo'"),
            ("it's $5 `\\\"", "A=\"it's \\$5 \\`\\\\\\\"\""),
            ("one\r\ntwo", "A=\"one\\r\ntwo\""),
            ("舞台", "A='舞台'"),
        ] {
            assert_eq!(write([("A", value)]), format!("{line}\n"), "{value:?}");
        }
    }

    #[test]
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a shell is what the line is for")]
    fn a_shell_reads_the_same_values() {
        let values = ["it's $5 `\\\"", "one\ntwo", "$(exit 3) ${HOME} # !x", "a\\", "~", "", "é \t'\n'"];
        for value in values {
            let script = format!("{}printf %s \"$A\"", write([("A", value)]));
            let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), value);
        }
    }

    #[test]
    fn an_update_leaves_the_rest_of_the_file_as_it_is() {
        let text =
            "\u{feff}# mine\nexport A = 'old' # why\nB=  same\r\n\nC=\"1\n2\" # x\nD= # none\nE=1\nE=2";
        let new = [("A", "it's"), ("B", "same"), ("C", "3"), ("D", "a b"), ("E", "2"), ("F", "new")];
        let updated = update(text, &new.into()).unwrap();
        assert_eq!(
            updated,
            "\u{feff}# mine\nexport A = \"it's\" # why\nB=  same\r\n\nC=3 # x\nD='a b' # none\nE=2\nE=2\nF=new\n"
        );
        let found = parse(&updated).unwrap();
        for (name, value) in new {
            assert!(found.iter().any(|found| found.name == name && found.value == value), "{name}");
        }
        assert_eq!(update("", &[("A", "")].into()).unwrap(), "A=\n");
        assert_eq!(update("A='", &BTreeMap::new()).unwrap_err().line, 1);
    }
}
