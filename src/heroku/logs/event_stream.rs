//! Cuts the bytes of a log stream into lines as they arrive: server-sent events or plain text.
//!
//! A line is passed on as soon as its end is read, not when its event ends.
//! Empty lines are skipped, as `heroku logs` skips them: every log line has a header. A carriage return inside of a
//! line, of a progress bar for instance, ends it where events are read; what follows is a line of its own, not lost.

use memchr::{memchr, memchr2};

use crate::error::Result;

/// Longer lines are cut into pieces of this size, so that a stream without line endings cannot fill the memory.
const LONGEST: usize = 1024 * 1024;

/// How the lines are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// `data:` fields of server-sent events.
    Events,
    /// Plain text: a line ends with a line feed and nothing else.
    Plain,
}

impl Framing {
    /// The framing of a response with this `Content-Type`.
    pub(super) fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("text/event-stream") { Framing::Events } else { Framing::Plain }
    }
}

/// Cuts a stream into lines. Only an incomplete line is kept in memory.
#[derive(Debug)]
pub(super) struct LogLines {
    framing: Framing,
    longest: usize,
    /// The start of a line whose end has not arrived.
    partial: Vec<u8>,
    /// What the next pieces of an overlong line belong to.
    cut: Option<Field>,
    /// Whether the last byte was a carriage return, so that a line feed may follow as part of the same ending.
    after_return: bool,
    at_start: bool,
    previous: Previous,
    /// Whether the current event has a type other than `message`.
    other_event: bool,
}

/// A line of an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Other,
}

/// What the previous line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    Data,
    /// Data that ended with a carriage return alone.
    TornData,
    Other,
}

impl LogLines {
    /// Nothing read yet.
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            longest: LONGEST,
            partial: Vec::new(),
            cut: None,
            after_return: false,
            at_start: framing == Framing::Events,
            previous: Previous::Other,
            other_event: false,
        }
    }

    /// Reads `bytes`, and calls `each` for every line that ends in them, without its line ending.
    pub(super) fn read(&mut self, mut bytes: &[u8], mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) {
                if bytes[0] == b'\n' {
                    bytes = &bytes[1..];
                    continue;
                }
                if self.previous == Previous::Data {
                    self.previous = Previous::TornData;
                }
            }
            let room = self.longest - self.partial.len();
            let within = &bytes[..bytes.len().min(room)];
            let Some(end) = self.line_end(within) else {
                self.partial.extend_from_slice(within);
                bytes = &bytes[within.len()..];
                if self.partial.len() == self.longest {
                    self.end_line(&[], true, &mut each)?;
                }
                continue;
            };
            self.after_return = self.framing == Framing::Events && bytes[end] == b'\r';
            self.end_line(&bytes[..end], false, &mut each)?;
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// Ends a stream that closed properly: what is left is a line too.
    pub(super) fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.end_line(&[], false, &mut each)
    }

    fn line_end(&self, bytes: &[u8]) -> Option<usize> {
        match self.framing {
            Framing::Events => memchr2(b'\n', b'\r', bytes),
            Framing::Plain => memchr(b'\n', bytes),
        }
    }

    /// Completes a line, or a piece of one if `cut`: what was kept of it, then `rest`.
    fn end_line(&mut self, rest: &[u8], cut: bool, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if self.partial.is_empty() {
            return self.whole_line(rest, cut, each);
        }
        let mut kept = std::mem::take(&mut self.partial);
        kept.extend_from_slice(rest);
        let done = self.whole_line(&kept, cut, each);
        kept.clear();
        self.partial = kept;
        done
    }

    fn whole_line(
        &mut self,
        line: &[u8],
        cut: bool,
        each: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        match self.framing {
            Framing::Plain => hand_on(line, each),
            Framing::Events => self.field(line, cut, each),
        }
    }

    fn field(&mut self, line: &[u8], cut: bool, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let started =
            std::mem::take(&mut self.at_start).then(|| line.strip_prefix(BYTE_ORDER_MARK)).flatten();
        let line = started.unwrap_or(line);
        let torn = self.previous == Previous::TornData;
        let (field, value) = match self.cut.take() {
            Some(field) => (field, line),
            None => self.meaning(line, torn),
        };
        self.cut = cut.then_some(field);
        self.previous = if field == Field::Data { Previous::Data } else { Previous::Other };
        if field == Field::Data && !self.other_event { hand_on(value, each) } else { Ok(()) }
    }

    /// What a whole line, or its first piece, is, and its value where that matters.
    fn meaning<'a>(&mut self, line: &'a [u8], torn: bool) -> (Field, &'a [u8]) {
        if line.is_empty() {
            self.other_event = false;
        } else if let Some(data) = field_value(line, b"data") {
            return (Field::Data, data);
        } else if let Some(event) = field_value(line, b"event") {
            self.other_event = !matches!(event, b"" | b"message");
        } else if torn
            && line[0] != b':'
            && ["id", "retry"].iter().all(|name| field_value(line, name.as_bytes()).is_none())
        {
            return (Field::Data, line);
        }
        (Field::Other, &[])
    }
}

fn hand_on(line: &[u8], each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    if line.is_empty() { Ok(()) } else { each(line) }
}

/// The value of the field `name`, if `line` is that field. One space after the colon is not part of the value.
fn field_value<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    match line.strip_prefix(name)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines_of(framing: Framing, longest: usize, chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let mut parser = LogLines { longest, ..LogLines::new(framing) };
        let mut each = |line: &[u8]| {
            lines.push(line.to_vec());
            Ok(())
        };
        for chunk in chunks {
            parser.read(chunk, &mut each).unwrap();
        }
        parser.finish(&mut each).unwrap();
        assert!(parser.partial.is_empty());
        lines
    }

    fn events(text: &str) -> Vec<String> {
        let lines = lines_of(Framing::Events, LONGEST, &[text.as_bytes()]);
        lines.into_iter().map(|line| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn the_content_type_tells_the_framing() {
        assert_eq!(Framing::of("text/event-stream; charset=utf-8"), Framing::Events);
        assert_eq!(Framing::of("Text/Event-Stream"), Framing::Events);
        assert_eq!(Framing::of("text/plain"), Framing::Plain);
        assert_eq!(Framing::of("text/html"), Framing::Plain);
        assert_eq!(Framing::of(""), Framing::Plain);
    }

    #[test]
    fn events_give_their_data() {
        assert_eq!(
            events("retry: 0\n\n: heartbeat\n\nid: 1\ndata: one\n\nid: 2\ndata: two\n\n"),
            ["one", "two"]
        );
        assert_eq!(events("data: a\ndata:b\ndata:  c \ndata\ndata:\n\n"), ["a", "b", " c "]);
        assert_eq!(events("data: a\r\ndata: b\rdata: c\n\r\n"), ["a", "b", "c"]);
        assert_eq!(events("\u{feff}data: a\n\n\u{feff}data: b\n\n"), ["a"]);
        assert_eq!(events("database: no\nDATA: no\n data: no\n\n"), [""; 0]);
        assert_eq!(events("data: without an end"), ["without an end"]);
    }

    #[test]
    fn a_carriage_return_inside_of_data_loses_nothing() {
        assert_eq!(events("data: 10%\r20%\r 30%\r\nid: 1\n\n"), ["10%", "20%", " 30%"]);
        assert_eq!(events("data: 10%\r\n20%\n"), ["10%"]);
    }

    #[test]
    fn events_of_another_type_are_no_log_lines() {
        assert_eq!(
            events("event: ping\ndata: no\n\ndata: yes\n\nevent: message\ndata: too\n\n"),
            ["yes", "too"]
        );
    }

    #[test]
    fn plain_text_is_cut_at_line_feeds_only() {
        let lines = lines_of(Framing::Plain, LONGEST, &[b"a\rb\r\n\ndata: c\xff\n", b"d"]);
        assert_eq!(lines, [&b"a\rb\r"[..], b"data: c\xff", b"d"]);
    }

    #[test]
    fn overlong_lines_come_in_pieces() {
        assert_eq!(lines_of(Framing::Plain, 4, &[b"abcdefghij\nk\n"]), [&b"abcd"[..], b"efgh", b"ij", b"k"]);
        assert_eq!(
            lines_of(Framing::Events, 8, &[b"data: abcdefghijklm\n: data data: x\ndata: n\n"]),
            [&b"ab"[..], b"cdefghij", b"klm", b"n"]
        );
    }

    /// The lines of the stream, found from the whole of it at once.
    fn by_the_book(text: &str) -> Vec<String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let data = text.split('\n').filter_map(|line| {
            let value = line.strip_prefix("data:")?;
            Some(value.strip_prefix(' ').unwrap_or(value))
        });
        data.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn chunks(bytes: &[u8], cuts: Vec<prop::sample::Index>) -> Vec<&[u8]> {
        let mut places: Vec<usize> = cuts.into_iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.sort_unstable();
        places.insert(0, 0);
        places.push(bytes.len());
        places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
    }

    proptest! {
        #[test]
        fn a_chunk_may_end_anywhere(
            text in "\u{feff}?((data|id|retry|)(:|: )[a-z\u{e9}\u{feff}:\0 ]{0,12}(\n|\r|\r\n|\n\n|)){0,12}",
            longest in 8..40_usize,
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let bytes = text.as_bytes();
            let chunks = chunks(bytes, cuts);
            prop_assert_eq!(events(&text), by_the_book(&text));
            for framing in [Framing::Events, Framing::Plain] {
                prop_assert_eq!(lines_of(framing, longest, &chunks), lines_of(framing, longest, &[bytes]));
            }
        }

        #[test]
        fn plain_text_loses_no_byte(bytes: Vec<u8>, cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
            let lines = lines_of(Framing::Plain, LONGEST, &chunks(&bytes, cuts));
            let whole: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(lines, whole);
        }
    }
}
