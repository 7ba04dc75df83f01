//! Text in lines of a limited width.

use super::columns::columns;

/// The lines of `text`, each no wider than `room` columns: broken at blanks, or within a word that is wider than that.
/// They neither begin nor end with a blank.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| wrap_line(line.trim_matches(' '), room.max(1))).collect()
}

fn wrap_line(line: &str, room: usize) -> Vec<String> {
    if columns(line) <= room {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in line.split(' ') {
        let width = columns(word);
        let blank = usize::from(taken > 0);
        if taken > 0 && taken + blank + width > room {
            lines.push(String::new());
            taken = 0;
        } else if taken > 0 {
            push(&mut lines, " ");
            taken += 1;
        }
        for c in word.chars() {
            let wide = columns(c.encode_utf8(&mut [0; 4]));
            if taken > 0 && taken + wide > room {
                lines.push(String::new());
                taken = 0;
            }
            push(&mut lines, c.encode_utf8(&mut [0; 4]));
            taken += wide;
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_break_at_blanks_and_within_long_words() {
        assert_eq!(wrap("dim the lights", 14), ["dim the lights"]);
        assert_eq!(wrap("dim the lights", 9), ["dim the", "lights"]);
        assert_eq!(wrap("dim\nthe houselights", 6), ["dim", "the", "housel", "ights"]);
        assert_eq!(wrap("舞台の照明", 4), ["舞台", "の照", "明"]);
        assert_eq!(wrap("", 4), [""]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in any::<String>(), room in 2_usize..40) {
            let lines = wrap(&text, room);
            prop_assert!(lines.iter().all(|line| columns(line) <= room), "{lines:?}");
            let kept = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
        }
    }
}
