//! A block of greenroom's lines in the user's file, between two markers. Nothing outside is touched, and removing the block
//! restores the file byte for byte.

use std::ops::Range;

const BEGIN: &str = "# >>> greenroom completions >>>";
const END: &str = "# <<< greenroom completions <<<";

/// Notes within the block on the file before: it did not exist, or its last line had no end.
const NO_FILE: &str = "# (before: no file)";
const NO_LINE_END: &str = "# (before: no line end)";

/// The number of the line with a start marker that has no end marker.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfinished(pub(super) usize);

impl Unfinished {
    /// The line that is missing.
    pub(super) const MISSING: &str = END;
}

/// A file without its block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remainder {
    /// The file was created for the block, and holds nothing else.
    NoFile,
    /// The remaining text.
    Text(Vec<u8>),
}

/// The file with a block of these lines: in place of the present block, else at the end.
pub(super) fn with(text: Option<&[u8]>, lines: &str) -> Result<Vec<u8>, Unfinished> {
    let Some(text) = text else { return Ok(render(Some(NO_FILE), lines).into_bytes()) };
    if let Some(range) = find(text)? {
        let block = render(remark(&text[range.clone()]), lines);
        return Ok([&text[..range.start], block.as_bytes(), &text[range.end..]].concat());
    }
    if text.is_empty() || text.ends_with(b"\n") {
        return Ok([text, render(None, lines).as_bytes()].concat());
    }
    Ok([text, b"\n", render(Some(NO_LINE_END), lines).as_bytes()].concat())
}

/// The file without its block; none where there is none.
pub(super) fn without(text: &[u8]) -> Result<Option<Remainder>, Unfinished> {
    let Some(range) = find(text)? else { return Ok(None) };
    let remark = remark(&text[range.clone()]);
    let (before, after) = (&text[..range.start], &text[range.end..]);
    // Text added after the block later needs the line end.
    let before = match before.strip_suffix(b"\n") {
        Some(line) if remark == Some(NO_LINE_END) && after.is_empty() => line,
        _ => before,
    };
    let rest = [before, after].concat();
    Ok(Some(if rest.is_empty() && remark == Some(NO_FILE) {
        Remainder::NoFile
    } else {
        Remainder::Text(rest)
    }))
}

fn render(remark: Option<&str>, lines: &str) -> String {
    let remark = remark.map(|remark| format!("{remark}\n")).unwrap_or_default();
    format!("{BEGIN}\n{remark}{lines}\n{END}\n")
}

/// The block's range, including its markers and the line end of the last one.
fn find(text: &[u8]) -> Result<Option<Range<usize>>, Unfinished> {
    let mut begun = None;
    let mut at = 0;
    for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
        match line.trim_ascii() {
            marker if marker == BEGIN.as_bytes() => match begun {
                Some((_, number)) => return Err(Unfinished(number)),
                None => begun = Some((at, number)),
            },
            marker if marker == END.as_bytes() => {
                if let Some((start, _)) = begun {
                    return Ok(Some(start..at + line.len()));
                }
            }
            _ => {}
        }
        at += line.len();
    }
    begun.map_or(Ok(None), |(_, number)| Err(Unfinished(number)))
}

fn remark(block: &[u8]) -> Option<&'static str> {
    let second = block.split(|byte| *byte == b'\n').nth(1)?.trim_ascii();
    [NO_FILE, NO_LINE_END].into_iter().find(|remark| second == remark.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_a_block_restores_the_file() {
        for before in ["", "\n", "alias ll='ls -l'\n", "no end", "windows\r\n", "a\n\n\n", "caf\u{e9}"] {
            let once = with(Some(before.as_bytes()), "one").unwrap();
            let twice = with(Some(&once), "two\nlines").unwrap();
            assert_ne!(once, twice);
            assert_eq!(with(Some(&twice), "two\nlines"), Ok(twice.clone()), "{before:?}");
            assert_eq!(without(&twice), Ok(Some(Remainder::Text(before.as_bytes().to_vec()))), "{before:?}");
        }
        let made = with(None, "one").unwrap();
        assert_eq!(without(&with(Some(&made), "two").unwrap()), Ok(Some(Remainder::NoFile)));
        assert_eq!(without(b"alias x=y\n"), Ok(None));
    }

    #[test]
    fn text_around_a_block_is_kept() {
        let mut text = with(Some(b"first"), "ours").unwrap();
        text.extend(b"last\n");
        let text = with(Some(&text), "new").unwrap();
        assert!(text.starts_with(b"first\n# >>>") && text.ends_with(b"<<<\nlast\n"));
        assert_eq!(without(&text), Ok(Some(Remainder::Text(b"first\nlast\n".to_vec()))));
        let mut made = with(None, "ours").unwrap();
        made.extend(b"mine\n");
        assert_eq!(without(&made), Ok(Some(Remainder::Text(b"mine\n".to_vec()))));
    }

    #[test]
    fn only_the_text_between_the_markers_is_replaced() {
        let edited = format!("a\n  {BEGIN}\r\nmy own\nlines\n{END}\nb");
        let text = with(Some(edited.as_bytes()), "ours").unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), format!("a\n{BEGIN}\nours\n{END}\nb"));
    }

    #[test]
    fn an_unfinished_block_is_not_touched() {
        for text in [format!("a\n{BEGIN}\nb\n"), format!("a\n{BEGIN}\nb\n{BEGIN}\nc\n{END}\n")] {
            assert_eq!(with(Some(text.as_bytes()), "ours"), Err(Unfinished(2)));
            assert_eq!(without(text.as_bytes()), Err(Unfinished(2)));
        }
        assert_eq!(without(format!("{END}\n").as_bytes()), Ok(None));
    }
}
