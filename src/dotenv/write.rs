//! Writes assignments so that a shell and the usual libraries read the same values.

use std::fmt::Write as _;

/// The lines that set these variables. Each name must be one: see [`super::is_name`].
pub fn write<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        _ = writeln!(text, "{}", assignment(name, value));
    }
    text
}

/// `NAME=value`, quoted where it must be. It has several lines where the value has.
pub fn assignment(name: &str, value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if value.chars().all(is_plain) {
        return format!("{name}={value}");
    }
    // Most libraries leave everything in single quotes as it is. A carriage return could be taken for a part of the line
    // break behind it.
    if !value.contains(['\'', '\r']) {
        return format!("{name}='{value}'");
    }
    let mut line = format!("{name}=\"");
    for c in value.chars() {
        match c {
            '\r' => line.push_str("\\r"),
            '"' | '\\' | '$' | '`' => line.extend(['\\', c]),
            c => line.push(c),
        }
    }
    line.push('"');
    line
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
            assert_eq!(assignment("A", value), line, "{value:?}");
        }
    }

    #[test]
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a shell is what the line is for")]
    fn a_shell_reads_the_same_values() {
        let values = ["it's $5 `\\\"", "one\ntwo", "$(exit 3) ${HOME} # !x", "a\\", "~", "", "é \t'\n'"];
        for value in values {
            let script = format!("{}\nprintf %s \"$A\"", assignment("A", value));
            let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), value);
        }
    }
}
