//! The marker: the line after a command's output that tells its exit status, as the official CLI has it.

/// What the line begins with: a character that no text has, and words.
pub(super) const TEXT: &str = "\u{ffff} heroku-command-exit-status:";

/// Finds markers in output that comes in pieces, and takes them out.
///
/// Held back is only what may be the beginning of a marker, so that a prompt appears at once.
#[derive(Debug, Default)]
pub struct Marker {
    /// What came and may be the beginning of a marker.
    held: Vec<u8>,
    status: Option<u8>,
}

/// What the bytes held back are, with one more.
enum Match {
    Not,
    Begun,
    Whole,
}

impl Marker {
    /// Appends to `shown` what is certain not to be a marker.
    pub fn feed(&mut self, mut bytes: &[u8], shown: &mut Vec<u8>) {
        while !bytes.is_empty() {
            if self.held.is_empty() {
                let begin = memchr::memchr(TEXT.as_bytes()[0], bytes).unwrap_or(bytes.len());
                shown.extend_from_slice(&bytes[..begin]);
                bytes = &bytes[begin..];
            }
            let Some((byte, rest)) = bytes.split_first() else { return };
            match self.matching(*byte) {
                Match::Begun => self.held.push(*byte),
                Match::Whole => self.take(),
                Match::Not => {
                    shown.append(&mut self.held);
                    // The byte may begin another one.
                    let to = if *byte == TEXT.as_bytes()[0] { &mut self.held } else { &mut *shown };
                    to.push(*byte);
                }
            }
            bytes = rest;
        }
    }

    /// The status that the last marker told so far.
    pub fn status(&self) -> Option<u8> {
        self.status
    }

    /// The output has ended: the status that the last marker told, whose line may have been cut off after the number. What
    /// is no marker is appended to `shown`.
    pub fn finish(&mut self, shown: &mut Vec<u8>) -> Option<u8> {
        if self.told().is_some() {
            self.take();
        }
        shown.append(&mut self.held);
        self.status
    }

    fn matching(&self, byte: u8) -> Match {
        let Some(number) = self.held.get(TEXT.len()..).filter(|_| self.held.len() >= TEXT.len()) else {
            return if TEXT.as_bytes()[self.held.len()] == byte { Match::Begun } else { Match::Not };
        };
        match (byte, number) {
            (b'0'..=b'9', [b' ', digits @ ..]) if digits.len() < 3 && !digits.contains(&b'\r') => {
                Match::Begun
            }
            (b' ', []) | (b'\r', [b' ', _, ..]) => Match::Begun,
            (b'\n', _) if self.told().is_some() => Match::Whole,
            _ => Match::Not,
        }
    }

    /// The number in what is held back.
    fn told(&self) -> Option<u8> {
        let number = std::str::from_utf8(self.held.get(TEXT.len()..)?).ok()?;
        number.trim_end_matches('\r').strip_prefix(' ')?.parse().ok()
    }

    fn take(&mut self) {
        self.status = self.told().or(self.status);
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is shown of these pieces, and the status.
    fn read(pieces: &[&[u8]]) -> (String, Option<u8>) {
        let (mut marker, mut shown) = (Marker::default(), Vec::new());
        for piece in pieces {
            marker.feed(piece, &mut shown);
        }
        let status = marker.finish(&mut shown);
        (String::from_utf8_lossy(&shown).into_owned(), status)
    }

    fn whole(text: &str) -> (String, Option<u8>) {
        read(&[text.as_bytes()])
    }

    #[test]
    fn the_marker_is_not_shown() {
        assert_eq!(whole(&format!("hi\r\n{TEXT} 7\r\n")), ("hi\r\n".into(), Some(7)));
        assert_eq!(whole(&format!("hi{TEXT} 0\n")), ("hi".into(), Some(0)));
        assert_eq!(whole(&format!("{TEXT} 130\r\r\n")), (String::new(), Some(130)));
        assert_eq!(whole(&format!("{TEXT} 1")), (String::new(), Some(1)), "cut off after the number");
        assert_eq!(whole(&format!("{TEXT} 1\r")), (String::new(), Some(1)));
    }

    #[test]
    fn the_last_marker_counts_and_what_follows_is_shown() {
        let two = format!("{TEXT} 3\nmore\n{TEXT} 4\nlate");
        assert_eq!(whole(&two), ("more\nlate".into(), Some(4)));
    }

    #[test]
    fn what_only_resembles_a_marker_is_shown() {
        for text in [
            String::new(),
            "ｆullwidth \u{ffff}\u{fffe}".to_owned(),
            TEXT.to_owned(),
            format!("{TEXT} "),
            format!("{TEXT} x\n"),
            format!("{TEXT} \r\n"),
            format!("{TEXT} 1x\n"),
            format!("{TEXT} 1\rx\n"),
            format!("{TEXT} 256\n"),
            format!("{TEXT} 1000\n"),
            format!("{TEXT} 1\r2\n"),
            format!("{TEXT}  1\n"),
            TEXT.replace("status", "\u{ffff}status"),
        ] {
            assert_eq!(whole(&text), (text.clone(), None), "{text:?}");
        }
        let twice = format!("\u{ffff}{TEXT} 5\n");
        assert_eq!(whole(&twice), ("\u{ffff}".into(), Some(5)));
    }

    #[test]
    fn it_is_found_across_any_two_cuts() {
        let text = format!("a\u{ffff}b\r\n{TEXT} 42\r\n");
        let bytes = text.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(read(&pieces), ("a\u{ffff}b\r\n".into(), Some(42)), "{first} {second}");
            }
        }
    }

    #[test]
    fn a_prompt_is_shown_at_once() {
        let (mut marker, mut shown) = (Marker::default(), Vec::new());
        marker.feed("irb> é\u{ffff} heroku".as_bytes(), &mut shown);
        assert_eq!(String::from_utf8_lossy(&shown), "irb> é");
        marker.feed(b"!", &mut shown);
        assert_eq!(String::from_utf8_lossy(&shown), "irb> é\u{ffff} heroku!");
        assert_eq!(marker.status(), None);
    }

    proptest! {
        #[test]
        fn output_without_a_marker_stays_as_it_is(
            pieces in proptest::collection::vec(proptest::collection::vec(prop_oneof![Just(0xef_u8), Just(0xbf), Just(b' '), any::<u8>()], 0..9), 0..9)
        ) {
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let (mut marker, mut shown) = (Marker::default(), Vec::new());
            for piece in &pieces {
                marker.feed(piece, &mut shown);
            }
            prop_assert_eq!(marker.finish(&mut shown), None);
            prop_assert_eq!(shown, pieces.concat());
        }
    }
}
