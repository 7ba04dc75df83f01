//! Headings, and names with their values, as the Heroku CLI prints them.

use super::columns::{columns, pad};
use super::sanitize::sanitize;

/// A heading and the empty line after it.
pub fn heading(text: &str) -> String {
    format!("=== {}\n\n", sanitize(text))
}

/// A text as a value: `''` for an empty one.
pub fn value(text: &str) -> String {
    if text.is_empty() { "''".to_owned() } else { text.to_owned() }
}

/// One line for each name, and one more for each further value; the values are aligned. A name without a value is left
/// out.
pub fn fields<N: AsRef<str>>(fields: &[(N, Vec<String>)]) -> String {
    let shown: Vec<(String, &[String])> = fields
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (format!("{}:", sanitize(name.as_ref())), values.as_slice()))
        .collect();
    let width = shown.iter().map(|(name, _)| columns(name)).max().unwrap_or(0) + 1;
    let mut text = String::new();
    for (name, values) in shown {
        for (at, value) in values.iter().enumerate() {
            text += &pad(if at == 0 { &name } else { "" }, width);
            text += value;
            text.push('\n');
        }
    }
    sanitize(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_aligned_and_a_name_without_one_is_left_out() {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let text = fields(&[
            ("Add-ons", list(&["redis", "amqp"])),
            ("A name that is not shown", list(&[])),
            ("By", list(&["\u{1b}[2J"])),
            ("EMPTY", vec![value("")]),
        ]);
        assert_eq!(text, "Add-ons: redis\n         amqp\nBy:      \\u{1b}[2J\nEMPTY:   ''\n");
        assert_eq!(fields::<&str>(&[]), "");
        assert_eq!(heading("playhouse"), "=== playhouse\n\n");
    }
}
