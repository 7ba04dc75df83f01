//! Sanitizes text from the network and from repositories: control characters are shown, not obeyed.

use std::borrow::Cow;

use anstream::adapter::strip_str;

use crate::text::{is_harmless, is_hostile, is_part_of_emoji};

/// `text` with every character that drives or deceives a terminal, but for tab and newline, shown as an escape, such as
/// `\u{1b}`.
pub(super) fn sanitize(text: &str) -> Cow<'_, str> {
    if text.split('\n').all(is_harmless) {
        return Cow::Borrowed(text);
    }
    show(text, |rest| usize::from(rest.starts_with('\n'))).into()
}

/// `text` with hostile characters as escapes. At each character `kept` says how many bytes of the rest stay as they are.
fn show(text: &str, kept: impl Fn(&str) -> usize) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let stays = kept(rest);
        let (this, after) = rest.split_at(if stays > 0 { stays } else { c.len_utf8() });
        if stays > 0 || !is_hostile(c) || is_part_of_emoji(before, c, after.chars().next()) {
            shown.push_str(this);
        } else {
            shown.extend(c.escape_unicode());
        }
        (before, rest) = (Some(c), after);
    }
    shown
}

/// A message that follows a label such as `error:`. All lines but the first are indented, so that text from outside cannot
/// begin a line with a label of its own.
pub fn sanitize_message(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches('\n');
    if text.contains('\n') {
        return Cow::Owned(sanitize(text).replace('\n', "\n  "));
    }
    sanitize(text)
}

/// A message without a label, such as a plan: only lines that begin with one of our labels are indented.
pub fn sanitize_status(text: &str) -> Cow<'_, str> {
    const LABELS: [&str; 3] = ["error:", "warning:", "hint:"];
    let is_forged = |line: &str| LABELS.iter().any(|label| line.starts_with(label));
    let text = sanitize(text);
    if !text.lines().any(is_forged) {
        return text;
    }
    let line = |line: &str| if is_forged(line) { format!("  {line}") } else { line.to_owned() };
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// A line from another program or an app, sanitized for a terminal. With `color`, its colors are kept and reset at its end.
pub fn sanitize_line(line: &[u8], color: bool) -> Cow<'_, str> {
    let text = sanitize_log(line.strip_suffix(b"\r").unwrap_or(line));
    match text.contains('\u{1b}') {
        false => text,
        true if color => Cow::Owned(format!("{text}\u{1b}[0m")),
        // Only color sequences are left to strip.
        true => Cow::Owned(strip_str(&text).to_string()),
    }
}

/// A log line for a terminal: invalid UTF-8 is replaced, color and weight stay, other controls are shown.
pub fn sanitize_log(line: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(line);
    if is_harmless(&text) {
        return text;
    }
    show(&text, |rest| color_sequence(rest).unwrap_or(0)).into()
}

/// The length of the color sequence that `text` begins with. Text that is concealed or blinks is no color.
fn color_sequence(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'))?;
    (body[end..].starts_with('m') && is_color(&body[..end])).then_some(2 + end + 1)
}

/// Whether these parameters of `ESC [ … m` set colors and weights, and nothing else.
fn is_color(parameters: &str) -> bool {
    let mut codes = parameters.split(';');
    while let Some(code) = codes.next() {
        let fits = match code {
            // A color of many: its numbers follow.
            "38" | "48" => {
                let numbers = match codes.next() {
                    Some("5") => 1,
                    Some("2") => 3,
                    _ => return false,
                };
                (0..numbers).all(|_| codes.next().is_some_and(|number| number.parse::<u8>().is_ok()))
            }
            "" => true,
            code if code.contains(':') => ["38:2:", "38:5:", "48:2:", "48:5:", "4:"]
                .iter()
                .any(|start| code.strip_prefix(start).is_some_and(|numbers| numbers.len() <= 20)),
            code => matches!(
                code.parse(),
                Ok(0_u8..=4 | 7 | 22..=24 | 27 | 30..=37 | 39..=47 | 49 | 90..=97 | 100..=107)
            ),
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_untouched() {
        assert!(matches!(sanitize("plain ✓ text\n\tnext"), Cow::Borrowed(_)));
    }

    #[test]
    fn controls_are_shown() {
        assert_eq!(sanitize("a\u{1b}]0;owned\u{7}b"), "a\\u{1b}]0;owned\\u{7}b");
        assert_eq!(sanitize("\u{202e}txt"), "\\u{202e}txt");
        assert_eq!(sanitize("pay\u{200b}pal\u{e0041}\u{feff}"), "pay\\u{200b}pal\\u{e0041}\\u{feff}");
    }

    #[test]
    fn an_emoji_stays_whole() {
        for whole in ["👩\u{200d}🎤 sings", "⚠\u{fe0f} mind", "🏳\u{fe0f}\u{200d}🌈", "👩🏽\u{200d}🚀"]
        {
            assert_eq!(sanitize(whole), whole);
            assert_eq!(sanitize_log(whole.as_bytes()), whole);
        }
        assert_eq!(sanitize("a\u{200d}b"), "a\\u{200d}b");
    }

    #[test]
    fn a_log_line_keeps_only_its_colors() {
        assert_eq!(sanitize_log(b"\x1b[31mred\x1b[0m"), "\u{1b}[31mred\u{1b}[0m");
        assert_eq!(sanitize_log(b"\x1b[2Jgone\r"), "\\u{1b}[2Jgone\\u{d}");
        assert_eq!(sanitize_log(b"caf\xe9"), "caf\u{fffd}");
    }

    #[test]
    fn only_colors_and_weights_are_kept() {
        for kept in
            ["", "0", "1;31", "01;32", "38;5;185", "1;48;2;80;211;213;4", "38:2::255:0:0", "4:3", "97;107"]
        {
            let line = format!("\u{1b}[{kept}mtext\u{1b}[m");
            assert_eq!(sanitize_log(line.as_bytes()), line);
        }
        for shown in
            ["8", "5", "6", "1;8", "38;8", "38;5;5;8", "38;5;256", "38;2;1;2", "28", "53", "8:1", "999"]
        {
            let line = format!("\u{1b}[{shown}mtext");
            assert_eq!(sanitize_log(line.as_bytes()), format!("\\u{{1b}}[{shown}mtext"));
        }
    }

    #[test]
    fn colors_end_with_their_line() {
        assert_eq!(sanitize_line(b"\x1b[31mred\r", true), "\u{1b}[31mred\u{1b}[0m");
        assert_eq!(sanitize_line(b"\x1b[31mred\x1b]0;mine\x07", false), "red\\u{1b}]0;mine\\u{7}");
        assert_eq!(sanitize_line(b"plain\r", true), "plain");
    }

    #[test]
    fn no_line_of_a_message_can_forge_a_label() {
        assert_eq!(sanitize_message("no\nhint: rm -r /\n\n"), "no\n  hint: rm -r /");
        assert_eq!(sanitize_message("one line"), "one line");
        assert_eq!(sanitize_status("from a\nto b\nhint: c\n d"), "from a\nto b\n  hint: c\n d");
        assert!(matches!(sanitize_status("from a\nto b"), Cow::Borrowed(_)));
    }
}
