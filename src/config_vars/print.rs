//! Config vars as the Heroku CLI prints them.

use crate::heroku::{HIDDEN, Secret};

/// `NAME:  value` for each, with the values aligned; one line for none.
pub fn valued<'a>(vars: impl Iterator<Item = (&'a str, &'a Secret)>) -> String {
    let shown = |value: &'a Secret| match value.reveal() {
        // Node's notation for a text without characters.
        "" => "''",
        text => text,
    };
    object(&vars.map(|(name, value)| (name, shown(value))).collect::<Vec<_>>())
}

/// The same with a placeholder for each value.
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    object(&names.map(|name| (name, HIDDEN)).collect::<Vec<_>>())
}

/// `styledObject` of the CLI: it counts UTF-16 code units.
fn object(lines: &[(&str, &str)]) -> String {
    let length = |name: &str| name.encode_utf16().count();
    let longest = lines.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
    let line =
        |(name, value): &(&str, &str)| format!("{name}:{}{value}\n", " ".repeat(longest + 1 - length(name)));
    if lines.is_empty() { "\n".to_owned() } else { lines.iter().map(line).collect() }
}
