//! How the Heroku CLI quotes a value for a shell.

/// `value` as `heroku config --shell` prints it (`lib/config/quote.js` of heroku 11.10): as it is, in single quotes, or in
/// double quotes, where a line break is `\n` and so one line stays one line.
pub fn shell_quote(value: &str) -> String {
    if !value.chars().any(needs_quotes) {
        return value.to_owned();
    }
    if !value.contains(['\'', '\n']) {
        return format!("'{value}'");
    }
    let mut quoted = String::with_capacity(value.len() + 8);
    quoted.push('"');
    for c in value.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '"' | '\\' | '$' | '`' | '!' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The characters that the CLI quotes. JavaScript's `\s` has U+FEFF and lacks U+0085.
fn needs_quotes(c: char) -> bool {
    "\"#!$&'()*,:;<=>?@[\\]^`{|}\u{feff}".contains(c) || (c.is_whitespace() && c != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_by_the_cli() {
        for (value, quoted) in [
            ("", ""),
            ("production", "production"),
            ("a/b-c.d_e+f~%", "a/b-c.d_e+f~%"),
            ("postgres://u@h", "'postgres://u@h'"),
            ("a b", "'a b'"),
            ("$HOME \"x\"", "'$HOME \"x\"'"),
            ("it's !", "\"it's \\!\""),
            ("one\ntwo", "\"one\\ntwo\""),
            ("舞台", "舞台"),
        ] {
            assert_eq!(shell_quote(value), quoted, "{value:?}");
        }
    }
}
