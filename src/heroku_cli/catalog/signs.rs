//! The letters that say yes: of a command, of an argument, of a flag.

pub(super) const TAKES_MORE: char = 'm';
pub(super) const TAKES_APP: char = 'a';
pub(super) const HIDDEN: char = 'h';
pub(super) const TAKES_VALUE: char = 'v';
pub(super) const REPEATS: char = 'r';
pub(super) const HAS_OPPOSITE: char = 'n';

/// Whether the letter is among them.
pub(super) fn says(signs: &str, sign: char) -> bool {
    signs.contains(sign)
}
