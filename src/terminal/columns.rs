//! The width of text in terminal columns: a wide character takes two, a combining one none.

use unicode_width::UnicodeWidthChar;

use super::sanitize::sanitize;

/// The widest cell or line of a table, in columns; aligned cells would become as wide.
pub(super) const LONGEST: usize = 1000;

/// The columns that `text` takes. Terminals that draw an emoji of several in one place take fewer.
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    // The fast path: most text is ASCII, and completion cuts hundreds of lines.
    if matches!(c, ' '..='~') { 1 } else { c.width().unwrap_or(0) }
}

/// `text`, or as much of it as has room in `room` columns, with an ellipsis.
pub fn cut(text: &str, room: usize) -> String {
    // No character takes more columns than bytes.
    if text.len() <= room {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut kept = 0;
    for (at, c) in text.char_indices() {
        taken += width(c);
        if taken > room {
            return format!("{}…", text[..kept].trim_end());
        }
        // The ellipsis takes one.
        if taken < room {
            kept = at + c.len_utf8();
        }
    }
    text.to_owned()
}

/// `text` and as many blanks as it takes to fill `room` columns.
pub fn pad(text: &str, room: usize) -> String {
    let blanks = room.saturating_sub(columns(text));
    [text, &" ".repeat(blanks)].concat()
}

/// `text` on one line, harmless and no longer than [`LONGEST`], whatever it was.
pub fn one_line(text: &str) -> String {
    let is_break = |c: char| matches!(c, '\t' | '\n' | '\r');
    let line: String = text.chars().take(LONGEST + 1).map(|c| if is_break(c) { ' ' } else { c }).collect();
    cut(&sanitize(&line), LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(columns("Dim the lights"), 14);
        assert_eq!((columns("語"), columns("🎭"), columns("e\u{301}"), columns("")), (2, 2, 1, 0));
        assert_eq!(pad("語", 4) + "|", "語  |");
        assert_eq!(pad("lights", 4), "lights");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("Dim the lights", 14), "Dim the lights");
        assert_eq!(cut("Dim the lights", 9), "Dim the…");
        assert_eq!(cut("舞台の照明", 10), "舞台の照明");
        assert_eq!(cut("舞台の照明", 9), "舞台の照…");
        assert_eq!(cut("舞台の照明", 8), "舞台の…");
        assert_eq!(cut("Dim", 0), "…");
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(one_line("ada@\r\nhint: rm\tx"), "ada@  hint: rm x");
        assert_eq!(one_line("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(columns(&one_line(&"long ".repeat(20_000))), LONGEST);
    }

    proptest! {
        #[test]
        fn what_is_cut_has_room(text in any::<String>(), room in 1_usize..40) {
            let cut = cut(&text, room);
            prop_assert!(columns(&cut) <= room);
            prop_assert!(columns(&text) > room || cut == text);
        }

        #[test]
        fn anything_becomes_one_harmless_line(text in any::<String>()) {
            let line = one_line(&text);
            prop_assert!(!line.contains('\n') && columns(&line) <= LONGEST, "{line:?}");
            prop_assert_eq!(sanitize(&line), line.as_str());
        }
    }
}
