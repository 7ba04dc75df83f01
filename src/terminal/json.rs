//! Prints JSON with control characters escaped, so that a terminal does not obey them.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::Terminal;
use crate::error::Result;
use crate::text::{is_harmless, is_hostile};

impl Terminal {
    /// Prints an answer as JSON, laid out for people too.
    pub fn print_json(&self, answer: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(answer)?;
        self.print(&format!("{}\n", escape_json(&text)))
    }
}

/// Appends an object as JSON to `out`, without a line break.
pub fn write_json(object: &impl Serialize, out: &mut Vec<u8>) -> Result<()> {
    let begin = out.len();
    serde_json::to_writer(&mut *out, object)?;
    let escaped = str::from_utf8(&out[begin..]).map(escape_json)?;
    if let Cow::Owned(escaped) = escaped {
        out.truncate(begin);
        out.extend_from_slice(escaped.as_bytes());
    }
    Ok(())
}

/// The JSON with hostile characters as `\uXXXX`. Characters beyond ASCII occur only in strings, where the escape means the
/// same; ASCII's control characters are escaped already.
pub fn escape_json(text: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| c >= '\u{7f}' && is_hostile(c);
    if is_harmless(text) || !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn hostile_characters_are_escaped() {
        let text = json!({ "\u{9b}2J": "a\u{7f}\u{1b}\u{202e}b \u{e0041} 語 👩\u{200d}🎤" }).to_string();
        assert_eq!(escape_json(&text), r#"{"\u009b2J":"a\u007f\u001b\u202eb \udb40\udc41 語 👩\u200d🎤"}"#);
        let plain = "{\n  \"a\": 1\n}";
        assert!(matches!(escape_json(plain), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn escaping_keeps_the_value(text in any::<String>(), key in any::<String>()) {
            let value = json!({ key: [text] });
            let laid_out = format!("{value:#}");
            let escaped = escape_json(&laid_out);
            prop_assert!(escaped.chars().all(|c| c == '\n' || !is_hostile(c)), "{escaped:?}");
            prop_assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), value);
        }
    }
}
