//! Finds where a resumed log stream continues, by matching its history with the lines before the drop.
//!
//! Lines are matched by content, timestamp included, because a new session may number its events anew. Only hashes
//! are remembered. Lines whose place is not yet known are held back, within limits.

use std::collections::{HashMap, VecDeque};

/// How many lines Heroku keeps. As many are remembered here, and requested when a stream is resumed.
pub(super) const HISTORY: usize = 1500;

/// How many bytes of lines are held back at most while their position is unknown.
const HELD: usize = 16 * 1024 * 1024;

/// The lines that were printed last, as hashes, newest last.
#[derive(Debug, Default)]
pub(super) struct Printed(VecDeque<u64>);

impl Printed {
    /// Remembers a line, and drops the oldest if there are too many.
    pub(super) fn push(&mut self, line: &[u8]) {
        if self.0.len() == HISTORY {
            self.0.pop_front();
        }
        self.0.push_back(hash(line));
    }

    /// Whether nothing has been printed yet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Cheap, because every line pays for it. A collision does no harm unless the neighboring lines match too.
fn hash(line: &[u8]) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(SPREAD);
    let (words, rest) = line.as_chunks::<8>();
    let hash = words.iter().fold(line.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}

/// The search for the first new line in a resumed stream.
#[derive(Debug)]
pub(super) struct Overlap {
    printed: Vec<u64>,
    counts: HashMap<u64, usize>,
    seen: Vec<u64>,
    /// How many of the lines seen so far match the end of what was printed.
    joined: usize,
    /// The lines seen after those, each with a line feed.
    held: Vec<u8>,
}

/// The result of the search.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Joint {
    /// The new lines, each with a line feed.
    pub new: Vec<u8>,
    /// Whether they directly follow what was printed.
    pub whole: bool,
}

impl Overlap {
    /// A search in a stream that follows `printed`, before its first line.
    pub(super) fn after(printed: &Printed) -> Self {
        let printed: Vec<u64> = printed.0.iter().copied().collect();
        let mut counts = HashMap::with_capacity(printed.len());
        for line in &printed {
            *counts.entry(*line).or_insert(0) += 1;
        }
        Self { printed, counts, seen: Vec::new(), joined: 0, held: Vec::new() }
    }

    /// Takes the stream's next line. True when the search is over; [`Overlap::settle`] has the result.
    pub(super) fn push(&mut self, line: &[u8]) -> bool {
        let hash = hash(line);
        self.seen.push(hash);
        if self.joins() {
            self.joined = self.seen.len();
            self.held.clear();
            // All that was printed has been matched. If it comes again later, the app logged it twice.
            return self.joined >= self.printed.len();
        }
        self.held.extend_from_slice(line);
        self.held.push(b'\n');
        let foreign = self.joined > 0 && !self.counts.contains_key(&hash);
        foreign || self.seen.len() >= HISTORY || self.held.len() > HELD
    }

    /// Whether the stream has had no line yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.seen.is_empty()
    }

    /// Whether the last printed line has been matched.
    pub(super) fn is_joined(&self) -> bool {
        self.joined > 0
    }

    /// Whether the lines seen end the way the printed ones do, as far back as both go.
    fn joins(&self) -> bool {
        if self.seen.last() != self.printed.last() {
            return false;
        }
        let length = self.seen.len().min(self.printed.len());
        self.seen[self.seen.len() - length..] == self.printed[self.printed.len() - length..]
    }

    /// Ends the search with the lines seen so far.
    pub(super) fn settle(mut self) -> Joint {
        if self.joined > 0 {
            return Joint { new: self.held, whole: true };
        }
        let Some(first) = self.seen.iter().position(|line| self.counts.contains_key(line)) else {
            return Joint { new: self.held, whole: false };
        };
        // The service sent known lines in another order, as it may when several dynos log at once.
        let whole = self.printed.last().is_some_and(|last| self.seen.contains(last));
        let mut new = Vec::new();
        for (hash, line) in self.seen.iter().zip(self.held.split_inclusive(|byte| *byte == b'\n')).skip(first)
        {
            match self.counts.get_mut(hash) {
                Some(count) if *count > 0 => *count -= 1,
                _ => new.extend_from_slice(line),
            }
        }
        Joint { new, whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is printed of `stream` after `printed`, and whether it continues without a gap.
    fn resume<S: AsRef<str>>(printed: &[S], stream: &[S]) -> (Vec<String>, bool) {
        let mut before = Printed::default();
        for line in printed {
            before.push(line.as_ref().as_bytes());
        }
        let mut overlap = Overlap::after(&before);
        let end = stream.iter().position(|line| overlap.push(line.as_ref().as_bytes()));
        let joint = overlap.settle();
        let mut lines: Vec<String> =
            String::from_utf8(joint.new).unwrap().lines().map(str::to_owned).collect();
        let rest = end.map_or(&[][..], |end| &stream[end + 1..]);
        lines.extend(rest.iter().map(|line| line.as_ref().to_owned()));
        (lines, joint.whole)
    }

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn check(printed: &str, stream: &str, new: &str, whole: bool) {
        assert_eq!(resume(&lines(printed), &lines(stream)), (lines(new), whole), "{printed} -> {stream}");
    }

    #[test]
    fn what_follows_the_overlap_is_new() {
        check("a b c", "a b c d e", "d e", true);
        check("b c", "a b c d", "d", true);
        check("a b c", "c d", "d", true);
        check("a b c", "b c", "", true);
    }

    #[test]
    fn equal_lines_count_as_often_as_they_were_written() {
        check("a x x", "a x x x b", "x b", true);
        check("a x x x", "x x x b", "b", true);
        check("x", "x x", "x", true);
        check("a b c a", "a b c a d", "d", true);
        check("a b", "b a b c", "c", true);
    }

    #[test]
    fn a_gap_is_not_hidden() {
        check("a b c", "e f", "e f", false);
        check("a b c", "", "", false);
    }

    #[test]
    fn another_order_is_no_reason_to_print_twice() {
        check("a b c d", "a b d c e", "e", true);
        check("a b c", "z b a q", "q", false);
    }

    #[test]
    fn a_full_history_ends_the_search() {
        let stream: Vec<String> = (0..=HISTORY).map(|number| format!("new{number}")).collect();
        assert_eq!(resume(&["old".to_owned()], &stream), (stream, false));
    }

    #[test]
    fn only_the_last_lines_are_remembered() {
        let log: Vec<String> = (0..3 * HISTORY).map(|number| number.to_string()).collect();
        let (printed, stream) = (&log[..2 * HISTORY], &log[2 * HISTORY - 700..]);
        assert_eq!(resume(printed, stream), (log[2 * HISTORY..].to_vec(), true));
    }

    proptest! {
        #[test]
        fn distinct_lines_come_once_each(
            length in 1..60_usize, from: prop::sample::Index, to: prop::sample::Index, again: prop::sample::Index,
        ) {
            let log: Vec<String> = (0..length).map(|number| number.to_string()).collect();
            let to = to.index(length) + 1;
            let (from, again) = (from.index(to), again.index(length));
            let (new, whole) = resume(&log[from..to], &log[again..]);
            prop_assert_eq!(whole, again < to);
            prop_assert_eq!(new, &log[again.max(to)..]);
        }

        #[test]
        fn equal_lines_are_told_apart_where_the_log_is_seen_whole(log in "[ab]{1,40}", to: prop::sample::Index) {
            let log: Vec<String> = log.chars().map(String::from).collect();
            let to = to.index(log.len()) + 1;
            prop_assert_eq!(resume(&log[..to], &log), (log[to..].to_vec(), true));
        }
    }
}
