//! The form of an entry: a head that says what it is, a line for each word, an end that proves it whole.
//!
//! ```text
//! greenroom-completion-1 releases 1763783253123
//! of 127.0.0.1:5055 9a3c5e7f10b2d468 playhouse-staging
//! v42<TAB>Deploy 1a2b3c4<TAB>1763779653
//! end 1 9c0f2a4d1e6b8c37
//! ```

use std::fmt::Write as _;
use std::iter;
use std::ops::Range;

use crate::inventory::Resource;
use crate::shells::Candidate;
use crate::terminal;
use crate::text::is_control;

/// The form; another form is not read.
const FORM: &str = "greenroom-completion-1";

/// No entry has more lines.
pub(in crate::inventory) const MOST_LINES: usize = 5000;

/// What is longer is no name of anything; in bytes.
const LONGEST_WORD: usize = 256;

/// More help has no room in a line; in characters.
const LONGEST_HELP: usize = 100;

/// A word, what it is, and when that was, in seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::inventory) struct CachedWord {
    pub(in crate::inventory) word: String,
    pub(in crate::inventory) help: String,
    pub(in crate::inventory) at: Option<i64>,
}

impl CachedWord {
    /// A line without a time.
    pub(in crate::inventory) fn new(word: &str, help: &str) -> Self {
        Self { word: word.to_owned(), help: help.to_owned(), at: None }
    }

    /// Whether the word can be typed and shown.
    fn fits(&self) -> bool {
        !self.word.is_empty() && self.word.len() <= LONGEST_WORD && !self.word.chars().any(is_control)
    }

    fn write(&self, text: &mut String) {
        let help: String = self.help.chars().filter(|c| !is_control(*c)).collect();
        let help = terminal::cut(help.trim(), LONGEST_HELP);
        _ = match self.at {
            Some(at) => writeln!(text, "{}\t{help}\t{at}", self.word),
            None => writeln!(text, "{}\t{help}", self.word),
        };
    }
}

/// An entry that is whole.
pub(in crate::inventory) struct Entry {
    text: String,
    lines: Range<usize>,
    /// When it was asked for, in milliseconds since 1970.
    pub(super) begun: u64,
}

/// The text of an entry.
pub(super) fn write(resource: Resource, key: &str, begun: u64, lines: &[CachedWord]) -> String {
    let mut text = format!("{FORM} {} {begun}\nof {key}\n", resource.word());
    let fit = lines.iter().filter(|line| line.fits()).take(MOST_LINES);
    let count = fit.inspect(|line| line.write(&mut text)).count();
    let sum = checksum(text.as_bytes());
    _ = writeln!(text, "end {count} {sum:016x}");
    text
}

impl Entry {
    /// Reads what [`write()`] wrote for the same resource and key; none where it is anything else.
    pub(super) fn read(text: String, resource: Resource, key: &str) -> Option<Self> {
        let head = text.strip_prefix(FORM)?.strip_prefix(' ')?.strip_prefix(resource.word())?;
        let (begun, rest) = head.strip_prefix(' ')?.split_once('\n')?;
        let rest = rest.strip_prefix("of ")?.strip_prefix(key)?.strip_prefix('\n')?;
        let start = text.len() - rest.len();
        // The end's own line, and the line break in front of it.
        let end = start - 1 + memchr::memrchr(b'\n', text[start - 1..].strip_suffix('\n')?.as_bytes())? + 1;
        let (count, sum) = text[end..].trim_end_matches('\n').strip_prefix("end ")?.split_once(' ')?;
        let begun = begun.parse().ok()?;
        let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[start..end]).count();
        let is_whole = count.parse() == Ok(lines)
            && u64::from_str_radix(sum, 16) == Ok(checksum(&text.as_bytes()[..end]));
        is_whole.then_some(Self { lines: start..end, begun, text })
    }

    /// Its words that begin with `typed` but for capitals, with times as they are to be shown at `now`, in seconds since 1970.
    pub(in crate::inventory) fn values(&self, typed: &str, now: i64) -> impl Iterator<Item = Candidate> {
        let begins = |word: &str| {
            let start = word.as_bytes().get(..typed.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(typed.as_bytes()))
        };
        self.rows().filter(move |(word, _)| begins(word)).map(move |(word, rest)| {
            let (help, at) = cut(rest);
            let help = match at.parse::<i64>() {
                Ok(at) if help.is_empty() => format!("{} ago", terminal::span(now - at)),
                Ok(at) => format!("{help}, {} ago", terminal::span(now - at)),
                Err(_) => help.to_owned(),
            };
            Candidate { word: word.to_owned(), help, goes_on: false }
        })
    }

    /// Its words alone.
    pub(in crate::inventory) fn words(&self) -> impl Iterator<Item = &str> {
        self.rows().map(|(word, _)| word)
    }

    /// Each line's word, and what follows. There may be thousands, so no character is looked at by itself.
    fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut text = &self.text[self.lines.clone()];
        iter::from_fn(move || {
            let (line, rest) = text.split_at(memchr::memchr(b'\n', text.as_bytes())?);
            text = &rest[1..];
            Some(cut(line))
        })
    }
}

/// The parts before and behind the first tab.
fn cut(text: &str) -> (&str, &str) {
    memchr::memchr(b'\t', text.as_bytes()).map_or((text, ""), |tab| (&text[..tab], &text[tab + 1..]))
}

/// Tells texts apart that a crash or a full disk left different; no secret of cryptography. It takes eight bytes at a time.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let mix = |sum: u64, word: u64| {
        let sum = (sum ^ word).wrapping_mul(PRIME);
        sum ^ (sum >> 29)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    rest.iter().fold(mix(sum, bytes.len() as u64), |sum, byte| mix(sum, u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "127.0.0.1:5055 9a3c5e7f10b2d468 playhouse-staging";

    fn read(text: &str) -> Option<Entry> {
        Entry::read(text.to_owned(), Resource::Releases, KEY)
    }

    fn whole() -> String {
        let lines = [
            CachedWord { word: "v42".into(), help: "Deploy 1a2b3c4".into(), at: Some(100) },
            CachedWord::new("v41", ""),
            CachedWord { word: "v40".into(), help: String::new(), at: Some(-86_300) },
        ];
        write(Resource::Releases, KEY, 123, &lines)
    }

    #[test]
    fn times_are_told_when_they_are_read() {
        let entry = read(&whole()).unwrap();
        assert_eq!(entry.begun, 123);
        assert_eq!(entry.words().collect::<Vec<_>>(), ["v42", "v41", "v40"]);
        let shown: Vec<(String, String)> =
            entry.values("", 220).map(|value| (value.word, value.help)).collect();
        let told = [("v42", "Deploy 1a2b3c4, 2 min ago"), ("v41", ""), ("v40", "1 day ago")];
        assert_eq!(shown, told.map(|(word, help)| (word.to_owned(), help.to_owned())));
    }

    #[test]
    fn only_what_is_whole_and_meant_is_read() {
        let whole = whole();
        assert!(read(&whole).is_some());
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_none(), "{end}");
        }
        for (from, to) in [
            ("-1 ", "-2 "),
            ("releases", "dynos"),
            ("-staging", "-production"),
            ("v41", "v14"),
            ("end 3", "end 2"),
        ] {
            assert!(read(&whole.replacen(from, to, 1)).is_none(), "{to}");
        }
        assert!(read(&format!("{whole}{whole}")).is_none());
        assert!(
            read(&write(Resource::Releases, KEY, 0, &[])).is_some_and(|entry| entry.words().count() == 0)
        );
    }

    #[test]
    fn words_that_cannot_be_typed_never_enter() {
        let long = "x".repeat(257);
        let odd =
            ["", "a\tb", "a\nb", "a\u{1b}[2J", "a\u{202e}b", &long].map(|word| CachedWord::new(word, "help"));
        let good = CachedWord::new("two words", "its\thelp\n\u{1b}c is \u{202e}cleaned");
        let entry = read(&write(Resource::Releases, KEY, 0, &[&odd[..], &[good]].concat())).unwrap();
        let values: Vec<Candidate> = entry.values("", 0).collect();
        assert_eq!(values.len(), 1);
        assert_eq!((&*values[0].word, &*values[0].help), ("two words", "itshelpc is cleaned"));
    }

    #[test]
    fn there_is_an_end_to_an_entry() {
        let many: Vec<CachedWord> =
            (0..MOST_LINES + 7).map(|number| CachedWord::new(&number.to_string(), "")).collect();
        let entry = read(&write(Resource::Releases, KEY, 0, &many)).unwrap();
        assert_eq!(entry.words().count(), MOST_LINES);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(words in proptest::collection::vec("[!-~]{1,20}", 0..20), begun in any::<u64>()) {
            let lines: Vec<CachedWord> = words.iter().map(|word| CachedWord::new(word, "help")).collect();
            let entry = read(&write(Resource::Releases, KEY, begun, &lines)).unwrap();
            prop_assert_eq!(entry.begun, begun);
            prop_assert_eq!(entry.words().collect::<Vec<_>>(), words);
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,200}", cut in 0_usize..100) {
            _ = read(&text);
            let whole = whole();
            _ = read(&format!("{}{text}", &whole[..cut.min(whole.len())]));
        }
    }
}
