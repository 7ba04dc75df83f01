//! The characters that drive a terminal or deceive its reader: the one table for text, JSON and completion.

use std::ops::RangeInclusive;

/// By what they do.
const HOSTILE: [RangeInclusive<char>; 21] = [
    // C0, DEL, C1.
    '\0'..='\u{1f}',
    '\u{7f}'..='\u{9f}',
    // Invisible: the soft hyphen, joiners, fillers, Mongolian selectors.
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    // Without width, and marks of direction.
    '\u{200b}'..='\u{200f}',
    // Separators of lines and paragraphs, embeddings and overrides of direction.
    '\u{2028}'..='\u{202e}',
    // Invisible operators, isolates.
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    // Variation selectors, the byte order mark, another filler, annotations.
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    // Tags and more selectors: whole texts can be written with them, and nobody sees one.
    '\u{e0000}'..='\u{e0fff}',
    // What no character is.
    '\u{fffe}'..='\u{ffff}',
    '\u{10fffe}'..='\u{10ffff}',
];

/// The same, and a tab: for texts that are columns separated by tabs.
pub fn is_control(c: char) -> bool {
    c == '\t' || is_hostile(c)
}

/// Whether a terminal obeys this character, or shows nothing where it stands: controls, what reorders or ends a line,
/// and what cannot be seen. A tab is harmless.
pub fn is_hostile(c: char) -> bool {
    !matches!(c, '\t' | ' '..='~') && HOSTILE.iter().any(|range| range.contains(&c))
}

/// Whether nothing in `text` can drive or deceive. Plain letters, which nearly all are, are told at a glance.
pub fn is_harmless(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) || !text.contains(is_hostile)
}

/// Whether `c`, though hostile elsewhere, holds an emoji together: a joiner between two, or the selector that asks for
/// color.
pub fn is_part_of_emoji(before: Option<char>, c: char, after: Option<char>) -> bool {
    match c {
        '\u{200d}' => before.is_some_and(ends_emoji) && after.is_some_and(is_pictograph),
        '\u{fe0f}' => {
            before.is_some_and(|c| is_pictograph(c) || matches!(c, '0'..='9' | '#' | '*' | '©' | '®'))
        }
        _ => false,
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '‼' | '⁉' | '™' | 'ℹ' | '\u{2190}'..='\u{2bff}' | '〰' | '〽' | '㊗' | '㊙' | '\u{1f000}'..='\u{1faff}')
}

/// An emoji's last character may be the selector.
fn ends_emoji(c: char) -> bool {
    c == '\u{fe0f}' || is_pictograph(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_or_deceives_is_hostile() {
        for c in "\0\u{1b}\r\n\u{7f}\u{80}\u{9b}\u{9f}\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\
                  \u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{fe0f}\u{e0001}\u{e0041}\u{e0100}\u{ad}"
            .chars()
        {
            assert!(is_hostile(c), "{c:?}");
        }
        for c in "\t aZ~ äß→✓…語🎭\u{301}\u{a0}\u{3000}".chars() {
            assert!(!is_hostile(c), "{c:?}");
        }
    }

    #[test]
    fn emoji_keep_what_holds_them_together() {
        assert!(is_part_of_emoji(Some('👩'), '\u{200d}', Some('🎤')));
        assert!(is_part_of_emoji(Some('\u{fe0f}'), '\u{200d}', Some('🌈')));
        assert!(is_part_of_emoji(Some('⚠'), '\u{fe0f}', None));
        assert!(is_part_of_emoji(Some('1'), '\u{fe0f}', Some('\u{20e3}')));
        assert!(!is_part_of_emoji(Some('a'), '\u{200d}', Some('🎤')));
        assert!(!is_part_of_emoji(Some('👩'), '\u{200d}', Some('a')));
        assert!(!is_part_of_emoji(Some('👩'), '\u{200b}', Some('🎤')));
        assert!(!is_part_of_emoji(Some('a'), '\u{fe0f}', None) && !is_part_of_emoji(None, '\u{fe0f}', None));
    }
}
