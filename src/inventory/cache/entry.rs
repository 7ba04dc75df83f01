//! The format of a cached list: two header lines, one line per word, and an end marker.
//!
//! ```text
//! greenroom-completion-1 releases 1763783253123
//! of 127.0.0.1:5055 9a3c5e7f10b2d468 playhouse-staging
//! v42<TAB>Deploy 1a2b3c4<TAB>1763779653
//! end 1 131
//! ```
//!
//! The end marker holds the number of words and the number of bytes before it. Files are replaced in one step, so this is
//! all that is needed to reject what a crash or a full disk left behind: a file cut short, or one with a block of zeros.

use std::fmt::Write as _;
use std::iter;
use std::ops::Range;

use crate::duration;
use crate::inventory::Resource;
use crate::shells::Candidate;
use crate::terminal;
use crate::text::is_control;

/// The format's name and version. Files of another version are not read.
const FORMAT: &str = "greenroom-completion-1";

/// The most words in an entry.
pub(in crate::inventory) const MOST_WORDS: usize = 5000;

/// The longest word, in bytes. Heroku has no longer names.
const LONGEST_WORD: usize = 256;

/// The longest description, in characters. More does not fit on a line of a terminal.
const LONGEST_HELP: usize = 100;

/// A word, its description, and a time that is shown with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::inventory) struct CachedWord {
    pub(in crate::inventory) word: String,
    pub(in crate::inventory) help: String,
    /// Seconds since 1970.
    pub(in crate::inventory) at: Option<i64>,
}

impl CachedWord {
    /// A word without a time.
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

/// A list that was read from the cache.
pub(in crate::inventory) struct Entry {
    text: String,
    /// Where the words are in `text`.
    words: Range<usize>,
    /// When Heroku was asked for the list, in milliseconds since 1970.
    pub(super) asked_at: u64,
}

/// The text of an entry. Words that cannot be typed, and words beyond [`MOST_WORDS`], are left out.
pub(super) fn write(resource: Resource, key: &str, asked_at: u64, words: &[CachedWord]) -> String {
    let mut text = format!("{FORMAT} {} {asked_at}\nof {key}\n", resource.word());
    let fit = words.iter().filter(|word| word.fits()).take(MOST_WORDS);
    let count = fit.inspect(|word| word.write(&mut text)).count();
    let length = text.len();
    _ = writeln!(text, "end {count} {length}");
    text
}

impl Entry {
    /// Reads what [`write()`] wrote for the same resource and key; `None` if the text is anything else.
    pub(super) fn read(text: String, resource: Resource, key: &str) -> Option<Self> {
        let head = text.strip_prefix(FORMAT)?.strip_prefix(' ')?.strip_prefix(resource.word())?;
        let (asked_at, rest) = head.strip_prefix(' ')?.split_once('\n')?;
        let rest = rest.strip_prefix("of ")?.strip_prefix(key)?.strip_prefix('\n')?;
        let start = text.len() - rest.len();
        // From the line break before the end marker: the text ends with the marker's own line break.
        let end = start - 1 + memchr::memrchr(b'\n', text[start - 1..].strip_suffix('\n')?.as_bytes())? + 1;
        let (count, length) = text[end..].strip_suffix('\n')?.strip_prefix("end ")?.split_once(' ')?;
        let asked_at = asked_at.parse().ok()?;
        let words = memchr::memchr_iter(b'\n', &text.as_bytes()[start..end]).count();
        let is_whole = count.parse() == Ok(words) && length.parse() == Ok(end);
        is_whole.then_some(Self { words: start..end, asked_at, text })
    }

    /// The words that begin with `typed`, ignoring case. `now`, in seconds since 1970, is what ages are counted from.
    pub(in crate::inventory) fn values(&self, typed: &str, now: i64) -> impl Iterator<Item = Candidate> {
        let begins = |word: &str| {
            let start = word.as_bytes().get(..typed.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(typed.as_bytes()))
        };
        self.rows().filter(move |(word, _)| begins(word)).map(move |(word, rest)| {
            let (help, at) = split_at_tab(rest);
            let help = match at.parse::<i64>() {
                Ok(at) if help.is_empty() => format!("{} ago", duration::rough(now - at)),
                Ok(at) => format!("{help}, {} ago", duration::rough(now - at)),
                Err(_) => help.to_owned(),
            };
            Candidate { word: word.to_owned(), help, goes_on: false }
        })
    }

    /// All words, without their descriptions.
    pub(in crate::inventory) fn words(&self) -> impl Iterator<Item = &str> {
        self.rows().map(|(word, _)| word)
    }

    /// Each line's word, and the rest of the line. Uses memchr, as there may be thousands of lines at each Tab.
    fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut text = &self.text[self.words.clone()];
        iter::from_fn(move || {
            let (line, rest) = text.split_at(memchr::memchr(b'\n', text.as_bytes())?);
            text = &rest[1..];
            Some(split_at_tab(line))
        })
    }
}

/// The parts before and behind the first tab.
fn split_at_tab(text: &str) -> (&str, &str) {
    memchr::memchr(b'\t', text.as_bytes()).map_or((text, ""), |tab| (&text[..tab], &text[tab + 1..]))
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
    fn ages_are_counted_when_an_entry_is_read() {
        let entry = read(&whole()).unwrap();
        assert_eq!(entry.asked_at, 123);
        assert_eq!(entry.words().collect::<Vec<_>>(), ["v42", "v41", "v40"]);
        let shown: Vec<(String, String)> =
            entry.values("", 220).map(|value| (value.word, value.help)).collect();
        let told = [("v42", "Deploy 1a2b3c4, 2 min ago"), ("v41", ""), ("v40", "1 day ago")];
        assert_eq!(shown, told.map(|(word, help)| (word.to_owned(), help.to_owned())));
    }

    #[test]
    fn entries_that_are_incomplete_or_of_another_list_are_rejected() {
        let whole = whole();
        assert!(read(&whole).is_some());
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_none(), "{end}");
        }
        for (from, to) in [
            ("-1 ", "-2 "),
            ("releases", "dynos"),
            ("-staging", "-production"),
            ("v41", "v411"),
            ("v42\t", ""),
            ("v41\t\n", "\0\0\0\0\0"),
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
    fn words_that_cannot_be_typed_are_left_out() {
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
    fn entries_have_a_maximum_length() {
        let many: Vec<CachedWord> =
            (0..MOST_WORDS + 7).map(|number| CachedWord::new(&number.to_string(), "")).collect();
        let entry = read(&write(Resource::Releases, KEY, 0, &many)).unwrap();
        assert_eq!(entry.words().count(), MOST_WORDS);
    }

    proptest! {
        #[test]
        fn entries_are_read_as_they_were_written(words in proptest::collection::vec("[!-~]{1,20}", 0..20), asked_at in any::<u64>()) {
            let lines: Vec<CachedWord> = words.iter().map(|word| CachedWord::new(word, "help")).collect();
            let entry = read(&write(Resource::Releases, KEY, asked_at, &lines)).unwrap();
            prop_assert_eq!(entry.asked_at, asked_at);
            prop_assert_eq!(entry.words().collect::<Vec<_>>(), words);
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,200}", cut in 0_usize..100) {
            _ = read(&text);
            let whole = whole();
            _ = read(&format!("{}{text}", &whole[..cut.min(whole.len())]));
        }
    }
}
